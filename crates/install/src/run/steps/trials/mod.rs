//! Every kind of step against the pretend cluster, in virtual time: carried out twice and killed before and after its effect, in
//! both directions; and hooks in their order.

mod calls;
mod promises;
mod upgrades;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use catalog::Bundle;
use cluster::pretend::{Pace, Pretend, Setup};
use cluster::{Cluster, ObjectRef};
use engine::testing::inject;
use engine::{Act, Clock, Direction, Estimate, RunOptions, RunPurpose, Step};
use helm_template::{Capabilities, Chart};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Acts, RunInputs};
use crate::answers::{Answers, Target};
use crate::error::Error;
use crate::home::{About, FOLDER_FORMAT, Folder, Home, ProxyChoice, Secrets};
use crate::place::{Maker, Place, Probes, Site, TellMaking};
use crate::plan::kinds::{ADDRESS, ENTRY_SERVICE};
use crate::plan::{ClusterFacts, Planned, PlannedStep, ReleaseChart, StepKind};
use crate::run::RunKind;
use crate::run::record::{Keeps, Recorder};
use crate::surroundings::Surroundings;

/// Its name is one of the practice product, so that there are values for it; the chart is our own.
const SERVICE: &str = "practice-registry";

/// How much faster than real the clusters of the trials go.
const QUICK: f64 = 100.0;

/// Time that passes when nobody has anything to do.
struct Virtual {
    begun: Instant,
}

#[async_trait]
impl Clock for Virtual {
    fn now(&self) -> Timestamp {
        "2026-11-30T10:00:00Z".parse::<Timestamp>().unwrap() + self.begun.elapsed()
    }
    async fn sleep(&self, d: Duration) {
        tokio::time::sleep(d).await;
    }
}

/// What is the same in all trials.
#[derive(Clone)]
struct Bed {
    folder: Arc<tempfile::TempDir>,
    clock: Arc<dyn Clock>,
    bundle: Arc<Bundle>,
    planned: Planned,
    about: About,
    secrets: Secrets,
}

/// One cluster, and what was there before.
struct World {
    cluster: Cluster,
    made: Arc<Stand>,
    recorder: Recorder,
    _recording: DropGuard,
    before: BTreeSet<String>,
}

/// Makes a cluster that was waiting for it.
struct Stand {
    place: Place,
    is_there: AtomicBool,
    promised: ClusterFacts,
}

#[async_trait]
impl Maker for Stand {
    async fn promised(&self) -> Result<ClusterFacts, Error> {
        Ok(self.promised.clone())
    }
    async fn alike(&self) -> Result<Place, Error> {
        Ok(self.place.clone())
    }
    async fn find(&self) -> Result<Option<Place>, Error> {
        Ok(self.is_there.load(Ordering::Relaxed).then(|| self.place.clone()))
    }
    async fn make(&self, _: TellMaking<'_>) -> Result<Place, Error> {
        self.is_there.store(true, Ordering::Relaxed);
        Ok(self.place.clone())
    }
    async fn unmake(&self) -> Result<bool, Error> {
        Ok(self.is_there.swap(false, Ordering::Relaxed))
    }
}

