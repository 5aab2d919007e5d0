//! The pinned combinations, read from the real archives.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;

use std::collections::BTreeSet;
use std::sync::Mutex;

use catalog::select::stages;
use catalog::{Bundle, Combination, Selection, Settings, combinations, open_folder};
use helm_template::Values;
use serde_json::{Value, json};

fn bundle(combination: &Combination) -> Bundle {
    open_folder(combination, &common::digit()).unwrap()
}

fn everything(bundle: &Bundle, settings: &Settings) -> Selection {
    let modules: Vec<String> = bundle.list().modules().map(|m| m.name.clone()).collect();
    bundle.select(&modules, settings.brings()).unwrap()
}

fn settings() -> Settings {
    Settings::in_cluster(None, "http://late-entry.invalid".to_owned())
}

fn with_domain() -> Settings {
    Settings::in_cluster(Some("digit.example.org".to_owned()), "https://digit.example.org".to_owned())
}

fn values(bundle: &Bundle, service: &str, settings: &Settings) -> Values {
    let selection = everything(bundle, settings);
    bundle.values(service, &selection, settings, &|name| format!("secret-{name}").into()).unwrap()
}

fn at<'a>(values: &'a Values, path: &[&str]) -> &'a Value {
    catalog::yaml::get(values, path).unwrap_or(&Value::Null)
}

fn config<'a>(values: &'a Values, key: &str) -> &'a Value {
    at(values, &["cluster-configs", "configmaps", "egov-config", "data", key])
}

#[test]
fn both_combinations_are_what_was_pinned_and_every_service_has_a_chart() {
    for (combination, services, modules) in [(combinations::DIGIT, 35, 1), (combinations::URBAN, 62, 10)] {
        let bundle = bundle(&combination);
        assert_eq!(bundle.list().services().count(), services);
        assert_eq!(bundle.list().modules().count(), modules);
        let selection = everything(&bundle, &settings());
        // The list's, and settings, database and file store.
        assert_eq!(selection.services.len(), services + 3);
        for service in &selection.services {
            let chart = bundle.chart(&service.name).unwrap();
            assert!(chart.files.contains_key("Chart.yaml"), "{}", service.name);
        }
    }
}

#[test]
fn what_the_program_says_it_has_is_what_the_lists_have() {
    for info in catalog::builtin().unwrap() {
        let bundle = bundle(&info.combination);
        let listed: Vec<(String, Vec<String>)> = bundle
            .list()
            .modules()
            .map(|m| (m.name.clone(), m.services.iter().map(|s| s.name.clone()).collect()))
            .collect();
        let said: Vec<_> = info.modules.iter().map(|m| (m.id.clone(), m.services.clone())).collect();
        assert_eq!(said, listed);
        let always: BTreeSet<String> = listed
            .iter()
            .map(|(module, own)| {
                let selection = bundle.select(std::slice::from_ref(module), settings().brings()).unwrap();
                selection.services.into_iter().map(|s| s.name).filter(|s| !own.contains(s)).collect::<BTreeSet<_>>()
            })
            .reduce(|a, b| &a & &b)
            .unwrap();
        assert_eq!(info.always.iter().cloned().collect::<BTreeSet<_>>(), always, "{}", info.combination.product);
    }
}

#[test]
fn services_stand_in_the_order_of_the_stages() {
    let selection = everything(&bundle(&combinations::URBAN), &settings());
    let ranks: Vec<usize> = selection.services.iter().map(|s| stages::rank(s.stage)).collect();
    assert!(ranks.is_sorted());
    let place = |name| selection.services.iter().position(|s| s.name == name).unwrap();
    assert!(place("ingress-nginx") < place("cluster-configs"));
    assert!(place("ingress-nginx") < place("kibana"));
    assert!(place("redis") < place("egov-user"));
    assert!(place("egov-user") < place("egov-hrms"));
    assert!(place("digit-ui") < place("pgr-services"));
    assert_eq!(place("gateway"), selection.services.len() - 1);
}

