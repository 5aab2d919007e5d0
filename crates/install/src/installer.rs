//! The one API that window and command line stand on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use catalog::registry::Registries;
use catalog::{Bundle, SourceSpec};
use engine::{Clock, Report};
use secrecy::SecretString;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::answers::{Answers, Product, Target};
use crate::checks::{self, Checked};
use crate::error::Error;
use crate::home::{About, Folder, Home};
use crate::images::{self, ImageView};
use crate::place::{self, Place};
use crate::plan::{ClusterFacts, Plan};
use crate::planning::{self, Planned};
use crate::priors::Priors;
use crate::secrets::RecoveryKit;
use crate::settings::AppSettings;
use crate::tries;
use crate::view::{
    CatalogView, CheckView, ClusterView, ErrorView, InstallationSummary, InstallationView, KubeconfigView, RemovalView,
    SelectionView,
};
use crate::work::{Ground, Purpose, Work};

/// How long a cluster may stay silent when it is only looked at.
const LOOK_WITHIN: Duration = Duration::from_secs(10);

/// What a program that uses this crate brings along.
#[derive(Clone)]
pub struct Surroundings {
    /// Where installations live.
    pub home: Home,
    /// Where downloads are kept.
    pub cache: PathBuf,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// A passphrase for secrets, in place of the system's keychain.
    pub passphrase: Option<SecretString>,
    /// How much faster than real a rehearsal's cluster goes.
    pub rehearsal_speed: f64,
}

/// Installs, watches, goes on, removes.
pub struct Installer {
    around: Surroundings,
    working: Mutex<BTreeMap<String, Arc<Work>>>,
    /// Counts up when a run of this process begins.
    begun: watch::Sender<u64>,
    /// Bundles that were read and verified once; reading one takes a second.
    bundles: tokio::sync::Mutex<BTreeMap<String, Arc<Bundle>>>,
    /// What was made in a cluster to try something there, and is still being taken away.
    tidying: TaskTracker,
    /// What was tried there and passed.
    passed: tries::Passed,
    /// The program ends: what is being tried is given up.
    leaving: CancellationToken,
}

/// How a run is started.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Nothing real is touched, whatever the target says.
    pub rehearse: bool,
    /// A plan that was made before, in place of a new one.
    pub plan: Option<Plan>,
    /// The part of the plan after which to end, one of [`planning::PARTS`]; none: at the end of the plan.
    pub until: Option<String>,
}

/// What tells that an installation changed; see [`Installer::changes`].
#[derive(Debug)]
pub struct Changes {
    begun: watch::Receiver<u64>,
    run: Option<watch::Receiver<u64>>,
}

impl Changes {
    /// Until this process's run on it says something, or a run of this process begins.
    pub async fn next(mut self) {
        match &mut self.run {
            Some(run) => tokio::select! { _ = run.changed() => {}, _ = self.begun.changed() => {} },
            None => drop(self.begun.changed().await),
        }
    }
}