fn hook(kind: &str, name: &str, event: &str, weight: i32, policy: &str) -> (String, String) {
    let spec = match kind {
        "Job" => "spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: stand.in/job}]}}}",
        _ => "data: {a: b}",
    };
    let version = if kind == "Job" { "batch/v1" } else { "v1" };
    let policy = if policy.is_empty() { String::new() } else { format!(", helm.sh/hook-delete-policy: \"{policy}\"") };
    let text = format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n  annotations: {{helm.sh/hook: {event}, helm.sh/hook-weight: \
         \"{weight}\"{policy}}}\n{spec}\n"
    );
    (format!("templates/hook-{name}.yaml"), text)
}

const CHART: [(&str, &str); 6] = [
    ("Chart.yaml", "apiVersion: v2\nname: practice-registry\nversion: 0.1.0\n"),
    (
        "crds/cogs.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: cogs.example.org}\nspec:\n  group: \
         example.org\n  scope: Namespaced\n  names: {plural: cogs, kind: Cog}\n  versions:\n  - {name: v1, served: true, storage: true, \
         schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}\n",
    ),
    ("templates/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n"),
    (
        "templates/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    \
         metadata: {labels: {app: web}}\n    spec: {containers: [{name: main, image: stand.in/web}]}\n---\napiVersion: v1\nkind: \
         Service\nmetadata: {name: web}\nspec:\n  type: NodePort\n  selector: {app: web}\n  ports: [{port: 80, targetPort: 80}]\n",
    ),
    (
        "templates/guard.yaml",
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: guard}\nwebhooks:\n- name: \
         guard.example.org\n  clientConfig: {caBundle: eA==, service: {name: web, namespace: {{ .Release.Namespace }}}}\n  rules: \
         [{apiGroups: [example.org], apiVersions: [v1], operations: [CREATE], resources: [cogs]}]\n  sideEffects: None\n  \
         admissionReviewVersions: [v1]\n",
    ),
    ("templates/cog.yaml", "apiVersion: example.org/v1\nkind: Cog\nmetadata: {name: first}\n"),
];

/// What a pretend cluster will be.
async fn promised() -> ClusterFacts {
    let around = around(Path::new("."), &(Arc::new(Virtual { begun: Instant::now() }) as Arc<dyn Clock>), None);
    let rehearsal = Site::of(&Target::Rehearsal {}, None, &ProxyChoice::default(), &around).await.unwrap();
    ClusterFacts { simulated: false, ..rehearsal.facts(None).await.unwrap() }
}

/// A plan with one release of this chart and these steps.
async fn planned(bundle: &Bundle, hooks: Vec<(String, String)>, kinds: Vec<StepKind>) -> Planned {
    let text = "name: practice\ntarget: {kind: cluster, context: pretend}\nproduct: {name: practice, version: v1, modules: \
                [m_requests]}\ncity: {state: Springfield State, name: Springfield}\n";
    let answers = Answers::read(text, Path::new(".")).unwrap();
    let facts = promised().await;
    let capabilities = Capabilities { kube_version: facts.version.clone(), api_versions: BTreeSet::new() };
    let mut planned = crate::plan::plan(&answers, bundle, &facts).unwrap();
    let own = CHART.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    let files = own.chain(hooks).map(|(path, text)| (path, text.into_bytes()));
    let chart = Chart::from_files(files).unwrap();
    let release = ReleaseChart { service: SERVICE.to_owned(), namespace: "town".to_owned(), chart };
    let rendered = release
        .render(&helm_template::Values::new(), &capabilities, Timestamp::UNIX_EPOCH, &crate::plan::Blanks)
        .unwrap();
    planned.early = BTreeMap::from([(SERVICE.to_owned(), BTreeSet::from(["ConfigMap/town/settings".to_owned()]))]);
    // The web entry is the same Service: its address is what is found.
    let services = rendered.manifests.iter().filter(|m| m.object["kind"] == "Service").cloned().collect();
    let entry = helm_template::Rendered { manifests: services, ..Default::default() };
    planned.rendered = BTreeMap::from([(SERVICE.to_owned(), rendered), (ENTRY_SERVICE.to_owned(), entry)]);
    planned.releases = BTreeMap::from([(SERVICE.to_owned(), release.clone()), (ENTRY_SERVICE.to_owned(), release)]);
    let mut steps: Vec<PlannedStep> = Vec::new();
    for kind in kinds {
        steps.push(PlannedStep {
            id: kind.id(),
            kind,
            stage: "core".to_owned(),
            needs: steps.last().map(|step| step.id.clone()).into_iter().collect(),
            estimate: Estimate { low: 1.0, high: 1.0, measured: false },
            changes: Vec::new(),
            cost: None,
        });
    }
    planned.plan.steps = steps;
    planned
}

