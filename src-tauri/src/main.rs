//! The window: commands, one event channel, nothing else. What it shows and does is decided in `install`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod awake;
mod closing;
mod commands;
mod drawing;
mod files;
mod notify;
mod watching;

use std::path::PathBuf;
use std::process::ExitCode;

use install::{Error, Home, Installer, Surroundings};

fn main() -> ExitCode {
    drawing::choose();
    let installer = match installer() {
        Ok(installer) => installer,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| closing::show(app)))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .manage(installer)
        .manage(watching::Watches::default())
        .manage(awake::Awake::default())
        .setup(|app| {
            notify::begin(app.handle());
            closing::listen(app.handle());
            if cfg!(target_os = "macos") {
                app.set_menu(closing::menu(app.handle())?)?;
            }
            Ok(())
        })
        .on_window_event(closing::on_window_event)
        .on_menu_event(|app, event| closing::on_menu_event(app, event.id().as_ref()))
        .invoke_handler(commands::handler())
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|app, event| closing::on_run_event(app, &event));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn installer() -> Result<std::sync::Arc<Installer>, Error> {
    let home = Home::usual(std::env::var_os("DIGIT_HOME").map(PathBuf::from)).ok_or(Error::NoHome)?;
    let speed = std::env::var("DIGIT_REHEARSAL_SPEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1.0);
    let passphrase = std::env::var_os("DIGIT_PASSPHRASE_FILE").map(PathBuf::from);
    Ok(Installer::new(Surroundings::usual(home.root().to_owned(), passphrase, speed)?))
}
