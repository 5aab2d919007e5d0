//! Native dialogs, and links that leave the app.

use std::path::PathBuf;

use install::{Error, Installer};
use tauri::AppHandle;
use tauri_plugin_dialog::DialogExt as _;
use tauri_plugin_opener::OpenerExt as _;
use tokio::sync::oneshot;

/// Asks for a file to read.
pub(crate) async fn pick_file(app: &AppHandle) -> Option<String> {
    let (tell, told) = oneshot::channel();
    app.dialog().file().pick_file(move |path| {
        let _ = tell.send(path);
    });
    Some(told.await.ok()??.into_path().ok()?.display().to_string())
}

/// Asks for a folder to read.
pub(crate) async fn pick_folder(app: &AppHandle) -> Option<String> {
    let (tell, told) = oneshot::channel();
    app.dialog().file().pick_folder(move |path| {
        let _ = tell.send(path);
    });
    Some(told.await.ok()??.into_path().ok()?.display().to_string())
}

/// Asks where to write.
pub(crate) async fn pick_save(app: &AppHandle, name: &str) -> Option<PathBuf> {
    let (tell, told) = oneshot::channel();
    app.dialog().file().set_file_name(name).save_file(move |path| {
        let _ = tell.send(path);
    });
    told.await.ok()??.into_path().ok()
}

/// Opens one of the few addresses that the window may open: `installation:NAME` is the installation's own.
pub(crate) fn open_link(app: &AppHandle, installer: &Installer, what: &str) -> Result<(), Error> {
    let name = what.strip_prefix("installation:").unwrap_or(what);
    let Some(address) = installer.view(name)?.address else { return Ok(()) };
    app.opener().open_url(&address, None::<&str>).map_err(|e| Error::Network { detail: e.to_string() })
}
