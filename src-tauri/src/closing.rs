//! Closing the window while something runs: the person chooses, and until then it stays open. Where the system asks, nobody can
//! choose: what runs stops at a safe point.

use std::sync::Arc;
use std::time::Duration;

use install::words::Words;
use install::{Installer, Interrupts};
use serde::Deserialize;
use tauri::menu::{Menu, MenuItem, MenuItemKind};
use tauri::{AppHandle, Emitter as _, Manager as _, RunEvent, Runtime, Window, WindowEvent};

/// The one window.
const MAIN: &str = "main";
/// How long a run may take to come to a safe point before the program ends anyway; the journal has everything.
const SAFE_POINT: Duration = Duration::from_secs(120);

/// How long taking away what was only tried in a cluster may keep the program, whose window is gone already. What is left
/// then goes by itself: Kubernetes ends it, and the next check sweeps.
const TIDY: Duration = Duration::from_secs(10);

/// How long a run may take to come to a safe point when the system itself ends the program (signing out on macOS, its Dock's
/// Quit). It does not wait much longer; what was told is in the journal.
const SIGNED_OUT: Duration = Duration::from_secs(5);
/// The menu's entry that ends the program, where there is a menu.
const QUIT: &str = "quit";

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

/// Leaves nothing behind of a check that was under way, and no run in the middle of a call if the system gives it the time.
pub(crate) fn on_run_event(app: &AppHandle, event: &RunEvent) {
    if matches!(event, RunEvent::Exit) {
        let installer = app.state::<Arc<Installer>>().inner().clone();
        tauri::async_runtime::block_on(async {
            if installer.any_at_work() {
                let _ = tokio::time::timeout(SIGNED_OUT, installer.stop_all()).await;
            }
            let _ = tokio::time::timeout(TIDY, installer.leave()).await;
        });
    }
}

/// Listens to what asks the program to end from outside: the first time runs stop at a safe point, the second time it ends.
pub(crate) fn listen(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let interrupts = match Interrupts::listen(|| std::process::exit(130)) {
            Ok(interrupts) => interrupts,
            Err(error) => return eprintln!("{error}"),
        };
        interrupts.asked().await;
        let installer = app.state::<Arc<Installer>>().inner().clone();
        if installer.any_at_work() {
            eprintln!("{}", words(&app).text("cli-stopping", &[]));
        }
        choose(&app, Choice::Stop).await;
    });
}

/// Words in the language that is chosen now.
pub(crate) fn words<R: Runtime>(app: &AppHandle<R>) -> Words {
    Words::chosen(app.state::<Arc<Installer>>().settings().unwrap_or_default().language)
}

/// The system's own menu with an end that asks: Cmd-Q of macOS ends a program without a word to its window.
///
/// # Errors
/// When the menu cannot be made.
pub(crate) fn menu<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<Menu<R>> {
    let menu = Menu::default(app)?;
    let ours = MenuItem::with_id(app, QUIT, words(app).text("menu-quit", &[]), true, Some("CmdOrCtrl+Q"))?;
    // The first of its menus is the program's own, and ends with Quit.
    if let Some(MenuItemKind::Submenu(program)) = menu.items()?.first() {
        if let Some(last) = program.items()?.len().checked_sub(1) {
            program.remove_at(last)?;
        }
        program.append(&ours)?;
    }
    Ok(menu)
}

/// Ends the program if nothing runs, else asks.
pub(crate) fn on_menu_event(app: &AppHandle, id: &str) {
    if id != QUIT {
        return;
    }
    if app.state::<Arc<Installer>>().any_at_work() {
        show(app);
        let _ = app.emit("close-asked", ());
    } else {
        app.exit(0);
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
