//! Environment variables that pods need and that no chart sets, as data: each with its reason.
//!
//! A service that lacks one does not fall silent: it takes what its image was built with, which is a driver that refuses
//! our database, or the server of somebody else.

use serde_json::json;

/// A variable that is set beside those of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is set to.
    pub value: Value,
    /// Whose pods get it.
    pub of: Of,
    /// Why it is needed.
    pub reason: &'static str,
}

/// What a variable is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// This text.
    Text(&'static str),
    /// A key of the ConfigMap `egov-config`.
    Config(&'static str),
}

/// Whose pods get a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// All whose chart is of the type [`JAVA_SPRING`].
    JavaSpring,
    /// These services'.
    Services(&'static [&'static str]),
}

/// The type of chart that runs a Spring program on Java.
pub const JAVA_SPRING: &str = "java-spring";

/// Key of `egov-config` that holds the address which people reach each state at, as a map in JSON.
pub const APP_HOSTS: &str = "egov-ui-app-host-map";
/// Key of `egov-config` that holds the installation's own address.
const ADDRESS: &str = "egov-services-fqdn-name";

const fn java(name: &'static str, value: &'static str, reason: &'static str) -> Variable {
    Variable { name, value: Value::Text(value), of: Of::JavaSpring, reason }
}

/// A host inside the cluster. With a slash at its end exactly where the paths that are joined to it begin with none: a
/// request whose path has two slashes is refused by who gets it.
const fn host(name: &'static str, value: &'static str, services: &'static [&'static str]) -> Variable {
    Variable { name, value: Value::Text(value), of: Of::Services(services), reason: ASKED }
}

const fn link(name: &'static str, key: &'static str, services: &'static [&'static str]) -> Variable {
    Variable { name, value: Value::Config(key), of: Of::Services(services), reason: LINK }
}

const ASKED: &str = "the service would ask a server of eGov's, with what people wrote and who they are";
const LINK: &str = "links that people get would lead to a server of eGov's";

/// All variables that are set beside those of the charts.
pub const ADDED: &[Variable] = &[
    java(
        "SPRING_DATASOURCE_DRIVER_CLASS_NAME",
        "org.postgresql.Driver",
        "the images' own driver is OpenTelemetry's, which refuses addresses that begin with jdbc:postgresql",
    ),
    java("OTEL_TRACES_EXPORTER", "none", "traces would go to a collector that no list has"),
    Variable {
        name: "MAIL_ENABLED",
        value: Value::Text("false"),
        of: Of::Services(&["egov-notification-mail"]),
        reason: "no mail server can be named yet, and the built-in one is Google's: mails are written to the log",
    },
    // Without a time-out: a server that does not answer holds whoever makes a user.
    host("EGOV_MDMS_V2_HOST", "http://mdms-v2.egov:8080", &["egov-user"]),
    host("EGOV_LOCALIZATION_HOST", "http://egov-localization.egov:8080/", &["egov-user"]),
    host("EGOV_LOCALIZATION_HOST", "http://egov-localization.egov:8080", &["boundary-service", "billing-service"]),
    host("EGOV_URL_SHORTNER_HOST", "http://egov-url-shortening.egov:8080", &["pgr-services", "boundary-service"]),
    host("EGOV_MDMS_HOST", "http://egov-mdms-service.egov:8080", &["boundary-service"]),
    host("EGOV_HRMS_HOST", "http://egov-hrms.egov:8080", &["boundary-service"]),
    host("EGOV_USER_HOST", "http://egov-user.egov:8080", &["boundary-service"]),
    host("EGOV_IDGEN_HOST", "http://egov-idgen.egov:8080/", &["boundary-service"]),
    host("EGOV_WORKFLOW_HOST", "http://egov-workflow-v2.egov:8080", &["boundary-service"]),
    host("EGOV_SERVICE_HOST", "http://gateway.egov:8080/", &["egov-indexer"]),
    host("EGOV_EDCR_HOST", "http://egov-edcr.egov:8080", &["egov-indexer"]),
    host("EGOV_BPA_HOST", "http://bpa-services.egov:8080", &["egov-indexer"]),
    host("WORKFLOW_WORKDIR_PATH", "http://egov-workflow-v2.egov:8080", &["bpa-services"]),
    host("WORKFLOW_WORKDIR_PATH", "http://egov-workflow-v2.egov:8080/", &["tl-services", "ws-services", "sw-services"]),
    host("EGOV_PROPERTY_SERVICE_HOST", "http://pt-services-v2.egov:8080", &["bpa-services"]),
    host("EGOV_PTSERVICESV2_HOST", "http://pt-services-v2.egov:8080", &["property-services"]),
    host(
        "EGOV_COLLECTION_SERVICE_HOST",
        "http://collection-services.egov:8080",
        &["bpa-services", "echallan-services"],
    ),
    host("EGOV_INSTRUMENT_HOSTNAME", "http://egf-instrument.egov:8080", &["collection-services"]),
    link("NOTIFICATION_URL", ADDRESS, &["bpa-services"]),
    link("EGOV_HOST_DOMAIN_NAME", ADDRESS, &["tl-services", "echallan-services"]),
    link("EGOV_UI_APP_HOST", ADDRESS, &["ws-services", "sw-services", "ws-calculator", "sw-calculator"]),
    link(
        "EGOV_UI_APP_HOST_MAP",
        APP_HOSTS,
        &[
            "pgr-services",
            "egov-url-shortening",
            "bpa-services",
            "echallan-services",
            "property-services",
            "tl-services",
            "ws-services",
            "sw-services",
        ],
    ),
];

