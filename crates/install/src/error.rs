//! What can go wrong here, each with a stable code. Words for it are in the message files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use engine::Cause;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Anything that stops an operation of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The answers cannot be used.
    #[error("answers: {} at {}", .0.code, .0.field.as_deref().unwrap_or("top level"))]
    Answers(Box<ErrorView>),
    /// There is no installation of that name on this computer.
    #[error("no installation {name}")]
    NoInstallation {
        /// The name asked for.
        name: String,
    },
    /// The name belongs to another cluster or product.
    #[error("name {name} is used for something else")]
    NameTaken {
        /// The name.
        name: String,
        /// `cluster` or `product`.
        differs: &'static str,
    },
    /// The cluster holds another installation of that name than this computer's folder.
    #[error("the {name} in the cluster is not the one of this computer")]
    Another {
        /// The name.
        name: String,
    },
    /// The secrets in the cluster's record are encrypted, and no recovery kit was given.
    #[error("the record of {name} is encrypted")]
    RecordSealed {
        /// The installation.
        name: String,
    },
    /// The file that was given opens another installation's record, or is no recovery kit.
    #[error("not the recovery kit of {name}")]
    NotTheKit {
        /// The installation.
        name: String,
    },
    /// Another process works on it.
    #[error("installation {name} is being worked on by process {pid}")]
    Busy {
        /// The installation.
        name: String,
        /// The process.
        pid: u32,
    },
    /// The run ended by a mistake of this program.
    #[error("the run on {name} panicked")]
    RunPanicked {
        /// The installation.
        name: String,
    },
    /// Another computer took the installation over while this one worked on it and could not be reached.
    #[error("installation {name} has been taken over by {holder}")]
    TakenOver {
        /// The installation.
        name: String,
        /// The other computer.
        holder: String,
    },
    /// Checks do not pass.
    #[error("checks do not pass: {}", .names.join(", "))]
    ChecksNotPassed {
        /// Their names.
        names: Vec<String>,
    },
    /// A file of ours cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of ours does not hold what it should.
    #[error("{path}: {detail}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the reader said, for engineers.
        detail: String,
    },
    /// A plan was made by another version of this program, or changed by hand.
    #[error("plan cannot be used: {reason}")]
    Plan {
        /// `format` or `hash`.
        reason: &'static str,
    },
    /// What was reviewed is not what would be done now.
    #[error("the plan that was reviewed is not what comes out now: {}", .differences.iter().map(|d| d.code.as_str()).collect::<Vec<_>>().join(", "))]
    PlanOutdated {
        /// In what they differ; messages `difference-CODE`.
        differences: Vec<Cause>,
    },
    /// A chart renders to something that the plan cannot carry.
    #[error("{service}: {detail}")]
    Unplannable {
        /// The service.
        service: String,
        /// What is wrong, for engineers.
        detail: String,
    },
    /// Two steps need each other.
    #[error("steps need each other: {}", .steps.join(", "))]
    Circle {
        /// The steps.
        steps: Vec<String>,
    },
    /// This system has no place for a program's data, and none was named.
    #[error("no place for data")]
    NoHome,
    /// A client for the network cannot be made.
    #[error("network: {detail}")]
    Network {
        /// What the library says.
        detail: String,
    },
    /// The person gave up what was being fetched.
    #[error("given up")]
    GivenUp,
    /// Nothing keeps a record of an installation in that cluster.
    #[error("no installation keeps a record in this cluster")]
    NoRecord,
    /// Charts, lists and values.
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    /// What is said to DIGIT itself.
    #[error(transparent)]
    Digit(#[from] digit_api::Error),
    /// Rendering.
    #[error("{service}: {source}")]
    Render {
        /// The service.
        service: String,
        /// Why.
        source: helm_template::Error,
    },
    /// The cluster.
    #[error(transparent)]
    Cluster(#[from] cluster::Error),
    /// Secrets.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// The journal or the lock.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// The log store.
    #[error(transparent)]
    Logs(#[from] logs::Error),
}

/// An error on its way to a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct ErrorView {
    /// Stable code; messages `error-CODE` (what happened, what is safe, what to do).
    pub code: String,
    /// Data for the message.
    pub args: std::collections::BTreeMap<String, String>,
    /// The answer it is about, as a path like `product.modules`, if one.
    pub field: Option<String>,
    /// What it consists of, where it is several things; messages `difference-CODE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Cause>>")]
    pub details: Vec<Cause>,
}

impl Error {
    /// An answer that cannot be used.
    pub fn answer(code: &str, field: &str, args: &[(&str, &str)]) -> Self {
        Error::Answers(Box::new(ErrorView {
            code: code.to_owned(),
            args: args.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            field: (!field.is_empty()).then(|| field.to_owned()),
            details: Vec::new(),
        }))
    }

    /// Stable, in kebab case; messages `error-CODE`.
    pub fn code(&self) -> &str {
        match self {
            Error::Answers(view) => &view.code,
            Error::NoInstallation { .. } => "no-installation",
            Error::NameTaken { .. } => "name-taken",
            Error::Another { .. } => "another-in-cluster",
            Error::RecordSealed { .. } => "record-sealed",
            Error::NotTheKit { .. } => "not-the-kit",
            Error::Busy { .. } => "busy",
            Error::RunPanicked { .. } => "run-panicked",
            Error::TakenOver { .. } => "taken-over",
            Error::ChecksNotPassed { .. } => "checks-not-passed",
            Error::File { .. } => "file",
            Error::Unreadable { .. } => "file-unreadable",
            Error::Plan { .. } => "plan-unusable",
            Error::PlanOutdated { .. } => "plan-outdated",
            Error::Unplannable { .. } => "unplannable",
            Error::Circle { .. } => "circle",
            Error::NoRecord => "no-record",
            Error::NoHome => "no-home",
            Error::GivenUp => "given-up",
            Error::Network { .. } => "network",
            Error::Catalog(e) => e.code(),
            Error::Digit(e) => e.code(),
            Error::Render { source, .. } => source.code(),
            Error::Cluster(e) => e.code(),
            Error::Vault(e) => e.code(),
            Error::Engine(e) => e.code(),
            Error::Logs(e) => e.code(),
        }
    }

    /// What views are told.
    pub fn view(&self) -> ErrorView {
        let own = |pairs: &[(&str, String)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        let (args, field) = match self {
            Error::Answers(view) => return (**view).clone(),
            Error::NoInstallation { name }
            | Error::Another { name }
            | Error::RecordSealed { name }
            | Error::NotTheKit { name }
            | Error::RunPanicked { name } => (own(&[("name", name.clone())]), None),
            Error::NameTaken { name, differs } => {
                (own(&[("name", name.clone()), ("differs", (*differs).to_owned())]), Some("name"))
            }
            Error::TakenOver { name, holder } => (own(&[("name", name.clone()), ("holder", holder.clone())]), None),
            Error::Busy { name, pid } => (own(&[("name", name.clone()), ("pid", pid.to_string())]), None),
            Error::ChecksNotPassed { names } => (own(&[("names", names.join(", "))]), None),
            Error::File { path, source } => {
                (own(&[("path", path.display().to_string()), ("detail", source.to_string())]), None)
            }
            Error::Unreadable { path, detail } => {
                (own(&[("path", path.display().to_string()), ("detail", detail.clone())]), None)
            }
            Error::PlanOutdated { differences } => (own(&[("count", differences.len().to_string())]), None),
            Error::Plan { reason } => (own(&[("reason", (*reason).to_owned())]), None),
            Error::Unplannable { service, detail } => {
                (own(&[("service", service.clone()), ("detail", detail.clone())]), None)
            }
            Error::Circle { steps } => (own(&[("steps", steps.join(", "))]), None),
            Error::Network { detail } => (own(&[("detail", detail.clone())]), None),
            Error::NoRecord | Error::NoHome | Error::GivenUp => (BTreeMap::new(), None),
            Error::Catalog(e) => {
                let field = match e.code() {
                    "unknown-product" => Some("product.name"),
                    "unknown-module" | "no-module" => Some("product.modules"),
                    code if code.starts_with("source") || code.starts_with("archive") || code == "wrong-hash" => {
                        Some("product.source")
                    }
                    _ => None,
                };
                (e.args().into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), field)
            }
            Error::Render { service, source } => {
                let mut args = own(&[("service", service.clone()), ("detail", source.to_string())]);
                args.extend(source.args().into_iter().map(|(name, value)| (name.to_owned(), value)));
                (args, None)
            }
            Error::Cluster(e) => {
                let field = match e.code() {
                    "context-unknown" | "context-not-named" => Some("target.context"),
                    "sign-in-unsupported" => Some("target.kubeconfig"),
                    code if code.starts_with("kubeconfig") => Some("target.kubeconfig"),
                    _ => None,
                };
                (e.args(), field)
            }
            Error::Engine(e) => (e.args(), None),
            Error::Digit(e) => (e.cause().args, None),
            Error::Vault(_) | Error::Logs(_) => (own(&[("detail", self.to_string())]), None),
        };
        let details = match self {
            Error::PlanOutdated { differences } => differences.clone(),
            _ => Vec::new(),
        };
        // What a program or a server said may hold a secret that we know nothing of.
        let args = args.into_iter().map(|(name, value)| (name, vault::redact_patterns(&value).into_owned())).collect();
        ErrorView { code: self.code().to_owned(), args, field: field.map(str::to_owned), details }
    }

    /// Whether nothing was touched and what was given has to change (exit code 2), or a check does not pass (3);
    /// everything else is a failure (1).
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::ChecksNotPassed { .. } => 3,
            Error::RecordSealed { .. } => 4,
            Error::Answers(_)
            | Error::NoInstallation { .. }
            | Error::NameTaken { .. }
            | Error::Another { .. }
            | Error::NotTheKit { .. }
            | Error::Plan { .. }
            | Error::PlanOutdated { .. } => 2,
            Error::Catalog(e) if e.code() != "download-failed" => 2,
            Error::Digit(digit_api::Error::Address { .. } | digit_api::Error::Tenant { .. }) => 2,
            Error::Cluster(e) => match e.code() {
                code if code.starts_with("kubeconfig") || code.starts_with("proxy") => 2,
                "context-unknown"
                | "context-not-named"
                | "server-not-answering"
                | "server-not-trusted"
                | "server-wants-tls"
                | "sign-in-unsupported"
                | "network-portal"
                | "not-kubernetes" => 2,
                "forbidden" => 3,
                "sign-in-failed" | "sign-in-program-missing" | "sign-in-rejected" | "lease-held" | "lease-lost" => 4,
                _ => 1,
            },
            Error::Engine(engine::Error::UnknownKind { .. }) => 2,
            Error::TakenOver { .. } => 4,
            Error::Vault(e) if e.code() == "no-key-source" => 4,
            _ => 1,
        }
    }
}
