//! Answers and charts to a plan: which steps, in what order, how large, what is shared. Pure but for reading charts.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Bundle, Selection, Settings, stages};
use engine::{EtaRange, Step};
use helm_template::{Capabilities, Chart, Hook, Rendered};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;

use crate::ahead::{self, Ahead, Needs};
use crate::answers::{Answers, Database, Domain, Entry, Files};
use crate::error::Error;
use crate::plan::{Because, ClusterFacts, Combination, PLAN_FORMAT, Plan, PlannedService};
use crate::priors::{Priors, tenths};
use crate::render::{Blanks, ReleaseChart, blank};
use crate::sizes::{self, kind_of, name_of};

/// Kinds of steps. The words of the UI and what acts on them hang on these.
pub mod kinds {
    /// The namespaces, and the installation's own record in the cluster.
    pub const NAMESPACES: &str = "namespaces";
    /// A chart's custom resource definitions.
    pub const CRDS: &str = "crds";
    /// Those objects of a chart that others want before the chart itself can go in.
    pub const AHEAD: &str = "ahead";
    /// What a chart runs before it is installed, while the chart itself waits for something that this does not want.
    pub const HOOKS: &str = "hooks";
    /// A chart, installed and ready.
    pub const RELEASE: &str = "release";
    /// Webhooks that must answer before what they guard is applied.
    pub const WEBHOOK: &str = "webhook";
    /// A value that only the cluster knows.
    pub const FIND: &str = "find";
    /// A part of a removal.
    pub const REMOVE: &str = "remove";

    /// Those of a plan, in the order in which they are met.
    pub const OF_PLAN: [&str; 7] = [NAMESPACES, CRDS, AHEAD, HOOKS, RELEASE, WEBHOOK, FIND];

    /// Whether this program can carry out and take back steps of this kind.
    pub(crate) fn is_known(kind: &str) -> bool {
        kind == REMOVE || OF_PLAN.contains(&kind)
    }
}

/// The parts of a plan, in their order. Today a plan brings services into a cluster and no more, so that it ends where
/// its only part ends; making a cluster, filling in data and trying it out will stand around that one.
pub const PARTS: [&str; 1] = ["services"];

/// Refuses a part that no plan has.
pub(crate) fn is_part(name: Option<&str>) -> Result<(), Error> {
    match name {
        Some(part) if !PARTS.contains(&part) => {
            Err(Error::answer("no-such-part", "", &[("part", part), ("parts", &PARTS.join(", "))]))
        }
        _ => Ok(()),
    }
}

/// The late-bound value that is the web entry's address, with scheme.
pub const ADDRESS: &str = "address";
/// Its step.
pub const FIND_ADDRESS: &str = "find:address";
/// The service that is the web entry.
pub const ENTRY_SERVICE: &str = "ingress-nginx";

/// A plan with all that it was made from.
#[derive(Clone)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What is installed.
    pub selection: Selection,
    /// Its releases, by service.
    pub releases: BTreeMap<String, ReleaseChart>,
    /// Its objects with blanks for secrets, by service.
    pub rendered: BTreeMap<String, Rendered>,
    /// Objects that go ahead of their service, by service, each as `Kind/namespace/name`.
    pub(crate) ahead: Ahead,
}

/// What is installed, and the objects that it comes to.
struct Charts {
    selection: Selection,
    releases: BTreeMap<String, ReleaseChart>,
    rendered: BTreeMap<String, Rendered>,
}

/// How services hang together.
struct Links {
    needs: Needs,
    /// References that nothing answers and need not be, with the reason.
    optional: BTreeMap<String, String>,
    ahead: Ahead,
    /// Services whose hooks run ahead of them.
    hooks: BTreeSet<String>,
}

/// What the values depend on. `address` is the installation's address, or the placeholder for it.
pub fn settings(answers: &Answers, address: &str) -> Settings {
    let (domain, address) = match &answers.domain {
        Domain::None => (None, address.to_owned()),
        Domain::Host(host) => (Some(host.clone()), format!("https://{host}")),
    };
    let mut settings = Settings::in_cluster(domain, address);
    settings.entry = match answers.entry {
        Entry::LoadBalancer => catalog::settings::Entry::LoadBalancer,
        Entry::NodePort => catalog::settings::Entry::NodePort,
    };
    if let Database::Ours(ours) = &answers.database {
        settings.database = catalog::settings::Database {
            in_cluster: false,
            host: ours.host.clone(),
            port: ours.port,
            name: ours.name.clone(),
            user: ours.user.clone(),
        };
    }
    if let Files::Ours(ours) = &answers.files {
        settings.files = catalog::settings::Files {
            endpoint: Some(ours.endpoint.clone()),
            bucket: ours.bucket.clone(),
            region: ours.region.clone(),
        };
    }
    settings.demo = answers.demo;
    settings
}

