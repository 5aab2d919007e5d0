//! The commands, each a few calls to `install`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use install::view::{CheckState, CheckView};
use install::{Answers, Error, Plan, RecoveryKit, Start};
use serde_json::json;

use crate::args::{Args, Command, What};
use crate::carry::{carry, confirm};
use crate::output::complain;
use crate::session::{Session, Trouble};
use crate::show;
use crate::verify::verify;
use install::words::Words;

/// Runs a command and says its exit code.
pub(crate) async fn run(args: Args) -> u8 {
    let session = match Session::usual() {
        Ok(session) => session,
        Err(error) => {
            complain(&Words::of("en").error(&error.view()));
            return error.exit_code();
        }
    };
    let as_json = wants_json(&args.command);
    let code = match command(&session, args.command).await {
        Ok(code) | Err(Trouble::Said(code)) => code,
        Err(Trouble::Install(error)) => {
            let code = error.exit_code();
            refuse(&session, &error, as_json);
            code
        }
        Err(Trouble::Given(error)) => {
            refuse(&session, &error, as_json);
            2
        }
        Err(Trouble::File { path, error }) => {
            let text = [("path", path.display().to_string()), ("detail", error.to_string())];
            if as_json {
                let args: BTreeMap<_, _> = text.iter().cloned().collect();
                session.out.json(&json!({ "error": { "code": "file", "args": args, "field": null } }));
            }
            complain(&session.words.text("cli-file", &text.each_ref().map(|(name, value)| (*name, value.as_str()))));
            2
        }
    };
    session.out.exit_code(code)
}

/// Says why nothing comes of it.
fn refuse(session: &Session, error: &Error, as_json: bool) {
    let view = error.view();
    if as_json {
        session.out.json(&json!({ "error": view }));
    }
    complain(&session.words.error(&view));
}

fn wants_json(command: &Command) -> bool {
    match command {
        Command::Catalog { json }
        | Command::Check { json, .. }
        | Command::Install { json, .. }
        | Command::List { json }
        | Command::Status { json, .. }
        | Command::Resume { json, .. }
        | Command::Logs { json, .. }
        | Command::OpenExisting { json, .. }
        | Command::Remove { json, .. } => *json,
        Command::Plan(plan) => plan.json,
        Command::Template(template) => template.json,
        Command::Verify(verify) => verify.json,
        Command::Answers { .. } | Command::RecoveryKit { .. } => false,
    }
}

