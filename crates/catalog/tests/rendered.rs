//! All combinations rendered: what the charts make of the values, and whether it fits together.

mod common;
#[allow(clippy::unwrap_used, reason = "in a test, a failure")]
mod rendering;

use std::collections::{BTreeMap, BTreeSet};

use catalog::edges::{Edges, Need, edges};
use catalog::references::Placed;
use catalog::{COMBINATIONS, Error, Settings, combinations, images};
use rendering::{Plan, kind, name, namespace};
use serde_json::Value;

fn none() -> Settings {
    Settings::in_cluster(None, "http://late-entry.invalid".to_owned())
}

fn with_domain() -> Settings {
    Settings::in_cluster(Some("digit.example.org".to_owned()), "https://digit.example.org".to_owned())
}

const WORKLOADS: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

#[test]
fn the_workloads_are_those_that_were_counted_and_our_own() {
    for (combination, workloads) in
        [(combinations::DIGIT, 37 + 2), (combinations::URBAN, 64 + 2), (combinations::PRACTICE, 8)]
    {
        let plan = Plan::of(&combination, &none());
        let found = plan.all().filter(|(_, o)| WORKLOADS.contains(&kind(o))).count();
        assert_eq!(found, workloads, "{}", combination.product);
    }
}

#[test]
fn everything_that_is_named_is_in_the_plan_or_listed_with_a_reason() {
    let lists = [(combinations::DIGIT, 14), (combinations::URBAN, 13), (combinations::PRACTICE, 0)];
    for (combination, optional) in lists {
        for settings in [none(), with_domain()] {
            let plan = Plan::of(&combination, &settings);
            let edges = edges(&plan.selection, &plan.objects).unwrap();
            assert_eq!(edges.optional.len(), optional, "{} {:#?}", combination.product, edges.optional);
        }
    }
}

#[test]
fn every_single_module_of_urban_fits_together() {
    let all = Plan::of(&combinations::URBAN, &none());
    let modules: Vec<String> = all.bundle.list().modules().map(|m| m.name.clone()).collect();
    for module in modules {
        let plan = all.only(&none(), &module);
        edges(&plan.selection, &plan.objects).unwrap_or_else(|error| panic!("{module}: {error}"));
    }
}

#[test]
fn a_database_and_a_store_of_ones_own_fit_as_well() {
    let mut settings = with_domain();
    settings.database.in_cluster = false;
    settings.database.host = "db.example.org".to_owned();
    settings.files.endpoint = Some("https://s3.example.org".to_owned());
    let plan = Plan::of(&combinations::DIGIT, &settings);
    assert!(!plan.objects.contains_key("digit-postgresql"));
    edges(&plan.selection, &plan.objects).unwrap();
}

#[test]
fn without_patch_p1_the_plan_would_be_refused() {
    let mut plan = Plan::of(&combinations::DIGIT, &none()).as_ref().clone();
    for object in plan.objects.get_mut("egov-filestore").unwrap() {
        if kind(object) == "Ingress" {
            object["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] = "zuul".into();
        }
    }
    let Error::Unresolved { references } = edges(&plan.selection, &plan.objects).unwrap_err() else { panic!() };
    assert_eq!(references.len(), 1);
    assert_eq!((references[0].name.as_str(), references[0].service.as_str()), ("zuul", "egov-filestore"));
}

/// Built-in kinds take a null for absent. Custom ones refuse it, so what we leave out before sending must not be in what
/// Helm would send again from the record.
#[test]
fn no_custom_resource_is_rendered_with_a_null() {
    fn has_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => items.iter().any(has_null),
            Value::Object(map) => map.values().any(has_null),
            _ => false,
        }
    }
    let is_built_in = |api: &str| !api.contains('.') || api.split('/').next().is_some_and(|g| g.ends_with(".k8s.io"));
    let mut custom = 0;
    for combination in COMBINATIONS {
        for settings in [none(), with_domain()] {
            let plan = Plan::of(&combination, &settings);
            for (service, object) in plan.all() {
                if is_built_in(object["apiVersion"].as_str().unwrap()) {
                    continue;
                }
                custom += 1;
                assert!(!has_null(object), "{service}: {object:#}");
            }
        }
    }
    assert!(custom > 0, "cert-manager's issuers are custom");
}