impl Surroundings {
    /// Where a program of this system works: its cache folder, its clock, and the passphrase from a file if one is
    /// named.
    pub fn usual(home: Home, passphrase_file: Option<PathBuf>, rehearsal_speed: f64) -> Result<Self, Error> {
        let passphrase = match passphrase_file {
            None => None,
            Some(path) => {
                let text = std::fs::read_to_string(&path).map_err(|source| Error::File { path, source })?;
                Some(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
        };
        let cache = dirs::cache_dir().map_or_else(|| home.root().join("cache"), |d| d.join("digit-installer"));
        Ok(Surroundings { home, cache, clock: Arc::new(engine::SystemClock), passphrase, rehearsal_speed })
    }
}

impl Installer {
    /// An installer with nothing under way.
    pub fn new(around: Surroundings) -> Arc<Self> {
        Arc::new(Installer {
            around,
            working: Mutex::default(),
            begun: watch::Sender::default(),
            bundles: tokio::sync::Mutex::default(),
            tidying: TaskTracker::new(),
            passed: tries::Passed::default(),
            leaving: CancellationToken::new(),
        })
    }

    /// Where installations live.
    pub fn home(&self) -> &Home {
        &self.around.home
    }

    /// Where time comes from.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.around.clock
    }

    /// What the program was told about language, looks and network.
    pub fn settings(&self) -> Result<AppSettings, Error> {
        Ok(self.around.home.read("settings.json")?.unwrap_or_default())
    }

    /// Keeps it.
    pub fn save_settings(&self, settings: &AppSettings) -> Result<(), Error> {
        self.around.home.write("settings.json", settings)
    }

    /// Everything that can be installed.
    pub fn catalog(&self) -> Result<CatalogView, Error> {
        crate::products::catalog_view(&self.around.cache)
    }

    /// The charts of a product: read, verified, and downloaded before if need be.
    pub async fn bundle(
        &self,
        product: &Product,
        progress: &(dyn Fn(catalog::Progress) + Send + Sync),
    ) -> Result<Arc<Bundle>, Error> {
        let combination = catalog::find(&product.name, &product.version)?;
        let key = format!("{} {} {:?}", product.name, product.version, product.source);
        let mut bundles = self.bundles.lock().await;
        if let Some(bundle) = bundles.get(&key) {
            return Ok(bundle.clone());
        }
        let source = match &product.source {
            Some(folder) => SourceSpec::Folder(folder.clone()),
            None => crate::products::download(&self.around.cache, &self.settings()?.proxy)?,
        };
        let bundle = Arc::new(catalog::open(&combination, &source, progress).await?);
        bundles.insert(key, bundle.clone());
        Ok(bundle)
    }

    /// What a choice of modules brings along.
    pub async fn selection(&self, product: &Product) -> Result<SelectionView, Error> {
        let bundle = self.bundle(product, &|_| {}).await?;
        let answers = Answers::of_product(product.clone());
        let facts = place::facts(&self.place(&Target::Rehearsal {}, None).await?).await?;
        let planned =
            blocking(move || planning::plan(&answers, &bundle, &facts, &Priors::default()).map(|p| p.plan)).await?;
        Ok(SelectionView { services: planned.services, sizes: planned.sizes })
    }

    /// A kubeconfig and what it offers; none: the default one.
    pub fn kubeconfig(&self, path: Option<&Path>) -> Result<KubeconfigView, Error> {
        place::kubeconfig_view(path)
    }

    /// What cluster a target is, who we are in it and what we may do.
    pub async fn cluster(&self, target: &Target) -> Result<ClusterView, Error> {
        place::view(&self.place(target, None).await?).await
    }

    /// What is wrong with answers, without looking at anything else but their own files.
    pub fn validate(&self, answers: &Answers) -> Vec<ErrorView> {
        let mut problems: Vec<ErrorView> = answers.problems().iter().map(Error::view).collect();
        if let Err(error) = self.name_free_for(answers) {
            problems.push(error.view());
        }
        problems
    }

    /// Decides everything about answers. With `rehearse` the cluster is a simulated one.
    pub async fn plan(&self, answers: &Answers, rehearse: bool) -> Result<Planned, Error> {
        let answers = answers.clone().checked()?;
        let bundle = self.bundle(&answers.product, &|_| {}).await?;
        let target = if rehearse { &Target::Rehearsal {} } else { &answers.target };
        let facts = place::facts(&self.place(target, None).await?).await?;
        self.plan_with(&answers, bundle, facts).await
    }

    async fn plan_with(&self, answers: &Answers, bundle: Arc<Bundle>, facts: ClusterFacts) -> Result<Planned, Error> {
        let priors = if facts.is_simulated() {
            Priors::of_rehearsal()
        } else {
            self.around.home.read("measured.json")?.unwrap_or_default()
        };
        let answers = answers.clone();
        blocking(move || planning::plan(&answers, &bundle, &facts, &priors)).await
    }

    /// Every image of a plan, with what its registry says about it where one answers.
    pub async fn images(&self, planned: &Planned) -> Result<Vec<ImageView>, Error> {
        let client = self.settings()?.proxy.client(images::CONNECT_WITHIN)?;
        Ok(images::known(&planned.images(), &Registries::new(client)).await)
    }

    /// Looks whether everything is fit for the plan. Nothing stays changed: a database or file store of one's own is
    /// tried by a pod that is taken away again, also when this future is dropped (see [`Self::tidied`]). Each check is
    /// told as it ends.
    pub async fn check(
        &self,
        planned: &Planned,
        rehearse: bool,
        tell: &(dyn Fn(CheckView) + Send + Sync),
    ) -> Result<Checked, Error> {
        let target = if rehearse { &Target::Rehearsal {} } else { &planned.plan.answers.target };
        let place = self.place(target, None).await?;
        let about = self.around.home.folder(&planned.plan.installation).about()?.filter(|about| !about.rehearsal);
        let is_known = is_the_one_of(about.as_ref(), &place).await?;
        checks::all(&place, planned, is_known, &self.tries(false), tell).await
    }

    /// Starts, or goes on with, an installation. Comes back as soon as the run is under way.
    pub async fn install(self: &Arc<Self>, answers: &Answers, start: Start) -> Result<Arc<Work>, Error> {
        self.install_telling(answers, start, &|_| {}).await
    }

    /// The same, telling each check as it ends.
    pub async fn install_telling(
        self: &Arc<Self>,
        answers: &Answers,
        start: Start,
        tell: &(dyn Fn(CheckView) + Send + Sync),
    ) -> Result<Arc<Work>, Error> {
        let answers = answers.clone().checked()?;
        planning::is_part(start.until.as_deref())?;
        self.name_free_for(&answers)?;
        if let Some(work) = self.at_work(&answers.name) {
            return Ok(work);
        }
        let folder = self.around.home.folder(&answers.name);
        refuse_held(&answers.name, &folder)?;
        self.make_room(&folder, &start, &answers).await?;
        let rehearsal = start.rehearse || matches!(answers.target, Target::Rehearsal {});
        let known = folder.about()?;
        let about = known.clone().unwrap_or_else(|| About {
            format: crate::home::FOLDER_FORMAT,
            name: answers.name.clone(),
            created: self.around.clock.now(),
            rehearsal,
        });
        let new_key = crate::secrets::new_key(&self.around, &folder, about.rehearsal);
        let place = self.place(&answers.target, about.rehearsal.then_some(&folder)).await?;
        let bundle = self.bundle(&answers.product, &|_| {}).await?;
        let facts = match &start.plan {
            Some(plan) => plan.cluster.clone(),
            // What is there already decides what charts render, so an installation keeps what its first plan saw.
            None if known.is_some() => folder.plan()?.cluster,
            None => place::facts(&place).await?,
        };
        self.same_cluster(&answers.name, &facts, &place).await?;
        let planned = self.plan_with(&answers, bundle.clone(), facts).await?;
        let is_known = is_the_one_of(known.as_ref(), &place).await?;
        let checked = checks::all(&place, &planned, is_known, &self.tries(true), tell).await?;
        let failed = checked.failed();
        if !failed.is_empty() {
            return Err(Error::ChecksNotPassed { names: failed });
        }
        let ground = Ground { place, bundle, planned, folder, about, new_key };
        let work = Work::begin(self, ground, Purpose::Install).await?;
        self.keep(&answers.name, &work);
        Ok(work)
    }

    /// Goes on with an installation that was stopped, failed or was cut off.
    pub async fn resume(self: &Arc<Self>, name: &str, until: Option<String>) -> Result<Arc<Work>, Error> {
        self.resume_telling(name, until, &|_| {}).await
    }

    /// The same, telling each check as it ends.
    pub async fn resume_telling(
        self: &Arc<Self>,
        name: &str,
        until: Option<String>,
        tell: &(dyn Fn(CheckView) + Send + Sync),
    ) -> Result<Arc<Work>, Error> {
        let folder = self.around.home.find(name)?;
        let report = self.report(name)?;
        if report.purpose == engine::REMOVE && report.state != engine::RunState::Removed {
            return self.remove(name, crate::removal::keeps_data(&report)).await;
        }
        let rehearse = folder.about_it()?.rehearsal;
        self.install_telling(&folder.answers()?, Start { rehearse, plan: None, until }, tell).await
    }

    /// Takes an installation back.
    pub async fn remove(self: &Arc<Self>, name: &str, keep_data: bool) -> Result<Arc<Work>, Error> {
        if let Some(work) = self.at_work(name) {
            work.stop();
            let _ = work.ended().await;
        }
        let folder = self.around.home.find(name)?;
        refuse_held(name, &folder)?;
        let about = folder.about_it()?;
        let answers = folder.answers()?;
        let plan = folder.plan()?;
        let place = self.place(&answers.target, about.rehearsal.then_some(&folder)).await?;
        self.same_cluster(name, &plan.cluster, &place).await?;
        same_installation(&about, &place).await?;
        let bundle = self.bundle(&answers.product, &|_| {}).await?;
        let planned = self.plan_with(&answers, bundle.clone(), plan.cluster).await?;
        let ground = Ground { place, bundle, planned, folder, about, new_key: None };
        let work = Work::begin(self, ground, Purpose::Remove { keep_data }).await?;
        self.keep(name, &work);
        Ok(work)
    }

    /// What a removal would find, from a look at the cluster now. Changes nothing.
    pub async fn removal(&self, name: &str) -> Result<RemovalView, Error> {
        let folder = self.around.home.find(name)?;
        let plan = folder.plan()?;
        let about = folder.about_it()?;
        let place = self.place(&plan.answers.target, about.rehearsal.then_some(&folder)).await?;
        // A person waits for the list: a cluster that does not answer says so soon.
        let place = place.patient(LOOK_WITHIN);
        self.same_cluster(name, &plan.cluster, &place).await?;
        same_installation(&about, &place).await?;
        Ok(crate::removal::look(&place, &plan, self.around.clock.now()).await?)
    }

    /// All installations of this computer.
    pub fn list(&self) -> Result<Vec<InstallationSummary>, Error> {
        self.around.home.names()?.iter().map(|name| self.summary(name)).collect()
    }

    /// One line about an installation.
    pub fn summary(&self, name: &str) -> Result<InstallationSummary, Error> {
        let folder = self.around.home.find(name)?;
        let (about, answers, report) = (folder.about_it()?, folder.answers()?, self.report(name)?);
        let target = if about.rehearsal { "rehearsal" } else { answers.target.kind() };
        Ok(InstallationSummary {
            name: name.to_owned(),
            target: target.to_owned(),
            place: answers.target.context().unwrap_or_default().to_owned(),
            product: answers.product,
            state: report.state,
            working: self.is_working(&folder)?,
            services_ready: report.services_ready,
            services_total: report.services_total,
            percent: report.percent,
            created: about.created,
            changed: report.ended_at.or(report.started_at),
        })
    }

    /// Everything about an installation.
    pub fn view(&self, name: &str) -> Result<InstallationView, Error> {
        let folder = self.around.home.find(name)?;
        let (plan, report) = (folder.plan()?, self.report(name)?);
        let address = match &plan.answers.domain {
            crate::answers::Domain::Host(host) => Some(format!("https://{host}")),
            crate::answers::Domain::None => report.found.get(planning::ADDRESS).cloned(),
        };
        Ok(InstallationView {
            summary: self.summary(name)?,
            report,
            door_open: plan.is_door_open(),
            plan,
            folder: folder.path().display().to_string(),
            address,
        })
    }

    /// How an installation stands. Cheap while this process works on it, else read from its journal.
    pub fn report(&self, name: &str) -> Result<Report, Error> {
        if let Some(work) = self.at_work(name) {
            return Ok(work.report(self.around.clock.now()));
        }
        let path = self.around.home.find(name)?.join("journal.jsonl");
        let events = if path.is_file() { engine::journal::read(&path)? } else { Vec::new() };
        Ok(engine::fold(&events, self.around.clock.now()))
    }

    /// Tells when an installation changes from now on.
    pub fn changes(&self, name: &str) -> Changes {
        // subscribed before the look, so that no run begins unseen in between
        let begun = self.begun.subscribe();
        Changes { begun, run: self.at_work(name).map(|work| work.changes()) }
    }

    /// Asks a run of this process to stop at a safe point. `false`: none is under way.
    pub fn stop(&self, name: &str) -> bool {
        self.at_work(name).map(|work| work.stop()).is_some()
    }

    /// Whether a run of this process is under way.
    pub fn any_at_work(&self) -> bool {
        self.lock().values().any(|work| !work.has_ended())
    }

    /// The run of this process on an installation.
    pub fn at_work(&self, name: &str) -> Option<Arc<Work>> {
        self.lock().get(name).filter(|work| !work.has_ended()).cloned()
    }

    /// Asks every run of this process to stop, and waits until all have.
    pub async fn stop_all(&self) {
        let all: Vec<Arc<Work>> = self.lock().values().cloned().collect();
        for work in &all {
            work.stop();
        }
        for work in &all {
            let _ = work.ended().await;
        }
        self.tidied().await;
    }

    /// Waits until nothing is left of what was made to try something. A program waits for it before it ends.
    pub async fn tidied(&self) {
        self.tidying.close();
        self.tidying.wait().await;
        self.tidying.reopen();
    }

    /// Gives up what is being tried in a cluster and waits until nothing of it is left. A program calls it when it ends,
    /// wherever its own calls stand.
    pub async fn leave(&self) {
        self.leaving.cancel();
        self.tidied().await;
    }

    fn tries(&self, trusts: bool) -> tries::Means<'_> {
        tries::Means {
            now: self.around.clock.now(),
            limits: cluster::one_off::Limits::default(),
            tracker: &self.tidying,
            passed: &self.passed,
            stop: self.leaving.child_token(),
            trusts,
        }
    }

