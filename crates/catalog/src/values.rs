//! The values of a service's chart, in the layers of DIGIT's deployer: the pinned environment file without its dead
//! keys, what this installation decides laid over it, the chart's file for the service, then what `--set` would set.
//!
//! The environment file is read at plan time; this module holds only the keys that are dropped and the overrides.

use std::collections::BTreeMap;

use helm_template::{Values, merge_values};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::data::readers;
use crate::select::{SETTINGS_SERVICE, Selection, stages};
use crate::settings::{Entry, KAFKA_BROKERS, KAFKA_CLUSTER_ID_SECRET, REDIS_DISK, Settings, Sms};
use crate::yaml::{get, set};
use crate::{entry, variables};

/// Top-level keys of the environment file that no chart reads, with placeholders among them.
pub const DROPPED_KEYS: &[&str] = &[
    "redoc",
    "nginx-ingress",
    "collection-receipt-voucher-consumer",
    "kafka-config",
    "logging-config",
    "jaeger",
    "kafka-v2",
    "zookeeper-v2",
    "elasticsearch-data-v1",
    "elasticsearch-master-v1",
    "grafana",
    "prometheus",
    "loki",
    "cert-manager",
    "minio",
    "pgadmin",
    "jupyterhub",
];

/// Address of eGov's demonstration, which stands in links that citizens would get.
const FOREIGN: &str = "https://egov-demo.egovernments.org";

/// A git-sync that still has version 3's flags, on the registry that is kept. It pulls the head of the branch that the
/// environment names when a pod starts: unlike charts and images, this is not pinned.
const GIT_SYNC_IMAGE: (&str, &str) = ("registry.k8s.io/git-sync/git-sync", "v3.6.9");
const GIT_SYNC_ENV: &str = r#"- name: "GIT_SYNC_REPO"
  value: "{{ .Values.initContainers.gitSync.repo }}"
- name: "GIT_SYNC_BRANCH"
  value: "{{ .Values.initContainers.gitSync.branch }}"
- name: "GIT_SYNC_DEPTH"
  value: "1"
- name: "GIT_SYNC_ONE_TIME"
  value: "true"
- name: "GIT_SYNC_SSH"
  value: "false"
- name: "GIT_SYNC_ROOT"
  value: "/work-dir"
"#;

/// The file service, which knows its store's region only from a variable.
const FILE_SERVICE: &str = "egov-filestore";

/// Redis writes down every change; its own entry point gives the folder to the user that it runs as.
const REDIS_ARGS: &str = "- --appendonly\n- \"yes\"\n- --dir\n- /data\n";
const REDIS_VOLUME: &str = "- name: data\n  persistentVolumeClaim:\n    claimName: redis\n";
const REDIS_MOUNT: &str = "- name: data\n  mountPath: /data\n";

/// Values beside the secrets that make their templates complete; none of them lets anybody in.
const BESIDE: &[(&[&str], &str, &str)] = &[
    (&["git-sync", "ssh"], "unused", ""),
    (&["git-sync", "known-hosts"], "unused", ""),
    (&["egov-notification-sms", "username"], "unused", "egov-notification-sms"),
    (&["egov-notification-mail", "mailsenderusername"], "unused", "egov-notification-mail"),
    (&["egov-pg-service", "axis-merchant-id"], "unused", "egov-pg-service"),
    (&["egov-pg-service", "axis-merchant-user"], "unused", "egov-pg-service"),
    (&["egov-edcr-notification", "edcr-mail-username"], "unused", "egov-edcr"),
    (&["egov-edcr-notification", "edcr-sms-username"], "unused", "egov-edcr"),
    (&["egov-edcr-bank-gateway", "edcr-pnb-mid"], "unused", "egov-edcr"),
];

fn wanted(reader: &str, selection: &Selection) -> bool {
    reader.is_empty() || selection.has(reader)
}

