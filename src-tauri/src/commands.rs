//! The commands. Each is a call or two to `install`; what comes back are its views.

use std::path::PathBuf;
use std::sync::Arc;

use install::answers::{Answers, Product, Target};
use install::view::{
    CatalogView, CheckState, CheckView, ClusterView, ErrorView, InstallationSummary, InstallationView, KubeconfigView,
    LogCounts, LogFilter, LogPage, RemovalView, Report, SelectionView,
};
use install::{AppSettings, Error, Installer, Plan, RecoveryKit, Start, Work};
use serde::{Deserialize, Serialize};
use tauri::ipc::{Channel, Invoke};
use tauri::{AppHandle, State, Wry};

use crate::watching::Watches;
use crate::{closing, files, notify};

type Ours<'a> = State<'a, Arc<Installer>>;
type Answer<T> = Result<T, ErrorView>;

/// All commands, for the builder.
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        app_info,
        settings,
        save_settings,
        catalog,
        fetch_product,
        give_up_fetching,
        selection,
        kubeconfig,
        pick_file,
        pick_source,
        cluster,
        load_draft,
        save_draft,
        discard_draft,
        validate,
        check,
        plan,
        export_plan,
        save_recovery_kit,
        install,
        installations,
        installation,
        watch,
        unwatch,
        pause,
        resume,
        removal,
        remove,
        forget,
        open_existing,
        answers_of,
        log_page,
        log_follow,
        export_log,
        on_close_choice,
        open_link,
    ]
}

#[allow(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn said(error: Error) -> ErrorView {
    error.view()
}

/// Watches over a run from its beginning. What stops it before there is anything to show is the answer.
async fn under_way(app: &AppHandle, work: Arc<Work>) -> Answer<()> {
    work.begun().await.map_err(|error| error.view())?;
    notify::when_ended(app, work);
    Ok(())
}

/// What the program says about itself.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct AppInfo {
    version: &'static str,
    language: &'static str,
    data_folder: String,
    platform: &'static str,
}

#[tauri::command]
async fn app_info(installer: Ours<'_>) -> Answer<AppInfo> {
    let hindi = install::settings::system_language().is_some_and(|l| l.split(['-', '_']).next() == Some("hi"));
    Ok(AppInfo {
        version: env!("CARGO_PKG_VERSION"),
        language: if hindi { "hi" } else { "en" },
        data_folder: installer.home().root().display().to_string(),
        platform: std::env::consts::OS,
    })
}

#[tauri::command]
async fn settings(installer: Ours<'_>) -> Answer<AppSettings> {
    installer.settings().map_err(said)
}

#[tauri::command]
async fn save_settings(installer: Ours<'_>, settings: AppSettings) -> Answer<()> {
    installer.save_settings(&settings).map_err(said)
}

#[tauri::command]
async fn catalog(installer: Ours<'_>) -> Answer<CatalogView> {
    installer.catalog().map_err(said)
}

/// How far a download is, in bytes; a total of 0 is not known, an attempt of 0 is none: a folder is read.
#[derive(Clone, Serialize)]
struct Download {
    done: u64,
    total: u64,
    attempt: u32,
    attempts: u32,
}

#[tauri::command]
async fn fetch_product(installer: Ours<'_>, product: Product, on: Channel<Download>) -> Answer<()> {
    let tell = |p: install::Progress| {
        let install::Progress { done, total, attempt, attempts } = p;
        let _ = on.send(Download { done, total: total.unwrap_or_default(), attempt, attempts });
    };
    installer.bundle(&product, &tell).await.map(drop).map_err(said)
}

#[tauri::command]
async fn give_up_fetching(installer: Ours<'_>) -> Answer<()> {
    installer.give_up_fetching();
    Ok(())
}

#[tauri::command]
async fn selection(installer: Ours<'_>, product: Product) -> Answer<SelectionView> {
    installer.selection(&product).await.map_err(said)
}

#[tauri::command]
async fn kubeconfig(installer: Ours<'_>, path: Option<PathBuf>) -> Answer<KubeconfigView> {
    installer.kubeconfig(path.as_deref()).map_err(said)
}

#[tauri::command]
async fn pick_file(app: AppHandle) -> Answer<Option<String>> {
    Ok(files::pick_file(&app).await)
}

#[tauri::command]
async fn pick_source(app: AppHandle) -> Answer<Option<String>> {
    Ok(files::pick_folder(&app).await)
}

#[tauri::command]
async fn cluster(installer: Ours<'_>, target: Target) -> Answer<ClusterView> {
    installer.cluster(&target).await.map_err(said)
}

/// The wizard's own state: text that only the window reads.
const DRAFT: &str = "draft.json";

#[tauri::command]
async fn load_draft(installer: Ours<'_>) -> Answer<Option<String>> {
    installer.home().read(DRAFT).map_err(said)
}

#[tauri::command]
async fn save_draft(installer: Ours<'_>, json: String) -> Answer<()> {
    installer.home().write(DRAFT, &json).map_err(said)
}

#[tauri::command]
async fn discard_draft(installer: Ours<'_>) -> Answer<()> {
    installer.home().drop(DRAFT).map_err(said)
}

#[tauri::command]
async fn validate(installer: Ours<'_>, answers: Answers) -> Answer<Vec<ErrorView>> {
    Ok(installer.validate(&answers))
}

/// Whether every check that is not accepted passed.
#[derive(Serialize)]
struct Checked {
    passed: bool,
}