async fn command(session: &Session, command: Command) -> Result<u8, Trouble> {
    match command {
        Command::Catalog { json: as_json } => {
            let catalog = session.installer.catalog()?;
            if as_json {
                session.out.json(&catalog);
            } else {
                session.out.line(&show::catalog(&session.words, &catalog));
            }
            Ok(0)
        }
        Command::Template(template) => {
            let read = |path: &PathBuf| {
                let bytes = std::fs::read(path).map_err(|error| Trouble::File { path: path.clone(), error })?;
                Ok((path.display().to_string(), bytes))
            };
            let request = install::template::Template {
                name: template.name,
                chart: template.chart,
                namespace: template.namespace,
                values: template.values.iter().map(read).collect::<Result<_, Trouble>>()?,
                set: template.set,
                set_string: template.set_string,
                kube_version: template.kube_version,
                api_versions: template.api_versions,
                include_crds: template.include_crds,
                now: template.now.unwrap_or_else(|| session.installer.clock().now()),
                seed: template.seed,
            };
            match install::template::render(&request) {
                Ok(text) if template.json => session.out.json(&json!({ "manifest": text })),
                Ok(text) => session.out.line(text.trim_end()),
                Err(error) => {
                    let code = error.exit_code();
                    refuse(session, &error, template.json);
                    // Who renders by hand knows Helm's words, and finds them elsewhere too.
                    if let Error::Render { source, .. } = &error {
                        complain(&session.words.text("cli-helm-says", &[("detail", &source.to_string())]));
                    }
                    return Err(Trouble::Said(code));
                }
            }
            Ok(0)
        }
        Command::Answers { example, .. } => answers(session, example.as_deref()),
        Command::Plan(request) => plan(session, &request).await,
        Command::Check { what, accept, rehearse, json: as_json } => {
            check(session, &what, &accept, rehearse, as_json).await
        }
        Command::Install { what, until, accept, rehearse, wait, yes, json: as_json } => {
            let (mut answers, plan) = what_is_asked(session, &what)?;
            answers.accept.extend(accept);
            if !confirm(session, "cli-confirm-install", &answers.name, yes).await? {
                return Ok(4);
            }
            let start = Start { rehearse, plan, until };
            let tell = |check: CheckView| tell_check(session, &check);
            let work = interruptible(session, session.installer.install_telling(&answers, start, &tell)).await?;
            carry(session, &work, wait.wait_for_person, as_json).await
        }
        Command::List { json: as_json } => {
            let all = session.installer.list()?;
            if all.is_empty() {
                complain(&session.words.text("cli-none-here", &[]));
            }
            for summary in all {
                if as_json {
                    session.out.json(&summary);
                } else {
                    session.out.line(&show::summary(&session.words, &summary));
                }
            }
            Ok(0)
        }
        Command::Status { name, json: as_json } => {
            let view = session.installer.view(&name)?;
            if as_json {
                session.out.json(&view.report);
            } else {
                session.out.line(&show::report(&session.words, &view));
            }
            Ok(0)
        }
        Command::Resume { name, until, wait, yes, json: as_json } => {
            if !confirm(session, "cli-confirm-resume", &name, yes).await? {
                return Ok(4);
            }
            let tell = |check: CheckView| tell_check(session, &check);
            let work = interruptible(session, session.installer.resume_telling(&name, until, &tell)).await?;
            carry(session, &work, wait.wait_for_person, as_json).await
        }
        Command::Logs { name, find, level, source, json: as_json } => {
            for entry in session.installer.log_lines(&name, find, &level, source)? {
                if as_json { session.out.json(&entry) } else { session.out.line(&show::log_line(&entry)) }
            }
            Ok(0)
        }
        Command::OpenExisting { kubeconfig, context, recovery_kit, passphrase_file, json: as_json } => {
            let target = install::answers::Target::Cluster { kubeconfig, context };
            let kit = match (recovery_kit, passphrase_file) {
                (Some(file), Some(passphrase)) => Some(RecoveryKit::with(file, &passphrase)?),
                _ => None,
            };
            let summary = session.installer.open_existing(&target, kit.as_ref()).await?;
            if as_json {
                session.out.json(&summary);
            } else {
                session.out.line(&show::summary(&session.words, &summary));
            }
            Ok(0)
        }
        Command::RecoveryKit { name, out, passphrase_file } => {
            session.installer.recovery_kit_of(&name, &RecoveryKit::with(out.clone(), &passphrase_file)?).await?;
            complain(&session.words.text("cli-kit-written", &[("name", &name), ("path", &out.display().to_string())]));
            Ok(0)
        }
        Command::Remove { name, keep_data, wait, yes, json: as_json } => {
            session.installer.home().find(&name)?;
            if !yes {
                let removal = untouched(session, session.installer.removal(&name)).await?;
                complain(&show::removal(&session.words, &removal, keep_data));
            }
            if !confirm(session, "cli-confirm-remove", &name, yes).await? {
                return Ok(4);
            }
            let work = untouched(session, session.installer.remove(&name, keep_data)).await?;
            carry(session, &work, wait.wait_for_person, as_json).await
        }
        Command::Verify(what) => verify(session, what).await,
    }
}

/// What passes needs no word; what does not, what could not be tried, and what was accepted although it is short, does.
fn tell_check(session: &Session, check: &CheckView) {
    if check.state != CheckState::Passed {
        complain(&show::check(&session.words, check));
    }
}

fn answers(session: &Session, example: Option<&str>) -> Result<u8, Trouble> {
    match example {
        None => session.out.line(&serde_json::to_string_pretty(&Answers::schema()).unwrap_or_default()),
        Some(target) => match install::answers::example(target) {
            Some(text) => session.out.line(text.trim_end()),
            None => {
                complain(&session.words.text("cli-no-example", &[("target", target)]));
                return Ok(2);
            }
        },
    }
    Ok(0)
}