/// What stands for a late-bound value in a plan.
pub fn late(name: &str) -> String {
    format!("http://late-{name}.invalid")
}

/// Loads the charts of a selection.
pub fn releases(bundle: &Bundle, selection: &Selection) -> Result<BTreeMap<String, ReleaseChart>, Error> {
    let mut out = BTreeMap::new();
    for service in &selection.services {
        let release = bundle.release(&service.name)?;
        let chart = Chart::from_files(bundle.chart(&service.name)?.into_files())
            .map_err(|source| Error::Render { service: service.name.clone(), source })?;
        out.insert(service.name.clone(), ReleaseChart { service: release.name, namespace: release.namespace, chart });
    }
    Ok(out)
}

/// Decides everything. Creates nothing, needs no secret.
pub fn plan(answers: &Answers, bundle: &Bundle, cluster: &ClusterFacts, priors: &Priors) -> Result<Planned, Error> {
    let settings = settings(answers, &late(ADDRESS));
    let modules: Vec<String> = answers.product.modules.iter().cloned().collect();
    let selection = bundle.select(&modules, settings.brings())?;
    let releases = releases(bundle, &selection)?;
    let capabilities =
        Capabilities { kube_version: cluster.version.clone(), api_versions: cluster.api_versions.clone() };
    let render = |release: &ReleaseChart, selection: &Selection, settings: &Settings| {
        let blanks = |name: &str| -> SecretString { blank(name) };
        let values = bundle.values(&release.service, selection, settings, &blanks)?;
        release.render(&values, &capabilities, Timestamp::UNIX_EPOCH, &Blanks)
    };
    let mut rendered = BTreeMap::new();
    for (service, release) in &releases {
        rendered.insert(service.clone(), render(release, &selection, &settings)?);
    }
    let elsewhere = self::settings(answers, &late("elsewhere"));
    let charts = Charts { selection, releases, rendered };
    let all = charts.rendered.iter().filter_map(|(service, r)| {
        let release = charts.releases.get(service)?;
        Some((service.as_str(), release.namespace.as_str(), r))
    });
    unique(all)?;
    let links = links(answers, &charts, &|release| render(release, &charts.selection, &elsewhere))?;
    let plan = assemble(answers, bundle, cluster, priors, &charts, &links)?;
    let Charts { selection, releases, rendered } = charts;
    Ok(Planned { plan, selection, releases, rendered, ahead: links.ahead })
}

/// Whether no two services have an object of the same kind and name: the second would find it to be somebody else's, half an
/// install later. Each with its namespace and what it renders to.
fn unique<'a>(services: impl IntoIterator<Item = (&'a str, &'a str, &'a Rendered)>) -> Result<(), Error> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (service, namespace, rendered) in services {
        for object in rendered.manifests.iter().map(|m| &m.object) {
            let group = cluster::object::group(object["apiVersion"].as_str().unwrap_or_default());
            let place = ahead::place(object, if is_shared(object) { "" } else { namespace });
            if let Some(other) = seen.insert(format!("{group}/{place}"), service).filter(|other| *other != service) {
                return Err(Error::Unplannable {
                    service: service.to_owned(),
                    detail: format!("it has {place}, and so has {other}"),
                });
            }
        }
    }
    Ok(())
}

/// Which services need which, and what of them goes ahead. `elsewhere` renders a release for another address.
fn links(
    answers: &Answers,
    charts: &Charts,
    elsewhere: &dyn Fn(&ReleaseChart) -> Result<Rendered, Error>,
) -> Result<Links, Error> {
    let Charts { selection, releases, rendered } = charts;
    let (needs, optional) = needs(selection, rendered)?;
    let (mut free, mut hooks) = (BTreeMap::new(), BTreeSet::new());
    let in_parts = ahead::wanted_in_parts(&needs);
    for (service, release) in releases {
        let Some(r) = rendered.get(service) else { continue };
        let is_wanted = in_parts.contains(service.as_str());
        let has_hooks = ahead::pre_install(r).next().is_some();
        // What waits for nobody need not go ahead of itself.
        if !(is_wanted || has_hooks) || waits(answers, selection, service, r, rendered).is_empty() {
            continue;
        }
        let other = elsewhere(release)?;
        if is_wanted {
            free.insert(service.clone(), ahead::free(r, &other, &release.namespace));
        }
        if ahead::has_early_hooks(r, &other) {
            hooks.insert(service.clone());
        }
    }
    let ahead = ahead::ahead(free, &needs);
    Ok(Links { needs, optional, ahead, hooks })
}

