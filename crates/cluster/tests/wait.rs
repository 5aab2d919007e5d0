//! Watching a real control plane and waiting for what it does, on nodes that play their pods.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use cluster::wait::Waiting;
use cluster::{Awaited, Cluster, Error, Owner, Unowned, WaitContext, Watch, crds, hooks};
use helm_template::{Hook, Manifest};
use serde_json::{Value, json};
use support::{cluster, deployment, named, namespace, unique};
use tokio_util::sync::CancellationToken;

fn watch(cluster: &Cluster, namespace: &str) -> Watch {
    Watch::new(cluster, Arc::new(jiff::Timestamp::now), BTreeSet::from([namespace.to_owned()]))
}

fn wait_context() -> WaitContext {
    WaitContext { dependencies_ready: true, since: jiff::Timestamp::now() }
}

fn owner(namespace: &str) -> Owner {
    Owner { release: "web".to_owned(), namespace: namespace.to_owned() }
}

fn job(name: &str) -> Value {
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
        "spec": {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "stand.in/job-db:1"}]}}}})
}

#[tokio::test]
async fn workloads_claims_and_services_are_waited_for_with_progress() {
    let cluster = cluster().await;
    let namespace = namespace(&cluster, "wait").await;
    let watch = watch(&cluster, &namespace);
    let stateful = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"},
        "spec": {"replicas": 2, "serviceName": "db", "selector": {"matchLabels": {"app": "db"}},
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "main", "image": "stand.in/db:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]}});
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}]}});
    let mut awaited = vec![];
    // Nothing can be ready before somebody has seen that it is not.
    let mut once = job("once");
    once["spec"]["suspend"] = true.into();
    for object in [deployment("web", 3), stateful, service, once] {
        awaited.push(Awaited::of(&cluster.apply(&object, &owner(&namespace), Unowned::Refuse).await.unwrap().1));
    }
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let let_go = async {
        let first = told.recv().await.unwrap();
        let once = named("batch/v1", "Job", &namespace, "once");
        cluster.merge(&once, &json!({"spec": {"suspend": false}})).await.unwrap();
        first
    };
    let mut say = |waiting: &Waiting| drop(tell.send(waiting.clone()));
    let (waited, first) = tokio::join!(watch.wait_ready(&awaited, wait_context(), &mut say), let_go);
    waited.unwrap();
    let mut seen = vec![first];
    while let Ok(waiting) = told.try_recv() {
        seen.push(waiting);
    }
    let last = seen.last().unwrap();
    assert_eq!((last.done, last.total), (7, 7), "{seen:?}");
    assert!(last.on.is_empty());
    assert!(seen.len() > 1 && !seen[0].on.is_empty(), "{:?}", seen[0]);
    let ready = watch.get(&named("apps/v1", "Deployment", &namespace, "web")).unwrap();
    assert_eq!(ready["status"]["readyReplicas"], 3);
    assert_eq!(watch.list("v1", "PersistentVolumeClaim", &namespace).len(), 2);
    // Ready is ready: a second wait ends at once, from what is known.
    watch.wait_ready(&awaited, wait_context(), &mut |_| ()).await.unwrap();
}

#[tokio::test]
async fn what_cannot_get_ready_fails_with_cause_and_evidence() {
    let cluster = cluster().await;
    let namespace = namespace(&cluster, "fail").await;
    let watch = watch(&cluster, &namespace);
    let mut failing = job("broken");
    failing["spec"]["activeDeadlineSeconds"] = json!(1);
    failing["spec"]["template"]["spec"]["nodeSelector"] = json!({"no": "where"});
    let (_, applied) = cluster.apply(&failing, &owner(&namespace), Unowned::Refuse).await.unwrap();
    let error = watch.wait_ready(&[Awaited::of(&applied)], wait_context(), &mut |_| ()).await.unwrap_err();
    let Error::NotReady { object, code, evidence, .. } = &error else { panic!("{error}") };
    assert_eq!(*object, format!("Job/{namespace}/broken"));
    assert_eq!(code, "job-deadline-exceeded");
    assert!(!evidence.is_empty());
}

#[tokio::test]
async fn a_stop_ends_a_wait() {
    let stop = CancellationToken::new();
    let cluster = cluster().await.with_stop(stop.clone());
    let namespace = namespace(&cluster, "stop").await;
    let watch = watch(&cluster, &namespace);
    let mut never = deployment("never", 1);
    never["spec"]["template"]["spec"]["nodeSelector"] = json!({"no": "where"});
    let (_, applied) = cluster.apply(&never, &owner(&namespace), Unowned::Refuse).await.unwrap();
    let wait = watch
        .wait_ready(&[Awaited::of(&applied)], wait_context(), &mut |waiting| {
            if waiting
                .on
                .iter()
                .any(|(_, cause)| cause.as_ref().is_some_and(|cause| cause.code == "node-selector-unmatched"))
            {
                stop.cancel();
            }
        })
        .await;
    assert_eq!(wait, Err(Error::Stopped));
    assert_eq!(cluster.version().await, Err(Error::Stopped));
}

