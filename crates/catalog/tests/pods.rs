//! What the pods of both products are told, read from every one that is rendered: with the images of DIGIT's lists
//! nothing would get ready, or would ask somebody else's server, without it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;
#[allow(dead_code, reason = "others use the rest")]
mod rendering;

use std::collections::{BTreeMap, BTreeSet};

use catalog::edges::edges;
use catalog::references::{hosts, pod_of};
use catalog::settings::REDIS_DISK;
use catalog::variables::{FOREIGN, JAVA_SPRING, LEFT};
use catalog::{SecretFormat, Settings, combinations, entry};
use rendering::{Plan, kind, name, namespace};
use serde_json::{Value, json};

const ADDRESS: &str = "http://198.51.100.7";

fn settings() -> Settings {
    Settings::in_cluster(None, ADDRESS.to_owned())
}

fn both() -> [std::sync::Arc<Plan>; 2] {
    [combinations::DIGIT, combinations::URBAN].map(|combination| Plan::of(&combination, &settings()))
}

/// A container of a pod, of those that come first too.
struct Container<'a> {
    service: &'a str,
    object: &'a Value,
    container: &'a Value,
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn containers(plan: &Plan) -> Vec<Container<'_>> {
    plan.all()
        .filter_map(|(service, object)| Some((service, object, pod_of(object)?)))
        .flat_map(|(service, object, pod)| {
            let all = list(pod, "initContainers").iter().chain(list(pod, "containers"));
            all.map(move |container| Container { service, object, container })
        })
        .collect()
}

/// What a ConfigMap says under a key, as a pod of that namespace reads it.
fn config(plan: &Plan, of: &Value, config: &str, key: &str) -> Option<String> {
    let (_, found) =
        plan.all().find(|(_, o)| kind(o) == "ConfigMap" && name(o) == config && namespace(o) == namespace(of))?;
    found["data"][key].as_str().map(str::to_owned)
}

impl Container<'_> {
    /// What a variable is in the end: where it is named twice, the last one counts.
    fn variable(&self, plan: &Plan, wanted: &str) -> Option<String> {
        let variable = list(self.container, "env").iter().rfind(|v| v["name"] == wanted)?;
        if let Some(text) = variable["value"].as_str() {
            return Some(text.to_owned());
        }
        let from = &variable["valueFrom"]["configMapKeyRef"];
        config(plan, self.object, from["name"].as_str()?, from["key"].as_str()?)
    }

    fn id(&self) -> String {
        format!("{}/{}", self.service, self.container["name"].as_str().unwrap_or_default())
    }
}

/// The program itself, by service: not what comes first or stands beside it.
fn programs(plan: &Plan) -> BTreeMap<&str, Container<'_>> {
    let named = containers(plan).into_iter().filter(|c| c.container["name"] == c.service);
    named.map(|c| (c.service, c)).collect()
}