fn assemble(
    answers: &Answers,
    bundle: &Bundle,
    cluster: &ClusterFacts,
    priors: &Priors,
    charts: &Charts,
    links: &Links,
) -> Result<Plan, Error> {
    let Charts { selection, releases, rendered } = charts;
    let objects: BTreeMap<String, Vec<&Value>> =
        rendered.iter().map(|(service, r)| (service.clone(), everything(r))).collect();
    let steps = engine::in_order(steps(answers, selection, rendered, links, priors)).map_err(|error| match error {
        engine::Error::Circle(steps) => Error::Circle { steps },
        other => other.into(),
    })?;
    let services = planned_services(selection, releases, rendered, &steps)?;
    let all = || objects.values().flatten().copied();
    let mut sizes = sizes::sizes(all());
    sizes.services = u32::try_from(services.iter().filter(|s| is_listed(s)).count()).unwrap_or(u32::MAX);
    let estimate = EtaRange {
        low: tenths(engine::longest_way(&steps, |s| s.estimate.low)),
        high: tenths(engine::longest_way(&steps, |s| s.estimate.high)),
        measured: steps.iter().all(|s| s.estimate.measured),
    };
    let combination = bundle.combination();
    let (charts_commit, list_commit) = match combination.origin {
        catalog::Origin::Pinned { charts, list, .. } => (charts.commit, list.commit),
        catalog::Origin::Embedded => ("", ""),
    };
    let plan = Plan {
        format: PLAN_FORMAT,
        id: String::new(),
        installation: answers.name.clone(),
        answers: answers.clone(),
        combination: Combination {
            product: combination.product.to_owned(),
            version: combination.version.to_owned(),
            charts_commit: charts_commit.to_owned(),
            charts_tree: bundle.charts_id().to_owned(),
            list_commit: list_commit.to_owned(),
            list_blob: bundle.list_id().to_owned(),
            patches: bundle.patches().into_iter().map(str::to_owned).collect(),
        },
        cluster: cluster.clone(),
        services,
        objects: sizes::by_kind(all()),
        shared: all().filter(|o| is_shared(o)).map(name_of).collect::<BTreeSet<_>>().into_iter().collect(),
        sizes,
        estimate,
        optional: links.optional.clone(),
        steps,
    };
    plan.sealed()
}

/// Services of the product list, as people count them: not our own settings and stores.
fn is_listed(service: &PlannedService) -> bool {
    !matches!(service.because.code.as_str(), "settings" | "data")
}

/// All objects of a rendered chart: CRDs, hooks and the rest.
pub fn everything(rendered: &Rendered) -> Vec<&Value> {
    let crds = rendered.crds.iter().map(|m| &m.object);
    let hooks = rendered.hooks.iter().filter(|h| is_install_hook(&h.events)).map(|h| &h.manifest.object);
    crds.chain(hooks).chain(rendered.manifests.iter().map(|m| &m.object)).collect()
}

/// Whether a hook runs when something is installed.
pub fn is_install_hook(events: &[String]) -> bool {
    events.iter().any(|e| e == "pre-install" || e == "post-install")
}

fn is_shared(object: &Value) -> bool {
    object.pointer("/metadata/namespace").is_none()
        && matches!(
            kind_of(object),
            "CustomResourceDefinition"
                | "ClusterRole"
                | "ClusterRoleBinding"
                | "ClusterIssuer"
                | "IngressClass"
                | "ValidatingWebhookConfiguration"
                | "MutatingWebhookConfiguration"
                | "PersistentVolume"
                | "StorageClass"
                | "PriorityClass"
        )
}

/// Which services each service needs, and what does not resolve and may.
fn needs(
    selection: &Selection,
    rendered: &BTreeMap<String, Rendered>,
) -> Result<(Needs, BTreeMap<String, String>), Error> {
    let objects: BTreeMap<String, Vec<Value>> =
        rendered.iter().map(|(s, r)| (s.clone(), everything(r).into_iter().cloned().collect())).collect();
    let edges = catalog::edges::edges(selection, &objects)?;
    Ok((edges.needs, edges.optional))
}