    /// Drops what this computer knows of an installation that is removed, or was a rehearsal.
    pub async fn forget(&self, name: &str) -> Result<(), Error> {
        let folder = self.around.home.find(name)?;
        refuse_held(name, &folder)?;
        // Its key in the keychain goes with it. A keychain that is locked keeps a key that opens nothing any more.
        let _ = vault::Vault::destroy(&folder.join("vault.age"), &vault::Keychain::of_system(name)).await;
        folder.forget()
    }

    /// Reads the record that an installation keeps in its cluster, so that this computer can go on with it. Where its
    /// secrets are encrypted, the kit opens them.
    pub async fn open_existing(
        &self,
        target: &Target,
        kit: Option<&RecoveryKit>,
    ) -> Result<InstallationSummary, Error> {
        let place = self.place(target, None).await?;
        let name = crate::record::fetch(&place, target, &self.around, kit).await?;
        self.summary(&name)
    }

    /// Writes the secrets of an installation to one file, encrypted with a passphrase.
    pub async fn recovery_kit(&self, answers: &Answers, kit: &RecoveryKit) -> Result<(), Error> {
        let bundle = self.bundle(&answers.product, &|_| {}).await?;
        crate::secrets::recovery_kit(&self.around, answers, &bundle, kit).await
    }