#[test]
fn the_web_pages_come_along_with_modules_that_do_not_name_them() {
    let bundle = bundle(&combinations::URBAN);
    let selection = bundle.select(&["m_bpa".to_owned()], settings().brings()).unwrap();
    assert!(selection.has("digit-ui") && selection.has("egov-hrms"));
    assert!(!selection.has("pgr-services"));
    assert_eq!(selection.service("digit-ui").unwrap().because.code, "always");
}

#[test]
fn namespaces_are_those_that_are_needed() {
    let digit = bundle(&combinations::DIGIT);
    assert_eq!(digit.namespaces(&everything(&digit, &settings())), ["backbone", "egov"]);
    let urban = bundle(&combinations::URBAN);
    assert_eq!(urban.namespaces(&everything(&urban, &settings())), ["backbone", "egov", "playground"]);
    for (service, namespace) in
        [("kafka-kraft", "backbone"), ("ingress-nginx", "egov"), ("tl-services", "egov"), ("redis", "backbone")]
    {
        assert_eq!(urban.release(service).unwrap().namespace, namespace, "{service}");
    }
}

#[test]
fn image_tags_come_from_the_list_and_only_into_charts_that_take_them() {
    let digit = bundle(&combinations::DIGIT);
    let user = values(&digit, "egov-user", &settings());
    assert_eq!(user["image"]["tag"], "master-fa75ba8");
    assert_eq!(user["initContainers"]["dbMigration"]["image"]["tag"], "master-fa75ba8");
    assert_eq!(user["name"], "egov-user");
    let kafka = values(&digit, "kafka-kraft", &settings());
    assert!(!kafka.contains_key("image") && !kafka.contains_key("initContainers"));
}

