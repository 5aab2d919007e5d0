//! Commands and flags. Their names are a promise.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

/// Installs DIGIT on a Kubernetes cluster.
#[derive(Debug, Parser)]
#[command(name = "digit", version, disable_help_subcommand = true)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Products, versions, modules and services that can be installed.
    Catalog {
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Renders one chart, with `helm template`'s arguments and output.
    Template(Template),
    /// The answers file: its schema, or a commented example.
    Answers {
        /// JSON Schema of the file.
        #[arg(long, conflicts_with = "example", required_unless_present = "example")]
        schema: bool,
        /// A commented example for a target: cluster, this-computer or rehearsal.
        #[arg(long, value_name = "TARGET")]
        example: Option<String>,
    },
    /// Decides everything, creates nothing.
    Plan(Plan),
    /// Looks whether everything is fit for the plan. A database or file store of your own is tried by a pod that is
    /// removed again; nothing else is made.
    Check {
        #[command(flatten)]
        what: What,
        /// Checks to go on without, by name.
        #[arg(long, value_delimiter = ',', value_name = "CHECK")]
        accept: Vec<String>,
        /// Check against a simulated cluster.
        #[arg(long)]
        rehearse: bool,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Carries the plan out: same name, same cluster and product goes on.
    Install {
        #[command(flatten)]
        what: What,
        /// End after this part: services.
        #[arg(long, value_name = "PART")]
        until: Option<String>,
        /// Checks to go on without, by name.
        #[arg(long, value_delimiter = ',', value_name = "CHECK")]
        accept: Vec<String>,
        /// Nothing real is touched: the same run against a simulated cluster.
        #[arg(long)]
        rehearse: bool,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Installations on this computer.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// How an installation stands.
    Status {
        /// The installation.
        name: String,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Goes on after a stop, a failure or a crash.
    Resume {
        /// The installation.
        name: String,
        /// End after this part: services.
        #[arg(long, value_name = "PART")]
        until: Option<String>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// The kept log of an installation.
    Logs {
        /// The installation.
        name: String,
        /// Lines that hold this text.
        #[arg(long)]
        find: Option<String>,
        /// Lines of this level or worse: error, warning, info, debug.
        #[arg(long, default_value = "debug")]
        level: String,
        /// Lines of this source.
        #[arg(long)]
        source: Option<String>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Reads the record that an installation keeps in its cluster, to go on with it from this computer.
    OpenExisting {
        /// The kubeconfig; the default one if left out.
        #[arg(long)]
        kubeconfig: Option<PathBuf>,
        /// The context; the current one if left out.
        #[arg(long)]
        context: Option<String>,
        /// The recovery kit, where the record's secrets are encrypted.
        #[arg(long, requires = "passphrase_file")]
        recovery_kit: Option<PathBuf>,
        /// A file that holds the passphrase of the kit.
        #[arg(long, requires = "recovery_kit")]
        passphrase_file: Option<PathBuf>,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Writes all passwords and keys of an installation to one file, encrypted with a passphrase.
    RecoveryKit {
        /// The installation.
        name: String,
        /// The file to write.
        #[arg(long)]
        out: PathBuf,
        /// A file that holds the passphrase.
        #[arg(long)]
        passphrase_file: PathBuf,
    },
    /// Removes an installation, then proves by inventory that nothing is left.
    Remove {
        /// The installation.
        name: String,
        /// Leave disks, and what is on them.
        #[arg(long)]
        keep_data: bool,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

/// Answers, or a plan made from them.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub(crate) struct What {
    /// The answers file.
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// A plan that `digit plan --out` wrote.
    #[arg(value_name = "PLAN")]
    pub(crate) plan: Option<PathBuf>,
}

/// `digit plan`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Plan {
    /// The answers file.
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: PathBuf,
    /// Write the plan to this file.
    #[arg(long, value_name = "PLAN")]
    pub(crate) out: Option<PathBuf>,
    /// Write every object as it would be applied, secrets blanked, into this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) manifests: Option<PathBuf>,
    /// List every image: digest, platforms and sizes where its registry answers, and what uses it. Asking counts against
    /// what the registry allows in an hour.
    #[arg(long)]
    pub(crate) images: bool,
    /// Plan for a simulated cluster.
    #[arg(long)]
    pub(crate) rehearse: bool,
    /// The plan as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `digit template`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Template {
    /// Name of the release.
    pub(crate) name: String,
    /// Folder or .tgz of the chart.
    pub(crate) chart: PathBuf,
    /// Namespace of the release.
    #[arg(short, long, default_value = "default")]
    pub(crate) namespace: String,
    /// Values files; later ones win.
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    pub(crate) values: Vec<PathBuf>,
    /// A value, K=V.
    #[arg(long, value_name = "K=V")]
    pub(crate) set: Vec<String>,
    /// A value that is text, K=V.
    #[arg(long, value_name = "K=V")]
    pub(crate) set_string: Vec<String>,
    /// Version of Kubernetes to render for.
    #[arg(long, value_name = "V", default_value = "v1.36.0")]
    pub(crate) kube_version: String,
    /// API versions that are served, besides the usual ones.
    #[arg(short, long, value_name = "A")]
    pub(crate) api_versions: Vec<String>,
    /// Print custom resource definitions too.
    #[arg(long)]
    pub(crate) include_crds: bool,
    /// The time to render with.
    #[arg(long, value_name = "RFC3339")]
    pub(crate) now: Option<jiff::Timestamp>,
    /// Fixes what is drawn at random.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}
