//! What a person reads on a terminal: tables and sentences. Everything in them comes from views and message files.

use install::images::ImageView;
use install::plan::Plan;
use install::view::{
    CatalogView, CheckState, CheckView, InstallationSummary, InstallationView, LogLevel, Report, RunState, StepReport,
    StepState,
};

use crate::desk::{Desk, Trouble};
use crate::output::{complain, json, line};
use install::words::Words;

/// The catalog as a table.
pub(crate) fn catalog(words: &Words, catalog: &CatalogView) {
    for product in &catalog.products {
        let have = if product.available { "cli-available" } else { "cli-to-download" };
        line(&format!("{} {}  ({})", product.name, product.version, words.text(have, &[])));
        for module in &product.modules {
            let use_ = if module.ready_to_use { "cli-ready-to-use" } else { "cli-services-only" };
            line(&format!("  {:<20} {:<60} {}", module.id, module.services.join(", "), words.text(use_, &[])));
        }
    }
}

/// A plan in a screenful.
pub(crate) fn plan(words: &Words, plan: &Plan) {
    let sizes = &plan.sizes;
    line(&words.text(
        "cli-plan-title",
        &[("name", &plan.installation), ("product", &plan.combination.product), ("version", &plan.combination.version)],
    ));
    line(&words.text(
        "cli-plan-sizes",
        &[
            ("services", &sizes.services.to_string()),
            ("workloads", &sizes.workloads.to_string()),
            ("pods", &sizes.pods.to_string()),
            ("memory", &gib(sizes.memory)),
            ("disk", &sizes.disk.to_string()),
            ("nodes", &sizes.nodes.to_string()),
            ("images", &sizes.images.to_string()),
        ],
    ));
    let estimate = range(words, plan.estimate.low, plan.estimate.high);
    let kind = if plan.estimate.measured { "cli-time" } else { "cli-time-first-estimate" };
    line(&words.text(kind, &[("range", &estimate)]));
    let mut stage = "";
    for service in &plan.services {
        if service.stage != stage {
            stage = &service.stage;
            line(&words.text(&format!("stage-{stage}"), &[]));
        }
        let because = words.text(&format!("because-{}", service.because.code), &[("of", &service.because.of)]);
        line(&format!("  {:<28} {:<10} {because}", service.name, service.namespace));
    }
    let objects: Vec<String> = plan.objects.iter().map(|c| format!("{} {}", c.count, c.kind)).collect();
    if !plan.leaving.is_empty() {
        let leaving: Vec<&str> = plan.leaving.iter().map(|one| one.name.as_str()).collect();
        line(&words.text("cli-plan-leaving", &[("services", &leaving.join(", "))]));
    }
    line(&words.text("cli-plan-objects", &[("objects", &objects.join(", "))]));
    line(&words.text("cli-plan-id", &[("id", &plan.id)]));
}