/// The environment of an installation: what all services' values begin with.
pub(crate) fn environment(
    pinned: &Values,
    selection: &Selection,
    settings: &Settings,
    namespaces: &[String],
) -> Values {
    let mut values = pinned.clone();
    values.retain(|key, _| !DROPPED_KEYS.contains(&key.as_str()));
    values.values_mut().for_each(|value| replace_foreign(value, settings.address.trim_end_matches('/')));
    let database = &settings.database;
    let domain = settings.domain.clone().unwrap_or_default();
    let address = settings.address.trim_end_matches('/');
    let url = format!("jdbc:postgresql://{}:{}/{}", database.host, database.port, database.name);
    let store = settings.files.endpoint.clone().unwrap_or_else(|| address.to_owned());
    let mut over = Values::new();
    let mut put = |path: &[&str], value: Value| set(&mut over, path, value);

    put(&["global", "domain"], json!(domain));
    put(&["global", "setup"], json!(settings.setup()));

    // P15: a step of its own makes the namespaces.
    put(&["cluster-configs", "namespaces"], json!({"create": false, "values": []}));
    let config = |key| ["cluster-configs", "configmaps", "egov-config", "data", key];
    put(&config("db-host"), json!(format!("{}:{}", database.host, database.port)));
    put(&config("db-name"), json!(database.name));
    put(&config("db-url"), json!(url));
    put(&config("domain"), json!(domain));
    put(&config("egov-services-fqdn-name"), json!(format!("{address}/")));
    put(&config("egov-state-level-tenant-id"), json!(settings.tenant));
    put(&config("kafka-brokers"), json!(KAFKA_BROKERS));
    put(&config("timezone"), json!(settings.timezone));
    put(&config(variables::APP_HOSTS), json!(json!({&settings.tenant: format!("{address}/")}).to_string()));
    if selection.has("egov-edcr") {
        put(&config("bpa-db-url"), json!(url));
    }
    // Settings are read by pods of DIGIT's own namespaces; backbone has none that reads them.
    let readers: Vec<&String> = namespaces.iter().filter(|n| *n != "backbone").collect();
    put(&["cluster-configs", "configmaps", "egov-config", "namespace"], json!(readers));
    put(&["cluster-configs", "configmaps", "egov-service-host", "namespace"], json!(readers));
    put(&["cluster-configs", "configmaps", "egov-service-host", "data", "minio-url"], json!(store));
    put(&["cluster-configs", "root-ingress", "cert-issuer"], json!("letsencrypt-prod"));

    // P8, P10: the store is reached through its client for MinIO, with keys from the Secret `minio`.
    put(&["egov-filestore", "minio-enabled"], json!(true));
    put(&["egov-filestore", "fixed-bucketname"], json!(settings.files.bucket));
    match settings.sms {
        Sms::Console => put(&["egov-notification-sms", "sms.provider.class"], json!("Console")),
    }
    put(&["egov-user", "citizen-otp-fixed-enabled"], json!(settings.demo.to_string()));
    if !settings.demo {
        put(&["egov-user", "citizen-otp-fixed"], json!(""));
    }
    put(&["employee", "dashboard-url"], json!(""));
    for page in ["citizen", "employee", "digit-ui"] {
        put(&[page, "custom-js-injection"], json!(global_configs(settings)));
    }
    // The charts name an address of eGov's; the certificate authority does without any.
    for issuer in ["prod", "stage"] {
        put(
            &["cert-manager", "clusterIssuer", issuer, "acme", "email"],
            json!(settings.email.clone().unwrap_or_default()),
        );
    }
    merge_values(&mut values, over);
    values
}

/// What the values of one service add to the environment, below `--set`.
pub(crate) fn service_overrides(
    service: &str,
    stage: &str,
    environment: &Values,
    chart: &Values,
    settings: &Settings,
) -> Values {
    let mut over = Values::new();
    // P6: a restart exactly when what the pods read has changed. What starts before the settings are there reads none.
    set(&mut over, &["disableAnnotationTimestamp"], json!(true));
    if stages::rank(stage) >= stages::rank(stages::CORE) {
        let hash = environment.get(SETTINGS_SERVICE).map(config_hash).unwrap_or_default();
        set(&mut over, &["additionalAnnotations"], json!(format!("digit-installer/settings: \"{hash}\"\n")));
    }
    // P22.
    let unpacks =
        settings.data.as_ref().is_some_and(|data| readers::unpack(&mut over, service, environment, chart, data));
    // P13. The section of the service wins over everything, so this has to go there.
    let at = |key| ["initContainers", "gitSync", key];
    if !unpacks && get(chart, &at("enabled")) == Some(&Value::Bool(true)) {
        let section = environment.get(service).and_then(Value::as_object);
        let repository = section.and_then(|s| get(s, &at("repo"))).or_else(|| get(chart, &at("repo")));
        if let Some(repository) = repository.and_then(Value::as_str).and_then(|r| r.strip_prefix("git@github.com:")) {
            let place = |key| [service, "initContainers", "gitSync", key];
            set(&mut over, &place("repo"), json!(format!("https://github.com/{repository}")));
            set(&mut over, &place("image"), json!({"repository": GIT_SYNC_IMAGE.0, "tag": GIT_SYNC_IMAGE.1}));
            set(&mut over, &place("env"), json!(GIT_SYNC_ENV));
        }
    }
    // P18, P19. The section of the service wins here too.
    let java = get(chart, &["appType"]).and_then(Value::as_str) == Some(variables::JAVA_SPRING);
    let mut added = variables::added(service, java);
    // P8. Without it the bucket would be looked for in the region of eGov's own.
    if service == FILE_SERVICE {
        added += &variables::text_item("FIXED_BUCKET_REGION", &settings.files.region);
    }
    if !added.is_empty() {
        set(&mut over, &[service, "extraEnv", "app"], json!(added));
    }
    match service {
        // P20.
        "redis" => {
            set(&mut over, &["redis", "storage"], json!(REDIS_DISK));
            set(&mut over, &["redis", "args"], json!(REDIS_ARGS));
            set(&mut over, &["redis", "extraVolumes"], json!(REDIS_VOLUME));
            set(&mut over, &["redis", "extraVolumeMounts"], json!(REDIS_MOUNT));
        }
        // P21.
        "ingress-nginx" => {
            let config = |key| ["controller", "config", key];
            set(&mut over, &config("enable-modsecurity"), json!("true"));
            set(&mut over, &config("modsecurity-snippet"), json!(entry::rules()));
            if settings.entry == Entry::NodePort {
                set(&mut over, &["controller", "service", "type"], json!("NodePort"));
            }
        }
        _ => {}
    }
    over
}

