//! Closing the window while something runs: the person chooses, and until then it stays open.

use std::sync::Arc;
use std::time::Duration;

use install::Installer;
use serde::Deserialize;
use tauri::{AppHandle, Emitter as _, Manager as _, RunEvent, Window, WindowEvent};

/// The one window.
const MAIN: &str = "main";
/// How long a run may take to come to a safe point before the program ends anyway; the journal has everything.
const SAFE_POINT: Duration = Duration::from_secs(120);

/// How long taking away what was only tried in a cluster may keep the program, whose window is gone already. What is left
/// then goes by itself: Kubernetes ends it, and the next check sweeps.
const TIDY: Duration = Duration::from_secs(10);

/// What the person chose.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Choice {
    /// Go on without a window.
    Background,
    /// Stop at a safe point, then close.
    Stop,
    /// Leave the window open.
    Stay,
}

/// Asks instead of closing while something runs.
pub(crate) fn on_window_event(window: &Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else { return };
    if window.state::<Arc<Installer>>().any_at_work() {
        api.prevent_close();
        let _ = window.emit("close-asked", ());
    }
}

/// Leaves nothing behind of a check that was under way.
pub(crate) fn on_run_event(app: &AppHandle, event: &RunEvent) {
    if matches!(event, RunEvent::Exit) {
        let installer = app.state::<Arc<Installer>>().inner().clone();
        let _ = tauri::async_runtime::block_on(async { tokio::time::timeout(TIDY, installer.leave()).await });
    }
}

/// Does what was chosen.
pub(crate) async fn choose(app: &AppHandle, choice: Choice) {
    match choice {
        Choice::Stay => {}
        Choice::Background => {
            if let Some(window) = app.get_webview_window(MAIN) {
                let _ = window.hide();
            }
        }
        Choice::Stop => {
            let installer = app.state::<Arc<Installer>>().inner().clone();
            let _ = tokio::time::timeout(SAFE_POINT, installer.stop_all()).await;
            app.exit(0);
        }
    }
}

/// Shows the window again: a second start means that the person looks for it.
pub(crate) fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let _ = window.show();
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}
