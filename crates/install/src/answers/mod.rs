//! What a person entered: the answers file, and the same fields behind the screens. No secret is in it.

mod read;

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::Error;

/// Everything that a person decides about an installation. Unknown keys are refused when it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[ts(export)]
pub struct Answers {
    /// Name of the installation: a DNS label, at most 40 characters.
    pub name: String,
    /// Where it goes.
    pub target: Target,
    /// What is installed.
    pub product: Product,
    /// How much of it.
    #[serde(default)]
    pub size: Size,
    /// Where the database is.
    #[serde(default)]
    pub database: Database,
    /// Where uploaded files are kept.
    #[serde(default)]
    pub files: Files,
    /// Where images come from.
    #[serde(default)]
    pub registry: Registry,
    /// How people reach it.
    #[serde(default)]
    pub entry: Entry,
    /// Host name, or none.
    #[serde(default)]
    pub domain: Domain,
    /// What citizens will read.
    #[serde(default)]
    pub city: City,
    /// Marked as a demonstration: sample passwords and a fixed one-time password are allowed.
    #[serde(default)]
    pub demo: bool,
    /// Whether the secrets in the record that the installation keeps in its cluster are encrypted with the vault's key.
    /// Then another computer opens it with the recovery kit only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed_record: bool,
    /// Checks that the person chose to go on without, by name.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub accept: BTreeSet<String>,
}

/// Where an installation goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Target {
    /// A cluster that exists.
    Cluster {
        /// The kubeconfig; none: the default one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kubeconfig: Option<PathBuf>,
        /// The context; none: the current one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        context: Option<String>,
    },
    /// A Kubernetes that runs on this computer.
    ThisComputer {
        /// The context in the default kubeconfig; none: the current one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        context: Option<String>,
    },
    /// Nothing is created: the same engine against a simulated cluster.
    Rehearsal {},
}

/// What is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Product {
    /// `DIGIT`, `URBAN` or `practice`.
    pub name: String,
    /// For example `v2.9.2`.
    pub version: String,
    /// For example `m_pgr`.
    pub modules: BTreeSet<String>,
    /// A folder with the pinned archives, or with them unpacked. None: they are downloaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<PathBuf>,
}

/// How much room an installation takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// As the charts say.
    #[default]
    Standard,
}

/// `in-cluster`, or the address of a database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Database {
    /// A PostgreSQL is made inside the cluster.
    #[default]
    InCluster,
    /// One that exists.
    #[serde(untagged)]
    Ours(OurDatabase),
}

/// A database that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OurDatabase {
    /// Host name or address, as pods reach it.
    pub host: String,
    /// Port.
    #[serde(default = "postgres_port")]
    pub port: u16,
    /// Database name.
    pub name: String,
    /// A role that may create tables.
    pub user: String,
    /// A file that holds the password.
    pub password_file: PathBuf,
}

fn postgres_port() -> u16 {
    5432
}

/// `in-cluster`, or the address of an S3-compatible store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Files {
    /// A store is made inside the cluster.
    #[default]
    InCluster,
    /// One that exists.
    #[serde(untagged)]
    Ours(OurFiles),
}

/// An S3-compatible store that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OurFiles {
    /// Its address, with scheme.
    pub endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// A file with two lines: access key id and secret key.
    pub key_file: PathBuf,
}

/// Where images come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Registry {
    /// The registries that the charts name.
    #[default]
    None,
}

/// How people reach it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// A Service of type LoadBalancer.
    #[default]
    LoadBalancer,
    /// Ports of the machines.
    NodePort,
}

/// `none`, or a host name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Domain {
    /// Reached by the address that the web entry gets.
    #[default]
    None,
    /// A host name without scheme.
    #[serde(untagged)]
    Host(String),
}

/// What citizens will read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct City {
    /// The city or organisation.
    #[serde(default)]
    pub name: String,
    /// The state.
    #[serde(default)]
    pub state: String,
}

/// The longest name of an installation, so that names made from it stay within Kubernetes' 63 characters.
pub const LONGEST_NAME: usize = 40;

impl Target {
    /// Its `kind` in the answers file.
    pub fn kind(&self) -> &'static str {
        match self {
            Target::Cluster { .. } => "cluster",
            Target::ThisComputer { .. } => "this-computer",
            Target::Rehearsal {} => "rehearsal",
        }
    }

    /// The context that was named, if any.
    pub fn context(&self) -> Option<&str> {
        match self {
            Target::Cluster { context, .. } | Target::ThisComputer { context } => context.as_deref(),
            Target::Rehearsal {} => None,
        }
    }

    /// The kubeconfig that was named, if any.
    pub fn kubeconfig(&self) -> Option<&std::path::Path> {
        match self {
            Target::Cluster { kubeconfig, .. } => kubeconfig.as_deref(),
            Target::ThisComputer { .. } | Target::Rehearsal {} => None,
        }
    }
}

