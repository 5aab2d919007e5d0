//! The rights that the check asks for are the rights that are used: a role made from them and nothing else installs DIGIT
//! 2.9.2 and takes it back, and whoever lacks one of them is told which.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tests::cluster::{inventory, wait};
use tests::digit::{Ended, Home};
use tests::{ControlPlane, Options, product};

/// Those of which the lack is tried each time; the long run tries all.
const SAMPLE: [&str; 15] = [
    "get namespaces",
    "update secrets",
    "list secrets",
    "get pods/log",
    "list events",
    "update leases.coordination.k8s.io",
    "create leases.coordination.k8s.io",
    "watch replicasets.apps",
    "watch storageclasses.storage.k8s.io",
    "list ingressclasses.networking.k8s.io",
    "list endpointslices.discovery.k8s.io",
    "delete poddisruptionbudgets.policy",
    "delete certificaterequests.cert-manager.io",
    "bind roles.rbac.authorization.k8s.io",
    "escalate clusterroles.rbac.authorization.k8s.io",
];

fn is_full() -> bool {
    std::env::var_os("DIGIT_TEST_FULL").is_some()
}

/// A control plane, a home, and users that are made as they are needed.
struct Bed {
    plane: ControlPlane,
    home: Home,
}

impl Bed {
    /// A cluster role with these rules and its binding to somebody.
    fn bind(&self, name: &str, rules: &[Value], subject: &Value) {
        let kind = |kind: &str, more: Value| {
            let mut object =
                json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}});
            object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            object
        };
        let role = kind("ClusterRole", json!({"rules": rules}));
        let reference = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name});
        let binding = kind("ClusterRoleBinding", json!({"roleRef": reference, "subjects": [subject]}));
        self.plane.apply(&json!({"apiVersion": "v1", "kind": "List", "items": [role, binding]}).to_string()).unwrap();
    }

    /// Answers for whoever signs in with what stands in place of the administrator's token.
    fn answers(&self, name: &str, sign_in: impl Fn(&str) -> String) -> PathBuf {
        let admin = std::fs::read_to_string(self.plane.kubeconfig()).unwrap();
        let token = admin.split_once("{token: ").unwrap().1.split_once('}').unwrap().0;
        let own = admin.replace(&format!("{{token: {token}}}"), &sign_in(token));
        assert_ne!(own, admin);
        let kubeconfig = self.home.write(&format!("{name}.kubeconfig"), &own).unwrap();
        self.home.write(&format!("{name}.yaml"), &product::answers(&kubeconfig).unwrap()).unwrap()
    }

    /// Somebody who may do this and no more, as whom the administrator signs in.
    fn user(&self, name: &str, rules: &[Value]) -> PathBuf {
        self.bind(name, rules, &json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}));
        self.answers(name, |token| format!("{{token: {token}, as: {name}}}"))
    }

    /// The same with a service account and its token.
    fn account(&self, name: &str, rules: &[Value]) -> PathBuf {
        self.plane.kubectl(&["create", "serviceaccount", name, "-n", "default"]).unwrap();
        self.bind(name, rules, &json!({"kind": "ServiceAccount", "name": name, "namespace": "default"}));
        let token = self.plane.kubectl(&["create", "token", name, "-n", "default", "--duration=4h"]).unwrap();
        self.answers(name, |_| format!("{{token: {}}}", token.trim()))
    }

    fn check(&self, answers: &Path) -> (Ended, Vec<Value>) {
        let ended = self.home.run(&["check", "--answers", answers.to_str().unwrap(), "--json"]).unwrap();
        let checks = ended.json().unwrap();
        (ended, checks)
    }

    /// What the check of rights says: its code, and every right that it misses.
    fn misses(&self, answers: &Path) -> (String, BTreeSet<String>, Value) {
        let (ended, checks) = self.check(answers);
        let check = checks.iter().find(|check| check["name"] == "permissions");
        let check = check.unwrap_or_else(|| panic!("{:?} {}", ended.code, ended.err));
        let cause = check["cause"].clone();
        let all = cause["args"]["all"].as_str().unwrap_or_default();
        let all = all.split("; ").filter(|right| !right.is_empty()).map(str::to_owned).collect();
        (cause["code"].as_str().unwrap_or_default().to_owned(), all, cause)
    }
}

/// `create deployments.apps` as a rule of a role.
fn rule(right: &str) -> Value {
    let (verb, object) = right.split_once(' ').unwrap();
    let (resource, group) = object.split_once('.').unwrap_or((object, ""));
    json!({"apiGroups": [group], "resources": [resource], "verbs": [verb]})
}

fn rules<'a>(rights: impl IntoIterator<Item = &'a String>) -> Vec<Value> {
    rights.into_iter().map(|right| rule(right)).collect()
}

