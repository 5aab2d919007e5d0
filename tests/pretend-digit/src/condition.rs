//! States of the world that a test switches on and off.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Service};

/// A state of the world. None of them holds at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// The service runs without its tables: health 200, every statement a `BadSqlGrammarException` (§3.1).
    TablesMissing(Service),
    /// The service is not there: connections are reset, the gateway says 500 with `ConnectException` (§2.1, READ).
    Down(Service),
    /// Health 503 `DOWN`: the driver class of fact 1 is wrong (§1.1).
    DriverClassWrong(Service),
    /// Kafka is away (§6.8): nobody can sign in, all health 200.
    KafkaDown,
    /// Redis is away (§6.8).
    RedisDown,
    /// The persister is away: writes wait, and come when it is back (§6.8).
    PersisterDown,
    /// Whatever is put on Kafka is dropped: away for too long, or without a mapping (§5, HRMS trap; §7).
    PersisterLoses,
    /// mdms-service has an empty data folder: every search answers `{"MdmsRes":{}}` (§3.1).
    MdmsEmpty,
    /// One master is not there: module and master.
    MasterMissing(String, String),
    /// The gateway was started before any Service was there: 404 for everything (§2.1).
    GatewayWithoutRoutes,
    /// The gateway was started before this Service was there.
    RouteMissing(Service),
    /// Every second message of every search is missing. Nothing that a client does mends it; see
    /// [`Pretend::lose_messages`](crate::Pretend::lose_messages) for the kind that an upload mends.
    MessagesHalfLoaded,
    /// The entry refuses the token form's field `isInternal` (§1.4): 403. Straight at the gateway it is still open.
    IsInternalFiltered,
    /// The image is a fixed one: the token form's `isInternal` is passed over (§1.4).
    IsInternalFixed,
    /// pgr-services with `603d973d42`: assignment to a named employee works (§1.2).
    FixedPgr,
    /// `EGOV_MDMS_V2_HOST` points at a host that accepts and does not answer: user creation hangs (§1.8).
    MdmsV2Nowhere,
    /// The bucket is missing, or its keys are wrong (§6.7).
    BucketMissing,
    /// filestore's addresses name the store as the pod sees it, so that nobody outside can open them (§6.7).
    FileAddressesInCluster,
    /// `IS_ENVIRONMENT_CENTRAL_INSTANCE` is not `false`: city searches of workflow go to another schema (§3.3).
    CentralInstance,
    /// No fixed OTP: a citizen needs the real one (§4.4).
    FixedOtpOff,
    /// The web page is there and empty.
    PageBlank,
    /// The page's script answers with the page itself, as a web server with a catch-all does.
    AssetsMissing,
    /// `globalConfigs.js` is not there.
    GlobalConfigsMissing,
    /// `globalConfigs.js` names another state's tenant.
    GlobalConfigsForeign,
    /// The page links `globalConfigs.js` at a server of somebody else.
    GlobalConfigsElsewhere,
}

impl Condition {
    /// All that can be named without further data.
    pub const PLAIN: [(&'static str, Condition); 20] = [
        ("kafka-down", Condition::KafkaDown),
        ("redis-down", Condition::RedisDown),
        ("persister-down", Condition::PersisterDown),
        ("persister-loses", Condition::PersisterLoses),
        ("mdms-empty", Condition::MdmsEmpty),
        ("gateway-without-routes", Condition::GatewayWithoutRoutes),
        ("messages-half-loaded", Condition::MessagesHalfLoaded),
        ("is-internal-filtered", Condition::IsInternalFiltered),
        ("is-internal-fixed", Condition::IsInternalFixed),
        ("fixed-pgr", Condition::FixedPgr),
        ("mdms-v2-nowhere", Condition::MdmsV2Nowhere),
        ("bucket-missing", Condition::BucketMissing),
        ("file-addresses-in-cluster", Condition::FileAddressesInCluster),
        ("central-instance", Condition::CentralInstance),
        ("fixed-otp-off", Condition::FixedOtpOff),
        ("page-blank", Condition::PageBlank),
        ("assets-missing", Condition::AssetsMissing),
        ("global-configs-missing", Condition::GlobalConfigsMissing),
        ("global-configs-foreign", Condition::GlobalConfigsForeign),
        ("global-configs-elsewhere", Condition::GlobalConfigsElsewhere),
    ];
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::TablesMissing(service) => write!(f, "tables-missing={service}"),
            Condition::Down(service) => write!(f, "down={service}"),
            Condition::DriverClassWrong(service) => write!(f, "driver-class-wrong={service}"),
            Condition::RouteMissing(service) => write!(f, "route-missing={service}"),
            Condition::MasterMissing(module, master) => write!(f, "master-missing={module}.{master}"),
            plain => {
                let name = Condition::PLAIN.iter().find(|(_, c)| c == plain).map_or("", |(name, _)| name);
                f.write_str(name)
            }
        }
    }
}

impl FromStr for Condition {
    type Err = Error;

    /// Reads `kafka-down`, `tables-missing=egov-user`, `master-missing=tenant.tenants`.
    fn from_str(text: &str) -> Result<Condition, Error> {
        let unknown = || Error::UnknownCondition { name: text.to_owned() };
        let Some((name, of)) = text.split_once('=') else {
            return Condition::PLAIN.into_iter().find(|(n, _)| *n == text).map(|(_, c)| c).ok_or_else(unknown);
        };
        match name {
            "tables-missing" => Ok(Condition::TablesMissing(of.parse()?)),
            "down" => Ok(Condition::Down(of.parse()?)),
            "driver-class-wrong" => Ok(Condition::DriverClassWrong(of.parse()?)),
            "route-missing" => Ok(Condition::RouteMissing(of.parse()?)),
            "master-missing" => {
                let (module, master) = of.rsplit_once('.').ok_or_else(unknown)?;
                Ok(Condition::MasterMissing(module.to_owned(), master.to_owned()))
            }
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_is_read_as_it_is_written() {
        let of = [
            Condition::TablesMissing(Service::User),
            Condition::Down(Service::AccessControl),
            Condition::DriverClassWrong(Service::Idgen),
            Condition::RouteMissing(Service::Pgr),
            Condition::MasterMissing("RAINMAKER-PGR".into(), "ServiceDefs".into()),
        ];
        for condition in Condition::PLAIN.into_iter().map(|(_, c)| c).chain(of) {
            assert_eq!(condition.to_string().parse::<Condition>().unwrap(), condition, "{condition}");
        }
        for wrong in ["", "kafka", "down=nobody", "master-missing=tenant", "lost=egov-user"] {
            assert!(wrong.parse::<Condition>().is_err(), "{wrong}");
        }
    }
}