/// Variables whose built-in default is somebody's server, by the service whose image has it: its pods must set them.
///
/// From the properties of the services' sources. Hosts that are asked for what they are there for, and only once somebody
/// has an account with them, are in [`LEFT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreign {
    /// The service.
    pub service: &'static str,
    /// The server that its image names.
    pub server: &'static str,
    /// The variables, of which each must be set.
    pub variables: &'static [&'static str],
}

const fn foreign(service: &'static str, server: &'static str, variables: &'static [&'static str]) -> Foreign {
    Foreign { service, server, variables }
}

const DEV: &str = "dev.digit.org";
const UNIFIED: &str = "unified-dev.digit.org";

/// All of them.
pub const FOREIGN: &[Foreign] = &[
    foreign(
        "egov-user",
        DEV,
        &[
            "EGOV_MDMS_V2_HOST",
            "EGOV_MDMS_HOST",
            "MDMS_HOST",
            "EGOV_SERVICES_ACCESSCONTROL_HOST",
            "EGOV_LOCALIZATION_HOST",
        ],
    ),
    foreign("pgr-services", UNIFIED, &["EGOV_URL_SHORTNER_HOST", "EGOV_UI_APP_HOST_MAP"]),
    foreign("pgr-services", DEV, &["EGOV_LOCALIZATION_HOST", "EGOV_MDMS_HOST", "EGOV_HRMS_HOST", "EGOV_IDGEN_HOST"]),
    foreign(
        "egov-hrms",
        DEV,
        &[
            "EGOV_MDMS_HOST",
            "EGOV_FILESTORE_HOST",
            "EGOV_LOCALIZATION_HOST",
            "EGOV_ENVIRONMENT_DOMAIN",
            "EGOV_USER_HOST",
            "EGOV_IDGEN_HOST",
        ],
    ),
    foreign("egov-hrms", "mseva.lgpunjab.gov.in", &["EGOV_HRMS_EMPLOYEE_APP_LINK"]),
    foreign("egov-url-shortening", "qa.digit.org", &["HOST_NAME"]),
    foreign("egov-url-shortening", "central-instance.digit.org", &["EGOV_UI_APP_HOST_MAP"]),
    foreign("egov-workflow-v2", UNIFIED, &["EGOV_MDMS_HOST"]),
    foreign("egov-workflow-v2", DEV, &["EGOV_USER_HOST"]),
    foreign("egov-user-event", DEV, &["EGOV_MDMS_HOST", "EGOV_LOCALISATION_HOST"]),
    foreign(
        "boundary-service",
        DEV,
        &[
            "EGOV_LOCALIZATION_HOST",
            "EGOV_MDMS_HOST",
            "EGOV_HRMS_HOST",
            "EGOV_USER_HOST",
            "EGOV_IDGEN_HOST",
            "EGOV_WORKFLOW_HOST",
            "EGOV_URL_SHORTNER_HOST",
        ],
    ),
    foreign("egov-accesscontrol", "digit-lts.digit.org", &["EGOV_MDMS_HOST"]),
    foreign("egov-enc-service", DEV, &["EGOV_MDMS_HOST"]),
    foreign("egov-idgen", DEV, &["MDMS_SERVICE_HOST"]),
    foreign("egov-indexer", DEV, &["EGOV_SERVICE_HOST", "EGOV_EDCR_HOST", "EGOV_BPA_HOST"]),
    foreign("egov-location", DEV, &["EGOV_SERVICES_EGOV_MDMS_HOSTNAME"]),
    foreign("egov-notification-mail", DEV, &["EGOV_LOCALIZATION_HOST", "EGOV_USER_HOST"]),
    foreign("egov-notification-mail", "smtp.gmail.com", &["MAIL_ENABLED"]),
    foreign("egov-notification-sms", "m.pipedream.net", &["SMS_PROVIDER_URL", "SMS_PROVIDER_CLASS"]),
    foreign(
        "egov-pg-service",
        DEV,
        &["EGOV_IDGEN_HOST", "EGOV_BILLINGSERVICE_HOST", "EGOV_BANKACCOUNTSERVICE_HOST", "NOTIFICATION_URL"],
    ),
    foreign("inbox", DEV, &["EGOV_MDMS_HOST"]),
    foreign("billing-service", DEV, &["EGOV_LOCALIZATION_HOST", "EGOV_MDMS_HOST"]),
    foreign(
        "collection-services",
        DEV,
        &[
            "EGOV_IDGEN_HOSTNAME",
            "EGOV_EGFCOMMONMASTERS_HOSTNAME",
            "EGOV_EGFMASTERS_HOSTNAME",
            "EGOV_INSTRUMENT_HOSTNAME",
            "EGOV_COMMON_SERVICE_HOST",
            "EGOV_EGFMASTER_SERVICE_HOST",
            "COLL_NOTIFICATION_UI_HOST",
            "USER_SERVICE_HOST",
        ],
    ),
    foreign(
        "bpa-services",
        DEV,
        &[
            "WORKFLOW_WORKDIR_PATH",
            "WORKFLOW_CONTEXT_PATH",
            "EGOV_LOCATION_HOST",
            "EGOV_USER_HOST",
            "EGOV_IDGEN_HOST",
            "EGOV_MDMS_HOST",
            "EGOV_EDCR_HOST",
            "EGOV_PROPERTY_SERVICE_HOST",
            "EGOV_LANDINFO_HOST",
            "EGOV_BILLINGSERVICE_HOST",
            "EGOV_LOCALIZATION_HOST",
            "NOTIFICATION_URL",
            "EGOV_UI_APP_HOST",
            "EGOV_UI_APP_HOST_MAP",
            "EGOV_COLLECTION_SERVICE_HOST",
            "EGOV_NOC_SERVICE_HOST",
        ],
    ),
    foreign(
        "tl-services",
        DEV,
        &[
            "WORKFLOW_WORKDIR_PATH",
            "WORKFLOW_CONTEXT_PATH",
            "EGOV_HOST_DOMAIN_NAME",
            "EGOV_MDMS_HOST",
            "EGOV_TL_CALCULATOR_HOST",
            "EGOV_PROPERTY_SERVICE_HOST",
            "EGOV_LOCALIZATION_HOST",
            "EGOV_UI_APP_HOST",
            "EGOV_UI_APP_HOST_MAP",
        ],
    ),
    foreign(
        "property-services",
        DEV,
        &[
            "EGOV_IDGEN_HOST",
            "EGOV_LOCATION_HOST",
            "EGOV_LOCALIZATION_HOST",
            "EGOV_MDMS_HOST",
            "NOTIFICATION_URL",
            "EGOV_UI_APP_HOST",
            "EGOV_UI_APP_HOST_MAP",
            "EGOV_PTSERVICESV2_HOST",
        ],
    ),
    foreign("ws-services", DEV, CONNECTIONS),
    foreign("sw-services", DEV, CONNECTIONS),
    foreign("ws-calculator", DEV, CONNECTION_CHARGES),
    foreign("sw-calculator", DEV, CONNECTION_CHARGES),
    foreign(
        "echallan-services",
        "nip.io",
        &[
            "EGOV_LOCATION_HOST",
            "EGOV_HOST_DOMAIN_NAME",
            "EGOV_MDMS_HOST",
            "EGOV_LOCALIZATION_HOST",
            "EGOV_UI_APP_HOST",
            "EGOV_UI_APP_HOST_MAP",
        ],
    ),
    foreign("echallan-services", DEV, &["EGOV_COLLECTION_SERVICE_HOST"]),
];

