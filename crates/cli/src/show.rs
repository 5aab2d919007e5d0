//! What a person reads on a terminal: tables and sentences. Everything in them comes from views and message files, nothing
//! is written here.

use install::images::ImageView;
use install::plan::{Basis, Plan};
use install::view::{
    Attention, CatalogView, CheckState, CheckView, InstallationSummary, InstallationView, LogLevel, LogLine,
    RemovalView, Report, RunState, StepReport, StepState,
};
use install::words::Words;

/// The catalog as a table.
pub(crate) fn catalog(words: &Words, catalog: &CatalogView) -> String {
    let mut lines = Vec::new();
    for product in &catalog.products {
        let have = if product.available { "cli-available" } else { "cli-to-download" };
        lines.push(format!("{} {}  ({})", product.name, product.version, words.text(have, &[])));
        for module in &product.modules {
            let use_ = if module.ready_to_use { "cli-ready-to-use" } else { "cli-services-only" };
            lines.push(format!("  {:<20} {:<60} {}", module.id, module.services.join(", "), words.text(use_, &[])));
        }
    }
    lines.join("\n")
}

/// A plan in a screenful.
pub(crate) fn plan(words: &Words, plan: &Plan) -> String {
    let sizes = &plan.sizes;
    let title =
        [("name", &plan.installation), ("product", &plan.combination.product), ("version", &plan.combination.version)];
    let mut lines = vec![
        words.text("cli-plan-title", &title.map(|(name, value)| (name, value.as_str()))),
        words.text(
            "cli-plan-sizes",
            &[
                // As the list below and as the report counts them, those without a pod of their own too.
                ("services", &plan.services.len().to_string()),
                ("workloads", &sizes.workloads.to_string()),
                ("pods", &sizes.pods.to_string()),
                ("memory", &gib(sizes.memory)),
                ("disk", &sizes.disk.to_string()),
                ("nodes", &sizes.nodes.to_string()),
                ("images", &sizes.images.to_string()),
            ],
        ),
    ];
    let estimate = range(words, plan.estimate.low, plan.estimate.high);
    lines.push(rests_on(words, plan, &estimate));
    lines.push(images_to_download(words, plan));
    let mut stage = "";
    for service in &plan.services {
        if service.stage != stage {
            stage = &service.stage;
            lines.push(words.text(&format!("stage-{stage}"), &[]));
        }
        let because = words.text(&format!("because-{}", service.because.code), &[("of", &service.because.of)]);
        lines.push(format!("  {:<28} {:<10} {because}", service.name, service.namespace));
    }
    let objects: Vec<String> = plan.objects.iter().map(|c| format!("{} {}", c.count, c.kind)).collect();
    if !plan.leaving.is_empty() {
        let leaving: Vec<&str> = plan.leaving.iter().map(|one| one.name.as_str()).collect();
        lines.push(words.text("cli-plan-leaving", &[("services", &leaving.join(", "))]));
    }
    lines.push(words.text("cli-plan-objects", &[("objects", &objects.join(", "))]));
    lines.push(words.text("cli-plan-id", &[("id", &plan.id)]));
    lines.join("\n")
}

/// How long it takes, and whether that was measured.
fn rests_on(words: &Words, plan: &Plan, range: &str) -> String {
    let Basis { measured, steps, .. } = plan.basis;
    if plan.estimate.measured {
        words.text("cli-time", &[("range", range)])
    } else if measured > 0 {
        let counts = [("measured", &*measured.to_string()), ("all", &*steps.to_string())];
        words.text("cli-time-in-part", &[("range", range), ("basis", &words.text("measured-in-part", &counts))])
    } else {
        words.text("cli-time-first-estimate", &[("range", range)])
    }
}

/// The images that the time counts.
fn images_to_download(words: &Words, plan: &Plan) -> String {
    let Basis { images, to_download, unclear, sized, bytes, .. } = plan.basis;
    let open = to_download + unclear;
    let (all, n) = (images.to_string(), open.to_string());
    let text = match (open, unclear) {
        _ if plan.cluster.simulated => words.text("images-simulated", &[]),
        (0, _) => words.text("images-there", &[]),
        (_, 0) => words.text("images-to-download", &[("n", &n), ("all", &all)]),
        _ => words.text("images-perhaps", &[("n", &n), ("all", &all)]),
    };
    if open == 0 || plan.cluster.simulated {
        return words.text("cli-images", &[("images", &text)]);
    }
    let size = match sized {
        0 => words.text("images-size-unknown", &[]),
        _ if sized == open => words.text("images-size", &[("size", &megabytes(bytes))]),
        _ => words.text("images-size-in-part", &[("size", &megabytes(bytes)), ("n", &sized.to_string())]),
    };
    words.text("cli-images-sized", &[("images", &text), ("size", &size)])
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
    let mut text = format!("{:<17} {}", words.text(state, &[]), words.text(&format!("check-{}", check.name), &[]));
    if let Some(cause) = &check.cause {
        for part in words.cause(&cause.code, &cause.args).lines() {
            text.push_str(&format!("\n                  {part}"));
        }
    }
    if check.state == CheckState::NotPassed && check.can_accept {
        text.push_str(&format!("\n                  {}", words.text("cli-may-accept", &[("name", &check.name)])));
    }
    text
}

