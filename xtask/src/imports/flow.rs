//! How the rooms of each crate follow each other.

/// Rooms are folders in a crate's sources. What is used first stands first: a room imports only rooms before it. Files beside the
/// rooms lie beneath them all, unless they are named here; `lib.rs` and `main.rs` are on top.
const FLOW: &[(&str, &[&str])] = &[
    ("helm-template", &["yaml", "values", "functions", "chart", "template", "objects", "manifests", "render"]),
    ("cluster", &["connect", "objects", "wait", "road", "helm", "record", "pretend"]),
    (
        "digit-api",
        &["fault", "error", "address", "memory", "client", "user", "seed", "services", "steps", "acceptance"],
    ),
    ("catalog", &["source", "chart", "data", "settings", "own", "edges", "values", "bundle"]),
    ("engine", &["plan", "events", "journal", "report", "run", "testing"]),
    ("install", &["answers", "plan", "home", "place", "run", "view", "installer"]),
    ("pretend-digit", &["wire", "fault", "world", "view", "services", "serve", "pretend"]),
    ("xtask", &["imports", "setup", "bench", "check", "run", "test"]),
    ("ui", &["lib", "parts", "screens", "App", "main"]),
];

/// The order of a crate's rooms, if it has one.
pub(super) fn of(name: &str) -> Option<&'static [&'static str]> {
    FLOW.iter().find(|(n, _)| *n == name).map(|(_, rooms)| *rooms)
}
