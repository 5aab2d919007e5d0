//! Commands and flags. Their names are a promise.

use std::path::PathBuf;

use clap::{ArgGroup, Args as ClapArgs, Parser, Subcommand};

use crate::patience::Patience;

/// What every command ends with.
const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    failed
  2    bad input; nothing was touched
  3    a check does not pass
  4    a person is needed: to sign in again, for example, or to confirm (or give --yes)
  130  stopped by the user";

/// What is taken from the environment.
const ENVIRONMENT: &str = "\
Environment:
  DIGIT_HOME             Folder of everything that is kept on this computer, if not the usual one
  DIGIT_PASSPHRASE_FILE  A file whose first line encrypts passwords where there is no key ring
  DIGIT_REHEARSAL_SPEED  How many times faster than real time a rehearsal goes";

/// Installs DIGIT on a Kubernetes cluster.
#[derive(Debug, Parser)]
#[command(name = "digit", version, disable_help_subcommand = true)]
#[command(after_help = format!("Results go to standard output, everything else to standard error.\n\n{EXIT_CODES}\n\n{ENVIRONMENT}"))]
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
    #[command(group(ArgGroup::new("which").required(true).args(["schema", "example"])))]
    Answers {
        /// JSON Schema of the file.
        #[arg(long)]
        schema: bool,
        /// A commented example for a target: cluster, this-computer or rehearsal.
        #[arg(long, value_name = "TARGET")]
        example: Option<String>,
    },
    /// Decides everything, creates nothing.
    Plan(Plan),
    /// Looks whether everything is fit for the plan.
    ///
    /// A database or file store of your own is tried by a pod that is removed again; nothing else is made.
    #[command(after_help = EXIT_CODES)]
    Check {
        #[command(flatten)]
        what: What,
        /// Checks to go on without, by name. A check that allows it says so when it does not pass.
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
    #[command(after_help = EXIT_CODES)]
    Install {
        #[command(flatten)]
        what: What,
        /// End after this part of the plan: infrastructure (the cluster, where it is made) or services.
        #[arg(long, value_name = "PART")]
        until: Option<String>,
        /// Checks to go on without, by name. A check that allows it says so when it does not pass.
        #[arg(long, value_delimiter = ',', value_name = "CHECK")]
        accept: Vec<String>,
        /// Nothing real is touched: the same run against a simulated cluster.
        #[arg(long)]
        rehearse: bool,
        #[command(flatten)]
        wait: Wait,
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
    #[command(after_help = EXIT_CODES)]
    Resume {
        /// The installation.
        name: String,
        /// End after this part of the plan: infrastructure (the cluster, where it is made) or services.
        #[arg(long, value_name = "PART")]
        until: Option<String>,
        #[command(flatten)]
        wait: Wait,
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
        #[arg(long, value_name = "TEXT")]
        find: Option<String>,
        /// Lines of this level or worse: error, warning, info, debug.
        #[arg(long, default_value = "debug")]
        level: String,
        /// Lines of this source.
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Reads the record that an installation keeps in its cluster, to go on with it from this computer.
    OpenExisting {
        /// The kubeconfig; the default one if left out.
        #[arg(long, value_name = "FILE")]
        kubeconfig: Option<PathBuf>,
        /// The context; the current one if left out.
        #[arg(long, value_name = "NAME")]
        context: Option<String>,
        /// The recovery kit, where the record's secrets are encrypted.
        #[arg(long, value_name = "FILE", requires = "passphrase_file")]
        recovery_kit: Option<PathBuf>,
        /// A file that holds the passphrase of the kit.
        #[arg(long, value_name = "FILE", requires = "recovery_kit")]
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
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// A file that holds the passphrase.
        #[arg(long, value_name = "FILE")]
        passphrase_file: PathBuf,
    },
    /// Removes an installation, then proves by inventory that nothing is left.
    #[command(after_help = EXIT_CODES)]
    Remove {
        /// The installation.
        name: String,
        /// Leave disks, and what is on them.
        #[arg(long)]
        keep_data: bool,
        #[command(flatten)]
        wait: Wait,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Looks whether a DIGIT works, from outside as a person would: any DIGIT, whoever installed it.
    ///
    /// One complaint, marked as ours, is filed, assigned and resolved; the next time it is found again. One photo is uploaded, and
    /// passwords that everybody knows are tried once each.
    #[command(after_help = EXIT_CODES)]
    Verify(Verify),
}

/// Which DIGIT is looked at, and as whom.
#[derive(Debug, ClapArgs)]
pub(crate) struct Verify {
    /// The address that people open.
    #[arg(long, value_name = "URL")]
    pub(crate) address: String,
    /// An employee of the city with SUPERUSER and EMPLOYEE on the state, and GRO, PGR_LME and CSR on the city.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: String,
    /// A file whose first line is that employee's password.
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: PathBuf,
    /// Code of the state.
    #[arg(long, default_value = "pg")]
    pub(crate) state: String,
    /// Code of the city.
    #[arg(long, default_value = "pg.citya")]
    pub(crate) city: String,
    /// Only look: nothing is filed, uploaded or tried.
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,
    /// One JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to do when only a person can help.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct Wait {
    /// How long to wait when only a person can help, for example by signing in again: 90s, 15m, 2h or forever. Then it stops at a
    /// safe point and exits with 4. If left out: forever at a terminal, 15m elsewhere.
    #[arg(long, value_name = "DURATION")]
    pub(crate) wait_for_person: Option<Patience>,
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
    /// API versions that are served, besides those that Helm takes for served.
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
    /// What is printed as one JSON object, or why nothing is.
    #[arg(long)]
    pub(crate) json: bool,
}