const CONNECTIONS: &[&str] = &[
    "EGOV_PROPERTY_SERVICE_HOST",
    "WORKFLOW_WORKDIR_PATH",
    "WORKFLOW_CONTEXT_PATH",
    "NOTIFICATION_URL",
    "EGOV_LOCALIZATION_HOST",
    "EGOV_UI_APP_HOST",
    "EGOV_UI_APP_HOST_MAP",
];
const CONNECTION_CHARGES: &[&str] =
    &["EGOV_LOCALIZATION_HOST", "EGOV_UI_APP_HOST", "NOTIFICATION_URL", "EGOV_PROPERTY_SERVICE_HOST"];

/// A host outside that pods know, from their variables, arguments and configuration or from what was built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outside {
    /// The host.
    pub host: &'static str,
    /// `outside`: an address in the internet. `link`: only shown to people.
    pub code: &'static str,
    /// Whether pods name it; else it is only built in.
    pub named: bool,
    /// What it is asked for.
    pub reason: &'static str,
    /// What will take it away.
    pub until: &'static str,
}

const fn outside(host: &'static str, reason: &'static str, until: &'static str) -> Outside {
    Outside { host, code: "outside", named: true, reason, until }
}

const fn built_in(host: &'static str, reason: &'static str, until: &'static str) -> Outside {
    Outside { named: false, ..outside(host, reason, until) }
}