/// One image: name, digest, platforms with their sizes or why they are not known, what uses it.
pub(crate) fn image(words: &Words, image: &ImageView) -> String {
    let mut name = format!("{}/{}", image.registry, image.repository);
    if let Some(tag) = &image.tag {
        name.push_str(&format!(":{tag}"));
    }
    let digest = image.digest.as_deref().map_or("-", |digest| digest.get(..19).unwrap_or(digest));
    let known = match (&image.platforms, image.reason) {
        (Some(platforms), _) => {
            let each = platforms.iter().map(|(platform, bytes)| format!("{platform} {}", megabytes(*bytes)));
            each.collect::<Vec<_>>().join(", ")
        }
        (None, reason) => words.text(&format!("image-{}", reason.unwrap_or("garbled")), &[]),
    };
    format!("{name:<75}  {digest:<19}  {known}  ({})", image.used_by.join(", "))
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// One check.
pub(crate) fn check(words: &Words, check: &CheckView) -> String {
    let state = match check.state {
        CheckState::Passed => "check-passed",
        CheckState::TakeNote => "check-take-note",
        CheckState::NotPassed => "check-not-passed",
        CheckState::Accepted => "check-accepted",
    };
    let mut text = format!("{:<14} {}", words.text(state, &[]), words.text(&format!("check-{}", check.name), &[]));
    if let Some(cause) = &check.cause {
        for part in words.cause(&cause.code, &cause.args).lines() {
            text.push_str(&format!("\n               {part}"));
        }
    }
    text
}

/// An installation on one line.
pub(crate) fn summary(words: &Words, summary: &InstallationSummary) -> String {
    if let Some(error) = &summary.error {
        return format!("{:<24} {}\n{}", summary.id, words.text("state-unreadable", &[]), words.error(error));
    }
    format!(
        "{:<24} {} {:<8} {:<14} {}",
        summary.id,
        summary.product.name,
        summary.product.version,
        state(words, summary.state, summary.working),
        words.text(
            "cli-services-ready",
            &[("ready", &summary.services_ready.to_string()), ("total", &summary.services_total.to_string())]
        ),
    )
}

fn state(words: &Words, state: RunState, working: bool) -> String {
    let id = match (state, working) {
        (RunState::NotStarted, _) => "state-not-started",
        (RunState::Running, true) => "state-running",
        // A run that nobody carries out any more was cut off.
        (RunState::Running, false) => "state-interrupted",
        (RunState::NeedsPerson, true) => "state-needs-person",
        (RunState::NeedsPerson, false) => "state-interrupted",
        (RunState::Paused, _) => "state-paused",
        (RunState::Stopped, _) => "state-stopped",
        (RunState::Failed, _) => "state-failed",
        (RunState::Ready, _) => "state-ready",
        (RunState::Removed, _) => "state-removed",
    };
    words.text(id, &[])
}

/// An installation in a screenful.
pub(crate) fn report(words: &Words, view: &InstallationView) {
    line(&summary(words, &view.summary));
    let is_active = matches!(view.report.state, RunState::Running | RunState::NeedsPerson);
    let is_cut_off = is_active && !view.summary.working;
    for stage in &view.report.stages {
        line(&format!(
            "  {:<28} {}/{}  {}",
            words.text(&format!("stage-{}", stage.id), &[]),
            stage.done,
            stage.steps.len(),
            words.text(if is_cut_off { cut_off(stage.state) } else { step_state(stage.state) }, &[])
        ));
        for step in stage.steps.iter().filter(|s| is_news(s)) {
            let said = if is_cut_off && step.state != StepState::Failed {
                words.text(cut_off(step.state), &[])
            } else {
                detail(words, step)
            };
            line(&format!("    {:<28} {said}", step.subject));
        }
    }
    if let Some(attention) = &view.report.attention {
        line(&words.cause(&attention.cause.code, &attention.cause.args));
    }
    if let Some(address) = &view.address {
        line(&words.text("cli-address", &[("address", address)]));
    }
}

fn is_news(step: &StepReport) -> bool {
    matches!(step.state, StepState::Running | StepState::Waiting | StepState::Retrying | StepState::Failed)
}

/// The same in a run that nobody carries out any more: what was under way is not.
fn cut_off(state: StepState) -> &'static str {
    match state {
        StepState::Running | StepState::Waiting | StepState::Retrying => "step-cut-off",
        other => step_state(other),
    }
}

fn step_state(state: StepState) -> &'static str {
    match state {
        StepState::Pending => "step-pending",
        StepState::Running => "step-running",
        StepState::Waiting => "step-waiting",
        StepState::Retrying => "step-retrying",
        StepState::Done => "step-done",
        StepState::Skipped => "step-skipped",
        StepState::Failed => "step-failed",
        StepState::Blocked => "step-blocked",
    }
}

/// How many names a line has room for.
const NAMED: usize = 3;

/// What a step waits for, by name; the first few of many.
pub(crate) fn awaited(words: &Words, step: &StepReport) -> String {
    let names: Vec<&str> = step.waiting_on.iter().take(NAMED).map(|a| a.name.as_str()).collect();
    let more = step.waiting_on.len().saturating_sub(NAMED);
    if more == 0 {
        return names.join(", ");
    }
    words.text("cli-and-more", &[("names", &names.join(", ")), ("count", &more.to_string())])
}

fn detail(words: &Words, step: &StepReport) -> String {
    match (&step.cause, step.state) {
        (Some(cause), StepState::Failed | StepState::Retrying) => words.cause(&cause.code, &cause.args),
        (_, StepState::Waiting) => words.text("cli-waiting", &[("on", &awaited(words, step))]),
        _ => words.text(step_state(step.state), &[]),
    }
}

