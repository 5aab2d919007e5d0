//! Removal from a real control plane: an inventory before equals one after.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cluster::remove::{Removal, Stage};
use cluster::{Awaited, Cluster, ObjectRef, Owner, Unowned, WaitContext, Watch, crds};
use serde_json::{Value, json};
use support::{cluster, deployment, named, unique};

/// A small installation that has one of everything that makes removals hard.
struct Installation {
    name: String,
    space: String,
    owner: Owner,
    group: String,
}

impl Installation {
    fn removal(&self, keep_data: bool) -> Removal {
        Removal {
            installation: self.name.clone(),
            releases: BTreeSet::from([(self.owner.namespace.clone(), self.owner.release.clone())]),
            keep_data,
        }
    }
}

fn claiming(name: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name},
        "spec": {"replicas": 1, "serviceName": name, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "main", "image": "stand.in/db:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]}})
}

async fn install(cluster: &Cluster) -> Installation {
    let name = unique("gone");
    let space = format!("{name}-a");
    let owner = Owner { release: "web".to_owned(), namespace: space.clone() };
    let group = format!("{name}.example.org");
    assert!(cluster.ensure_namespace(&space, &name).await.unwrap());
    let watch = Watch::new(cluster, Arc::new(jiff::Timestamp::now), BTreeSet::from([space.clone()]));
    let wait_context = WaitContext { dependencies_ready: true, since: jiff::Timestamp::now() };
    let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": format!("things.{group}")},
        "spec": {"group": group, "scope": "Namespaced", "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}});
    crds::apply_crds(&watch, &[crd], &owner, wait_context, &mut |_| ()).await.unwrap();
    let guard = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": name},
        // Nobody answers: it would refuse to have things deleted.
        "webhooks": [{"name": "w.example.org", "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "clientConfig": {"service": {"namespace": space, "name": "web", "path": "/"}, "caBundle": include_str!("support/other-ca.b64").trim()},
            "rules": [{"apiGroups": [group], "apiVersions": ["v1"], "operations": ["DELETE"], "resources": ["things"]}]}]});
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": []});
    let balancer = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}]}});
    let thing = json!({"apiVersion": format!("{group}/v1"), "kind": "Thing", "metadata": {"name": "a"}});
    let mut web = deployment("web", 2);
    web["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = json!(1);
    let mut awaited = vec![];
    for object in [role, balancer, thing, web, claiming("db"), guard] {
        let (_, applied) = cluster.apply(&object, &owner, Unowned::Refuse).await.unwrap();
        if matches!(applied["kind"].as_str(), Some("Deployment" | "StatefulSet")) {
            awaited.push(Awaited::of(&applied));
        }
    }
    watch.wait_ready(&awaited, wait_context, &mut |_| ()).await.unwrap();
    Installation { name, space, owner, group }
}