impl Bed {
    async fn new(hooks: Vec<(String, String)>, kinds: Vec<StepKind>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(Virtual { begun: Instant::now() });
        let bundle = Arc::new(catalog::open_folder(&catalog::find("practice", "v1").unwrap(), folder.path()).unwrap());
        let planned = planned(&bundle, hooks, kinds).await;
        // What a rehearsal draws opens nothing; its vault needs no keychain.
        let about = About { format: FOLDER_FORMAT, name: "practice".to_owned(), created: clock.now(), rehearsal: true };
        let around = around(folder.path(), &clock, None);
        let home = home(folder.path());
        std::fs::create_dir_all(home.path()).unwrap();
        let new_key = crate::home::new_key(&around, &home, true);
        let secrets = Secrets::open_or_make(&around, &home, &about, new_key).await.unwrap();
        Bed { folder: Arc::new(folder), clock, bundle, planned, about, secrets }
    }

    fn steps(&self) -> Vec<Step> {
        self.planned.plan.engine_steps()
    }

    /// A cluster in which nothing is, but for the installation's lease.
    async fn fresh(&self, speed: f64) -> World {
        self.within(&self.pretend(speed)).await
    }

    fn pretend(&self, speed: f64) -> Pretend {
        let clock = self.clock.clone();
        let setup =
            Setup { clock: Arc::new(move || clock.now()), pace: Pace { speed, ..Pace::default() }, ..Setup::default() };
        Pretend::new(setup).unwrap()
    }

    /// The same in this cluster.
    async fn within(&self, pretend: &Pretend) -> World {
        let cluster = pretend.cluster();
        let around = around(self.folder.path(), &self.clock, Some(cluster.clone()));
        let target = &self.planned.plan.answers.target;
        let site = Site::of(target, None, &ProxyChoice::default(), &around).await.unwrap();
        let (keeps, stop) =
            (Keeps::Everything { secrets: self.secrets.clone(), is_sealed: false }, CancellationToken::new());
        let home = home(self.folder.path());
        let recorder = Recorder::new(&home, "this", self.clock.clone(), keeps, stop);
        let place = site.there().await.unwrap().unwrap();
        // The first step that makes something in it is the record.
        cluster.ensure_record_namespace().await.unwrap();
        let before = names(&cluster).await;
        let promised = self.planned.plan.cluster.clone();
        let made = Arc::new(Stand { place, is_there: AtomicBool::new(false), promised });
        World { cluster, made, _recording: recorder.guard(), recorder, before }
    }

    fn acts(&self, world: &World) -> Arc<dyn Act> {
        let inputs = RunInputs {
            site: Site::Made(world.made.clone()),
            bundle: self.bundle.clone(),
            planned: self.planned.clone(),
            about: self.about.clone(),
            secrets: self.secrets.clone(),
            clock: self.clock.clone(),
            recorder: world.recorder.clone(),
            probes: Probes::default(),
            stop: CancellationToken::new(),
            on_trouble: Arc::new(|_| {}),
            on_hold: Arc::new(|_| {}),
            on_watch: Arc::new(|_| {}),
        };
        let is_there = world.made.is_there.load(Ordering::Relaxed);
        Arc::new(Acts::new(inputs, is_there.then_some(&world.made.place)).unwrap())
    }

    /// Carries everything out in this world.
    async fn installed(&self, world: &World) {
        let (outcome, failed) = self.carried_out(world).await;
        assert_eq!(outcome, engine::Outcome::Ready, "{failed:?}");
    }