    /// The same for an installation that is there.
    pub async fn recovery_kit_of(&self, name: &str, kit: &RecoveryKit) -> Result<(), Error> {
        let folder = self.around.home.find(name)?;
        refuse_held(name, &folder)?;
        self.recovery_kit(&folder.answers()?, kit).await
    }

    pub(crate) fn around(&self) -> &Surroundings {
        &self.around
    }

    async fn place(&self, target: &Target, folder: Option<&Folder>) -> Result<Place, Error> {
        place::connect(target, folder, &self.settings()?.proxy, &self.around).await
    }

    fn is_working(&self, folder: &Folder) -> Result<bool, Error> {
        Ok(self.at_work(folder.name()).is_some() || engine::Lock::holder(&folder.join("lock"))?.is_some())
    }

    /// What was rehearsed is installed for real under the same name: the rehearsal, in which nothing was real, makes room.
    async fn make_room(&self, folder: &Folder, start: &Start, answers: &Answers) -> Result<(), Error> {
        let for_real = !start.rehearse && !matches!(answers.target, Target::Rehearsal {});
        match folder.about()? {
            Some(about) if about.rehearsal && for_real => self.forget(&about.name).await,
            _ => Ok(()),
        }
    }

    /// The same name means the same place and product.
    fn name_free_for(&self, answers: &Answers) -> Result<(), Error> {
        let folder = self.around.home.folder(&answers.name);
        match folder.about()? {
            None => return Ok(()),
            // A rehearsal gives way to anything: nothing in it is real.
            Some(about) if about.rehearsal => return Ok(()),
            Some(_) => {}
        }
        let known = folder.answers()?;
        let differs = if known.product.name != answers.product.name || known.product.version != answers.product.version
        {
            "product"
        } else if known.target != answers.target {
            "cluster"
        } else {
            return Ok(());
        };
        Err(Error::NameTaken { name: answers.name.clone(), differs })
    }

