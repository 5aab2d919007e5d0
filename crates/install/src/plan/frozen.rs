//! The plan: everything that will happen, decided beforehand. Frozen, free of secrets, hashed, exportable.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Change, Estimate, EtaRange, Step};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::basis::Basis;
use super::kinds::{self, StepKind};
use super::step::PlannedStep;
use crate::answers::Answers;
use crate::error::Error;

/// Version of the plan's shape.
pub const PLAN_FORMAT: u32 = 1;

/// Everything that will happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct Plan {
    /// [`PLAN_FORMAT`] of the program that made it.
    pub format: u32,
    /// Hash of what will be done: of all the rest but estimates, and but what was accepted.
    pub id: String,
    /// Name of the installation.
    pub installation: String,
    /// What the person decided.
    pub answers: Answers,
    /// Which charts, lists and images, by hash.
    pub combination: Combination,
    /// The cluster it was made for.
    pub cluster: ClusterFacts,
    /// The services in the order of the plan.
    pub services: Vec<PlannedService>,
    /// Steps in an order in which each stands after all it needs.
    #[ts(as = "Vec<Step>")]
    pub steps: Vec<PlannedStep>,
    /// Room it takes.
    pub sizes: Sizes,
    /// Objects by kind, over all steps.
    pub objects: Vec<Change>,
    /// How long it is expected to take.
    pub estimate: EtaRange,
    /// What that rests on.
    #[serde(default, skip_serializing_if = "Basis::is_empty")]
    #[ts(as = "Option<Basis>", optional)]
    pub basis: Basis,
    /// What the whole cluster will share: cluster-wide objects, `Kind/name`.
    pub shared: Vec<String>,
    /// References that do not resolve and are known to be optional, with the reason's code.
    pub optional: BTreeMap<String, String>,
    /// Services that are there and that this plan does not bring: they go when everything else is ready. No part of the id, since it
    /// is what is there before that differs, and not what is there in the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<Leaving>>", optional)]
    pub leaving: Vec<Leaving>,
}

/// One pinned, tested combination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Combination {
    /// Product.
    pub product: String,
    /// Version.
    pub version: String,
    /// Commit of the charts; empty for the practice product.
    pub charts_commit: String,
    /// Git tree hash of the charts, verified.
    pub charts_tree: String,
    /// Commit of the product list.
    pub list_commit: String,
    /// Git blob hash of the list, verified.
    pub list_blob: String,
    /// Patches applied, by id.
    pub patches: Vec<String>,
}

/// What the plan takes for given about the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct ClusterFacts {
    /// UID of `kube-system`: the same cluster, however it is reached. Empty where the run makes the cluster.
    pub uid: String,
    /// For example `v1.36.3`.
    pub version: String,
    /// Whether it is a rehearsal's.
    pub simulated: bool,
    /// Whether the run makes the cluster: then all this was promised before there was one, and the run looks whether it holds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub promised: bool,
    /// What its API serves, as charts may ask: `apps/v1`, `apps/v1/Deployment`. Part of the plan, since what a chart
    /// renders depends on it and installing CRDs changes it.
    pub api_versions: BTreeSet<String>,
}

/// One service of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct PlannedService {
    /// Its name, also the name of its release.
    pub name: String,
    /// Namespace of its release.
    pub namespace: String,
    /// Its stage.
    pub stage: String,
    /// Why it comes along.
    pub because: Because,
    /// Workloads: `Kind/namespace/name`.
    pub workloads: Vec<String>,
    /// Hash of its objects, with secrets as named blanks and late values as `late-NAME.invalid`.
    pub objects_hash: String,
    /// Images, in full.
    pub images: Vec<String>,
    /// Memory that its pods ask for, in MiB.
    pub memory: u32,
    /// Disks that it claims, in GiB.
    pub disk: u32,
}

/// A service that is there and goes away. Its disks stay.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Leaving {
    /// Its name, also the name of its release.
    pub name: String,
    /// Namespace of its release.
    pub namespace: String,
}

