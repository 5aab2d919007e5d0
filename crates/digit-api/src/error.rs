//! What can go wrong here, each with a stable code. Words for people hang on the codes.

use std::path::PathBuf;

use cause::Cause;

use crate::fault::{Fault, Remedy};

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// DIGIT, or somebody in between, refused or did not answer; or what was found afterwards is not what was wanted.
    #[error("{}: {:?}", cause.code, cause.args)]
    Cause {
        /// Why, with data.
        cause: Cause,
        /// What to do first.
        remedy: Remedy,
    },
    /// A call failed.
    #[error("{}: {:?}", .0.cause.code, .0.cause.args)]
    Fault(Box<Fault>),
    /// An address cannot be used.
    #[error("the address cannot be used: {reason}")]
    Address {
        /// `not-an-address`, `neither-http-nor-https`, `holds-a-user`, `holds-a-query`.
        reason: &'static str,
    },
    /// A state's or city's code cannot be used.
    #[error("the code {code:?} cannot be used: {reason}")]
    Tenant {
        /// The code.
        code: String,
        /// `letters-only` or `not-below-the-state`.
        reason: &'static str,
    },
    /// A chosen password breaks egov-user's rule.
    #[error("the password breaks the rule: {reason}")]
    Password {
        /// See [`crate::user::Broken`].
        reason: &'static str,
    },
    /// The way to egov-user itself is needed and was not given.
    #[error("this needs the address of egov-user itself")]
    NoUserService,
    /// A client for HTTP could not be made.
    #[error("no HTTP client: {0}")]
    Http(reqwest::Error),
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The seed data cannot be used.
    #[error("the seed data at {place}: {reason} {detail}")]
    Seed {
        /// Where in the file, for example `item[3] Upsert_rainmaker_common_1: messages[17].code`.
        place: String,
        /// `not-json`, `no-collection`, `unknown-call`, `no-body`, `wrong-shape`, `empty`, `too-long`, `no-seed-data`, `too-large`.
        reason: &'static str,
        /// What the reader says; may be empty.
        detail: String,
    },
    /// What must be remembered before going on could not be.
    #[error("could not be remembered: {0}")]
    Remember(std::io::Error),
}

impl Error {
    /// Stable, in kebab case.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Error::Cause { cause, .. } => &cause.code,
            Error::Fault(fault) => &fault.cause.code,
            Error::Address { .. } => "digit-address-unusable",
            Error::Tenant { .. } => "digit-tenant-unusable",
            Error::Password { .. } => "digit-password-rule",
            Error::NoUserService => "digit-no-user-service",
            Error::Http(_) => "digit-no-http",
            Error::Io { .. } => "digit-file",
            Error::Seed { .. } => "digit-seed-unusable",
            Error::Remember(_) => "digit-not-remembered",
        }
    }

    /// The code with its data.
    #[must_use]
    pub fn cause(&self) -> Cause {
        let cause = Cause::new(self.code());
        match self {
            Error::Cause { cause, .. } => cause.clone(),
            Error::Fault(fault) => fault.cause.clone(),
            Error::Address { reason } | Error::Password { reason } => cause.with("reason", reason),
            Error::Tenant { code, reason } => cause.with("code", code).with("reason", reason),
            Error::NoUserService => cause,
            Error::Http(error) => cause.with("detail", error),
            Error::Io { path, error } => cause.with("path", path.display()).with("detail", error),
            Error::Seed { place, reason, detail } => {
                cause.with("place", place).with("reason", reason).with("detail", detail)
            }
            Error::Remember(error) => cause.with("detail", error),
        }
    }

    /// What to do first, where that is known.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Error::Cause { remedy, .. } => Some(*remedy),
            Error::Fault(fault) => Some(fault.remedy),
            Error::Password { .. } => Some(Remedy::SetPassword),
            Error::Address { .. } => Some(Remedy::CheckAddress),
            _ => None,
        }
    }

    /// The same, where the account is known to have all roles: then a refusal is no matter of roles. accesscontrol takes any fault
    /// for a no, its own and that of the master data it reads.
    pub(crate) fn despite_roles(self) -> Self {
        match self {
            Error::Fault(mut fault) if fault.cause.code == "not-allowed" => {
                "refused-despite-roles".clone_into(&mut fault.cause.code);
                fault.remedy = Remedy::CheckAccessControl;
                Error::Fault(fault)
            }
            other => other,
        }
    }

    /// Whether the call that ended so may have had its effect all the same: only a search tells.
    pub(crate) fn may_have_worked(&self) -> bool {
        self.fault().is_some_and(|f| f.seen.may_have_worked())
    }

    /// What DIGIT did not refuse but did not do either.
    pub(crate) fn found(cause: Cause, remedy: Remedy) -> Self {
        Error::Cause { cause, remedy }
    }

    /// The fault of a call, if it was one.
    pub(crate) fn fault(&self) -> Option<&Fault> {
        match self {
            Error::Fault(fault) => Some(fault),
            _ => None,
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::Fault(Box::new(fault))
    }
}