#[tokio::test]
async fn hooks_run_by_weight_and_go_when_they_succeeded() {
    let cluster = cluster().await;
    let namespace = namespace(&cluster, "hooks").await;
    let watch = watch(&cluster, &namespace);
    let hook = |name: &str, kind: &str, weight: i32, policies: &[&str]| {
        let mut object = if kind == "Job" {
            job(name)
        } else {
            json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}})
        };
        object["metadata"]["annotations"] =
            json!({"helm.sh/hook": "pre-install", "helm.sh/hook-weight": weight.to_string()});
        Hook {
            manifest: Manifest { source: String::new(), text: String::new(), object },
            events: vec!["pre-install".to_owned()],
            weight,
            delete_policies: policies.iter().map(ToString::to_string).collect(),
        }
    };
    let all = [
        hook("job", "Job", 1, &["before-hook-creation", "hook-succeeded"]),
        hook("account", "ServiceAccount", -1, &["before-hook-creation"]),
        hook("kept", "Job", 2, &[]),
    ];
    assert_eq!(
        hooks::run(&watch, &all, "pre-install", &owner(&namespace), wait_context(), &mut |_| ()).await.unwrap(),
        3
    );
    assert_eq!(
        hooks::run(&watch, &all, "post-install", &owner(&namespace), wait_context(), &mut |_| ()).await.unwrap(),
        0
    );
    assert_eq!(cluster.get(&named("batch/v1", "Job", &namespace, "job")).await.unwrap(), None);
    assert!(cluster.get(&named("v1", "ServiceAccount", &namespace, "account")).await.unwrap().is_some());
    let kept = cluster.get(&named("batch/v1", "Job", &namespace, "kept")).await.unwrap().unwrap();
    assert_eq!(kept["status"]["succeeded"], 1);
    hooks::run(&watch, &all, "pre-install", &owner(&namespace), wait_context(), &mut |_| ()).await.unwrap();
    let again = cluster.get(&named("batch/v1", "Job", &namespace, "kept")).await.unwrap().unwrap();
    assert_ne!(again["metadata"]["uid"], kept["metadata"]["uid"]);
}

#[tokio::test]
async fn definitions_are_established_before_their_objects_are_applied() {
    let cluster = cluster().await;
    let namespace = namespace(&cluster, "crds").await;
    let watch = watch(&cluster, &namespace);
    let group = format!("{}.example.org", unique("g"));
    let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": format!("things.{group}")},
        "spec": {"group": group, "scope": "Namespaced", "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}]}});
    let thing =
        json!({"apiVersion": format!("{group}/v1"), "kind": "Thing", "metadata": {"name": "a"}, "spec": {"x": 1}});
    assert_eq!(cluster.apply(&thing, &owner(&namespace), Unowned::Refuse).await.unwrap_err().code(), "api-not-served");
    assert_eq!(
        crds::apply_crds(&watch, std::slice::from_ref(&crd), &owner(&namespace), wait_context(), &mut |_| ())
            .await
            .unwrap(),
        (1, 0)
    );
    cluster.apply(&thing, &owner(&namespace), Unowned::Refuse).await.unwrap();
    assert_eq!(
        crds::apply_crds(&watch, std::slice::from_ref(&crd), &owner(&namespace), wait_context(), &mut |_| ())
            .await
            .unwrap(),
        (0, 1)
    );
    // Somebody else's definition is used as it is.
    let other = Owner { release: "other".to_owned(), namespace: namespace.clone() };
    assert_eq!(
        crds::apply_crds(&watch, std::slice::from_ref(&crd), &other, wait_context(), &mut |_| ()).await.unwrap(),
        (0, 1)
    );
    cluster
        .delete(&named("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", &format!("things.{group}")))
        .await
        .unwrap();
}

#[tokio::test]
async fn webhooks_are_waited_for_until_they_can_answer() {
    let cluster = cluster().await;
    let namespace = namespace(&cluster, "hooked").await;
    let watch = watch(&cluster, &namespace);
    let name = unique("guard");
    let config = |authority: &str| {
        let mut client = json!({"service": {"namespace": namespace, "name": "web", "path": "/"}});
        if !authority.is_empty() {
            client["caBundle"] = json!(authority);
        }
        // Guards nothing that exists: other tests must not be asked.
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": name},
            "webhooks": [{"name": "w.example.org", "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"], "clientConfig": client,
                "rules": [{"apiGroups": ["nothing.example.org"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["things"]}]}]})
    };
    let reference = named("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "", &name);
    cluster.apply(&config(""), &owner(&namespace), Unowned::Refuse).await.unwrap();
    let seen = Arc::new(std::sync::Mutex::new(vec![]));
    let (told, watch, wanted) = (seen.clone(), watch.clone(), reference.clone());
    let waiting = tokio::spawn(async move {
        let mut note = |waiting: &cluster::Waiting| {
            told.lock().unwrap().push(waiting.on.first().and_then(|(_, cause)| cause.clone()).map(|cause| cause.code));
        };
        watch.wait_webhooks(&[wanted], wait_context(), &mut note).await
    });
    let until = |code: &'static str| {
        let seen = seen.clone();
        async move {
            while !seen.lock().unwrap().iter().any(|told| told.as_deref() == Some(code)) {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    };
    until("webhook-certificate-missing").await;
    cluster
        .apply(
            &config(&std::fs::read_to_string("tests/support/other-ca.b64").unwrap()),
            &owner(&namespace),
            Unowned::Refuse,
        )
        .await
        .unwrap();
    until("webhook-unavailable").await;
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 443}]}});
    for object in [service, deployment("web", 1)] {
        cluster.apply(&object, &owner(&namespace), Unowned::Refuse).await.unwrap();
    }
    waiting.await.unwrap().unwrap();
    assert_eq!(seen.lock().unwrap().last().unwrap(), &None);
    cluster.delete(&reference).await.unwrap();
}