fn needs_through(edges: &Edges, service: &str, of: &str) -> bool {
    edges.needs[service].keys().any(|n| n == of || needs_through(edges, n, of))
}

#[test]
fn no_service_comes_before_what_it_needs() {
    let plan = Plan::of(&combinations::DIGIT, &none());
    let edges = edges(&plan.selection, &plan.objects).unwrap();
    for (service, of) in [
        ("cluster-configs", "ingress-nginx"),
        ("kibana", "ingress-nginx"),
        ("kibana", "elasticsearch-data"),
        ("kafka-kraft", "cluster-configs"),
        ("egov-user", "kafka-kraft"),
        ("egov-user", "redis"),
        ("egov-user", "digit-postgresql"),
        ("egov-filestore", "digit-files"),
        ("egov-user", "egov-enc-service"),
        ("egov-enc-service", "egov-mdms-service"),
        ("egov-hrms", "egov-user"),
        ("pgr-services", "digit-ui"),
        ("gateway", "pgr-services"),
    ] {
        assert!(needs_through(&edges, service, of), "{service} needs {of}");
    }
    for (service, objects) in &plan.objects {
        let has_ingress = objects.iter().any(|o| kind(o) == "Ingress");
        assert!(!has_ingress || needs_through(&edges, service, "ingress-nginx"), "{service} has an Ingress");
    }
    // Of the settings the backbone wants Secrets and no more, so that it need not wait for the web entry.
    for (service, secret) in [
        ("kafka-kraft", "Secret/backbone/kafka-kraft-kraft-cluster-id"),
        ("elasticsearch-data", "Secret/backbone/elasticsearch-master-credentials"),
    ] {
        let wanted = Need { objects: BTreeSet::from([secret.to_owned()]), ..Need::default() };
        assert_eq!(edges.needs[service]["cluster-configs"], wanted, "{service}");
    }
    // Its jobs that come first want a running Elasticsearch, its Ingress the web entry.
    assert_eq!(edges.needs["kibana"]["ingress-nginx"], Need { admission: true, ..Need::default() });
    assert!(edges.needs["kibana"]["elasticsearch-data"].whole);
    // A failed module stops the gateway, not the other services.
    assert!(!needs_through(&edges, "egov-hrms", "pgr-services"));
    assert_eq!(edges.order().len(), plan.selection.services.len());
}

#[test]
fn every_object_goes_into_a_namespace_of_the_plan_and_no_two_are_the_same() {
    for combination in COMBINATIONS {
        let plan = Plan::of(&combination, &none());
        let namespaces: BTreeSet<String> = plan.bundle.namespaces(&plan.selection).into_iter().collect();
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for (service, object) in plan.all() {
            if let Some(namespace) = namespace(object) {
                // Leader election of cert-manager's parts happens where the cluster's own does.
                assert!(namespaces.contains(namespace) || namespace == "kube-system", "{service} {namespace}");
            }
            assert_ne!(kind(object), "Namespace", "{service}");
            let place = namespace(object).unwrap_or_default();
            let id = format!("{} {} {place} {}", object["apiVersion"], kind(object), name(object));
            if let Some(other) = seen.insert(id.clone(), service.to_owned()) {
                panic!("{id} is made by {other} and by {service}");
            }
        }
    }
}

#[test]
fn a_plan_renders_the_same_twice_and_carries_no_time() {
    for combination in [combinations::DIGIT, combinations::PRACTICE] {
        let (one, two) = (Plan::of(&combination, &none()), Plan::afresh(&combination, &none()));
        for (service, objects) in &one.objects {
            let drawn = serde_json::to_string(objects).unwrap();
            assert!(!drawn.contains("deployment-timestamp"), "{service}");
            // Certificates are drawn anew here; whoever plans keeps what was drawn.
            if !drawn.contains("tls.crt") {
                assert_eq!(objects, &two.objects[service], "{service}");
            }
        }
    }
}