impl Answers {
    fn rebase(&mut self, folder: &std::path::Path) {
        let on = |p: &mut PathBuf| {
            if p.is_relative() {
                *p = folder.join(&*p);
            }
        };
        if let Target::Cluster { kubeconfig: Some(p), .. } = &mut self.target {
            on(p);
        }
        if let Some(p) = &mut self.product.source {
            on(p);
        }
        if let Database::Ours(d) = &mut self.database {
            on(&mut d.password_file);
        }
        if let Files::Ours(f) = &mut self.files {
            on(&mut f.key_file);
        }
    }

    /// Answers that say nothing but a product, with the usual value for everything else.
    pub(crate) fn of_product(product: Product) -> Self {
        Answers {
            name: "preview".to_owned(),
            target: Target::Rehearsal {},
            product,
            size: Size::default(),
            database: Database::default(),
            files: Files::default(),
            registry: Registry::default(),
            entry: Entry::default(),
            domain: Domain::default(),
            city: City::default(),
            demo: true,
            sealed_record: false,
            accept: BTreeSet::new(),
        }
    }

    /// Everything about the answers that can be judged without looking at anything else, in the order of the screens.
    pub fn problems(&self) -> Vec<Error> {
        let mut out = Vec::new();
        if !is_dns_label(&self.name, LONGEST_NAME) {
            out.push(Error::answer("name-not-a-label", "name", &[("name", &self.name)]));
        }
        if self.product.modules.is_empty() {
            out.push(Error::answer("no-module", "product.modules", &[]));
        }
        if let Domain::Host(host) = &self.domain
            && !is_host_name(host)
        {
            out.push(Error::answer("domain-not-a-host", "domain", &[("domain", host)]));
        }
        if let Database::Ours(d) = &self.database {
            if d.host.trim().is_empty() {
                out.push(Error::answer("database-no-host", "database.host", &[]));
            }
            for (field, value) in [("database.name", &d.name), ("database.user", &d.user)] {
                if !is_sql_name(value) {
                    out.push(Error::answer("database-not-a-name", field, &[("value", value)]));
                }
            }
            if !d.password_file.is_file() {
                let path = d.password_file.display().to_string();
                out.push(Error::answer("no-such-file", "database.password-file", &[("path", &path)]));
            }
        }
        if let Files::Ours(f) = &self.files {
            if !(f.endpoint.starts_with("http://") || f.endpoint.starts_with("https://")) {
                out.push(Error::answer("files-no-scheme", "files.endpoint", &[("endpoint", &f.endpoint)]));
            }
            if !f.key_file.is_file() {
                let path = f.key_file.display().to_string();
                out.push(Error::answer("no-such-file", "files.key-file", &[("path", &path)]));
            }
        }
        out
    }

    /// The first of [`Self::problems`], if any.
    pub fn checked(self) -> Result<Self, Error> {
        match self.problems().into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(self),
        }
    }

    /// JSON Schema of the answers file.
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Answers).to_value()
    }
}

/// A commented example for a kind of target; `None` if there is no such kind.
pub fn example(target: &str) -> Option<&'static str> {
    match target {
        "cluster" => Some(include_str!("../../examples/cluster.yaml")),
        "this-computer" => Some(include_str!("../../examples/this-computer.yaml")),
        "rehearsal" => Some(include_str!("../../examples/rehearsal.yaml")),
        _ => None,
    }
}

/// RFC 1123 label: lower-case letters, digits and hyphens, not at the ends.
fn is_dns_label(s: &str, longest: usize) -> bool {
    !s.is_empty()
        && s.len() <= longest
        && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !s.starts_with('-')
        && !s.ends_with('-')
}

/// A host name of at least two labels, without scheme, port or path.
fn is_host_name(s: &str) -> bool {
    s.len() <= 253 && s.contains('.') && s.split('.').all(|label| is_dns_label(label, 63))
}