const PINNED_DATA: &str = "master data and configuration go in from the plan, pinned";
const PAYMENTS: &str = "payments can be set up, or left out";
const PAYS: &str = "a citizen who pays is sent there, with a merchant's keys that nobody has given yet";
const PLANS: &str = "egov-edcr's settings can be made, or left out";

/// All hosts outside.
pub const LEFT: &[Outside] = &[
    outside("github.com", "git-sync pulls master data and configuration when a pod starts", PINNED_DATA),
    outside("raw.githubusercontent.com", "audit-service reads which topics it signs", PINNED_DATA),
    outside("migs.mastercard.co.in", PAYS, PAYMENTS),
    Outside {
        code: "link",
        ..outside("goo.gl", "complaints' messages name an app in a store", "an app of one's own can be named")
    },
    outside(
        "ipinfo.io",
        "Kafka's start asks for its public address if it is to be reached from outside",
        "nothing: it is not",
    ),
    outside("api.smscountry.com", "building plans send text messages", PLANS),
    outside("164.100.132.193", "building plans ask the register of persons", PLANS),
    outside("cgt.in.worldline.com", "building plans ask a bank for payments", PLANS),
    outside("test.payu.in", "building plans ask a bank for payments", PLANS),
    built_in("securegw-stage.paytm.in", PAYS, PAYMENTS),
    built_in("mercury-uat.phonepe.com", PAYS, PAYMENTS),
    built_in("ifsc.razorpay.com", "collection-services asks for the bank of a cheque", PAYMENTS),
];

/// The variables that are set for a service, as the charts take them: a list in YAML. `java`: whether its chart is of
/// the type [`JAVA_SPRING`].
pub(crate) fn added(service: &str, java: bool) -> String {
    let wanted = |of: Of| match of {
        Of::JavaSpring => java,
        Of::Services(services) => services.contains(&service),
    };
    ADDED.iter().filter(|variable| wanted(variable.of)).map(|variable| item(variable.name, variable.value)).collect()
}

fn item(name: &str, value: Value) -> String {
    match value {
        Value::Text(text) => text_item(name, text),
        Value::Config(key) => {
            format!("- name: {name}\n  valueFrom:\n    configMapKeyRef:\n      name: egov-config\n      key: {key}\n")
        }
    }
}

/// One variable with a text, as the charts take it.
pub(crate) fn text_item(name: &str, text: &str) -> String {
    format!("- name: {name}\n  value: {}\n", json!(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_gets_each_variable_once() {
        for service in ADDED.iter().flat_map(|v| match v.of {
            Of::Services(services) => services,
            Of::JavaSpring => &[],
        }) {
            let text = added(service, true);
            let mut names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("- name: ")).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{service}: {names:?}");
        }
        assert_eq!(added("redis", false), "");
        assert!(added("anything", true).starts_with("- name: SPRING_DATASOURCE_DRIVER_CLASS_NAME\n  value: \"org.p"));
    }

    #[test]
    fn hosts_outside_stand_there_once_and_say_why_and_until_when() {
        let mut hosts: Vec<&str> = LEFT.iter().map(|o| o.host).collect();
        hosts.sort_unstable();
        hosts.dedup();
        assert_eq!(hosts.len(), LEFT.len());
        assert!(LEFT.iter().all(|o| !o.reason.is_empty() && !o.until.is_empty()));
    }
}