/// Why a service comes along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Because {
    /// `chosen`, `group` (a module needs the group it is in), `data` (database, files), `settings`.
    pub code: String,
    /// The module, group or service that asks for it.
    pub of: String,
}

/// Room that an installation takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Sizes {
    /// Services.
    pub services: u32,
    /// Workloads.
    pub workloads: u32,
    /// Pods.
    pub pods: u32,
    /// Memory requests, in MiB.
    pub memory: u32,
    /// Processor requests, in thousandths.
    pub cpu: u32,
    /// Disks, in GiB.
    pub disk: u32,
    /// Machines needed at least.
    pub nodes: u32,
    /// Distinct images.
    pub images: u32,
}

impl ClusterFacts {
    /// The same as what is promised of a cluster that a run makes.
    #[must_use]
    pub(crate) fn without_uid(self) -> Self {
        ClusterFacts { uid: String::new(), promised: true, ..self }
    }

    /// Whether the cluster is a rehearsal's.
    pub fn is_simulated(&self) -> bool {
        self.simulated
    }
}

impl Plan {
    /// Whether anybody who knows a name can sign in as that person: nothing of ours stands before the sign-in.
    pub fn is_door_open(&self) -> bool {
        catalog::entry::is_open(self.services.iter().map(|s| s.name.as_str()), &self.combination.patches)
    }

    /// The plan with its hash set.
    pub fn sealed(mut self) -> Result<Self, Error> {
        self.id = engine::plan_id(&self.content())?;
        Ok(self)
    }

    /// What is done, and nothing that may differ although the same is done: how long it is expected to take changes with every
    /// run, a check that was accepted makes no other plan, and neither does how patiently a service is waited for.
    fn content(&self) -> Self {
        const NONE: Estimate = Estimate { low: 0.0, high: 0.0, measured: false };
        let mut content = Plan { id: String::new(), ..self.clone() };
        content.estimate = EtaRange { low: 0.0, high: 0.0, measured: false };
        content.basis = Basis::default();
        content.answers.accept.clear();
        content.leaving.clear();
        content.steps.retain(|step| !matches!(step.kind, StepKind::Leave { .. }));
        for step in &mut content.steps {
            step.estimate = NONE;
            if let StepKind::Release { calls, .. } = &mut step.kind {
                calls.clear();
            }
        }
        content
    }

    /// The hash as plans of before had it: over everything.
    fn id_of_all(&self) -> Result<String, Error> {
        Ok(engine::plan_id(&Plan { id: String::new(), ..self.clone() })?)
    }

