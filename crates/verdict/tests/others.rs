//! Kinds without pods.

#![allow(clippy::needless_pass_by_value, clippy::unwrap_used)]

mod common;

use common::*;
use serde_json::{Value, json};
use verdict::{Phase, assess};

use Phase::{Failed, Progressing, Ready};

fn object(api: &str, kind: &str, more: Value) -> Value {
    with(
        json!({"apiVersion": api, "kind": kind, "metadata": {"name": "x", "creationTimestamp": start().to_string()}}),
        more,
    )
}

fn condition(kind: &str, status: &str) -> Value {
    json!({"status": {"conditions": [{"type": kind, "status": status, "reason": "Why", "message": "because", "lastTransitionTime": start().to_string()}]}})
}

#[test]
fn each_kind_by_its_own_rule() {
    let hooks = |client: Value| json!({"webhooks": [{"name": "a", "clientConfig": client}]});
    let address =
        json!({"spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {"ingress": [{"hostname": "a.example"}]}}});
    let certificate = |more: Value| object("cert-manager.io/v1", "Certificate", more);
    let claim = |phase: &str| {
        object("v1", "PersistentVolumeClaim", json!({"spec": {"storageClassName": "gp3"}, "status": {"phase": phase}}))
    };
    let cases: Vec<(Value, i64, Phase, &str)> = vec![
        (object("v1", "Service", json!({"spec": {"type": "ClusterIP"}})), 1, Ready, ""),
        (
            object("v1", "Service", json!({"spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.1"}})),
            100,
            Progressing,
            "load-balancer-pending",
        ),
        (object("v1", "Service", json!({"spec": {"type": "LoadBalancer"}})), 600, Failed, "load-balancer-pending"),
        (object("v1", "Service", address), 100, Ready, ""),
        (object("networking.k8s.io/v1", "Ingress", json!({})), 1, Ready, ""),
        (object("v1", "ConfigMap", json!({})), 1, Ready, ""),
        (object("v1", "Namespace", json!({"status": {"phase": "Active"}})), 1, Ready, ""),
        (
            object("v1", "Namespace", json!({"status": {"phase": "Terminating"}})),
            1,
            Progressing,
            "namespace-terminating",
        ),
        (claim("Bound"), 1, Ready, ""),
        (claim("Pending"), 1, Progressing, "volume-pending"),
        (claim("Lost"), 1, Failed, "volume-lost"),
        (
            object("apiextensions.k8s.io/v1", "CustomResourceDefinition", json!({})),
            1,
            Progressing,
            "crd-not-established",
        ),
        (
            object(
                "apiextensions.k8s.io/v1",
                "CustomResourceDefinition",
                json!({"status": {"conditions": [{"type": "NamesAccepted", "status": "True"}, {"type": "Established", "status": "True"}]}}),
            ),
            1,
            Ready,
            "",
        ),
        (
            object("apiextensions.k8s.io/v1", "CustomResourceDefinition", condition("NamesAccepted", "False")),
            31,
            Failed,
            "crd-names-conflict",
        ),
        (
            object(
                "admissionregistration.k8s.io/v1",
                "ValidatingWebhookConfiguration",
                hooks(json!({"service": {"name": "a"}})),
            ),
            1,
            Progressing,
            "webhook-certificate-missing",
        ),
        (
            object(
                "admissionregistration.k8s.io/v1",
                "MutatingWebhookConfiguration",
                hooks(json!({"service": {}, "caBundle": "eA=="})),
            ),
            1,
            Ready,
            "",
        ),
        (object("apiregistration.k8s.io/v1", "APIService", condition("Available", "True")), 1, Ready, ""),
        (
            object("apiregistration.k8s.io/v1", "APIService", condition("Available", "False")),
            301,
            Failed,
            "api-unavailable",
        ),
        (certificate(condition("Ready", "True")), 1, Ready, ""),
        (certificate(condition("Ready", "False")), 1, Progressing, "resource-not-ready"),
        (certificate(condition("Stalled", "True")), 1, Failed, "resource-stalled"),
        (
            certificate(with(
                condition("Ready", "True"),
                json!({"metadata": {"generation": 2}, "status": {"observedGeneration": 1}}),
            )),
            1,
            Progressing,
            "",
        ),
    ];
    for (object, seconds, phase, code) in cases {
        let verdict = assess(&object, &[], &[], at(seconds));
        let found = verdict.cause.as_ref().map_or("", |c| c.code.as_str());
        assert_eq!((verdict.phase, found), (phase, code), "{object}: {verdict:#?}");
        assert!(verdict.verified, "{object}");
    }
}

#[test]
fn a_custom_resource_that_says_nothing_is_ready_but_not_verified() {
    let verdict = assess(&object("kafka.example.io/v1", "Topic", json!({})), &[], &[], at(1));
    assert_eq!((verdict.phase, verdict.verified), (Ready, false));
}

#[test]
fn a_claim_says_what_it_waits_for() {
    let claim = object(
        "v1",
        "PersistentVolumeClaim",
        json!({"metadata": {"name": "c", "namespace": "egov", "uid": "c"}, "spec": {"storageClassName": "gp3"}, "status": {"phase": "Pending"}}),
    );
    let class = object(
        "storage.k8s.io/v1",
        "StorageClass",
        json!({"metadata": {"name": "gp3"}, "volumeBindingMode": "WaitForFirstConsumer"}),
    );
    let verdict = assess(&claim, &[&class], &[], at(900));
    assert_eq!((verdict.phase, verdict.cause.unwrap().code.as_str()), (Ready, "volume-waits-for-pod"));
    let cases = [
        (
            "WaitForFirstConsumer",
            "waiting for first consumer to be created before binding",
            Ready,
            "volume-waits-for-pod",
        ),
        ("ProvisioningFailed", "storageclass.storage.k8s.io \"gp3\" not found", Failed, "storage-class-missing"),
        (
            "ProvisioningFailed",
            "rpc error: code = Internal desc = UnauthorizedOperation",
            Failed,
            "volume-provisioning-failed",
        ),
        (
            "ExternalProvisioning",
            "Waiting for a volume to be created either by the external provisioner 'ebs.csi.aws.com' or manually by the system administrator.",
            Failed,
            "provisioner-missing",
        ),
    ];
    for (reason, message, phase, code) in cases {
        let event = event("PersistentVolumeClaim", "c", reason, message, 0);
        let verdict = assess(&claim, &[], &[&event], at(400));
        let cause = verdict.cause.unwrap();
        assert_eq!((verdict.phase, cause.code.as_str()), (phase, code), "{message}");
        if code == "provisioner-missing" {
            assert_eq!(cause.args["provisioner"], "ebs.csi.aws.com");
        }
    }
}

#[test]
fn a_refused_load_balancer_says_so() {
    let service = object(
        "v1",
        "Service",
        json!({"metadata": {"name": "nginx", "namespace": "egov", "uid": "nginx"}, "spec": {"type": "LoadBalancer"}}),
    );
    let event =
        event("Service", "nginx", "SyncLoadBalancerFailed", "Error syncing load balancer: TooManyLoadBalancers", 10);
    let verdict = assess(&service, &[], &[&event], at(311));
    assert_eq!((verdict.phase, verdict.cause.unwrap().code.as_str()), (Failed, "load-balancer-failed"));
}