#[tokio::test]
async fn nothing_is_left_and_nothing_of_others_is_touched() {
    let cluster = cluster().await;
    let before = cluster.inventory().await.unwrap();
    let installation = install(&cluster).await;
    let theirs = support::namespace(&cluster, "theirs").await;
    let other = Owner { release: "web".to_owned(), namespace: theirs.clone() };
    cluster.apply(&deployment("web", 1), &other, Unowned::Refuse).await.unwrap();
    let ours = |names: BTreeSet<String>| {
        names.into_iter().filter(|name| name.contains(&installation.name)).collect::<BTreeSet<_>>()
    };
    let during = ours(cluster.inventory().await.unwrap().beyond(&before));
    for expected in ["Namespace", "ClusterRole", "CustomResourceDefinition", "ValidatingWebhookConfiguration"] {
        assert!(during.iter().any(|name| name.starts_with(expected)), "{expected}: {during:?}");
    }

    let plan = cluster.plan_removal(&installation.removal(false)).await.unwrap();
    let order: Vec<Stage> = plan.stages.keys().copied().collect();
    let volume =
        cluster.get(&named("v1", "PersistentVolumeClaim", &installation.space, "data-db-0")).await.unwrap().unwrap();
    let volume = named("v1", "PersistentVolume", "", volume["spec"]["volumeName"].as_str().unwrap());
    assert!(cluster.get(&volume).await.unwrap().is_some());
    assert_eq!(
        order[..5],
        [Stage::Webhooks, Stage::LoadBalancers, Stage::CustomResources, Stage::Workloads, Stage::Claims],
        "{plan:?}"
    );
    assert!(plan.stages[&Stage::Claims].contains(&named(
        "v1",
        "PersistentVolumeClaim",
        &installation.space,
        "data-db-0"
    )));
    assert!(plan.stages.values().flatten().all(|object| !object.namespace.starts_with("theirs")));

    let mut stages = vec![];
    let gone = cluster
        .remove(&plan, &mut |removing| {
            if stages.last() != Some(&removing.stage) {
                stages.push(removing.stage);
            }
            assert!(removing.done <= removing.total);
        })
        .await
        .unwrap();
    assert_eq!(gone, plan.count());
    assert_eq!(stages, order);
    let after = cluster.inventory().await.unwrap();
    assert_eq!(ours(after.beyond(&before)), BTreeSet::new());
    while cluster.get(&volume).await.unwrap().is_some() {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(cluster.get(&named("apps/v1", "Deployment", &theirs, "web")).await.unwrap().is_some());
    // Again: nothing to do.
    let again = cluster.plan_removal(&installation.removal(false)).await.unwrap();
    assert_eq!(again.count(), 0, "{again:?}");
    cluster.delete(&named("v1", "Namespace", "", &theirs)).await.unwrap();
}

#[tokio::test]
async fn data_stays_when_asked_for_and_definitions_that_others_use() {
    let cluster = cluster().await;
    let installation = install(&cluster).await;
    let theirs = support::namespace(&cluster, "users").await;
    let thing = json!({"apiVersion": format!("{}/v1", installation.group), "kind": "Thing", "metadata": {"name": "theirs", "namespace": theirs}});
    cluster.create(&thing).await.unwrap();
    let plan = cluster.plan_removal(&installation.removal(true)).await.unwrap();
    cluster.remove(&plan, &mut |_| ()).await.unwrap();
    let there = |object: ObjectRef| {
        let cluster = &cluster;
        async move { cluster.get(&object).await.unwrap().is_some() }
    };
    assert!(there(named("v1", "PersistentVolumeClaim", &installation.space, "data-db-0")).await);
    assert!(there(named("v1", "Namespace", "", &installation.space)).await);
    assert!(there(ObjectRef::of(&thing)).await);
    assert!(!there(named("apps/v1", "StatefulSet", &installation.space, "db")).await);
    let definition =
        named("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", &format!("things.{}", installation.group));
    assert!(there(definition.clone()).await);
    cluster.delete(&definition).await.unwrap();
    for namespace in [theirs, installation.space] {
        cluster.delete(&named("v1", "Namespace", "", &namespace)).await.unwrap();
    }
}

#[tokio::test]
async fn custom_resources_whose_controller_is_gone_do_not_block() {
    let cluster = cluster().await;
    let installation = install(&cluster).await;
    let stuck = named(&format!("{}/v1", installation.group), "Thing", &installation.space, "a");
    cluster.merge(&stuck, &json!({"metadata": {"finalizers": ["example.org/finish"]}})).await.unwrap();
    let plan = cluster.plan_removal(&installation.removal(false)).await.unwrap();
    let mut longest: BTreeMap<Stage, usize> = BTreeMap::new();
    cluster.remove(&plan, &mut |removing| *longest.entry(removing.stage).or_default() += 1).await.unwrap();
    assert!(longest[&Stage::CustomResources] > 10, "it was waited for first: {longest:?}");
    assert_eq!(cluster.get(&stuck).await.unwrap(), None);
    assert_eq!(cluster.get(&named("v1", "Namespace", "", &installation.space)).await.unwrap(), None);
}