#[test]
fn only_the_address_changes_what_is_rendered_when_it_is_found() {
    let before = Plan::of(&combinations::DIGIT, &none());
    let after = Plan::of(&combinations::DIGIT, &Settings::in_cluster(None, "http://198.51.100.7".to_owned()));
    let early: Vec<&str> = before
        .selection
        .services
        .iter()
        .filter(|s| ["entry", "data", "backbone"].contains(&s.stage))
        .map(|s| s.name.as_str())
        .collect();
    assert!(early.len() >= 9);
    for service in early {
        if service != "elasticsearch-master" && service != "elasticsearch-data" {
            assert_eq!(before.objects[service], after.objects[service], "{service}");
        }
        assert_eq!(before.values[service], after.values[service], "{service}");
    }
    assert_ne!(before.objects["cluster-configs"], after.objects["cluster-configs"]);
}

#[test]
fn the_store_answers_under_the_installations_own_address() {
    for (settings, host) in [(none(), None), (with_domain(), Some("digit.example.org"))] {
        let plan = Plan::of(&combinations::DIGIT, &settings);
        let ingress = plan.objects["digit-files"].iter().find(|o| kind(o) == "Ingress").unwrap();
        let rule = &ingress["spec"]["rules"][0];
        assert_eq!(rule.get("host").and_then(Value::as_str), host);
        assert_eq!(rule["http"]["paths"][0]["path"], "/digit-files");
        let hosts = plan.objects["cluster-configs"].iter().find(|o| name(o) == "egov-service-host").unwrap();
        assert_eq!(hosts["data"]["minio-url"], settings.address.as_str());
    }
}

#[test]
fn our_own_pods_are_careful_guests() {
    let plan = Plan::of(&combinations::DIGIT, &none());
    for service in ["digit-postgresql", "digit-files"] {
        let workload = plan.objects[service].iter().find(|o| WORKLOADS.contains(&kind(o))).unwrap();
        let pod = &workload["spec"]["template"]["spec"];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{service}");
        let container = &pod["containers"][0];
        assert!(container["readinessProbe"].is_object() && container["livenessProbe"].is_object(), "{service}");
        assert!(container["resources"]["requests"]["memory"].is_string(), "{service}");
        let text = serde_json::to_string(workload).unwrap();
        assert!(!text.contains("CANARY"), "{service}: secrets come from a Secret");
    }
}

#[test]
fn images_have_tags_and_nothing_of_egovs_own_environment_is_left() {
    let plan = Plan::of(&combinations::DIGIT, &none());
    let placed: Vec<Placed<'_>> =
        plan.all().map(|(service, object)| Placed { service, namespace: "egov", object }).collect();
    let found = images::images(&placed);
    assert!(found.iter().all(|i| i.image.tag.as_deref() != Some("latest")), "{found:#?}");
    let registries: BTreeSet<&str> = found.iter().map(|i| i.image.registry.as_str()).collect();
    assert!(!registries.contains("k8s.gcr.io"), "{registries:?}");
    assert_eq!(found.iter().find(|i| i.image.repository == "egovio/egov-user").unwrap().used_by.len(), 1);
    // The script on eGov's bucket is nowhere left, and no mail goes to eGov.
    let text = serde_json::to_string(&plan.objects).unwrap();
    assert!(!text.contains("egov-uat-assets") && !text.contains("sre-staff@"));
    // The migration's image has its own name and the service's tag.
    assert!(found.iter().any(|i| i.written == "egovio/egov-user-db:master-fa75ba8"));
}

#[test]
fn who_calls_whom_within_a_stage_is_read_from_the_hosts_that_pods_are_told() {
    let plan = Plan::of(&combinations::DIGIT, &none());
    let edges = edges(&plan.selection, &plan.objects).unwrap();
    let calls = |service: &str| edges.calls[service].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(calls("user-otp"), ["egov-localization", "egov-otp", "egov-user"]);
    assert_eq!(calls("egov-workflow-v2"), ["egov-mdms-service", "egov-user"]);
    // Its routes are those of the services that it waits for.
    assert!(!edges.calls.contains_key("gateway"), "{:?}", edges.calls);
    let urban = Plan::of(&combinations::URBAN, &none());
    let edges = catalog::edges::edges(&urban.selection, &urban.objects).unwrap();
    // They call each other: no order of steps could do.
    assert!(
        edges.calls["tl-calculator"].contains("tl-services") && edges.calls["tl-services"].contains("tl-calculator")
    );
}