    /// Carries out what can be; how it ended, and what it told of failures and of those that are called.
    async fn carried_out(&self, world: &World) -> (engine::Outcome, Vec<String>) {
        let mut journal = engine::Journal::open(&tempfile::tempdir().unwrap().path().join("journal.jsonl")).unwrap().0;
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let (tells, begun) = (told.clone(), self.clock.now());
        let tell = move |event: &engine::Event| {
            let after = event.at.duration_since(begun).as_secs();
            let step = event.step.as_deref().unwrap_or_default();
            let line = match &event.what {
                engine::What::Failed { cause, .. } => format!("{step} failed after {after} s: {}", cause.code),
                engine::What::WaitingOn { on } => match on.iter().find(|one| one.why.code == "called-not-ready") {
                    Some(one) => format!("{step} waits for {}", one.why.args["service"]),
                    None => return,
                },
                _ => return,
            };
            let mut told = tells.lock().unwrap();
            if !told.contains(&line) {
                told.push(line);
            }
        };
        let cx = engine::RunContext {
            act: self.acts(world),
            clock: self.clock.clone(),
            publish: Arc::new(tell),
            stop: CancellationToken::new(),
        };
        let options = RunOptions::new("first", "p", RunKind::Install.purpose());
        let outcome = engine::run(&self.steps(), &options, &cx, &mut journal).await.unwrap();
        let told = told.lock().unwrap().clone();
        (outcome, told)
    }
}

fn home(folder: &Path) -> Folder {
    Home::at(folder.join("home")).folder("practice", true)
}

fn around(folder: &Path, clock: &Arc<dyn Clock>, cluster: Option<Cluster>) -> Surroundings {
    Surroundings {
        home: folder.join("home"),
        cache: folder.join("cache"),
        clock: clock.clone(),
        passphrase: None,
        reach: Arc::new(move |_| {
            let cluster = cluster.clone();
            Box::pin(async move { Ok(cluster.unwrap()) })
        }),
        rehearsal_speed: 1.0,
    }
}

/// Everything that somebody made, by name, but for the installation's own record and what comes and goes by itself.
async fn names(cluster: &Cluster) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (version, kind) in [
        ("v1", "Namespace"),
        ("v1", "ConfigMap"),
        ("v1", "Secret"),
        ("v1", "Service"),
        ("v1", "Pod"),
        ("batch/v1", "Job"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "ReplicaSet"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
        ("example.org/v1", "Cog"),
    ] {
        let Ok(resource) = cluster.resource(version, kind).await else { continue };
        let listed = match cluster.list(&resource, "", "").await {
            Err(cluster::Error::NotFound { .. }) => continue,
            listed => listed.unwrap(),
        };
        let is_its_own = |o: &ObjectRef| o.namespace == cluster::record::NAMESPACE || o.name == "kube-root-ca.crt";
        let named = listed.iter().map(ObjectRef::of).filter(|o| !is_its_own(o));
        names.extend(
            named.map(|o| if kind == "Pod" || kind == "ReplicaSet" { format!("{kind} of web") } else { o.to_string() }),
        );
    }
    names
}

fn all_kinds() -> Vec<StepKind> {
    let service = || SERVICE.to_owned();
    vec![
        StepKind::cluster("pretend"),
        StepKind::check(),
        StepKind::namespaces(),
        StepKind::Crds { service: service() },
        StepKind::Early { service: service() },
        StepKind::Hooks { service: service() },
        StepKind::release(SERVICE),
        StepKind::Webhook { service: service() },
        StepKind::Find { value: ADDRESS.to_owned() },
    ]
}

fn some_hooks() -> Vec<(String, String)> {
    vec![
        hook("ConfigMap", "seed", "pre-install", -5, ""),
        hook("Job", "prepare", "pre-install", 1, "before-hook-creation,hook-succeeded"),
        hook("Job", "fill", "post-install", 0, ""),
        hook("Job", "empty", "pre-delete", 0, "before-hook-creation,hook-succeeded"),
    ]
}

/// What stands there when everything is carried out.
const WHOLE: [&str; 12] = [
    "Cog/town/first",
    "ConfigMap/town/seed",
    "ConfigMap/town/settings",
    "CustomResourceDefinition/cogs.example.org",
    "Deployment/town/web",
    "Job/town/fill",
    "Namespace/town",
    "Pod of web",
    "ReplicaSet of web",
    "Secret/town/sh.helm.release.v1.practice-registry.v1",
    "Service/town/web",
    "ValidatingWebhookConfiguration/guard",
];

