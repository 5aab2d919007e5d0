//! Whether everything is fit for the plan. Each check says what, why, and whether one may go on without. They look only,
//! but for a database or file store of one's own: that is tried by a program that runs once in the cluster and is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cluster::Need;
use engine::Cause;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::around::{around, builds, in_the_way};
use super::found::{self, Place};
use super::kinds::kinds_of;
use super::machines::{self, Builds};
use super::probes;
use super::rights::{self, Asking, Missing, Rights, grouped};
use super::room::{self, Room};
use super::verdict::{CheckState, CheckView, Checked, Verdict};
use super::version::version;
use crate::answers::{Database, Files};
use crate::error::Error;
use crate::plan::{Combination, Plan, Planned, ReleaseChart, everything, name_of};

/// With what the checks of a cluster try things there; kept by the program, so that it knows what is still to be tidied up.
#[derive(Clone, Default)]
pub(crate) struct Probes {
    /// Knows when everything that was made for a try is gone.
    pub(crate) tracker: TaskTracker,
    /// What passed before.
    pub(crate) passed: Arc<probes::Passed>,
}

impl Probes {
    /// For checks that end with `stop` at the latest. `trusts`: what passed a moment ago is not tried again.
    pub(crate) fn options(&self, now: Timestamp, stop: CancellationToken, trusts: bool) -> probes::ProbeOptions<'_> {
        let limits = cluster::one_off::Limits::default();
        let (tracker, passed) = (&self.tracker, &*self.passed);
        probes::ProbeOptions { now, limits, tracker, passed, stop, trusts, registries: None }
    }
}

/// What is told as each check ends.
pub(crate) type TellCheck<'a> = &'a (dyn Fn(CheckView) + Send + Sync);

/// Checks of a plan by itself: they need no cluster, so they are made before the run also where that makes the cluster.
pub(crate) fn of_place(planned: &Planned, tell: TellCheck<'_>) -> Checked {
    let mut checked = Checked::default();
    let mut say = saying(planned, tell, &mut checked);
    if let Some(verdict) = product_list(&planned.plan) {
        say("product-list", verdict);
    }
    if let Some(verdict) = leaving(&planned.plan) {
        say("leaving", verdict);
    }
    if planned.plan.is_door_open() {
        say("entry-door", Verdict::TakeNote(Cause::new("check-entry-door")));
    }
    drop(say);
    checked
}

/// Checks of a cluster that is there. `is_known`: this computer has the installation's own folder.
pub(crate) async fn of_cluster(
    place: &Place,
    planned: &Planned,
    is_known: bool,
    probes: &probes::ProbeOptions<'_>,
    tell: TellCheck<'_>,
) -> Result<Checked, Error> {
    let mut checked = Checked::default();
    let mut say = saying(planned, tell, &mut checked);
    let objects = objects_of(planned);
    let quick = place.patient(found::QUICK);
    let kinds = kinds_of(&quick, &objects).boxed().await?;
    let rights = rights_for(&quick, planned, &objects, &kinds.resources).boxed().await?;
    let looked = found::look_for(place, &rights).await?;
    let seen = found::view(&looked);
    let machines = &looked.overview.nodes;
    let images: BTreeSet<&str> = objects.iter().flat_map(|(_, object)| catalog::images::names(object)).collect();
    let images: Vec<String> = images.into_iter().map(str::to_owned).collect();
    let builds = builds(machines, &images, probes.registries.as_ref()).boxed().await;
    let wanted = room::wanted(objects.iter().copied());
    // Where no machine has the right processor, that is told once, and room is judged without it.
    let at_hand = if machines::has_processor(machines, &images, &builds) { &builds } else { &Builds::of_everything() };
    let room = room::room(machines, &looked.overview.pods, &wanted, at_hand);
    say("access", Verdict::Passed);
    say("permissions", permissions(&seen.user, &looked.missing));
    say("version", version(&seen.version));
    say("apis", apis(&planned.plan.cluster.api_versions, &needed_apis(planned)));
    say("capacity", capacity(&room, seen.nodes_ready, |cause| machines::left_out(cause, machines, &images, &builds)));
    say("nodes", machines::nodes(room.machines, machines, &images, &builds));
    say("storage", storage(planned.plan.sizes.disk, seen.storage_class.as_deref()));
    say("other-installation", other_installation(&planned.plan.installation, seen.installation.as_deref(), is_known));
    if seen.missing.is_empty() {
        let (claims, clashes, around) = tokio::try_join!(marked_claims(place), clashes(place, planned), around(place))?;
        let (ours, there) = (&planned.plan.installation, seen.installation.as_deref());
        say("kept-disks", kept_disks(ours, is_known, there, &claims));
        say("names", names(&clashes));
        let found = in_the_way(place, planned, &objects, &kinds, &looked.overview, &around).boxed().await?;
        for (name, verdict) in found {
            say(name, verdict);
        }
        probes::all(place, planned, probes, seen.nodes_ready > 0, &mut say).await?;
    }
    drop(say);
    Ok(checked)
}