/// What PostgreSQL takes without quoting, and the DIGIT charts put into addresses as it is.
fn is_sql_name(s: &str) -> bool {
    s.starts_with(|c: char| c.is_ascii_alphabetic()) && s.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rehearsal() -> Answers {
        Answers::read(example("rehearsal").unwrap(), std::path::Path::new("/x")).unwrap()
    }

    #[test]
    fn every_example_reads_and_has_no_problem() {
        for target in ["cluster", "this-computer", "rehearsal"] {
            let answers = Answers::read(example(target).unwrap(), std::path::Path::new("/x")).unwrap();
            assert_eq!(answers.target.kind(), target);
            assert!(answers.problems().is_empty(), "{target}");
        }
        assert!(example("moon").is_none());
    }

    #[test]
    fn answers_survive_writing_and_reading() {
        let answers = Answers {
            database: Database::Ours(OurDatabase {
                host: "db.example".into(),
                port: 5432,
                name: "digit".into(),
                user: "digit".into(),
                password_file: "/secret".into(),
            }),
            domain: Domain::Host("digit.example".into()),
            ..rehearsal()
        };
        let text = yaml_serde::to_string(&answers).unwrap();
        assert_eq!(Answers::read(&text, std::path::Path::new("/x")).unwrap(), answers);
    }

    #[test]
    fn bad_answers_get_a_code_and_the_field() {
        let base = "name: a\ntarget: {kind: rehearsal}\nproduct: {name: practice, version: v1, modules: [m_a]}\n";
        for (text, code, field) in [
            (format!("{base}colour: red\n"), "answers-unknown-key", "colour"),
            (base.replace("version: v1", "version: v1, colour: red"), "answers-unknown-key", "product.colour"),
            (base.replace("modules: [m_a]", "modules: 7"), "answers-wrong-type", "product.modules"),
            (base.replace("modules: [m_a]", "modules: [m_a, [m_b]]"), "answers-wrong-type", "product.modules[1]"),
            (base.replace("kind: rehearsal", "kind: moon"), "answers-wrong-type", "target.kind"),
            (base.replace("kind: rehearsal", "kind: rehearsal, context: x"), "answers-unknown-key", "target"),
            (base.replace("name: a\n", ""), "answers-missing-key", "name"),
            (base.replace("version: v1, ", ""), "answers-missing-key", "product.version"),
            (base.replace("name: a\n", "name: 7\n"), "answers-wrong-type", "name"),
            (format!("{base}size: huge\n"), "answers-wrong-type", "size"),
            (format!("{base}demo: perhaps\n"), "answers-wrong-type", "demo"),
            ("name: \"x".to_owned(), "answers-unreadable", ""),
            (format!("{base}name: b\n"), "answers-unreadable", ""),
            (String::new(), "answers-empty", ""),
            ("\n# nothing yet\n  # still nothing\n".to_owned(), "answers-empty", ""),
            ("- a\n".to_owned(), "answers-wrong-type", ""),
            (format!("{base}database: somewhere\n"), "answers-wrong-type", "database"),
            (format!("{base}database: 7\n"), "answers-wrong-type", "database"),
            (format!("{base}database: {{host: x}}\n"), "answers-missing-key", "database.name"),
            (
                format!("{base}database: {{host: x, name: d, user: d, password-file: p, port: 70000}}\n"),
                "answers-wrong-type",
                "database.port",
            ),
            (format!("{base}files: {{endpoint: x, colour: red}}\n"), "answers-unknown-key", "files.colour"),
            (format!("{base}domain: 7\n"), "answers-wrong-type", "domain"),
        ] {
            let view = Answers::read(&text, std::path::Path::new("/x")).unwrap_err().view();
            assert_eq!(
                (view.code.as_str(), view.field.as_deref().unwrap_or_default()),
                (code, field),
                "{text}\n{view:?}"
            );
        }
    }

    #[test]
    fn names_that_kubernetes_would_refuse_are_refused_here() {
        for (name, good) in [
            ("springfield", true),
            ("a-1", true),
            ("", false),
            ("Springfield", false),
            ("-a", false),
            ("a-", false),
            ("a.b", false),
            ("नगर", false),
            ("a".repeat(41).as_str(), false),
        ] {
            let problems = Answers { name: name.to_owned(), ..rehearsal() }.problems();
            assert_eq!(problems.is_empty(), good, "{name}");
        }
    }

    #[test]
    fn hosts_are_names_and_not_addresses_of_pages() {
        for (host, good) in [
            ("digit.example", true),
            ("a.b.example", true),
            ("https://digit.example", false),
            ("digit", false),
            ("digit.example/x", false),
            ("digit.example:80", false),
        ] {
            let problems = Answers { domain: Domain::Host(host.to_owned()), ..rehearsal() }.problems();
            assert_eq!(problems.is_empty(), good, "{host}");
        }
    }

    #[test]
    fn paths_are_taken_from_the_folder_of_the_file() {
        let text = example("rehearsal").unwrap().to_owned()
            + "files: {endpoint: 'http://x', bucket: b, region: r, key-file: keys}\n";
        let Files::Ours(files) = Answers::read(&text, std::path::Path::new("/x")).unwrap().files else { panic!() };
        assert_eq!(files.key_file, std::path::Path::new("/x").join("keys"));
    }
}
