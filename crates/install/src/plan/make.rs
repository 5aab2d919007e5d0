//! Answers and charts to a plan: which steps, in what order, how large, what is shared. Pure but for reading charts.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Bundle, Selection, Settings};
use engine::EtaRange;
use helm_template::{Capabilities, Rendered};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;

use super::basis::Basis;
use super::frozen::{Because, ClusterFacts, Combination, PLAN_FORMAT, Plan, PlannedService};
use super::kinds::ADDRESS;
use super::links::{Links, links};
use super::objects::{everything, is_shared, unique};
use super::planned::Planned;
use super::render::{Blanks, Charts, ReleaseChart, blank, releases};
use super::sizes::{self, kind_of, name_of};
use super::step::{PlannedStep, in_order};
use super::steps::steps;
use super::values::{late, settings};
use crate::answers::Answers;
use crate::error::Error;

/// Decides everything but how long it will take, which [`Plan::expecting`] adds. Creates nothing, needs no secret.
pub fn plan(answers: &Answers, bundle: &Bundle, cluster: &ClusterFacts) -> Result<Planned, Error> {
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
    let plan = assemble(answers, bundle, cluster, &charts, &links)?;
    let Charts { selection, releases, rendered } = charts;
    Ok(Planned { plan, selection, releases, rendered, early: links.early })
}

fn assemble(
    answers: &Answers,
    bundle: &Bundle,
    cluster: &ClusterFacts,
    charts: &Charts,
    links: &Links,
) -> Result<Plan, Error> {
    let Charts { selection, releases, rendered } = charts;
    let objects: BTreeMap<String, Vec<&Value>> =
        rendered.iter().map(|(service, r)| (service.clone(), everything(r))).collect();
    let steps = in_order(steps(answers, cluster, selection, rendered, links))?;
    let services = planned_services(selection, releases, rendered, &steps)?;
    let all = || objects.values().flatten().copied();
    let mut sizes = sizes::sizes(all());
    sizes.services = u32::try_from(services.iter().filter(|s| is_listed(s)).count()).unwrap_or(u32::MAX);
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
        estimate: EtaRange { low: 0.0, high: 0.0, measured: false },
        basis: Basis::default(),
        optional: links.optional.clone(),
        leaving: Vec::new(),
        steps,
    };
    plan.sealed()
}

/// Services of the product list, as people count them: not our own settings and stores.
fn is_listed(service: &PlannedService) -> bool {
    !matches!(service.because.code.as_str(), "settings" | "data")
}

fn planned_services(
    selection: &Selection,
    releases: &BTreeMap<String, ReleaseChart>,
    rendered: &BTreeMap<String, Rendered>,
    steps: &[PlannedStep],
) -> Result<Vec<PlannedService>, Error> {
    let mut services = Vec::new();
    for name in steps.iter().filter_map(|s| s.kind.released()) {
        let (Some(service), Some(release), Some(r)) = (selection.service(name), releases.get(name), rendered.get(name))
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