/// Tells a verdict, and keeps it in the list.
fn saying<'a>(
    planned: &'a Planned,
    tell: TellCheck<'a>,
    checked: &'a mut Checked,
) -> impl FnMut(&str, Verdict) + Send + use<'a> {
    let accept = &planned.plan.answers.accept;
    move |name: &str, verdict: Verdict| {
        let check = view(name, verdict, accept);
        tell(check.clone());
        checked.checks.push(check);
    }
}

fn view(name: &str, verdict: Verdict, accept: &BTreeSet<String>) -> CheckView {
    let (state, cause, can_accept) = match verdict {
        Verdict::Passed => (CheckState::Passed, None, false),
        Verdict::TakeNote(cause) => (CheckState::TakeNote, Some(cause), false),
        Verdict::Short(cause) if accept.contains(name) => (CheckState::Accepted, Some(cause), true),
        Verdict::Short(cause) => (CheckState::NotPassed, Some(cause), true),
        Verdict::NotPassed(cause) => (CheckState::NotPassed, Some(cause), false),
    };
    CheckView { name: name.to_owned(), state, cause, can_accept }
}

/// Resources of which a message names what is missing; the rest is counted.
const NAMED: usize = 10;

fn permissions(user: &str, missing: &Missing) -> Verdict {
    if missing.is_empty() {
        return Verdict::Passed;
    }
    let list = |needs: &[Need]| {
        let groups = grouped(needs);
        let named = groups.get(..NAMED).unwrap_or(&groups);
        (named.join("; "), groups.len() - named.len())
    };
    let all = missing.all();
    let every: Vec<String> = all.iter().map(ToString::to_string).collect();
    let (cause, more) = if missing.needs.is_empty() {
        let held: BTreeSet<Need> = missing.grants.iter().flat_map(|(_, held)| held).cloned().collect();
        let (rules, more) = list(&held.into_iter().collect::<Vec<_>>());
        let by = grouped(&all).join("; ");
        (Cause::new("check-permissions-to-grant").with("by", by).with("rules", rules), more)
    } else {
        let (named, more) = list(&all);
        (Cause::new("check-permissions").with("missing", named), more)
    };
    // A server of before 1.28 may not tell who we are.
    let user = if user.is_empty() { "?" } else { user };
    Verdict::NotPassed(cause.with("user", user).with("more", more).with("all", every.join("; ")))
}

/// Everything that the plan applies, each with the namespace of its release.
fn objects_of(planned: &Planned) -> Vec<(&str, &Value)> {
    let of_releases = planned.rendered.iter().filter_map(|(service, r)| Some((planned.releases.get(service)?, r)));
    of_releases
        .flat_map(|(release, rendered)| everything(rendered).into_iter().map(|o| (release.namespace.as_str(), o)))
        .collect()
}