/// Steps that a release waits for besides the services it needs: admission checks of others, and the web entry's address.
fn waits(
    answers: &Answers,
    selection: &Selection,
    service: &str,
    release: &Rendered,
    rendered: &BTreeMap<String, Rendered>,
) -> Vec<String> {
    let guards = rendered.iter().filter(|(guard, r)| *guard != service && has_webhooks(r));
    let mut waits: Vec<String> = guards
        .filter(|(guard, _)| release.manifests.iter().any(|m| is_guarded(guard, &m.object)))
        .map(|(guard, _)| id(kinds::WEBHOOK, guard))
        .collect();
    let wants_address = [catalog::select::SETTINGS_SERVICE, catalog::select::FILES_SERVICE].contains(&service);
    if wants_address && finds_address(answers, selection) {
        waits.push(FIND_ADDRESS.to_owned());
    }
    waits
}

fn finds_address(answers: &Answers, selection: &Selection) -> bool {
    answers.domain == Domain::None && selection.has(ENTRY_SERVICE)
}

fn has_webhooks(rendered: &Rendered) -> bool {
    rendered.manifests.iter().any(|m| is_webhook(&m.object))
}

fn steps(
    answers: &Answers,
    selection: &Selection,
    rendered: &BTreeMap<String, Rendered>,
    links: &Links,
    priors: &Priors,
) -> Vec<Step> {
    let namespaces = || vec![id(kinds::NAMESPACES, "namespaces")];
    let mut steps = vec![step(kinds::NAMESPACES, "namespaces", stages::NAMESPACES, vec![], vec![], priors)];
    for (service, r) in rendered.iter().filter(|(_, r)| !r.crds.is_empty()) {
        let changes = sizes::by_kind(r.crds.iter().map(|m| &m.object));
        steps.push(step(kinds::CRDS, service, stages::CRDS, namespaces(), changes, priors));
    }
    for service in &selection.services {
        let name = service.name.as_str();
        let Some(r) = rendered.get(name) else { continue };
        let mut before = namespaces();
        let defined = rendered.iter().filter(|(of, other)| *of == name || defines_some(other, r));
        before.extend(defined.filter(|(_, other)| !other.crds.is_empty()).map(|(of, _)| id(kinds::CRDS, of)));
        for (need, what) in links.needs.get(name).into_iter().flatten() {
            let early = links.ahead.get(need).is_some_and(|objects| ahead::suffices(what, objects));
            if what.whole || !what.objects.is_empty() {
                before.push(id(if early { kinds::AHEAD } else { kinds::RELEASE }, need));
            }
        }
        let is_early = |h: &&Hook| links.hooks.contains(name) && ahead::is_pre_install(h);
        let (early, hooks): (Vec<&Hook>, Vec<&Hook>) =
            r.hooks.iter().filter(|h| is_install_hook(&h.events)).partition(is_early);
        if !early.is_empty() {
            let changes = sizes::by_kind(early.iter().map(|h| &h.manifest.object));
            steps.push(step(kinds::HOOKS, name, service.stage, before.clone(), changes, priors));
            before.push(id(kinds::HOOKS, name));
        }
        let admitted = links.needs.get(name).into_iter().flatten().filter(|(_, what)| what.admission);
        before.extend(admitted.map(|(need, _)| id(kinds::RELEASE, need)));
        before.extend(waits(answers, selection, name, r, rendered));
        let early = links.ahead.get(name);
        let goes = |o: &&Value| early.is_some_and(|all| all.contains(&ahead::place(o, &service.namespace)));
        let (ahead, rest): (Vec<&Value>, Vec<&Value>) = r.manifests.iter().map(|m| &m.object).partition(goes);
        if !ahead.is_empty() {
            let changes = sizes::by_kind(ahead);
            steps.push(step(kinds::AHEAD, name, service.stage, namespaces(), changes, priors));
            before.push(id(kinds::AHEAD, name));
        }
        let changes = sizes::by_kind(rest.into_iter().chain(hooks.iter().map(|h| &h.manifest.object)));
        steps.push(step(kinds::RELEASE, name, service.stage, before, changes, priors));
        let released = || vec![id(kinds::RELEASE, name)];
        if has_webhooks(r) {
            steps.push(step(kinds::WEBHOOK, name, service.stage, released(), vec![], priors));
        }
        if finds_address(answers, selection) && name == ENTRY_SERVICE {
            steps.push(step(kinds::FIND, ADDRESS, service.stage, released(), vec![], priors));
        }
    }
    steps
}