#[test]
fn the_rights_that_the_check_asks_for_are_enough_and_each_that_is_missing_is_named() {
    let bed = Bed { plane: ControlPlane::start(&Options::default()).unwrap(), home: Home::new().unwrap() };

    // Whoever may do nothing but see which cluster it is learns what else is needed.
    let first = "get namespaces".to_owned();
    let (code, mut needed, cause) = bed.misses(&bed.user("newcomer", &[rule(&first)]));
    assert_eq!(code, "check-permissions");
    assert!(needed.len() > 100 && needed.iter().all(|right| !right.contains('*')), "{needed:?}");
    assert!(cause["args"]["more"].as_str().unwrap().parse::<u32>().unwrap() > 10, "{cause}");
    needed.insert(first);

    // Just these are enough.
    let exact = bed.account("exact", &rules(&needed));
    let (ended, checks) = bed.check(&exact);
    assert_eq!(ended.code, Some(0), "{checks:?} {}", ended.err);

    // Without one of them it is named, and nothing else.
    let (all, tried): (Vec<String>, Vec<&str>) = (needed.iter().cloned().collect(), SAMPLE.to_vec());
    let tried: Vec<&str> = if is_full() { all.iter().map(String::as_str).collect() } else { tried };
    for (n, right) in tried.iter().enumerate() {
        assert!(needed.contains(*right), "{right} is not asked for");
        let answers = bed.user(&format!("without-{n}"), &rules(needed.iter().filter(|other| other != right)));
        if *right == "get namespaces" {
            // Before anything is checked there has to be a plan, and it says for which cluster.
            let (ended, _) = bed.check(&answers);
            assert!(ended.code != Some(0) && ended.err.contains("namespaces"), "{:?} {}", ended.code, ended.err);
            continue;
        }
        let (code, missing, _) = bed.misses(&answers);
        let is_grant = right.starts_with("bind ") || right.starts_with("escalate ");
        let wanted = if is_grant { "check-permissions-to-grant" } else { "check-permissions" };
        assert_eq!((code.as_str(), missing), (wanted, BTreeSet::from([(*right).to_owned()])), "without {right}");
    }

    // Whoever may see no Secrets is told so, and everything else is looked at as ever.
    let of_secrets = |right: &&String| right.ends_with(" secrets");
    let answers = bed.user("no-secrets", &rules(needed.iter().filter(|right| !of_secrets(right))));
    let (_, missing, _) = bed.misses(&answers);
    assert_eq!(missing, needed.iter().filter(of_secrets).cloned().collect());
    let (ended, checks) = bed.check(&answers);
    let failed: Vec<&Value> = checks.iter().filter(|c| c["state"] == "not-passed").map(|c| &c["name"]).collect();
    assert_eq!((ended.code, failed), (Some(3), vec![&json!("permissions")]), "{checks:?} {}", ended.err);

    // Who holds everything that the plan's roles hand out needs no right to hand out; one thing less, and it is named.
    let holder =
        |name: &str, verbs: &[&str]| bed.user(name, &[json!({"apiGroups": ["*"], "resources": ["*"], "verbs": verbs})]);
    let verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "sign", "approve"];
    let holds_all = holder("holder", &verbs);
    let (ended, checks) = bed.check(&holds_all);
    assert_eq!(ended.code, Some(0), "{checks:?} {}", ended.err);
    let (code, _, cause) = bed.misses(&holder("no-approver", &verbs[..9]));
    assert_eq!(code, "check-permissions-to-grant");
    assert!(cause["args"]["rules"].as_str().unwrap().contains("approve signers.cert-manager.io"), "{cause}");

    let before = inventory(&bed.plane.kubeconfig()).unwrap();
    for answers in [Some(exact), is_full().then_some(holds_all)].into_iter().flatten() {
        // Each on a computer of its own: an installation of that name goes with one way to sign in.
        let home = Home::new().unwrap();
        let installed = home.run(&["install", "--answers", answers.to_str().unwrap(), "--yes"]).unwrap();
        assert_eq!(installed.code, Some(0), "{}", installed.err);
        let ready = product::workloads(&bed.plane.kubeconfig()).unwrap();
        assert_eq!(ready, (product::WORKLOADS, product::WORKLOADS));
        let removed = home.run(&["remove", product::NAME, "--yes"]).unwrap();
        assert_eq!(removed.code, Some(0), "{}", removed.err);
        let nothing_left = || Ok(inventory(&bed.plane.kubeconfig())? == before);
        wait("nothing left", Duration::from_secs(30), nothing_left).unwrap();
    }
    places::measured("Rights that the check asks for, and that are enough for DIGIT 2.9.2", &needed.len().to_string())
        .unwrap();
}