fn compared(found: &BTreeSet<String>, before: &BTreeSet<String>, wanted: &[&str]) -> Result<(), String> {
    let beyond: BTreeSet<&str> = found.difference(before).map(String::as_str).collect();
    let wanted: BTreeSet<&str> = wanted.iter().copied().collect();
    if beyond == wanted { Ok(()) } else { Err(format!("{beyond:?} and not {wanted:?}")) }
}

#[tokio::test(start_paused = true)]
async fn every_kind_is_done_twice_and_killed_before_and_after_and_comes_to_the_same_end() {
    let bed = Bed::new(some_hooks(), all_kinds()).await;
    let kinds: Vec<String> = bed.steps().iter().map(|step| step.kind.clone()).collect();
    assert_eq!(kinds, crate::plan::kinds::OF_PLAN, "every kind there is");
    let check = async |world: &World| {
        compared(&names(&world.cluster).await, &world.before, &WHOLE)?;
        let record = world.cluster.newest_release("town", SERVICE).await.unwrap().unwrap();
        if (record.revision, record.status) == (1, cluster::release::Status::Deployed) {
            Ok(())
        } else {
            Err(format!("{:?}", record.status))
        }
    };
    let options = RunOptions::new("r", "p", RunKind::Install.purpose());
    let fresh = async || bed.fresh(QUICK).await;
    let found = inject(&bed.steps(), &options, &bed.clock, fresh, |world| bed.acts(world), check).await;
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test(start_paused = true)]
async fn every_kind_is_taken_back_twice_and_killed_before_and_after_and_nothing_is_left() {
    let bed = Bed::new(some_hooks(), all_kinds()).await;
    let check = async |world: &World| {
        if world.made.is_there.load(Ordering::Relaxed) {
            return Err("the cluster is still there".to_owned());
        }
        compared(&names(&world.cluster).await, &world.before, &[])
    };
    let purpose =
        RunPurpose { name: "remove".to_owned(), direction: Direction::Backward, ends_empty: true, learns: false };
    let options = RunOptions::new("r", "p", purpose);
    let fresh = async || {
        let world = bed.fresh(QUICK).await;
        bed.installed(&world).await;
        world
    };
    let found = inject(&bed.steps(), &options, &bed.clock, fresh, |world| bed.acts(world), check).await;
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test(start_paused = true)]
async fn hooks_run_by_weight_before_the_objects_and_after_them() {
    let hooks = vec![
        hook("Job", "pre-last", "pre-install", 7, ""),
        hook("Job", "post-last", "post-install", 2, ""),
        hook("Job", "pre-first", "pre-install", -3, ""),
        hook("Job", "post-first", "post-install", -9, ""),
        hook("Job", "pre-middle", "pre-install", 0, ""),
    ];
    let crds = StepKind::Crds { service: SERVICE.to_owned() };
    let bed =
        Bed::new(hooks, vec![StepKind::cluster("pretend"), StepKind::namespaces(), crds, StepKind::release(SERVICE)])
            .await;
    // Slow enough that times tell one from the next.
    let world = bed.fresh(1.0).await;
    bed.installed(&world).await;
    let mut made: Vec<(String, String)> = Vec::new();
    for (version, kind) in [("batch/v1", "Job"), ("apps/v1", "Deployment"), ("example.org/v1", "Cog")] {
        let resource = world.cluster.resource(version, kind).await.unwrap();
        let at = |o: &Value| o["metadata"]["creationTimestamp"].as_str().unwrap().to_owned();
        let listed = world.cluster.list(&resource, "town", "").await.unwrap();
        made.extend(listed.iter().map(|o| (at(o), ObjectRef::of(o).name)));
    }
    made.sort();
    let order: Vec<&str> = made.iter().map(|(_, name)| name.as_str()).collect();
    // What the release's own webhook guards comes last: nobody answers for it before.
    assert_eq!(order, ["pre-first", "pre-middle", "pre-last", "web", "post-first", "post-last", "first"], "{made:?}");
    let times: BTreeSet<&str> = made.iter().map(|(at, _)| at.as_str()).collect();
    assert!(times.len() >= 6, "each waited for the one before: {made:?}");
}