/// What the plan needs to be allowed, from its objects, the kinds that the cluster serves, and the roles there that it binds.
async fn rights_for(
    place: &Place,
    planned: &Planned,
    objects: &[(&str, &Value)],
    resources: &BTreeMap<rights::Kind, String>,
) -> Result<Rights, Error> {
    let mut strangers = BTreeMap::new();
    for role in rights::strangers(objects) {
        match place.cluster.get(&role).await {
            Ok(Some(found)) => {
                let rules = found["rules"].as_array().cloned().unwrap_or_default();
                strangers.insert(role, rules);
            }
            Ok(None) | Err(cluster::Error::Forbidden { .. }) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let answers = &planned.plan.answers;
    let probes = matches!(answers.database, Database::Ours(_)) || matches!(answers.files, Files::Ours(_));
    Ok(rights::needs(&Asking { objects, resources, strangers: &strangers, probes }))
}

/// What the plan applies, without what its own CRDs bring.
fn needed_apis(planned: &Planned) -> BTreeSet<(String, String)> {
    let text = |o: &Value, key: &str| o.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let brought: BTreeSet<String> = planned
        .rendered
        .values()
        .flat_map(|r| &r.crds)
        .filter_map(|m| m.object.pointer("/spec/group").and_then(Value::as_str).map(str::to_owned))
        .collect();
    let all = planned.rendered.values().flat_map(everything);
    all.map(|o| (text(o, "apiVersion"), text(o, "kind")))
        .filter(|(api, _)| !api.split_once('/').is_some_and(|(group, _)| brought.contains(group)))
        .collect()
}

/// `served`: what the API serves, as `group/version/Kind`.
fn apis(served: &BTreeSet<String>, needed: &BTreeSet<(String, String)>) -> Verdict {
    let missing: Vec<String> =
        needed.iter().map(|(api, kind)| format!("{api}/{kind}")).filter(|name| !served.contains(name)).collect();
    if missing.is_empty() {
        Verdict::Passed
    } else {
        Verdict::NotPassed(Cause::new("check-apis").with("missing", missing.join(", ")))
    }
}

/// Whether what is still missing finds room beside what runs already. `machines`: those that can be used; `and` says which cannot.
fn capacity(room: &Room, machines: u32, and: impl Fn(Cause) -> Cause) -> Verdict {
    let Some(first) = room.without.first() else { return Verdict::Passed };
    let gib = |bytes: u64| format!("{:.1}", bytes as f64 / f64::from(1 << 30));
    let processors = |thousandths: u64| format!("{:.1}", thousandths as f64 / 1000.0);
    Verdict::Short(and(Cause::new("check-capacity")
        .with("count", room.without.len())
        .with("first", first.rsplit('/').next().unwrap_or(first))
        .with("needed", gib(room.missing.0))
        .with("free", gib(room.free.0))
        .with("cpu-needed", processors(room.missing.1))
        .with("cpu-free", processors(room.free.1))
        .with("machines", machines)))
}

/// `disk`: GiB that the plan claims.
fn storage(disk: u32, class: Option<&str>) -> Verdict {
    match class {
        None if disk > 0 => Verdict::NotPassed(Cause::new("check-storage").with("disk", disk)),
        _ => Verdict::Passed,
    }
}

/// One of the same name is another one as well, unless its secrets are here: new ones would not fit its data.
fn other_installation(ours: &str, there: Option<&str>, is_known: bool) -> Verdict {
    match there {
        Some(there) if !is_known || there != ours => {
            Verdict::NotPassed(Cause::new("check-other-installation").with("name", there))
        }
        _ => Verdict::Passed,
    }
}

/// Claims in namespaces that an installation made: the namespace, and the installation.
async fn marked_claims(place: &Place) -> Result<Vec<(String, String)>, Error> {
    let list = async |kind: &str, query: &str| -> Result<Vec<Value>, Error> {
        let resource = place.cluster.resource("v1", kind).await?;
        Ok(place.cluster.list_metadata(&resource, "", query).await?)
    };
    let label = cluster::record::INSTALLATION_LABEL;
    let query = format!("labelSelector={label}");
    let (namespaces, claims) = tokio::try_join!(list("Namespace", &query), list("PersistentVolumeClaim", ""))?;
    let made_by: BTreeMap<&str, &str> = namespaces
        .iter()
        .filter_map(|n| Some((n["metadata"]["name"].as_str()?, n["metadata"]["labels"][label].as_str()?)))
        .collect();
    let namespace_of = |claim: &Value| claim["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
    Ok(claims
        .iter()
        .map(namespace_of)
        .filter_map(|namespace| {
            let installation = (*made_by.get(namespace.as_str())?).to_owned();
            Some((namespace, installation))
        })
        .collect())
}

/// Disks that stayed when an installation was removed: what is on them opens with the passwords of that installation only.
/// Those of the one that is `there` are in use, and have a check of their own.
fn kept_disks(ours: &str, is_known: bool, there: Option<&str>, claims: &[(String, String)]) -> Verdict {
    let is_in_the_way = |of: &str| Some(of) != there && !(is_known && of == ours);
    let kept: Vec<&(String, String)> = claims.iter().filter(|(_, of)| is_in_the_way(of)).collect();
    let Some((_, name)) = kept.first() else { return Verdict::Passed };
    let namespaces: BTreeSet<&str> = kept.iter().map(|(namespace, _)| namespace.as_str()).collect();
    Verdict::NotPassed(
        Cause::new("check-kept-disks")
            .with("name", name)
            .with("count", kept.len())
            .with("namespaces", namespaces.into_iter().collect::<Vec<_>>().join(", ")),
    )
}

/// What the product's own list leaves out. Told beforehand: everything would get ready, and not all of it would work.
fn product_list(plan: &Plan) -> Option<Verdict> {
    let missing = plan.optional.iter().filter(|(_, reason)| *reason == catalog::edges::NOT_IN_LIST);
    let names: Vec<&str> = missing.map(|(host, _)| host.split('.').next().unwrap_or(host)).collect();
    let Combination { product, version, .. } = &plan.combination;
    let cause = Cause::new("check-product-list").with("product", product).with("version", version);
    (!names.is_empty()).then(|| Verdict::TakeNote(cause.with("services", names.join(", "))))
}

/// What this choice no longer holds, told before it goes.
fn leaving(plan: &Plan) -> Option<Verdict> {
    let names: Vec<&str> = plan.leaving.iter().map(|one| one.name.as_str()).collect();
    let cause = Cause::new("check-leaving").with("count", names.len()).with("services", names.join(", "));
    (!names.is_empty()).then_some(Verdict::TakeNote(cause))
}

fn names(clashes: &BTreeMap<String, String>) -> Verdict {
    let Some((first, owner)) = clashes.first_key_value() else { return Verdict::Passed };
    let all: Vec<&str> = clashes.keys().map(String::as_str).collect();
    Verdict::NotPassed(
        Cause::new("check-names")
            .with("count", clashes.len())
            .with("first", first)
            .with("owner", owner)
            .with("all", all.join(", ")),
    )
}

/// Kinds that are listed at the same time.
const SIDE_BY_SIDE: usize = 8;

/// Objects of the plan that are there and are not its own, with who owns them.
async fn clashes(place: &Place, planned: &Planned) -> Result<BTreeMap<String, String>, Error> {
    let mut by_kind: BTreeMap<(String, String), Vec<(&Value, &ReleaseChart)>> = BTreeMap::new();
    for (service, rendered) in &planned.rendered {
        let Some(release) = planned.releases.get(service) else { continue };
        for object in everything(rendered) {
            let named = cluster::ObjectRef::of(object);
            if named.kind != "Namespace" && named.kind != "CustomResourceDefinition" {
                by_kind.entry((named.api_version, named.kind)).or_default().push((object, release));
            }
        }
    }
    let lists = by_kind.into_iter().map(|(kind, objects)| clashes_of(place, kind, objects).boxed());
    let found: Vec<_> =
        stream::iter(lists.collect::<Vec<_>>()).buffer_unordered(SIDE_BY_SIDE).try_collect::<Vec<_>>().await?;
    Ok(found.into_iter().flatten().collect())
}

/// The same of one kind. One that is not served yet has no objects.
async fn clashes_of(
    place: &Place,
    (api_version, kind): (String, String),
    objects: Vec<(&Value, &ReleaseChart)>,
) -> Result<BTreeMap<String, String>, Error> {
    let resource = match place.cluster.resource(&api_version, &kind).await {
        Err(cluster::Error::NotServed { .. }) => return Ok(BTreeMap::new()),
        other => other?,
    };
    let mut wanted = BTreeMap::new();
    for (object, release) in objects {
        let mut object = object.clone();
        if resource.namespaced && cluster::ObjectRef::of(&object).namespace.is_empty() {
            object["metadata"]["namespace"] = release.namespace.clone().into();
        }
        wanted.insert(name_of(&object), format!("{}/{}", release.namespace, release.service));
    }
    let mut clashes = BTreeMap::new();
    for found in place.cluster.list_metadata(&resource, "", "").await? {
        let Some(owner) = wanted.get(&name_of(&found)) else { continue };
        let note = |key: &str| found["metadata"]["annotations"][key].as_str().unwrap_or_default();
        let is = format!("{}/{}", note("meta.helm.sh/release-namespace"), note("meta.helm.sh/release-name"));
        if is != *owner && !is_made_by_hook(&found) {
            clashes.insert(name_of(&found), if is == "/" { "-".to_owned() } else { is });
        }
    }
    Ok(clashes)
}

/// Objects of hooks carry no owner in Helm either; they are made anew by whoever needs them.
fn is_made_by_hook(object: &Value) -> bool {
    object["metadata"]["annotations"].get("helm.sh/hook").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::verdict::testing::code;

    #[test]
    fn what_finds_no_room_may_be_accepted_and_is_named() {
        const GIB: u64 = 1 << 30;
        let room = |without: &[&str]| Room {
            without: without.iter().map(|w| (*w).to_owned()).collect(),
            missing: (6 * GIB, 1500),
            free: (9 * GIB + GIB / 2, 4000),
            machines: 3,
        };
        let judged = |without: &[&str]| capacity(&room(without), 3, |cause| cause.with("cordoned", 1));
        assert_eq!(code(&judged(&[])), "passed");
        let Verdict::Short(cause) = judged(&["StatefulSet/backbone/kafka", "Deployment/egov/user"]) else {
            panic!("it may be accepted")
        };
        let said = ["count", "first", "needed", "free", "cpu-needed", "cpu-free", "machines", "cordoned"];
        assert_eq!(said.map(|arg| cause.args[arg].as_str()), ["2", "kafka", "6.0", "9.5", "1.5", "4.0", "3", "1"]);
    }

    #[test]
    fn disks_need_a_class_that_makes_them() {
        for (disk, class, wanted) in
            [(0, None, "passed"), (10, Some("gp3"), "passed"), (10, None, "check-storage"), (0, Some("gp3"), "passed")]
        {
            assert_eq!(code(&storage(disk, class)), wanted, "{disk} {class:?}");
        }
    }

    #[test]
    fn kinds_that_the_cluster_does_not_know_are_named() {
        let pair = |(api, kind): &(&str, &str)| ((*api).to_owned(), (*kind).to_owned());
        let needed: BTreeSet<_> = [("v1", "Service"), ("apps/v1", "Deployment")].iter().map(pair).collect();
        let serves = |all: &[&str]| all.iter().map(|a| (*a).to_owned()).collect::<BTreeSet<String>>();
        assert_eq!(code(&apis(&serves(&["v1/Service", "apps/v1/Deployment", "batch/v1/Job"]), &needed)), "passed");
        let Verdict::NotPassed(cause) = apis(&serves(&["v1/Service", "apps/v1beta1/Deployment"]), &needed) else {
            panic!("it cannot be accepted")
        };
        assert_eq!(cause.args["missing"], "apps/v1/Deployment");
    }

    #[test]
    fn an_installation_that_is_there_is_gone_on_with_only_where_it_is_known() {
        for (there, is_known, wanted) in [
            (None, false, "passed"),
            (None, true, "passed"),
            (Some("springfield"), true, "passed"),
            (Some("springfield"), false, "check-other-installation"),
            (Some("shelbyville"), true, "check-other-installation"),
            (Some("shelbyville"), false, "check-other-installation"),
        ] {
            assert_eq!(code(&other_installation("springfield", there, is_known)), wanted, "{there:?} {is_known}");
        }
    }

    #[test]
    fn disks_that_stayed_are_in_the_way_of_whoever_lacks_their_passwords() {
        let of = |name: &str| vec![("backbone".to_owned(), name.to_owned()), ("egov".to_owned(), name.to_owned())];
        for (is_known, there, claims, wanted) in [
            (false, None, vec![], "passed"),
            (true, None, of("springfield"), "passed"),
            (false, None, of("springfield"), "check-kept-disks"),
            (true, None, of("shelbyville"), "check-kept-disks"),
            (true, Some("shelbyville"), of("shelbyville"), "passed"),
            (true, Some("springfield"), of("shelbyville"), "check-kept-disks"),
        ] {
            let verdict = kept_disks("springfield", is_known, there, &claims);
            assert_eq!(code(&verdict), wanted, "{is_known} {there:?} {claims:?}");
        }
        let Verdict::NotPassed(cause) = kept_disks("springfield", false, None, &of("shelbyville")) else { panic!() };
        let said = ["name", "count", "namespaces"].map(|arg| cause.args[arg].as_str());
        assert_eq!(said, ["shelbyville", "2", "backbone, egov"]);
    }

    #[test]
    fn what_is_missing_is_named_by_resource_and_a_long_list_is_cut_with_a_count() {
        let need = |verb: &str, resource: &str| Need::new(verb, "", resource, "");
        let resources: Vec<String> = (0..12).map(|n| format!("r{n:02}s")).collect();
        let many: Vec<Need> = resources.iter().flat_map(|r| [need("get", r), need("list", r)]).collect();
        let grant = (need("escalate", "roles"), vec![need("get", "pods"), need("list", "pods")]);
        let missing = |needs: Vec<Need>, grants: &[(Need, Vec<Need>)]| Missing { needs, grants: grants.to_vec() };
        let grant = std::slice::from_ref(&grant);
        let args = ["missing", "by", "rules", "more", "all"];
        for (missing, code, wanted) in [
            (
                missing(vec![need("create", "secrets"), need("get", "secrets")], &[]),
                "check-permissions",
                ["create, get secrets", "", "", "0", "create secrets; get secrets"],
            ),
            (
                missing(vec![need("create", "secrets")], grant),
                "check-permissions",
                ["escalate roles; create secrets", "", "", "0", "create secrets; escalate roles"],
            ),
            (
                missing(vec![], grant),
                "check-permissions-to-grant",
                ["", "escalate roles", "get, list pods", "0", "escalate roles"],
            ),
        ] {
            let Verdict::NotPassed(cause) = permissions("me", &missing) else { panic!() };
            let said = args.map(|arg| cause.args.get(arg).map_or("", String::as_str));
            assert_eq!((cause.code.as_str(), said, cause.args["user"].as_str()), (code, wanted, "me"));
        }
        let Verdict::NotPassed(cause) = permissions("me", &missing(many, &[])) else { panic!() };
        assert_eq!((cause.args["missing"].matches(';').count(), cause.args["more"].as_str()), (NAMED - 1, "2"));
        assert_eq!(cause.args["all"].matches(';').count(), 23);
        assert_eq!(code(&permissions("me", &Missing::default())), "passed");
    }

    #[test]
    fn what_may_be_accepted_is_accepted_by_name_only() {
        let short = || Verdict::Short(Cause::new("check-capacity"));
        let accept = BTreeSet::from(["capacity".to_owned()]);
        assert_eq!(view("capacity", short(), &accept).state, CheckState::Accepted);
        assert_eq!(view("capacity", short(), &BTreeSet::new()).state, CheckState::NotPassed);
        let hard = Verdict::NotPassed(Cause::new("check-names"));
        assert_eq!(view("names", hard, &BTreeSet::from(["names".to_owned()])).state, CheckState::NotPassed);
    }
}
