//! What was seen of one call: data, from which a cause is concluded without asking anybody again.

use serde::{Deserialize, Serialize};

use super::said::Said;

/// Who was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// egov-user: people, passwords, tokens.
    EgovUser,
    /// egov-localization: messages.
    EgovLocalization,
    /// egov-mdms-service: master data.
    EgovMdmsService,
    /// egov-workflow-v2: business services and process instances.
    EgovWorkflowV2,
    /// egov-hrms: employees.
    EgovHrms,
    /// pgr-services: complaints.
    PgrServices,
    /// egov-filestore: files.
    EgovFilestore,
    /// The web front ends.
    Web,
    /// An address that DIGIT named: an object store, a script on another host.
    Elsewhere,
}

impl Service {
    /// Its name as the charts have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Service::EgovUser => "egov-user",
            Service::EgovLocalization => "egov-localization",
            Service::EgovMdmsService => "egov-mdms-service",
            Service::EgovWorkflowV2 => "egov-workflow-v2",
            Service::EgovHrms => "egov-hrms",
            Service::PgrServices => "pgr-services",
            Service::EgovFilestore => "egov-filestore",
            Service::Web => "web",
            Service::Elsewhere => "elsewhere",
        }
    }
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoAnswer {
    /// The name has no address.
    Unresolved,
    /// Nobody listens.
    Refused,
    /// The connection was cut before the answer was whole.
    Cut,
    /// Nothing within the time.
    TimedOut,
    /// No trust in the other side's certificate, or no TLS there.
    Tls,
    /// A proxy did not let us through.
    Proxy,
    /// The connection failed in another way.
    Other,
}

/// What came of one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// It was not sent: the gateway refuses bodies of this size.
    TooLarge {
        /// The body's bytes.
        bytes: u64,
    },
    /// Nobody answered.
    NoAnswer(NoAnswer),
    /// Somebody answered.
    Answer {
        /// HTTP's status.
        status: u16,
        /// What the body is.
        said: Said,
    },
}

/// One call and what came of it. Holds no secret: what was sent as one is blanked before it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Who was asked.
    pub service: Service,
    /// The path, without its query.
    pub call: String,
    /// Scheme, host and port that were asked.
    pub at: String,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What came.
    pub found: Found,
    /// What the answer's `Via`, `Proxy-Authenticate` or `Server` header says of somebody in between.
    pub between: Option<String>,
}

impl Seen {
    /// The status, if somebody answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.found {
            Found::Answer { status, .. } => Some(status),
            _ => None,
        }
    }

    /// What was said, if somebody answered.
    #[must_use]
    pub fn said(&self) -> Option<&Said> {
        match &self.found {
            Found::Answer { said, .. } => Some(said),
            _ => None,
        }
    }

    /// Whether the call may have had its effect although it failed: then only a search tells.
    #[must_use]
    pub fn may_have_worked(&self) -> bool {
        match &self.found {
            Found::TooLarge { .. } => false,
            Found::NoAnswer(why) => matches!(why, NoAnswer::Cut | NoAnswer::TimedOut | NoAnswer::Other),
            Found::Answer { status, .. } => *status >= 500 || *status < 300,
        }
    }
}
