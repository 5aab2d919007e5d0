//! Every secret that an installation has, told once: its form, where it comes from, who reads it, where charts want it, the
//! name under which it is kept, and whether it is kept for ever. What draws, keeps, guards and places them goes by this
//! table, so that a line more in it is a secret more.
//!
//! What a chart draws for itself is none of these: it has no name, and is kept by what the chart asked for.

use helm_template::Values;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::combinations::Origin;
use crate::select::{DATABASE_SERVICE, FILES_SERVICE, SETTINGS_SERVICE, Selection};
use crate::yaml::set;

/// A secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    /// Its name, as values ask for it and as a plan shows it.
    pub name: &'static str,
    /// The name under which it is kept. Older vaults have it.
    pub kept_as: &'static str,
    /// The form that it must have.
    pub format: SecretFormat,
    /// Where it comes from.
    pub source: SecretSource,
    /// Whether data become unreadable when it changes.
    pub for_ever: bool,
    /// Who reads it.
    pub reader: Reader,
    /// Where it goes.
    pub places: &'static [Place],
}

/// The form that a secret must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretFormat {
    /// Letters and digits, that many: safe in URLs, JDBC strings, shells and YAML. RDS takes 8 to 41 of them.
    Alphanumeric(usize),
    /// Capital letters and digits, that many.
    CapitalsAndDigits(usize),
    /// That many random bytes, base64 for URLs without padding.
    Base64Url(usize),
}

/// Where a secret comes from. Each is drawn if nobody brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretSource {
    /// It is drawn.
    Drawn,
    /// Whoever has a database of their own brings it: its password.
    DatabasePassword,
    /// Whoever has a file store of their own brings it: the id of its key.
    FilesAccessKey,
    /// The same: its key.
    FilesSecretKey,
}

/// Who reads a secret: without them it is not needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Every installation of DIGIT.
    Digit,
    /// This service of DIGIT's.
    Service(&'static str),
    /// The practice product.
    Practice,
}

/// Where a secret goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The service whose chart makes a Secret of it.
    pub chart: &'static str,
    /// Its path in the values of that chart.
    pub path: &'static [&'static str],
}

/// A place among those of which the settings make Secrets.
macro_rules! settings {
    ($($part:literal),+) => {
        Place { chart: SETTINGS_SERVICE, path: &[SETTINGS_SERVICE, "secrets", $($part),+] }
    };
}

const fn drawn(name: &'static str, format: SecretFormat, reader: Reader, places: &'static [Place]) -> Secret {
    Secret { name, kept_as: name, format, source: SecretSource::Drawn, for_ever: false, reader, places }
}

impl Secret {
    const fn kept_as(self, kept_as: &'static str) -> Self {
        Secret { kept_as, ..self }
    }
    const fn for_ever(self) -> Self {
        Secret { for_ever: true, ..self }
    }
    const fn from(self, source: SecretSource) -> Self {
        Secret { source, ..self }
    }
}

use Reader::{Digit, Practice, Service};
use SecretFormat::{Alphanumeric, Base64Url, CapitalsAndDigits};

/// All of them.
///
/// Some services want a Secret although what it is for is not set up (payments, maps, mail): their keys are drawn too,
/// because a well-known dummy key would let others sign in its name.
pub const ALL: &[Secret] = &[
    drawn(
        "database-password",
        Alphanumeric(32),
        Digit,
        &[
            settings!("db", "password"),
            settings!("db", "flywayPassword"),
            Place { chart: DATABASE_SERVICE, path: &["database", "password"] },
        ],
    )
    .kept_as("db/password")
    .from(SecretSource::DatabasePassword),
    // The id of a cluster is 16 bytes.
    drawn("kafka-cluster-id", Base64Url(16), Digit, &[settings!("kafka-kraft", "kraft-cluster-id")])
        .kept_as("kafka/cluster-id")
        .for_ever(),
    drawn(
        "elasticsearch-password",
        Alphanumeric(24),
        Service("elasticsearch-master"),
        &[settings!("elasticsearch-master-creds", "password")],
    )
    .kept_as("elasticsearch/password"),
    drawn(
        "enc-password",
        Alphanumeric(32),
        Service("egov-enc-service"),
        &[settings!("egov-enc-service", "master-password")],
    )
    .kept_as("egov-enc-service/master-password")
    .for_ever(),
    // A shorter salt or vector kills it at its start; of longer ones it reads as much as this.
    drawn("enc-salt", Alphanumeric(8), Service("egov-enc-service"), &[settings!("egov-enc-service", "master-salt")])
        .kept_as("egov-enc-service/master-salt")
        .for_ever(),
    drawn(
        "enc-initial-vector",
        Alphanumeric(12),
        Service("egov-enc-service"),
        &[settings!("egov-enc-service", "master-initialvector")],
    )
    .kept_as("egov-enc-service/master-initialvector")
    .for_ever(),
    drawn(
        "files-access-key",
        CapitalsAndDigits(20),
        Service("egov-filestore"),
        &[settings!("minio", "accesskey"), Place { chart: FILES_SERVICE, path: &["accessKey"] }],
    )
    .from(SecretSource::FilesAccessKey),
    drawn(
        "files-secret-key",
        Alphanumeric(40),
        Service("egov-filestore"),
        &[settings!("minio", "secretkey"), Place { chart: FILES_SERVICE, path: &["secretKey"] }],
    )
    .from(SecretSource::FilesSecretKey),
    drawn(
        "unused-sms",
        Alphanumeric(16),
        Service("egov-notification-sms"),
        &[settings!("egov-notification-sms", "password")],
    ),
    drawn(
        "unused-mail",
        Alphanumeric(16),
        Service("egov-notification-mail"),
        &[settings!("egov-notification-mail", "mailsenderpassword")],
    ),
    drawn("unused-maps", Alphanumeric(16), Service("egov-location"), &[settings!("egov-location", "gmapskey")]),
    drawn(
        "unused-axis-secret",
        Alphanumeric(32),
        Service("egov-pg-service"),
        &[settings!("egov-pg-service", "axis-merchant-secret-key")],
    ),
    drawn(
        "unused-axis-password",
        Alphanumeric(16),
        Service("egov-pg-service"),
        &[settings!("egov-pg-service", "axis-merchant-pwd")],
    ),
    drawn(
        "unused-axis-code",
        Alphanumeric(16),
        Service("egov-pg-service"),
        &[settings!("egov-pg-service", "axis-merchant-access-code")],
    ),
    drawn(
        "unused-payu-key",
        Alphanumeric(16),
        Service("egov-pg-service"),
        &[settings!("egov-pg-service", "payu-merchant-key")],
    ),
    drawn(
        "unused-payu-salt",
        Alphanumeric(16),
        Service("egov-pg-service"),
        &[settings!("egov-pg-service", "payu-merchant-salt")],
    ),
    drawn(
        "unused-edcr-mail",
        Alphanumeric(16),
        Service("egov-edcr"),
        &[settings!("egov-edcr-notification", "edcr-mail-password")],
    ),
    drawn(
        "unused-edcr-sms",
        Alphanumeric(16),
        Service("egov-edcr"),
        &[settings!("egov-edcr-notification", "edcr-sms-password")],
    ),
    drawn(
        "unused-edcr-pnb",
        Alphanumeric(32),
        Service("egov-edcr"),
        &[settings!("egov-edcr-bank-gateway", "edcr-pnb-encryption-key")],
    ),
    drawn(
        "unused-edcr-hdfc",
        Alphanumeric(32),
        Service("egov-edcr"),
        &[settings!("egov-edcr-bank-gateway", "edcr-hdfc-key")],
    ),
    drawn(
        "unused-edcr-salt",
        Alphanumeric(16),
        Service("egov-edcr"),
        &[settings!("egov-edcr-bank-gateway", "edcr-hdfc-salt")],
    ),
    drawn("practice-password", Alphanumeric(24), Practice, &[settings!("practice", "password")]),
];