async fn plan(session: &Session, request: &crate::args::Plan) -> Result<u8, Trouble> {
    let answers = read_answers(&request.answers)?;
    let planned = session.installer.plan(&answers, request.rehearse).await?;
    if let Some(path) = &request.out {
        let text = serde_json::to_string_pretty(&planned.plan).unwrap_or_default() + "\n";
        std::fs::write(path, text).map_err(|error| Trouble::File { path: path.clone(), error })?;
    }
    if let Some(folder) = &request.manifests {
        for (path, text) in planned.manifests() {
            let path = folder.join(path);
            let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            made.and_then(|()| std::fs::write(&path, text)).map_err(|error| Trouble::File { path, error })?;
        }
    }
    match (request.images, request.json) {
        (true, as_json) => {
            let images = interruptible(session, session.installer.images(&planned)).await?;
            for image in images {
                if as_json { session.out.json(&image) } else { session.out.line(&show::image(&session.words, &image)) }
            }
        }
        (false, true) => session.out.json(&planned.plan),
        (false, false) => session.out.line(&show::plan(&session.words, &planned.plan)),
    }
    Ok(0)
}

/// Does something that an interrupt cuts off, and waits until nothing is left of it: checks may have made a pod.
async fn interruptible<T>(session: &Session, work: impl Future<Output = Result<T, Error>>) -> Result<T, Trouble> {
    match cut_off(session, work).await {
        Some(done) => Ok(done?),
        None => {
            complain(&session.words.text("cli-interrupted", &[]));
            session.installer.tidied().await;
            Err(Trouble::Said(130))
        }
    }
}

/// The same with something that changes nothing until it is done.
async fn untouched<T>(session: &Session, work: impl Future<Output = Result<T, Error>>) -> Result<T, Trouble> {
    match cut_off(session, work).await {
        Some(done) => Ok(done?),
        None => {
            complain(&session.words.text("cli-nothing-changed", &[]));
            Err(Trouble::Said(130))
        }
    }
}

/// Does something until somebody asks the program to end; then nothing.
async fn cut_off<T>(session: &Session, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = session.interrupted() => None,
    }
}

async fn check(
    session: &Session,
    what: &What,
    accept: &[String],
    rehearse: bool,
    as_json: bool,
) -> Result<u8, Trouble> {
    let (mut answers, _) = what_is_asked(session, what)?;
    answers.accept.extend(accept.iter().cloned());
    let planned = session.installer.plan(&answers, rehearse).await?;
    let tell = |check: CheckView| {
        if as_json { session.out.json(&check) } else { session.out.line(&show::check(&session.words, &check)) }
    };
    let checked = interruptible(session, session.installer.check(&planned, rehearse, &tell)).await?;
    let passes = checked.checks.iter().all(|c| c.state != CheckState::NotPassed);
    Ok(if passes { 0 } else { 3 })
}

/// The answers that were named, or those of the plan that was named.
fn what_is_asked(_session: &Session, what: &What) -> Result<(Answers, Option<Plan>), Trouble> {
    if let Some(path) = &what.answers {
        return Ok((read_answers(path)?, None));
    }
    let path = what.plan.clone().unwrap_or_default();
    let text = std::fs::read(&path).map_err(|error| Trouble::File { path: path.clone(), error })?;
    let plan: Plan =
        serde_json::from_slice(&text).map_err(|e| Trouble::Given(Error::Unreadable { path, detail: e.to_string() }))?;
    let plan = plan.verified()?;
    Ok((plan.answers.clone(), Some(plan)))
}

fn read_answers(path: &Path) -> Result<Answers, Trouble> {
    let text = install::read_text(path).map_err(|error| Trouble::File { path: path.to_owned(), error })?;
    let absolute = std::path::absolute(path).map_err(|error| Trouble::File { path: path.to_owned(), error })?;
    let folder = absolute.parent().unwrap_or(Path::new("."));
    Ok(Answers::read(&text, folder)?)
}
