//! What can be wrong with a field of a kubeconfig.

/// What is wrong with a field of a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is not there, and has to be.
    #[error("missing")]
    Missing,
    /// It is a list where a text is meant, or the like.
    #[error("of the wrong type")]
    WrongType,
    /// It cannot be decoded.
    #[error("no base64")]
    NotBase64,
    /// No certificate is in it.
    #[error("no certificate in it")]
    NoCertificate,
    /// No private key that can be read is in it.
    #[error("no private key in it")]
    NoKey,
    /// Its private key is behind a passphrase.
    #[error("the private key is encrypted")]
    KeyLocked,
    /// The private key is another certificate's.
    #[error("the private key is not the certificate's")]
    KeyOfAnother,
    /// It is no address.
    #[error("no address")]
    NotAddress,
    /// It holds what cannot be sent, for example a line break.
    #[error("cannot be sent")]
    NotHeader,
    /// Another field is there too, and only one of them may.
    #[error("beside {other}")]
    Beside {
        /// The other field.
        other: String,
    },
    /// It is none of what is known.
    #[error("unknown; known: {instead}")]
    Unknown {
        /// What it may be.
        instead: String,
    },
    /// The file that it names cannot be read.
    #[error("{file} cannot be read: {reason}")]
    File {
        /// The file.
        file: String,
        /// The system's reason.
        reason: String,
    },
    /// The file that it names is empty.
    #[error("{file} is empty")]
    Empty {
        /// The file.
        file: String,
    },
}

impl Fault {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Fault::Missing => "kubeconfig-field-missing",
            Fault::WrongType => "kubeconfig-field-type",
            Fault::NotBase64 => "kubeconfig-field-base64",
            Fault::NoCertificate => "kubeconfig-field-certificate",
            Fault::NoKey => "kubeconfig-field-key",
            Fault::KeyLocked => "kubeconfig-key-locked",
            Fault::KeyOfAnother => "kubeconfig-key-of-another",
            Fault::NotAddress => "kubeconfig-field-address",
            Fault::NotHeader => "kubeconfig-field-characters",
            Fault::Beside { .. } => "kubeconfig-field-beside",
            Fault::Unknown { .. } => "kubeconfig-field-unknown",
            Fault::File { .. } => "kubeconfig-field-file",
            Fault::Empty { .. } => "kubeconfig-field-empty-file",
        }
    }

    pub(crate) fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Fault::Beside { other } => vec![("other", other.clone())],
            Fault::Unknown { instead } => vec![("instead", instead.clone())],
            Fault::File { file, reason } => vec![("file", file.clone()), ("reason", reason.clone())],
            Fault::Empty { file } => vec![("file", file.clone())],
            _ => Vec::new(),
        }
    }
}