/// The secret of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Secret> {
    ALL.iter().find(|secret| secret.name == name)
}

/// Whether data become unreadable when what is kept under this name changes.
#[must_use]
pub fn is_kept_for_ever(kept_as: &str) -> bool {
    ALL.iter().any(|secret| secret.for_ever && secret.kept_as == kept_as)
}

/// Those that a selection from such a product needs, by name.
#[must_use]
pub(crate) fn needed(origin: &Origin, selection: &Selection) -> Vec<&'static Secret> {
    let mut needed: Vec<&Secret> = ALL.iter().filter(|secret| is_needed(secret.reader, origin, selection)).collect();
    needed.sort_by_key(|secret| secret.name);
    needed
}

fn is_needed(reader: Reader, origin: &Origin, selection: &Selection) -> bool {
    match (reader, origin) {
        (Digit, Origin::Pinned { .. }) | (Practice, Origin::Embedded) => true,
        (Service(service), Origin::Pinned { .. }) => selection.has(service),
        (Digit | Service(_), Origin::Embedded) | (Practice, Origin::Pinned { .. }) => false,
    }
}

/// Puts those that a chart makes Secrets of into its values.
pub(crate) fn put(
    chart: &str,
    origin: &Origin,
    selection: &Selection,
    secret: &dyn Fn(&str) -> SecretString,
    values: &mut Values,
) {
    for one in ALL.iter().filter(|one| is_needed(one.reader, origin, selection)) {
        for place in one.places.iter().filter(|place| place.chart == chart) {
            set(values, place.path, json!(secret(one.name).expose_secret()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_places_are_told_once_and_every_secret_goes_somewhere() {
        let unique = |names: Vec<String>| names.iter().collect::<BTreeSet<_>>().len() == names.len();
        assert!(unique(ALL.iter().map(|s| s.name.to_owned()).collect()));
        assert!(unique(ALL.iter().map(|s| s.kept_as.to_owned()).collect()));
        assert!(unique(ALL.iter().flat_map(|s| s.places).map(|p| format!("{p:?}")).collect()));
        for secret in ALL {
            assert!(!secret.places.is_empty(), "{}", secret.name);
            assert_eq!(find(secret.name), Some(secret));
        }
    }

    /// Vaults that are in use have them under these names: another one here, and an installation goes on with a new password.
    #[test]
    fn those_that_are_kept_are_kept_under_the_names_that_older_vaults_have() {
        let renamed: Vec<(&str, &str, bool)> =
            ALL.iter().filter(|s| s.kept_as != s.name).map(|s| (s.name, s.kept_as, s.for_ever)).collect();
        assert_eq!(
            renamed,
            [
                ("database-password", "db/password", false),
                ("kafka-cluster-id", "kafka/cluster-id", true),
                ("elasticsearch-password", "elasticsearch/password", false),
                ("enc-password", "egov-enc-service/master-password", true),
                ("enc-salt", "egov-enc-service/master-salt", true),
                ("enc-initial-vector", "egov-enc-service/master-initialvector", true),
            ]
        );
        assert_eq!(ALL.iter().filter(|s| s.for_ever).count(), 4);
        assert!(is_kept_for_ever("kafka/cluster-id") && !is_kept_for_ever("db/password"));
    }
}