    /// Writes it to a file.
    pub fn export(&self, to: &std::path::Path) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|e| Error::Unreadable { path: to.to_owned(), detail: e.to_string() })?;
        crate::file::write(to, &text)
    }

    /// Its steps as the engine carries them out.
    pub fn engine_steps(&self) -> Vec<Step> {
        let content: BTreeMap<&str, &str> =
            self.services.iter().map(|s| (s.name.as_str(), s.objects_hash.as_str())).collect();
        let of = |step: &PlannedStep| step.kind.released().and_then(|name| content.get(name)).map(ToString::to_string);
        self.steps.iter().map(|step| Step { content: of(step), ..step.step() }).collect()
    }

    /// The parts that it has, in their order.
    pub(crate) fn parts(&self) -> Vec<&'static str> {
        let has = |part: &&str| self.steps.iter().any(|step| step.kind.part() == *part);
        kinds::PARTS.into_iter().filter(has).collect()
    }

    /// The steps that a run goes through which ends after the part `until`; none named: all.
    pub(crate) fn reached(&self, until: Option<&str>) -> BTreeSet<engine::StepId> {
        let reached = |step: &&PlannedStep| kinds::is_reached(&kinds::PARTS, step.kind.part(), until);
        self.steps.iter().filter(reached).map(|step| step.id.clone()).collect()
    }

    /// Refuses a plan of another format, one with steps that only a newer program knows, or one that was changed after it was
    /// made.
    pub fn verified(self) -> Result<Self, Error> {
        if self.format != PLAN_FORMAT {
            return Err(Error::Plan { reason: "format" });
        }
        if let Some(step) = self.steps.iter().find(|step| matches!(step.kind, StepKind::Unknown { .. })) {
            let (step, kind) = (step.id.clone(), step.kind.code().to_owned());
            return Err(engine::Error::UnknownKind { step, kind }.into());
        }
        let (id, of_all) = (self.id.clone(), self.id_of_all()?);
        let sealed = self.sealed()?;
        if sealed.id == id || of_all == id { Ok(sealed) } else { Err(Error::Plan { reason: "hash" }) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::differences;

    fn plan() -> Plan {
        let text = crate::answers::example("rehearsal").unwrap();
        Plan {
            format: PLAN_FORMAT,
            id: String::new(),
            installation: "practice".into(),
            answers: Answers::read(text, std::path::Path::new("/x")).unwrap(),
            combination: Combination {
                product: "practice".into(),
                version: "v1".into(),
                charts_commit: String::new(),
                charts_tree: "t".into(),
                list_commit: String::new(),
                list_blob: "b".into(),
                patches: vec![],
            },
            cluster: ClusterFacts {
                uid: "u".into(),
                version: "v1.36.3".into(),
                simulated: true,
                promised: false,
                api_versions: BTreeSet::new(),
            },
            services: vec![],
            steps: vec![],
            sizes: Sizes::default(),
            objects: vec![],
            estimate: EtaRange { low: 7.3, high: 19.1, measured: true },
            basis: Basis::default(),
            shared: vec![],
            optional: BTreeMap::new(),
            leaving: vec![],
        }
        .sealed()
        .unwrap()
    }

    #[test]
    fn a_plan_that_is_read_back_is_the_same_and_one_that_was_changed_is_refused() {
        let plan = plan();
        let text = serde_json::to_string(&plan).unwrap();
        let read: Plan = serde_json::from_str(&text).unwrap();
        assert_eq!(read.verified().unwrap(), plan);
        let changed: Plan = serde_json::from_str(&text.replace("v1.36.3", "v1.35.0")).unwrap();
        assert_eq!(changed.verified().unwrap_err().code(), "plan-unusable");
        let newer: Plan = serde_json::from_str(&text.replace("\"format\":1", "\"format\":2")).unwrap();
        assert_eq!(newer.verified().unwrap_err().code(), "plan-unusable");
    }

    #[test]
    fn the_same_content_has_the_same_id_whatever_is_expected_of_it_or_was_accepted() {
        let plan = plan();
        let mut later = plan.clone();
        later.estimate = EtaRange { low: 1.0, high: 2.0, measured: false };
        later.basis.images = 7;
        later.answers.accept.insert("capacity".into());
        assert_eq!(later.clone().sealed().unwrap().id, plan.id);
        assert!(differences(&plan, &later.sealed().unwrap()).is_empty());
        // A program of before named nobody who is called: the plan is the same.
        let calling = |calls: &[&str]| {
            let mut plan: Plan = serde_json::from_value(of_before()).unwrap();
            let calls = calls.iter().map(|service| (*service).to_owned()).collect();
            plan.steps[4].kind = StepKind::Release { service: "a".into(), calls };
            plan.sealed().unwrap()
        };
        assert_eq!(calling(&["b"]).id, calling(&[]).id);
        assert_eq!(calling(&["b"]).verified().unwrap(), calling(&["b"]));
        let mut other = plan.clone();
        other.combination.charts_tree = "u".into();
        assert_ne!(other.sealed().unwrap().id, plan.id);
    }

    #[test]
    fn a_plan_of_before_whose_hash_was_over_everything_is_still_read() {
        let mut old = plan();
        old.id = old.id_of_all().unwrap();
        assert_ne!(old.id, plan().id);
        assert_eq!(old.verified().unwrap(), plan());
    }

    /// As 94218fb wrote it: steps with kind and subject and no word of what is counted, the hash over everything.
    fn of_before() -> serde_json::Value {
        let step = |kind: &str, subject: &str, needs: &[&str]| {
            json!({"id": format!("{kind}:{subject}"), "kind": kind, "subject": subject, "stage": "core", "needs": needs,
                "estimate": {"low": 1.0, "high": 2.5, "measured": false}, "changes": [{"kind": "Deployment", "count": 1}]})
        };
        let mut old = serde_json::to_value(plan()).unwrap();
        old["steps"] = json!([
            step("namespaces", "namespaces", &[]),
            step("crds", "a", &["namespaces:namespaces"]),
            step("ahead", "a", &["namespaces:namespaces"]),
            step("hooks", "a", &["namespaces:namespaces"]),
            step("release", "a", &["crds:a", "ahead:a", "hooks:a"]),
            step("webhook", "a", &["release:a"]),
            step("find", "address", &["release:a"]),
        ]);
        old["id"] = "".into();
        old["id"] = engine::plan_id(&old).unwrap().into();
        old
    }

    #[test]
    fn a_plan_of_before_is_read_with_its_steps_and_its_releases_are_counted() {
        let plan: Plan = serde_json::from_value(of_before()).unwrap();
        let steps = plan.verified().unwrap().engine_steps();
        let kinds: Vec<&str> = steps.iter().map(|s| s.kind.as_str()).collect();
        assert_eq!(kinds, ["namespaces", "crds", "ahead", "hooks", "release", "webhook", "find"]);
        let counted: Vec<&str> = steps.iter().filter(|s| s.counted).map(|s| s.id.as_str()).collect();
        assert_eq!(counted, ["release:a"]);
    }

    #[test]
    fn a_plan_with_a_step_that_only_a_newer_program_knows_is_refused_and_the_kind_is_named() {
        let mut newer = of_before();
        newer["steps"][1] = json!({"id": "stack:eks", "kind": "stack", "template": {"region": "ap-south-1"}, "stage": "cluster",
            "needs": [], "estimate": {"low": 1.0, "high": 2.5, "measured": false}, "changes": []});
        newer["id"] = "".into();
        newer["id"] = engine::plan_id(&newer).unwrap().into();
        let refused = serde_json::from_value::<Plan>(newer).unwrap().verified().unwrap_err();
        let view = refused.view();
        assert_eq!((view.code.as_str(), view.args["kind"].as_str()), ("unknown-step-kind", "stack"));
        assert_eq!(refused.exit_code(), 2);
    }

    #[test]
    fn what_differs_is_said() {
        let plan = plan();
        let service = |name: &str, hash: &str| PlannedService {
            name: name.into(),
            namespace: "egov".into(),
            stage: "core".into(),
            because: Because { code: "chosen".into(), of: String::new() },
            workloads: vec![],
            objects_hash: hash.into(),
            images: vec![],
            memory: 0,
            disk: 0,
        };
        let with = |change: &dyn Fn(&mut Plan)| {
            let mut other = plan.clone();
            change(&mut other);
            other.sealed().unwrap()
        };
        let services = |all: Vec<PlannedService>| with(&|p: &mut Plan| p.services.clone_from(&all));
        let cases: [(Plan, Plan, &[&str]); 7] = [
            (plan.clone(), plan.clone(), &[]),
            (plan.clone(), with(&|p| p.cluster.version = "v1.37.0".into()), &["version"]),
            (plan.clone(), with(&|p| p.cluster.uid = "v".into()), &["cluster"]),
            (plan.clone(), with(&|p| p.answers.demo = !p.answers.demo), &["answer"]),
            (
                services(vec![service("a", "1"), service("b", "1")]),
                services(vec![service("b", "2"), service("c", "1")]),
                &["services-added", "services-gone", "services-changed"],
            ),
            (plan.clone(), with(&|p| p.cluster.api_versions = ["v1".to_owned()].into()), &["apis-added"]),
            (plan.clone(), with(&|p| p.shared = vec!["ClusterRole/x".into()]), &["other"]),
        ];
        for (reviewed, now, codes) in cases {
            let found: Vec<String> = differences(&reviewed, &now).into_iter().map(|d| d.code).collect();
            assert_eq!(found, codes);
        }
    }
}
