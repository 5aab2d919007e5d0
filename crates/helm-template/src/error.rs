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
    #[error("{reason}")]
    ChartInvalid {
        /// The file in the chart.
        path: String,
        /// The line that says it, if one does.
        line: Option<usize>,
        /// What is wrong with it.
        problem: String,
        /// Helm's whole message.
        reason: String,
    },
    /// A file of the chart or of the caller is not YAML, or holds something else than it should.
    #[error("{reason}")]
    Yaml {
        /// The file.
        path: String,
        /// Its line.
        line: Option<usize>,
        /// What is wrong there.
        problem: String,
        /// Helm's whole message.
        reason: String,
    },
    /// Dependencies are named in `Chart.yaml` and not there.
    #[error(
        "chart dependencies are missing; run dependency update/build first: found in Chart.yaml, but missing in \
         charts/ directory: {name}"
    )]
    DependencyMissing {
        /// The chart that needs it.
        chart: String,
        /// The dependency; several with commas between.
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
        /// `file:line:column` of the template that could not go on.
        location: String,
        /// What is wrong there.
        problem: String,
        /// Go's whole message, from the outermost template on.
        message: String,
    },
    /// What a template printed is not YAML or not an object.
    #[error("YAML parse error on {template}: {reason}")]
    Manifest {
        /// The template.
        template: String,
        /// The line of what it printed, from the last `---` on.
        line: Option<usize>,
        /// What is wrong there.
        problem: String,
        /// Helm's whole message.
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

    /// The same for a chart that lies in another one.
    pub(crate) fn in_subchart(mut self, name: &str, parent: &str) -> Self {
        if let Self::ChartInvalid { reason, .. } | Self::Yaml { reason, .. } | Self::ArchiveBroken { reason } =
            &mut self
        {
            *reason = format!("error unpacking subchart {name} in {parent}: {reason}");
        }
        self
    }

    /// Data for its message: always `file` and `line` (`none` if it has none) and `message`, the sentence of the chart's
    /// author or of the reader.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let line = |line: &Option<usize>| line.map(|line| line.to_string());
        let (file, line, message) = match self {
            Self::Read { path, reason } => (path.clone(), None, reason.clone()),
            Self::ArchiveBroken { reason } => (String::new(), None, reason.clone()),
            Self::ArchiveEscapes { path } | Self::ArchiveTooBig { path, .. } => (path.clone(), None, self.to_string()),
            Self::ChartInvalid { path, line: at, problem, .. } | Self::Yaml { path, line: at, problem, .. } => {
                (path.clone(), line(at), problem.clone())
            }
            Self::DependencyMissing { name, .. } => ("Chart.yaml".to_owned(), None, name.clone()),
            Self::KubeVersion { .. } => ("Chart.yaml".to_owned(), None, self.to_string()),
            Self::Parse { location, message } | Self::Refused { location, message } => {
                let (file, line) = file_and_line(location);
                (file, line, message.clone())
            }
            Self::Execution { location, problem, .. } => {
                let (file, line) = file_and_line(location);
                (file, line, problem.clone())
            }
            Self::Manifest { template, line: at, problem, .. } => (template.clone(), line(at), problem.clone()),
            Self::Set { reason } | Self::Values { reason } | Self::Schema { reason } => {
                (String::new(), None, reason.clone())
            }
        };
        let more = match self {
            Self::DependencyMissing { chart, repository, .. } => {
                vec![("chart", chart.clone()), ("repository", repository.clone())]
            }
            Self::KubeVersion { wanted, version } => vec![("wanted", wanted.clone()), ("version", version.clone())],
            Self::ArchiveTooBig { limit, .. } => vec![("limit", limit.to_string())],
            _ => Vec::new(),
        };
        let mut args = vec![("file", file), ("line", line.unwrap_or_else(|| "none".to_owned())), ("message", message)];
        args.extend(more);
        args
    }
}

/// `templates/a.yaml:3:5` or `templates/a.yaml:3`.
fn file_and_line(location: &str) -> (String, Option<String>) {
    let mut parts = location.rsplitn(3, ':');
    let number = |part: Option<&str>| {
        part.filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned)
    };
    let (last, before, rest) = (parts.next(), parts.next(), parts.next());
    match (rest, number(before), number(last)) {
        (Some(file), Some(line), Some(_)) => (file.to_owned(), Some(line)),
        (_, _, Some(line)) => {
            let file = location.strip_suffix(&format!(":{line}")).unwrap_or(location);
            (file.to_owned(), Some(line))
        }
        _ => (location.to_owned(), None),
    }
}

/// Shorthand for this crate's results.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_and_a_line() {
        for (location, file, line) in [
            ("c/templates/a.yaml:3:5", "c/templates/a.yaml", Some("3")),
            ("c/templates/a.yaml:3", "c/templates/a.yaml", Some("3")),
            ("c/templates/a:b.yaml:3:5", "c/templates/a:b.yaml", Some("3")),
            ("c/templates/a.yaml", "c/templates/a.yaml", None),
            ("", "", None),
        ] {
            assert_eq!(file_and_line(location), (file.to_owned(), line.map(str::to_owned)), "{location}");
        }
    }
}
