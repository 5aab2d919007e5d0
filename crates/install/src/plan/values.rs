//! Answers to what charts' values depend on.

use catalog::Settings;

use crate::answers::{Answers, Database, Domain, Entry, Files};

/// What the values depend on. `address` is the installation's address, or the placeholder for it.
pub(crate) fn settings(answers: &Answers, address: &str) -> Settings {
    let (domain, address) = match &answers.domain {
        Domain::None => (None, address.to_owned()),
        Domain::Host(host) => (Some(host.clone()), format!("https://{host}")),
    };
    let mut settings = Settings::in_cluster(domain, address);
    settings.entry = match answers.entry {
        Entry::LoadBalancer => catalog::settings::Entry::LoadBalancer,
        Entry::NodePort => catalog::settings::Entry::NodePort,
    };
    if let Database::Ours(ours) = &answers.database {
        settings.database = catalog::settings::Database {
            in_cluster: false,
            host: ours.host.clone(),
            port: ours.port,
            name: ours.name.clone(),
            user: ours.user.clone(),
        };
    }
    if let Files::Ours(ours) = &answers.files {
        settings.files = catalog::settings::Files {
            endpoint: Some(ours.endpoint.clone()),
            bucket: ours.bucket.clone(),
            region: ours.region.clone(),
        };
    }
    settings.demo = answers.demo;
    settings
}

/// What stands for a late-bound value in a plan.
pub(crate) fn late(name: &str) -> String {
    format!("http://late-{name}.invalid")
}