/// An installation on one line.
pub(crate) fn summary(words: &Words, summary: &InstallationSummary) -> String {
    if let Some(error) = &summary.error {
        return format!("{:<24} {}\n{}", summary.id, words.text("state-unreadable", &[]), words.error(error));
    }
    let text = format!(
        "{:<24} {} {:<8} {:<18} ",
        summary.id,
        summary.product.name,
        summary.product.version,
        state(words, summary.state, summary.working),
    );
    // What was removed has none.
    let ready = (summary.services_total > 0).then(|| ready(words, summary.services_ready, summary.services_total));
    (text + &ready.unwrap_or_default()).trim_end().to_owned()
}

fn ready(words: &Words, ready: u32, total: u32) -> String {
    words.text("cli-services-ready", &[("ready", &ready.to_string()), ("total", &total.to_string())])
}

fn state(words: &Words, state: RunState, working: bool) -> String {
    let id = match (state, working) {
        (RunState::NotStarted, _) => "state-not-started",
        (RunState::Running, true) => "state-running",
        // A run that nobody carries out any more was cut off.
        (RunState::Running, false) => "state-interrupted",
        (RunState::NeedsPerson, true) => "state-needs-person",
        (RunState::NeedsPerson, false) => "state-interrupted",
        (RunState::Paused, true) => "state-paused",
        (RunState::Paused, false) => "state-interrupted",
        (RunState::Stopped, _) => "state-stopped",
        (RunState::Failed, _) => "state-failed",
        (RunState::Ready, _) => "state-ready",
        (RunState::Removed, _) => "state-removed",
    };
    words.text(id, &[])
}

/// An installation in a screenful.
pub(crate) fn report(words: &Words, view: &InstallationView) -> String {
    let mut lines = vec![summary(words, &view.summary)];
    if let Some(error) = &view.unreadable {
        // A summary that could not be told whole has said why.
        if view.summary.error.is_none() {
            lines.push(words.error(error));
        }
        lines.push(words.text("cli-still-removable", &[("id", &view.summary.id)]));
    }
    let state = view.report.state;
    let is_active = matches!(state, RunState::Running | RunState::NeedsPerson | RunState::Paused);
    let is_cut_off = is_active && !view.summary.working;
    for stage in &view.report.stages {
        lines.push(format!(
            "  {:<30} {}/{}  {}",
            words.text(&format!("stage-{}", stage.id), &[]),
            stage.done,
            stage.steps.len(),
            words.text(if is_cut_off { cut_off(stage.state) } else { step_state(stage.state) }, &[])
        ));
        for step in stage.steps.iter().filter(|s| is_news(s)) {
            let said = if is_cut_off && step.state != StepState::Failed {
                words.text(cut_off(step.state), &[])
            } else {
                // The rest of what can be said of it is said below, once.
                detail(words, step).lines().next().unwrap_or_default().to_owned()
            };
            lines.push(format!("    {:<28} {said}", subject(words, step)));
        }
    }
    match (&view.report.attention, &view.report.held) {
        (Some(attention), _) => lines.push(self::attention(words, &view.report, attention, view.summary.working)),
        (None, Some(held)) if view.summary.working => lines.push(words.held(held)),
        (None, _) => {}
    }
    if let Some(address) = &view.address {
        lines.push(words.text("cli-address", &[("address", address)]));
    }
    if is_cut_off || matches!(state, RunState::Stopped | RunState::Failed) {
        lines.push(words.text("cli-go-on", &[("id", &view.summary.id)]));
    }
    lines.join("\n")
}

