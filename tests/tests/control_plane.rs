//! The ground that the other end-to-end tests stand on: does it behave as a cluster does?

use std::time::Duration;
use tests::cluster::{inventory, wait};
use tests::fake_node::{Behaviour, Failure, Rule};
use tests::{ControlPlane, Options};

const OBJECTS: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: shop}
spec:
  replicas: 2
  serviceName: store
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      initContainers: [{name: before, image: "example/before:1"}]
      containers: [{name: store, image: "example/store:1"}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: move, namespace: shop}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: move, image: "example/move-db:1"}]
---
apiVersion: v1
kind: Service
metadata: {name: door, namespace: shop}
spec: {type: LoadBalancer, selector: {app: store}, ports: [{port: 80}]}
"#;

fn says(plane: &ControlPlane, what: &[&str], wanted: &str) -> Result<bool, tests::Error> {
    Ok(plane.kubectl(what)?.trim() == wanted)
}

#[test]
fn workloads_get_ready_fail_by_rule_survive_an_outage_and_leave_nothing() {
    let half_a_second = Duration::from_millis(500);
    let behaviour = Behaviour { job_takes: half_a_second, ..Behaviour::default() };
    let mut plane = ControlPlane::start(&Options { behaviour, webhooks: false }).unwrap();
    let before = inventory(&plane.kubeconfig()).unwrap();
    assert!(before.contains("StorageClass /gp3") && before.contains("Namespace /default"), "{before:?}");

    plane.apply(OBJECTS).unwrap();
    let patient = Duration::from_secs(30);
    let ready = ["get", "sts", "store", "-n", "shop", "-o", "jsonpath={.status.readyReplicas}"];
    wait("a StatefulSet with volumes", patient, || says(&plane, &ready, "2")).unwrap();
    let job = ["get", "job", "move", "-n", "shop", "-o", "jsonpath={.status.succeeded}"];
    wait("a job", patient, || says(&plane, &job, "1")).unwrap();
    let address = ["get", "svc", "door", "-n", "shop", "-o", "jsonpath={.status.loadBalancer.ingress[0].hostname}"];
    wait("an address", patient, || says(&plane, &address, "door.shop.elb.fake")).unwrap();

    plane.rules(vec![Rule { pod: regex::Regex::new("^shop/store-1$").unwrap(), fails: Failure::Crash, until: None }]);
    wait("a pod that crashes", patient, || says(&plane, &ready, "1")).unwrap();
    plane.rules(Vec::new());
    wait("a pod that is well again", patient, || says(&plane, &ready, "2")).unwrap();

    plane.stop_api();
    assert!(plane.kubectl(&["get", "nodes"]).is_err());
    plane.start_api().unwrap();
    plane.kubectl(&["delete", "pod", "store-0", "-n", "shop", "--wait=true"]).unwrap();
    // Controllers come back by a back-off of their own, which on a busy machine takes longer than all else here.
    let after_outage = Duration::from_secs(120);
    wait("a new pod after the outage", after_outage, || says(&plane, &ready, "2")).unwrap();

    let during = inventory(&plane.kubeconfig()).unwrap();
    assert!(during.difference(&before).count() > 8, "{during:?}");
    plane.kubectl(&["delete", "namespace", "shop", "--wait=true", "--timeout=60s"]).unwrap();
    wait("an inventory as before", patient, || Ok(inventory(&plane.kubeconfig())? == before)).unwrap();
}

#[test]
fn nobody_gets_in_without_rights() {
    let plane =
        ControlPlane::start(&Options { behaviour: Behaviour { nodes: 1, ..Behaviour::default() }, webhooks: true })
            .unwrap();
    let refused = tests::cluster::kubectl(&plane.kubeconfig_without_rights(), &["get", "pods", "-A"]).unwrap_err();
    assert!(refused.to_string().contains("Forbidden"), "{refused}");
    let who = tests::cluster::kubectl(
        &plane.kubeconfig_with_certificate(),
        &["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"],
    );
    assert_eq!(who.unwrap(), "admin-cert");
}