#[test]
fn every_java_service_has_postgresqls_driver_no_tracing_and_no_central_instance() {
    let mut wrong = Vec::new();
    for (plan, wanted) in both().iter().zip([25, 47]) {
        let mut count = 0;
        for container in containers(plan) {
            if container.variable(plan, "SPRING_DATASOURCE_URL").is_none() {
                continue;
            }
            count += 1;
            for (variable, value) in [
                ("SPRING_DATASOURCE_DRIVER_CLASS_NAME", "org.postgresql.Driver"),
                ("OTEL_TRACES_EXPORTER", "none"),
                ("IS_ENVIRONMENT_CENTRAL_INSTANCE", "false"),
            ] {
                let is = container.variable(plan, variable);
                if is.as_deref() != Some(value) {
                    wrong.push(format!("{} {variable} is {is:?}", container.id()));
                }
            }
        }
        assert_eq!(count, wanted, "{}", plan.bundle.combination().product);
        // Whoever says that it is one is among them.
        for service in &plan.selection.services {
            if plan.values[&service.name].get("appType") == Some(&json!(JAVA_SPRING)) {
                assert!(programs(plan)[service.name.as_str()].variable(plan, "SPRING_DATASOURCE_URL").is_some());
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them: {:#?}", wrong.len(), &wrong[..wrong.len().min(4)]);
}

#[test]
fn no_pod_is_left_with_a_server_that_was_built_into_its_image() {
    let plans = both();
    let mut wrong = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for plan in &plans {
        let programs = programs(plan);
        for foreign in FOREIGN {
            let Some(program) = programs.get(foreign.service) else { continue };
            seen.insert(foreign.service);
            for variable in foreign.variables {
                match program.variable(plan, variable) {
                    None => {
                        wrong
                            .insert(format!("{}: {variable} is not set: {} is asked", foreign.service, foreign.server));
                    }
                    Some(value) if value.is_empty() || value.contains(foreign.server) => {
                        wrong.insert(format!("{}: {variable} is {value:?}", foreign.service));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let all: BTreeSet<&str> = FOREIGN.iter().map(|f| f.service).collect();
    assert_eq!(seen, all);
}

/// Hosts that lie outside the cluster: with a dot, in none of its namespaces, no address of the pod itself, and not the
/// installation's own.
fn is_outside(plan: &Plan, host: &str) -> bool {
    let inside = plan.bundle.namespaces(&plan.selection);
    let own = ["localhost", "127.0.0.1", "0.0.0.0"];
    let service = host.strip_suffix(".cluster.local").unwrap_or(host);
    let service = service.strip_suffix(".svc").unwrap_or(service);
    host.contains('.')
        && !own.contains(&host)
        && !ADDRESS.ends_with(host)
        && !inside.iter().any(|namespace| service.ends_with(&format!(".{namespace}")))
}

#[test]
fn hosts_outside_that_pods_name_are_listed_with_a_reason() {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for plan in &both() {
        let mut add = |text: &str, by: String| {
            for host in hosts(text).into_iter().filter(|host| is_outside(plan, host)) {
                found.entry(host).or_default().insert(by.clone());
            }
        };
        for container in containers(plan) {
            for variable in list(container.container, "env").iter().filter_map(|v| v["name"].as_str()) {
                if let Some(value) = container.variable(plan, variable) {
                    add(&value, format!("{} {variable}", container.id()));
                }
            }
            for part in ["command", "args"] {
                for text in list(container.container, part).iter().filter_map(Value::as_str) {
                    add(text, format!("{} {part}", container.id()));
                }
            }
        }
        // And in what they mount.
        for (service, object) in plan.all() {
            let Some(pod) = pod_of(object) else { continue };
            for volume in list(pod, "volumes") {
                let mounted = volume["configMap"]["name"].as_str().unwrap_or_default();
                let is = |o: &Value| kind(o) == "ConfigMap" && name(o) == mounted && namespace(o) == namespace(object);
                for (_, config) in plan.all().filter(|(_, o)| is(o)) {
                    for (key, text) in config["data"].as_object().into_iter().flatten() {
                        add(text.as_str().unwrap_or_default(), format!("{service} {mounted}/{key}"));
                    }
                }
            }
        }
    }
    let listed: BTreeSet<&str> = LEFT.iter().filter(|o| o.named).map(|o| o.host).collect();
    let new: Vec<_> = found.iter().filter(|(host, _)| !listed.contains(host.as_str())).collect();
    assert!(new.is_empty(), "not listed: {new:#?}");
    let gone: Vec<_> = listed.iter().filter(|host| !found.contains_key(**host)).collect();
    assert!(gone.is_empty(), "listed, and named by no pod: {gone:?}");
}

#[test]
fn links_lead_to_the_address_that_was_found() {
    for plan in &both() {
        let hosts = programs(plan)["pgr-services"].variable(plan, "EGOV_UI_APP_HOST_MAP").unwrap();
        let hosts: Value = serde_json::from_str(&hosts).unwrap();
        // What is joined to it begins with no slash.
        assert_eq!(hosts, json!({"pg": "http://198.51.100.7/"}));
    }
}

#[test]
fn hosts_end_in_a_slash_where_paths_begin_with_none() {
    let ends = [
        ("egov-idgen", "MDMS_SERVICE_HOST", "/"),
        ("egov-user", "EGOV_OTP_HOST", "/"),
        ("egov-user", "EGOV_LOCALIZATION_HOST", ":8080/"),
        ("egov-user", "EGOV_MDMS_V2_HOST", ":8080"),
        ("egov-hrms", "EGOV_IDGEN_HOST", "/"),
        ("pgr-services", "EGOV_IDGEN_HOST", "/"),
        ("pgr-services", "EGOV_URL_SHORTNER_HOST", ":8080"),
        ("user-otp", "OTP_HOST", "/otp"),
        ("gateway", "EGOV_AUTH_SERVICE_HOST", "/"),
        ("gateway", "EGOV_AUTHORIZE_ACCESS_CONTROL_HOST", "/"),
    ];
    for plan in &both() {
        let programs = programs(plan);
        for (service, variable, end) in ends {
            let value = programs[service].variable(plan, variable).unwrap_or_default();
            assert!(value.ends_with(end), "{service} {variable} is {value:?}");
        }
    }
}

#[test]
fn keys_of_the_encryption_are_as_long_as_it_reads_them() {
    for plan in &both() {
        let needs = plan.bundle.secret_needs(&plan.selection);
        let of = |name: &str| needs.iter().find(|n| n.name == name).unwrap();
        for (name, format) in [
            ("enc-password", SecretFormat::Alphanumeric(32)),
            // Shorter ones kill it at its start; of longer ones it reads as much as this.
            ("enc-salt", SecretFormat::Alphanumeric(8)),
            ("enc-initial-vector", SecretFormat::Alphanumeric(12)),
        ] {
            assert_eq!((of(name).format, of(name).for_ever), (format, true), "{name}");
        }
    }
}

#[test]
fn the_bucket_is_made_before_the_file_service_and_is_the_one_that_it_asks_for() {
    for plan in &both() {
        let edges = edges(&plan.selection, &plan.objects).unwrap();
        assert!(edges.needs["egov-filestore"]["digit-files"].whole);
        let programs = programs(plan);
        let bucket = programs["egov-filestore"].variable(plan, "FIXED_BUCKETNAME").unwrap();
        // The store takes a folder for a bucket; mounting the bucket's own folder makes it, before the store starts.
        let mounts = list(programs["digit-files"].container, "volumeMounts");
        assert!(
            mounts.iter().any(|m| m["mountPath"] == format!("/data/{bucket}") && m["subPath"] == bucket.as_str()),
            "{mounts:#?}"
        );
        for (variable, value) in [("FIXED_BUCKET_REGION", "us-east-1"), ("ISS3ENABLED", "true"), ("MINIO_URL", ADDRESS)]
        {
            assert_eq!(programs["egov-filestore"].variable(plan, variable).as_deref(), Some(value), "{variable}");
        }
    }
}

#[test]
fn redis_writes_down_who_is_signed_in_on_a_disk_of_its_own() {
    for plan in &both() {
        let objects = &plan.objects["redis"];
        let of = |wanted: &str| objects.iter().find(|o| kind(o) == wanted);
        let deployment = of("Deployment").unwrap();
        assert_eq!(deployment["spec"]["strategy"], json!({"type": "Recreate"}), "two must not write to one disk");
        let pod = pod_of(deployment).unwrap();
        assert_eq!(pod["containers"][0]["args"], json!(["--appendonly", "yes", "--dir", "/data"]));
        assert_eq!(pod["containers"][0]["volumeMounts"], json!([{"name": "data", "mountPath": "/data"}]));
        let claim = of("PersistentVolumeClaim").expect("a claim");
        assert_eq!(pod["volumes"][0]["persistentVolumeClaim"]["claimName"], claim["metadata"]["name"]);
        assert_eq!((namespace(claim), namespace(deployment)), (Some("backbone"), Some("backbone")));
        assert_eq!(claim["spec"]["resources"]["requests"]["storage"], REDIS_DISK);
        // What was there before the patch is there still.
        assert_eq!((deployment["spec"]["replicas"].as_i64(), name(deployment)), (Some(1), "redis"));
        assert_eq!(pod["containers"][0]["image"], "egovio/redis:7.2.4");
    }
}

#[test]
fn the_web_entry_that_comes_along_guards_the_door_of_the_sign_in() {
    for plan in &both() {
        assert!(entry::guards(&plan.objects[entry::SERVICE]));
        let others = plan.all().filter(|(service, _)| *service != entry::SERVICE).map(|(_, o)| o);
        assert!(!entry::guards(others));
        // Each that leads under the door leads through this controller.
        let ingress = plan.objects[entry::GUARDED].iter().find(|o| kind(o) == "Ingress").unwrap();
        assert_eq!(ingress["spec"]["rules"][0]["http"]["paths"][0]["path"], "/user");
        assert_eq!(ingress["metadata"]["annotations"]["kubernetes.io/ingress.class"], "nginx");
    }
}
