//! Lists the window's commands, so that each needs a permission of its own.

/// Every command. One that is not here cannot be called at all.
const COMMANDS: &[&str] = &[
    "app_info",
    "settings",
    "save_settings",
    "catalog",
    "fetch_product",
    "give_up_fetching",
    "selection",
    "kubeconfig",
    "pick_file",
    "pick_source",
    "cluster",
    "load_draft",
    "save_draft",
    "discard_draft",
    "validate",
    "check",
    "plan",
    "export_plan",
    "save_recovery_kit",
    "install",
    "installations",
    "installation",
    "watch",
    "unwatch",
    "pause",
    "resume",
    "removal",
    "remove",
    "forget",
    "open_existing",
    "answers_of",
    "log_page",
    "log_follow",
    "export_log",
    "on_close_choice",
    "open_link",
];

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