#[tauri::command]
async fn check(installer: Ours<'_>, answers: Answers, on: Channel<CheckView>) -> Answer<Checked> {
    let planned = installer.plan(&answers, false).await.map_err(said)?;
    let tell = |check: CheckView| {
        let _ = on.send(check);
    };
    let checked = installer.check(&planned, false, &tell).await.map_err(said)?;
    Ok(Checked { passed: checked.checks.iter().all(|c| c.state != CheckState::NotPassed) })
}

#[tauri::command]
async fn plan(installer: Ours<'_>, answers: Answers) -> Answer<Plan> {
    Ok(installer.plan(&answers, false).await.map_err(said)?.plan)
}

#[tauri::command]
async fn export_plan(app: AppHandle, installer: Ours<'_>, answers: Answers) -> Answer<Option<String>> {
    let planned = installer.plan(&answers, false).await.map_err(said)?;
    let Some(path) = files::pick_save(&app, &format!("{}-plan.json", answers.name)).await else { return Ok(None) };
    planned.plan.export(&path).map_err(said)?;
    Ok(Some(path.display().to_string()))
}

#[tauri::command]
async fn save_recovery_kit(
    app: AppHandle,
    installer: Ours<'_>,
    answers: Answers,
    passphrase: String,
) -> Answer<Option<String>> {
    let name = format!("{}-recovery-kit.age", answers.name);
    let Some(path) = files::pick_save(&app, &name).await else { return Ok(None) };
    let kit = RecoveryKit { file: path, passphrase: passphrase.into() };
    installer.recovery_kit(&answers, &kit).await.map_err(said)?;
    Ok(Some(kit.file.display().to_string()))
}

#[tauri::command]
async fn install(
    app: AppHandle,
    installer: Ours<'_>,
    answers: Answers,
    rehearse: bool,
    reviewed: Plan,
) -> Answer<String> {
    let start = Start { rehearse, plan: Some(reviewed), ..Start::default() };
    let work = installer.install(&answers, start).await.map_err(said)?;
    let id = work.id().to_owned();
    under_way(&app, work).await?;
    Ok(id)
}

#[tauri::command]
async fn installations(installer: Ours<'_>) -> Answer<Vec<InstallationSummary>> {
    installer.list().map_err(said)
}

#[tauri::command]
async fn installation(installer: Ours<'_>, name: String) -> Answer<InstallationView> {
    installer.view(&name).map_err(said)
}

#[tauri::command]
async fn watch(installer: Ours<'_>, watches: State<'_, Watches>, name: String, on: Channel<Report>) -> Answer<u32> {
    let first = installer.report(&name).map_err(said)?;
    let _ = on.send(first);
    Ok(watches.reports(installer.inner().clone(), name, on))
}

#[tauri::command]
async fn unwatch(watches: State<'_, Watches>, id: u32) -> Answer<()> {
    watches.end(id);
    Ok(())
}

#[tauri::command]
async fn pause(installer: Ours<'_>, name: String) -> Answer<()> {
    installer.stop(&name);
    Ok(())
}

#[tauri::command]
async fn resume(app: AppHandle, installer: Ours<'_>, name: String) -> Answer<()> {
    let work = installer.resume(&name, None).await.map_err(said)?;
    under_way(&app, work).await
}

#[tauri::command]
async fn removal(installer: Ours<'_>, name: String) -> Answer<RemovalView> {
    installer.removal(&name).await.map_err(said)
}

#[tauri::command]
async fn remove(app: AppHandle, installer: Ours<'_>, name: String, keep_data: bool) -> Answer<()> {
    let work = installer.remove(&name, keep_data).await.map_err(said)?;
    under_way(&app, work).await
}

#[tauri::command]
async fn forget(installer: Ours<'_>, name: String) -> Answer<()> {
    installer.forget(&name).await.map_err(said)
}

/// A recovery kit as the window gives it.
#[derive(Deserialize)]
struct Kit {
    file: PathBuf,
    passphrase: String,
}

#[tauri::command]
async fn open_existing(installer: Ours<'_>, target: Target, kit: Option<Kit>) -> Answer<InstallationSummary> {
    let kit = kit.map(|Kit { file, passphrase }| RecoveryKit { file, passphrase: passphrase.into() });
    installer.open_existing(&target, kit.as_ref()).await.map_err(said)
}

#[tauri::command]
async fn answers_of(installer: Ours<'_>, name: String) -> Answer<Answers> {
    installer.home().find(&name).and_then(|folder| folder.answers()).map_err(said)
}

#[tauri::command]
async fn log_page(installer: Ours<'_>, name: String, filter: LogFilter, from: i64, count: u32) -> Answer<LogPage> {
    installer.log_page(&name, &filter, from, count).await.map_err(said)
}

#[tauri::command]
async fn log_follow(
    installer: Ours<'_>,
    watches: State<'_, Watches>,
    name: String,
    on: Channel<LogCounts>,
) -> Answer<u32> {
    let _ = on.send(installer.log_counts(&name).await.map_err(said)?);
    Ok(watches.logs(installer.inner().clone(), name, on))
}

#[tauri::command]
async fn export_log(app: AppHandle, installer: Ours<'_>, name: String, filter: LogFilter) -> Answer<Option<String>> {
    let Some(path) = files::pick_save(&app, &format!("{name}.log")).await else { return Ok(None) };
    installer.export_log(&name, &filter, &path).await.map_err(said)?;
    Ok(Some(path.display().to_string()))
}

#[tauri::command]
async fn on_close_choice(app: AppHandle, choice: closing::Choice) -> Answer<()> {
    closing::choose(&app, choice).await;
    Ok(())
}

#[tauri::command]
async fn open_link(app: AppHandle, installer: Ours<'_>, what: String) -> Answer<()> {
    files::open_link(&app, &installer, &what).map_err(said)
}