/// Leaves only what the chart itself reads: what starts before the web entry's address is known must not depend on it,
/// and the settings hold it.
pub(crate) fn keep_own(service: &str, values: &mut Values, chart: &Values) {
    values.retain(|key, _| {
        matches!(key.as_str(), "global" | "disableAnnotationTimestamp") || key == service || chart.contains_key(key)
    });
}

/// What stands beside the secrets in the values of `cluster-configs`.
pub(crate) fn beside_secrets(selection: &Selection, settings: &Settings) -> Values {
    let mut values = Values::new();
    let mut put = |path: &[&str], text: &str| {
        let path: Vec<&str> = [SETTINGS_SERVICE, "secrets"].iter().chain(path).copied().collect();
        set(&mut values, &path, json!(text));
    };
    put(&["db", "username"], &settings.database.user);
    put(&["db", "flywayUsername"], &settings.database.user);
    put(&["kafka-kraft", "name"], KAFKA_CLUSTER_ID_SECRET);
    put(&["minio", "namespace"], "egov");
    for (path, text, reader) in BESIDE {
        if wanted(reader, selection) {
            put(path, text);
        }
    }
    values
}

/// Links to eGov's demonstration lead to this installation instead (P8).
fn replace_foreign(value: &mut Value, address: &str) {
    match value {
        Value::String(text) if text.contains(FOREIGN) => *text = text.replace(FOREIGN, address),
        Value::Array(items) => items.iter_mut().for_each(|item| replace_foreign(item, address)),
        Value::Object(map) => map.values_mut().for_each(|item| replace_foreign(item, address)),
        _ => {}
    }
}

/// A hash of the settings that services read from ConfigMaps.
fn config_hash(settings: &Value) -> String {
    let configmaps = settings.get("configmaps").cloned().unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update(sorted(&configmaps).to_string().as_bytes());
    hex::encode(&hash.finalize()[..8])
}

/// The same value with the keys of its maps in order, however maps are kept.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let ordered: BTreeMap<&String, Value> = map.iter().map(|(k, v)| (k, sorted(v))).collect();
            Value::Object(ordered.into_iter().map(|(k, v)| (k.clone(), v)).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// The nginx configuration that gives the web pages their settings (P16), as the text that the charts put under `data:`.
///
/// The pages ask `window.globalConfigs.getConfig(KEY)`; the script stands in the page itself, so that nothing has to be
/// hosted. No single quote and no dollar sign may be in it: nginx reads it.
fn global_configs(settings: &Settings) -> String {
    let tenant: String =
        settings.tenant.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).collect();
    let keys = json!({
        "STATE_LEVEL_TENANT_ID": tenant,
        "GMAPS_API_KEY": "",
        "FIN_ENV": "",
        "CONTEXT_PATH": "digit-ui",
        "UICONFIG_MODULENAME": "commonUiConfig",
        "CENTRAL_INSTANCE_ENABLED": false,
        "S3BUCKET": settings.files.bucket.replace(['\'', '$', '"', '\\'], ""),
        "LOCALE_REGION": "IN",
        "LOCALE_DEFAULT": "en",
        "MDMS_CONTEXT_PATH": "egov-mdms-service",
        "MDMS_V1_CONTEXT_PATH": "egov-mdms-service",
        "MDMS_V2_CONTEXT_PATH": "mdms-v2",
    });
    let script = format!("<script>var globalConfigs={{getConfig:function(k){{return ({keys})[k];}}}};</script>");
    format!("sub_filter.conf: |\n  sub_filter '<head>' '<head>{script}';\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_settings_hold_nothing_that_nginx_would_read() {
        let mut settings = Settings::in_cluster(None, "http://x".to_owned());
        settings.tenant = "p'g$(x)\";".to_owned();
        let text = global_configs(&settings);
        let line = text.lines().nth(1).unwrap();
        assert_eq!(line.matches('\'').count(), 4, "{line}");
        assert!(!line.contains('$'));
        // nginx reads a configuration token of at most 4096 bytes.
        assert!(line.len() < 4000);
        assert!(line.contains(r#""STATE_LEVEL_TENANT_ID":"pgx""#));
    }

    #[test]
    fn the_hash_of_settings_does_not_depend_on_the_order_of_keys() {
        let a: Value =
            serde_json::from_str(r#"{"configmaps": {"x": {"b": 1, "a": [{"d": 1, "c": 2}]}}, "y": 1}"#).unwrap();
        let b: Value =
            serde_json::from_str(r#"{"y": 2, "configmaps": {"x": {"a": [{"c": 2, "d": 1}], "b": 1}}}"#).unwrap();
        assert_eq!(config_hash(&a), config_hash(&b));
        assert_ne!(config_hash(&a), config_hash(&json!({"configmaps": {"x": {"b": 2}}})));
    }
}
