//! What an installation decides about its services: addresses, names, region, and which secrets they need. No secret is
//! in here; secrets come by name from whoever keeps them.

use crate::data::unpack::Unpacking;

/// Name of the bucket of a store inside the cluster; also the path under which it answers.
pub const BUCKET: &str = "digit-files";
/// Region that a store inside the cluster says it is in.
pub const REGION: &str = "us-east-1";
/// Where our database answers.
pub const DATABASE_HOST: &str = "postgresql.backbone";
/// Where Kafka answers, as its release is named after its service.
pub const KAFKA_BROKERS: &str = "kafka-kraft-controller-headless.backbone:9092";
/// The Secret of Kafka's cluster id, for the same reason.
pub const KAFKA_CLUSTER_ID_SECRET: &str = "kafka-kraft-kraft-cluster-id";

/// The disk of Redis, which holds who is signed in.
pub const REDIS_DISK: &str = "1Gi";

/// Everything that the values depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The host name that people use; `None`: they use whatever address the web entry gets, without TLS.
    pub domain: Option<String>,
    /// The installation's own address, with scheme and without a slash at its end. Without a domain it is known only
    /// after the web entry is up; until then a plan shows a placeholder.
    pub address: String,
    /// How people reach it.
    pub entry: Entry,
    /// The database.
    pub database: Database,
    /// The file store.
    pub files: Files,
    /// DIGIT's state-level tenant; the pinned master data know `pg`.
    pub tenant: String,
    /// IANA time zone.
    pub timezone: String,
    /// Where the certificate authority writes to, if anywhere.
    pub email: Option<String>,
    /// How text messages go out.
    pub sms: Sms,
    /// Whether a fixed one-time password is allowed.
    pub demo: bool,
    /// Master data and configuration that go along; `None`: pods pull them when they start.
    pub data: Option<Unpacking>,
}

/// How people reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Entry {
    /// A Service of type LoadBalancer.
    #[default]
    LoadBalancer,
    /// Ports of the machines.
    NodePort,
}

/// A PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Whether we make it.
    pub in_cluster: bool,
    /// Host as pods reach it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Database name.
    pub name: String,
    /// Role that may create tables.
    pub user: String,
}

/// An S3-compatible store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// Its address with scheme; `None`: one inside the cluster, which answers under the installation's own address,
    /// because addresses that the file service hands out are signed for the host that it uploads to.
    pub endpoint: Option<String>,
    /// Bucket.
    pub bucket: String,
    /// Region.
    pub region: String,
}

/// How text messages go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sms {
    /// Not at all: they are written to the service's log.
    #[default]
    Console,
}

impl Settings {
    /// Everything inside the cluster, reached at `address`.
    #[must_use]
    pub fn in_cluster(domain: Option<String>, address: String) -> Self {
        Self {
            domain,
            address,
            entry: Entry::default(),
            database: Database {
                in_cluster: true,
                host: DATABASE_HOST.to_owned(),
                port: 5432,
                name: "digit".to_owned(),
                user: "digit".to_owned(),
            },
            files: Files { endpoint: None, bucket: BUCKET.to_owned(), region: REGION.to_owned() },
            tenant: "pg".to_owned(),
            timezone: "Asia/Kolkata".to_owned(),
            email: None,
            sms: Sms::default(),
            demo: false,
            data: None,
        }
    }

    /// What the selection must bring along.
    #[must_use]
    pub fn brings(&self) -> crate::select::InCluster {
        crate::select::InCluster { database: self.database.in_cluster, files: self.files.endpoint.is_none() }
    }

    /// DIGIT's name for the way of setting up: `quickstart` renders without TLS.
    #[must_use]
    pub fn setup(&self) -> &'static str {
        if self.domain.is_some() { "fullsetup" } else { "quickstart" }
    }
}
