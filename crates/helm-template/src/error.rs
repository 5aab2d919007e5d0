//! What can go wrong, each with a stable code.

/// Why a chart could not be read or rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file system said no.
    #[error("cannot read {path}: {reason}")]
    Read {
        /// What was to be read.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// The archive is not a gzipped tar file, or is cut off.
    #[error("chart archive: {reason}")]
    ArchiveBroken {
        /// What the reader said.
        reason: String,
    },
    /// An entry of the archive would land outside the chart.
    #[error("chart archive: {path:?} lies outside the chart")]
    ArchiveEscapes {
        /// The entry.
        path: String,
    },
    /// The archive unpacks to more than was allowed.
    #[error("chart archive: {path:?} brings it over {limit} bytes")]
    ArchiveTooBig {
        /// The entry at which it was noticed.
        path: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The folder or archive has no `Chart.yaml`, or what it says is not allowed.
    #[error("{path}: {reason}")]
    ChartInvalid {
        /// The file in the chart.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of the chart or of the caller is not YAML.
    #[error("{path}: {reason}")]
    Yaml {
        /// The file.
        path: String,
        /// What the reader said.
        reason: String,
    },
    /// A dependency is named in `Chart.yaml` and not there.
    #[error("chart {chart} needs {name} from {repository:?}, which is not there")]
    DependencyMissing {
        /// The chart that needs it.
        chart: String,
        /// The dependency.
        name: String,
        /// Where it would come from.
        repository: String,
    },
    /// The chart does not want this version of Kubernetes.
    #[error("chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {version}")]
    KubeVersion {
        /// The chart's constraint.
        wanted: String,
        /// The version that was given.
        version: String,
    },
    /// A template cannot be parsed; names functions we do not have, too.
    #[error("parse error at ({location}): {message}")]
    Parse {
        /// `file:line`.
        location: String,
        /// Go's message.
        message: String,
    },
    /// A template stopped by `fail` or `required`: the chart's author speaks.
    #[error("execution error at ({location}): {message}")]
    Refused {
        /// `file:line:column`.
        location: String,
        /// The author's message.
        message: String,
    },
    /// A template could not be run.
    #[error("{message}")]
    Execution {
        /// `file:line:column` of the outermost template.
        location: String,
        /// Go's whole message.
        message: String,
    },
    /// What a template printed is not YAML or not an object.
    #[error("YAML parse error on {template}: {reason}")]
    Manifest {
        /// The template.
        template: String,
        /// What the reader said.
        reason: String,
    },
    /// A `--set` argument cannot be read.
    #[error("failed parsing --set data: {reason}")]
    Set {
        /// Helm's message.
        reason: String,
    },
    /// Values of a chart and its subchart do not fit.
    #[error("values: {reason}")]
    Values {
        /// What does not fit.
        reason: String,
    },
    /// Values are not what the author of the chart, or of one below it, allows.
    #[error("values don't meet the specifications of the schema(s) in the following chart(s):\n{reason}")]
    Schema {
        /// Each chart's name, and a line for everything that does not fit.
        reason: String,
    },
}

impl Error {
    /// A stable name for the kind of error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "chart-read",
            Self::ArchiveBroken { .. } => "chart-archive-broken",
            Self::ArchiveEscapes { .. } => "chart-archive-escapes",
            Self::ArchiveTooBig { .. } => "chart-archive-too-big",
            Self::ChartInvalid { .. } => "chart-invalid",
            Self::Yaml { .. } => "chart-yaml",
            Self::DependencyMissing { .. } => "chart-dependency-missing",
            Self::KubeVersion { .. } => "chart-kube-version",
            Self::Parse { .. } => "template-parse",
            Self::Refused { .. } => "template-refused",
            Self::Execution { .. } => "template-execution",
            Self::Manifest { .. } => "template-manifest",
            Self::Set { .. } => "values-set",
            Self::Values { .. } => "values-mismatch",
            Self::Schema { .. } => "values-schema",
        }
    }
}

/// Shorthand for this crate's results.
pub type Result<T> = std::result::Result<T, Error>;