#[test]
fn no_placeholder_of_the_environment_file_is_left() {
    let angle = |value: &Value| value.as_str().is_some_and(|s| s.contains("<domain_name>") || s.contains("<db"));
    fn walk(value: &Value, bad: &dyn Fn(&Value) -> bool, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => map.values().for_each(|v| walk(v, bad, found)),
            Value::Array(items) => items.iter().for_each(|v| walk(v, bad, found)),
            leaf if bad(leaf) => found.push(leaf.to_string()),
            _ => {}
        }
    }
    for combination in [combinations::DIGIT, combinations::URBAN] {
        let values = Value::Object(values(&bundle(&combination), "cluster-configs", &settings()));
        let mut found = Vec::new();
        walk(&values, &angle, &mut found);
        walk(&values, &|v| v.as_str().is_some_and(|s| s.contains("release-name")), &mut found);
        walk(&values, &|v| v.as_str().is_some_and(|s| s.contains("egov-demo.egovernments.org")), &mut found);
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn p1_the_file_service_is_reached_through_the_gateway() {
    let digit = bundle(&combinations::DIGIT);
    let chart = digit.chart("egov-filestore").unwrap();
    let ingress = String::from_utf8(chart.files["templates/ingress.yaml"].clone()).unwrap();
    assert!(ingress.contains("name: gateway") && !ingress.contains("zuul") && ingress.contains("tls:"));
}

#[test]
fn p4_kafka_is_found_under_its_releases_name() {
    let values = values(&bundle(&combinations::DIGIT), "cluster-configs", &settings());
    assert_eq!(config(&values, "kafka-brokers"), "kafka-kraft-controller-headless.backbone:9092");
    let kafka = at(&values, &["cluster-configs", "secrets", "kafka-kraft"]);
    assert_eq!(kafka, &json!({"name": "kafka-kraft-kraft-cluster-id", "kraft-cluster-id": "secret-kafka-cluster-id"}));
}

#[test]
fn p5_cron_jobs_are_told_of_batch_v1beta1() {
    assert_eq!(catalog::patches::extra_api_versions().collect::<Vec<_>>(), ["batch/v1beta1"]);
}

#[test]
fn p6_pods_carry_a_hash_of_the_settings_instead_of_the_time() {
    let digit = bundle(&combinations::DIGIT);
    // What starts before the settings does not read them, and must not change with them.
    let redis = values(&digit, "redis", &settings());
    assert_eq!(redis["disableAnnotationTimestamp"], true);
    assert!(!redis.contains_key("additionalAnnotations") && !redis.contains_key("cluster-configs"));
    let one = values(&digit, "egov-user", &settings());
    assert_eq!(one["disableAnnotationTimestamp"], true);
    assert_eq!(one["additionalAnnotations"], values(&digit, "egov-idgen", &settings())["additionalAnnotations"]);
    let other = Settings { timezone: "Africa/Maputo".to_owned(), ..settings() };
    assert_ne!(one["additionalAnnotations"], values(&digit, "egov-user", &other)["additionalAnnotations"]);
}

#[test]
fn p8_addresses_bucket_region_and_mail_are_ours() {
    let digit = bundle(&combinations::DIGIT);
    let configs = values(&digit, "cluster-configs", &settings());
    assert_eq!(config(&configs, "db-url"), "jdbc:postgresql://postgresql.backbone:5432/digit");
    assert_eq!(config(&configs, "db-host"), "postgresql.backbone:5432");
    assert_eq!(config(&configs, "egov-services-fqdn-name"), "http://late-entry.invalid/");
    let mut ours = with_domain();
    ours.email = Some("it@example.org".to_owned());
    ours.files.endpoint = Some("https://s3.example.org".to_owned());
    ours.files.region = "eu-west-1".to_owned();
    let filestore = values(&digit, "egov-filestore", &ours);
    assert_eq!(filestore["egov-filestore"]["fixed-bucketname"], "digit-files");
    let variables = filestore["egov-filestore"]["extraEnv"]["app"].as_str().unwrap();
    assert!(variables.ends_with("\n- name: FIXED_BUCKET_REGION\n  value: \"eu-west-1\"\n"), "{variables}");
    let hosts = ["cluster-configs", "configmaps", "egov-service-host", "data", "minio-url"];
    assert_eq!(at(&filestore, &hosts), "https://s3.example.org");
    let certificates = values(&digit, "cert-manager", &ours);
    let email = ["cert-manager", "clusterIssuer", "prod", "acme", "email"];
    assert_eq!(at(&certificates, &email), "it@example.org");
    assert_eq!(at(&values(&digit, "cert-manager", &settings()), &email), "");
}

#[test]
fn p9_every_secret_comes_by_name_and_only_where_it_is_needed() {
    let digit = bundle(&combinations::DIGIT);
    let settings = settings();
    let selection = everything(&digit, &settings);
    let asked = Mutex::new(BTreeSet::new());
    let secret = |name: &str| {
        asked.lock().unwrap().insert(name.to_owned());
        format!("CANARY-{name}").into()
    };
    let mut with_secrets = Vec::new();
    for service in &selection.services {
        let values = digit.values(&service.name, &selection, &settings, &secret).unwrap();
        if serde_json::to_string(&values).unwrap().contains("CANARY") {
            with_secrets.push(service.name.as_str());
        }
    }
    assert_eq!(with_secrets, ["cluster-configs", "digit-postgresql", "digit-files"]);
    let needed: BTreeSet<String> = digit.secret_needs(&selection).iter().map(|n| n.name.to_owned()).collect();
    assert_eq!(*asked.lock().unwrap(), needed);
    assert!(needed.contains("enc-initial-vector") && !needed.contains("unused-edcr-pnb"));
    assert!(digit.secret_needs(&selection).iter().any(|n| n.name == "enc-salt" && n.for_ever));
    // Without a selection of edcr its Secret is not made; with it, it is.
    let urban = bundle(&combinations::URBAN);
    assert!(urban.secret_needs(&everything(&urban, &settings)).iter().any(|n| n.name == "unused-edcr-pnb"));
}

#[test]
fn p10_the_file_services_dummy_secret_is_not_made() {
    let values = values(&bundle(&combinations::DIGIT), "cluster-configs", &settings());
    assert_eq!(at(&values, &["cluster-configs", "secrets", "egov-filestore"]), &Value::Null);
    assert_eq!(
        at(&values, &["cluster-configs", "secrets", "minio"]),
        &json!({"namespace": "egov", "accesskey": "secret-files-access-key", "secretkey": "secret-files-secret-key"})
    );
}

#[test]
fn p13_configuration_is_pulled_over_https_without_a_key() {
    let urban = bundle(&combinations::URBAN);
    for (service, repository) in [
        ("egov-mdms-service", "egov-mdms-data"),
        ("egov-indexer", "configs"),
        ("egov-persister", "configs"),
        ("egov-searcher", "configs"),
        ("dashboard-analytics", "configs"),
        ("dashboard-ingest", "configs"),
    ] {
        let values = values(&urban, service, &settings());
        let sync = at(&values, &[service, "initContainers", "gitSync"]);
        assert_eq!(sync["repo"], format!("https://github.com/egovernments/{repository}"), "{service}");
        assert_eq!(sync["image"]["repository"], "registry.k8s.io/git-sync/git-sync");
        assert!(sync["env"].as_str().unwrap().contains("\"GIT_SYNC_SSH\"\n  value: \"false\""));
    }
    let configs = values(&urban, "cluster-configs", &settings());
    assert_eq!(at(&configs, &["cluster-configs", "secrets", "git-sync", "ssh"]), "unused");
}

#[test]
fn p14_modules_of_the_folder_urban_go_into_egov() {
    let urban = bundle(&combinations::URBAN);
    assert_eq!(at(&values(&urban, "tl-services", &settings()), &["global", "namespace"]), "egov");
    assert_eq!(at(&values(&urban, "redis", &settings()), &["global", "namespace"]), &Value::Null);
}

#[test]
fn p15_no_namespace_is_made_by_the_settings_and_text_messages_go_to_the_log() {
    let digit = bundle(&combinations::DIGIT);
    let configs = values(&digit, "cluster-configs", &settings());
    assert_eq!(at(&configs, &["cluster-configs", "namespaces", "create"]), false);
    let sms = values(&digit, "egov-notification-sms", &settings());
    assert_eq!(sms["egov-notification-sms"]["sms.provider.class"], "Console");
}

#[test]
fn p16_the_pages_take_their_settings_from_themselves() {
    let digit = bundle(&combinations::DIGIT);
    for page in ["citizen", "employee", "digit-ui"] {
        let values = values(&digit, page, &settings());
        let injection = values[page]["custom-js-injection"].as_str().unwrap();
        assert!(injection.contains("STATE_LEVEL_TENANT_ID") && !injection.contains("http"), "{injection}");
    }
}

#[test]
fn a_fixed_one_time_password_is_for_demonstrations_only() {
    let digit = bundle(&combinations::DIGIT);
    let real = values(&digit, "egov-user", &settings());
    assert_eq!(real["egov-user"]["citizen-otp-fixed-enabled"], "false");
    assert_eq!(real["egov-user"]["citizen-otp-fixed"], "");
    let demo = values(&digit, "egov-user", &Settings { demo: true, ..settings() });
    assert_eq!(demo["egov-user"]["citizen-otp-fixed"], "123456");
}

#[test]
fn without_a_domain_there_is_no_tls() {
    let digit = bundle(&combinations::DIGIT);
    let none = values(&digit, "citizen", &settings());
    assert_eq!((&none["global"]["domain"], &none["global"]["setup"]), (&json!(""), &json!("quickstart")));
    let some = values(&digit, "citizen", &with_domain());
    assert_eq!(
        (&some["global"]["domain"], &some["global"]["setup"]),
        (&json!("digit.example.org"), &json!("fullsetup"))
    );
}

#[test]
fn the_same_values_come_out_twice() {
    let settings = settings();
    for combination in catalog::COMBINATIONS {
        let bundle = bundle(&combination);
        let selection = everything(&bundle, &settings);
        for service in &selection.services {
            let once = || {
                serde_json::to_string(&bundle.values(&service.name, &selection, &settings, &|n| n.into()).unwrap())
                    .unwrap()
            };
            assert_eq!(once(), once(), "{}", service.name);
        }
    }
}