/// A line about a step that changed.
pub(crate) fn step(words: &Words, step: &StepReport) -> Option<String> {
    let name = words.text(&format!("kind-{}", step.kind), &[("subject", &step.subject)]);
    let said = match step.state {
        StepState::Pending | StepState::Blocked => return None,
        StepState::Done => {
            let id = if step.kind == "release" { "cli-ready-after" } else { "cli-done-after" };
            words.text(id, &[("time", &span(words, step.took))])
        }
        StepState::Failed => {
            let mut text = detail(words, step);
            for evidence in &step.evidence {
                text.push_str(&format!("\n    {evidence}"));
            }
            text
        }
        _ => detail(words, step),
    };
    Some(format!("{name}: {said}"))
}

/// The line beside the bar.
pub(crate) fn progress(words: &Words, report: &Report) -> String {
    let ready = words.text(
        "cli-services-ready",
        &[("ready", &report.counted_done.to_string()), ("total", &report.counted_total.to_string())],
    );
    match report.eta {
        Some(eta) => {
            format!("{ready}  {}", words.text("cli-time-left", &[("range", &range(words, eta.low, eta.high))]))
        }
        None => ready,
    }
}

/// Which of the cluster's APIs did not answer, and what that means for a removal.
pub(crate) fn unanswered(words: &Words, apis: &[String]) {
    if !apis.is_empty() {
        complain(&words.text("remove-unanswered", &[("names", &apis.join(", "))]));
        complain(&words.text("remove-unanswered-text", &[]));
    }
}

/// How a run ended. Without a `view` only what its events say.
pub(crate) fn ending(words: &Words, name: &str, report: &Report, view: Option<&InstallationView>) {
    complain(&format!("{name}: {}", state(words, report.state, view.is_some_and(|view| view.summary.working))));
    if let Some(attention) = &report.attention {
        complain(&words.cause(&attention.cause.code, &attention.cause.args));
    }
    if let Some(view) = view.filter(|_| report.state == RunState::Ready) {
        if let Some(address) = &view.address {
            complain(&words.text("cli-address", &[("address", address)]));
        }
        if view.door_open {
            complain(&words.text("hand-over-door-open", &[]));
            complain(&words.text("hand-over-door-open-text", &[]));
        }
    }
    match &report.left {
        Some(left) if left.is_empty() => complain(&words.text("cli-nothing-left", &[])),
        Some(left) => {
            let left: Vec<String> = left.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            complain(&words.text("cli-left", &[("left", &left.join(", "))]));
        }
        None => {}
    }
    if let Some(look) = &report.look {
        look.names.iter().for_each(|name| complain(&format!("  {name}")));
        if !look.unanswered.is_empty() {
            complain(&words.text("remove-unanswered", &[("names", &look.unanswered.join(", "))]));
            complain(&words.text("removed-unanswered-text", &[]));
        }
        for (id, names) in [("removed-came", &look.came), ("removed-went", &look.went)] {
            if !names.is_empty() {
                complain(&format!("{}: {}", words.text(id, &[]), names.join(", ")));
            }
        }
    }
}

/// The kept log.
pub(crate) fn logs(
    desk: &Desk,
    name: &str,
    find: Option<String>,
    level: &str,
    source: Option<String>,
    as_json: bool,
) -> Result<(), Trouble> {
    for entry in desk.installer.log_lines(name, find, level, source)? {
        if as_json {
            json(&entry);
        } else {
            let level = words_level(entry.level);
            line(&format!("{}  {level:<7} {:<24} {}", entry.at, entry.source, entry.text));
        }
    }
    Ok(())
}

/// Log text stays as it was said, and so do its levels.
fn words_level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Error => "error",
        LogLevel::Warning => "warning",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
    }
}

fn gib(mib: u32) -> String {
    format!("{:.1}", f64::from(mib) / 1024.0)
}

/// `18 to 30 min`, in words of the language.
fn range(words: &Words, low: f64, high: f64) -> String {
    if high < 120.0 {
        return words.text("time-under-two-minutes", &[]);
    }
    let (low, high) = ((low / 60.0).floor().max(1.0), (high / 60.0).ceil());
    words.text("time-range-minutes", &[("low", &format!("{low:.0}")), ("high", &format!("{high:.0}"))])
}

fn span(words: &Words, seconds: f64) -> String {
    if seconds < 90.0 {
        words.text("time-seconds", &[("count", &format!("{seconds:.0}"))])
    } else {
        words.text("time-minutes", &[("count", &format!("{:.0}", seconds / 60.0))])
    }
}