    /// A kubeconfig may have come to mean another cluster since.
    async fn same_cluster(&self, name: &str, facts: &ClusterFacts, place: &Place) -> Result<(), Error> {
        if place.uid().await? == facts.uid {
            Ok(())
        } else {
            Err(Error::NameTaken { name: name.to_owned(), differs: "cluster" })
        }
    }

    fn keep(&self, name: &str, work: &Arc<Work>) {
        self.lock().insert(name.to_owned(), work.clone());
        self.begun.send_modify(|count| *count += 1);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Work>>> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what computes or reads files for long beside the threads that wait for the network.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// Whether what a folder is about may be gone on with in a cluster: the record that the cluster holds of that name, if it
/// holds one, is the folder's own.
async fn is_the_one_of(about: Option<&About>, place: &Place) -> Result<bool, Error> {
    let Some(about) = about else { return Ok(false) };
    Ok(crate::record::about_in(&place.cluster, &about.name).await?.is_none_or(|there| there == *about))
}

/// Refuses what another computer made under the same name.
async fn same_installation(about: &About, place: &Place) -> Result<(), Error> {
    let is_ours = is_the_one_of(Some(about), place).await?;
    if is_ours { Ok(()) } else { Err(Error::Another { name: about.name.clone() }) }
}

/// Refuses an installation that another process works on, before anything of it is opened. Between here and the run's own
/// lock another may still come; that lock refuses it then.
fn refuse_held(name: &str, folder: &Folder) -> Result<(), Error> {
    match engine::Lock::holder(&folder.join("lock"))? {
        Some(holder) => Err(Error::Busy { name: name.to_owned(), pid: holder.pid }),
        None => Ok(()),
    }
}
