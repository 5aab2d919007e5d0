//! The services that are pretended, by the names that their charts give them.

use std::fmt;
use std::str::FromStr;

/// One of DIGIT's services, or what stands before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// The public address: the web pages, everything else to the gateway. Stands for the ingress.
    Entry,
    /// `gateway` (§2.1).
    Gateway,
    /// `egov-user` (§4).
    User,
    /// `egov-otp` (§4.4).
    Otp,
    /// `user-otp` (§4.4).
    UserOtp,
    /// `egov-localization` (§6.1).
    Localization,
    /// `egov-mdms-service`, version 1 (§6.2).
    Mdms,
    /// `egov-enc-service` (§6.3).
    Enc,
    /// `egov-hrms` (§6.4).
    Hrms,
    /// `egov-workflow-v2` (§6.5).
    Workflow,
    /// `pgr-services` (§6.6).
    Pgr,
    /// `egov-filestore` (§6.7).
    Filestore,
    /// `egov-idgen` (§6.8).
    Idgen,
    /// `egov-accesscontrol` (§2.2).
    AccessControl,
    /// `egov-persister`: its health alone.
    Persister,
    /// `egov-url-shortening`: its health alone.
    UrlShortening,
    /// `mdms-v2`: its health alone.
    MdmsV2,
    /// The web front end `digit-ui`.
    Web,
    /// The object store that filestore's addresses point at (§6.7).
    ObjectStore,
}

impl Service {
    /// All of them.
    pub const ALL: [Service; 19] = [
        Service::Entry,
        Service::Gateway,
        Service::User,
        Service::Otp,
        Service::UserOtp,
        Service::Localization,
        Service::Mdms,
        Service::Enc,
        Service::Hrms,
        Service::Workflow,
        Service::Pgr,
        Service::Filestore,
        Service::Idgen,
        Service::AccessControl,
        Service::Persister,
        Service::UrlShortening,
        Service::MdmsV2,
        Service::Web,
        Service::ObjectStore,
    ];

    /// The name of its release and Kubernetes Service.
    pub const fn name(self) -> &'static str {
        match self {
            Service::Entry => "entry",
            Service::Gateway => "gateway",
            Service::User => "egov-user",
            Service::Otp => "egov-otp",
            Service::UserOtp => "user-otp",
            Service::Localization => "egov-localization",
            Service::Mdms => "egov-mdms-service",
            Service::Enc => "egov-enc-service",
            Service::Hrms => "egov-hrms",
            Service::Workflow => "egov-workflow-v2",
            Service::Pgr => "pgr-services",
            Service::Filestore => "egov-filestore",
            Service::Idgen => "egov-idgen",
            Service::AccessControl => "egov-accesscontrol",
            Service::Persister => "egov-persister",
            Service::UrlShortening => "egov-url-shortening",
            Service::MdmsV2 => "mdms-v2",
            Service::Web => "digit-ui",
            Service::ObjectStore => "minio",
        }
    }

    /// Its context path without the slash (§3.3, health paths); empty for what has none.
    pub const fn context(self) -> &'static str {
        match self {
            Service::Entry | Service::Gateway | Service::ObjectStore => "",
            Service::User => "user",
            Service::Otp => "otp",
            Service::UserOtp => "user-otp",
            Service::Localization => "localization",
            Service::Mdms => "egov-mdms-service",
            Service::Enc => "egov-enc-service",
            Service::Hrms => "egov-hrms",
            Service::Workflow => "egov-workflow-v2",
            Service::Pgr => "pgr-services",
            Service::Filestore => "filestore",
            Service::Idgen => "egov-idgen",
            Service::AccessControl => "access",
            Service::Persister => "common-persist",
            Service::UrlShortening => "egov-url-shortening",
            Service::MdmsV2 => "mdms-v2",
            Service::Web => "digit-ui",
        }
    }

    /// Whether the gateway has a route to it, by the annotation of its chart (§2.1). enc-service and persister have none.
    pub(crate) const fn routed(self) -> bool {
        !matches!(
            self,
            Service::Entry | Service::Gateway | Service::Enc | Service::Persister | Service::Web | Service::ObjectStore
        )
    }

    /// A table that its migration makes, for the text of a fault (§3.1).
    pub(crate) const fn table(self) -> Option<&'static str> {
        match self {
            Service::User => Some("eg_user"),
            Service::Otp => Some("eg_token"),
            Service::Localization => Some("message"),
            Service::Enc => Some("eg_enc_symmetric_keys"),
            Service::Hrms => Some("eg_hrms_employee"),
            Service::Workflow => Some("eg_wf_businessservice_v2"),
            Service::Pgr => Some("eg_pgr_service_v2"),
            Service::Filestore => Some("eg_filestoremap"),
            Service::Idgen => Some("id_generator"),
            _ => None,
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Service {
    type Err = crate::Error;

    fn from_str(name: &str) -> Result<Service, crate::Error> {
        Service::ALL
            .into_iter()
            .find(|s| s.name() == name)
            .ok_or_else(|| crate::Error::UnknownService { name: name.to_owned() })
    }
}
