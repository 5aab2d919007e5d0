//! System notifications: done, stopped, needs you; and the program's end when it runs without a window.

use std::sync::Arc;

use install::view::Outcome;
use install::{Installer, Work};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_notification::NotificationExt as _;

use crate::awake::Awake;
use crate::closing::words;

/// Nothing to prepare on the systems we know; notifications are asked for when there is one.
pub(crate) fn begin(_app: &AppHandle) {}

/// Keeps the computer awake while a run goes, and says how it ended.
pub(crate) fn when_ended(app: &AppHandle, work: Arc<Work>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let reason = words(&app).text("awake-reason", &[("name", work.name())]);
        let awake = app.state::<Awake>().hold(reason).await;
        let end = work.ended().await;
        drop(awake);
        let message = match end {
            Ok(Outcome::Ready) => "notify-done",
            Ok(Outcome::Stopped) => "notify-stopped",
            Ok(Outcome::Failed) | Err(_) => "notify-needs-you",
        };
        let body = words(&app).text(message, &[("name", work.name())]);
        let _ = app.notification().builder().title("DIGIT Installer").body(body).show();
        let is_hidden = app.get_webview_window("main").is_none_or(|w| !w.is_visible().unwrap_or(true));
        if is_hidden && !app.state::<Arc<Installer>>().any_at_work() {
            crate::closing::show(&app);
        }
    });
}