/// Whether one chart's definitions hold a kind that the other has an object of.
fn defines_some(one: &Rendered, other: &Rendered) -> bool {
    let group = |o: &Value| o.get("apiVersion").and_then(Value::as_str).map(|v| cluster::object::group(v).to_owned());
    let groups: BTreeSet<String> = everything(other).into_iter().filter_map(group).collect();
    let defined = one.crds.iter().filter_map(|m| m.object.pointer("/spec/group").and_then(Value::as_str));
    defined.into_iter().any(|group| groups.contains(group))
}

/// Names a step.
pub fn id(kind: &str, subject: &str) -> String {
    format!("{kind}:{subject}")
}

fn step(
    kind: &str,
    subject: &str,
    stage: &str,
    needs: Vec<String>,
    changes: Vec<engine::Change>,
    priors: &Priors,
) -> Step {
    Step {
        id: id(kind, subject),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        stage: stage.to_owned(),
        needs,
        estimate: priors.estimate(kind, subject, stage),
        changes,
        counted: kind == kinds::RELEASE,
        cost: None,
    }
}

fn is_webhook(object: &Value) -> bool {
    matches!(kind_of(object), "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration")
}

/// Whether objects of this kind go through the webhook of that service.
fn is_guarded(guard: &str, object: &Value) -> bool {
    let group = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    match guard {
        ENTRY_SERVICE => kind_of(object) == "Ingress",
        _ => group.contains(&guard.replace('-', "")) || group.contains(guard),
    }
}

fn planned_services(
    selection: &Selection,
    releases: &BTreeMap<String, ReleaseChart>,
    rendered: &BTreeMap<String, Rendered>,
    steps: &[Step],
) -> Result<Vec<PlannedService>, Error> {
    let mut services = Vec::new();
    for step in steps.iter().filter(|s| s.kind == kinds::RELEASE) {
        let (Some(service), Some(release), Some(r)) =
            (selection.service(&step.subject), releases.get(&step.subject), rendered.get(&step.subject))
        else {
            continue;
        };
        let objects = everything(r);
        let sizes = sizes::sizes(objects.iter().copied());
        let workloads = objects.iter().filter(|o| sizes::WORKLOADS.contains(&kind_of(o))).map(|o| name_of(o));
        let images: BTreeSet<String> = objects.iter().flat_map(|o| sizes::images(o)).collect();
        services.push(PlannedService {
            name: service.name.clone(),
            namespace: release.namespace.clone(),
            stage: service.stage.to_owned(),
            because: Because { code: service.because.code.to_owned(), of: service.because.of.clone() },
            workloads: workloads.collect(),
            objects_hash: engine::plan_id(&objects)?,
            images: images.into_iter().collect(),
            memory: sizes.memory,
            disk: sizes.disk,
        });
    }
    Ok(services)
}

impl Planned {
    /// Every object as it would be applied, with blanks for secrets: path and text.
    pub fn manifests(&self) -> Vec<(std::path::PathBuf, String)> {
        let mut out = Vec::new();
        for (n, step) in self.plan.steps.iter().filter(|s| s.kind == kinds::RELEASE).enumerate() {
            let Some(rendered) = self.rendered.get(&step.subject) else { continue };
            let Some(release) = self.releases.get(&step.subject) else { continue };
            let owner = cluster::Owner { release: release.service.clone(), namespace: release.namespace.clone() };
            let text: String = everything(rendered)
                .into_iter()
                .map(|object| {
                    let namespaced = !is_shared(object) && kind_of(object) != "Namespace";
                    let sent = cluster::apply::prepare(object, &owner, namespaced);
                    format!("---\n{}", yaml_serde::to_string(&sent).unwrap_or_default())
                })
                .collect();
            out.push((format!("{:02}-{}.yaml", n + 1, step.subject).into(), text));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use helm_template::Manifest;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_belongs_to_one_service() {
        let of = |object: Value| Rendered {
            manifests: vec![Manifest { source: String::new(), text: String::new(), object }],
            ..Rendered::default()
        };
        let config = |namespace: &str| {
            of(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": namespace}}))
        };
        let role = || {
            of(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "c"}}))
        };
        let cases = [
            (("a", "n", config("")), ("b", "n", config("")), false),
            (("a", "n", config("")), ("b", "m", config("")), true),
            (("a", "n", config("")), ("b", "m", config("n")), false),
            (("a", "n", config("")), ("a", "n", config("")), true),
            (("a", "n", role()), ("b", "m", role()), false),
            (("a", "n", config("")), ("b", "n", role()), true),
        ];
        for (n, (one, other, expected)) in cases.into_iter().enumerate() {
            let said = unique([(one.0, one.1, &one.2), (other.0, other.1, &other.2)]);
            assert_eq!(said.is_ok(), expected, "{n}: {said:?}");
        }
    }
}