/// What needs a person: what happened, what is safe, what to do, what it rests on. Where nobody works on it, it does not go on by
/// itself.
fn attention(words: &Words, report: &Report, attention: &Attention, working: bool) -> String {
    let cause = &attention.cause;
    let id = format!("cause-{}", cause.code);
    let of_cause = |attribute| words.message(&id, attribute, &cause.args);
    let text = match (of_cause(None), of_cause(Some("stopped")).filter(|_| !working)) {
        (Some(happened), Some(todo)) => {
            std::iter::once(happened).chain(of_cause(Some("safe"))).chain([todo]).collect::<Vec<_>>().join("\n")
        }
        _ => words.cause(&cause.code, &cause.args),
    };
    let steps = report.stages.iter().flat_map(|stage| &stage.steps);
    let evidence = steps.filter(|step| Some(&step.id) == attention.step.as_ref()).flat_map(|step| &step.evidence);
    std::iter::once(text).chain(evidence.map(|line| format!("    {line}"))).collect::<Vec<_>>().join("\n")
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

/// The kind of a removal's steps.
const REMOVAL: &str = "remove";

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

/// What a removal takes away has a name in words, everything else its own.
fn subject(words: &Words, step: &StepReport) -> String {
    if step.kind == REMOVAL { words.text(&format!("stage-remove-{}", step.subject), &[]) } else { step.subject.clone() }
}

/// A line about a step that changed.
pub(crate) fn step(words: &Words, step: &StepReport) -> Option<String> {
    let name = match step.kind.as_str() {
        REMOVAL => subject(words, step),
        kind => words.text(&format!("kind-{kind}"), &[("subject", &step.subject)]),
    };
    let said = match step.state {
        StepState::Pending | StepState::Blocked => return None,
        StepState::Done => {
            let id = match step.kind.as_str() {
                REMOVAL => "cli-gone-after",
                "release" => "cli-ready-after",
                _ => "cli-done-after",
            };
            words.text(id, &[("time", &span(words, step.took))])
        }
        StepState::Failed => {
            let mut text = detail(words, step);
            for evidence in &step.evidence {
                text.push_str(&format!("\n{evidence}"));
            }
            text
        }
        _ => detail(words, step),
    };
    Some(format!("{name}: {}", said.replace('\n', "\n    ")))
}

/// The line beside the bar.
pub(crate) fn progress(words: &Words, report: &Report) -> String {
    // A removal counts no services.
    let counted = report.counted_total > 0;
    let ready = if counted { ready(words, report.counted_done, report.counted_total) } else { String::new() };
    match report.eta {
        Some(eta) => {
            format!(
                "{ready}{}{}",
                if counted { "  " } else { "" },
                words.text("cli-time-left", &[("range", &range(words, eta.low, eta.high))])
            )
        }
        None => ready,
    }
}

/// What a removal will take away and what stays, before anybody decides; also what cannot be known of it.
pub(crate) fn removal(words: &Words, view: &RemovalView, keep_data: bool) -> String {
    let list = if keep_data { &view.keeping } else { &view.whole };
    let mut lines = Vec::new();
    if list.objects.is_empty() && list.claims.is_empty() && list.namespaces.is_empty() {
        lines.push(words.text("cli-removal-nothing", &[]));
    }
    let objects: Vec<String> = list.objects.iter().map(|one| format!("{} {}", one.count, one.kind)).collect();
    for (id, names) in [
        ("cli-removal-objects", &objects),
        ("cli-removal-namespaces", &list.namespaces),
        ("cli-removal-disks", &list.claims),
        ("cli-removal-disks-kept", &list.claims_kept),
        ("cli-removal-namespaces-kept", &list.namespaces_kept),
    ] {
        if !names.is_empty() {
            lines.push(words.text(id, &[("names", &names.join(", "))]));
        }
    }
    if !view.unanswered.is_empty() {
        lines.push(words.text("remove-unanswered", &[("names", &view.unanswered.join(", "))]));
        lines.push(words.text("remove-unanswered-text", &[]));
    }
    lines.join("\n")
}

/// How a run on an installation ended, by its name and what this computer calls it. Without a `view` only what its events say.
pub(crate) fn ending(words: &Words, name: &str, id: &str, report: &Report, view: Option<&InstallationView>) -> String {
    let is_working = view.is_some_and(|view| view.summary.working);
    let mut lines = vec![format!("{name}: {}", state(words, report.state, is_working))];
    if let Some(attention) = &report.attention {
        lines.push(self::attention(words, report, attention, is_working));
    }
    if let Some(view) = view.filter(|_| report.state == RunState::Ready) {
        if let Some(address) = &view.address {
            lines.push(words.text("cli-address", &[("address", address)]));
        }
        if view.door_open {
            lines.push(words.text("hand-over-door-open", &[]));
            lines.push(words.text("hand-over-door-open-text", &[]));
        }
    }
    match &report.left {
        Some(left) if left.is_empty() => lines.push(words.text("cli-nothing-left", &[])),
        Some(left) => {
            let left: Vec<String> = left.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            lines.push(words.text("cli-left", &[("left", &left.join(", "))]));
        }
        None => {}
    }
    if let Some(look) = &report.look {
        lines.extend(look.names.iter().map(|name| format!("  {name}")));
        if !look.unanswered.is_empty() {
            lines.push(words.text("remove-unanswered", &[("names", &look.unanswered.join(", "))]));
            lines.push(words.text("removed-unanswered-text", &[]));
        }
        for (id, names) in [("removed-came", &look.came), ("removed-went", &look.went)] {
            if !names.is_empty() {
                lines.push(format!("{}: {}", words.text(id, &[]), names.join(", ")));
            }
        }
    }
    if matches!(report.state, RunState::Stopped | RunState::Failed) {
        lines.push(words.text("cli-go-on", &[("id", id)]));
    }
    lines.join("\n")
}

/// A line of the kept log.
pub(crate) fn log_line(entry: &LogLine) -> String {
    let level = words_level(entry.level);
    format!("{}  {level:<7} {:<24} {}", entry.at, entry.source, entry.text)
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

pub(crate) fn span(words: &Words, seconds: f64) -> String {
    if seconds < 1.0 {
        words.text("time-under-a-second", &[])
    } else if seconds < 90.0 {
        words.text("time-seconds", &[("count", &format!("{seconds:.0}"))])
    } else {
        words.text("time-minutes", &[("count", &format!("{:.0}", seconds / 60.0))])
    }
}
