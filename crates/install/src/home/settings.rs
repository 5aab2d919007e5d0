//! What the program itself is told: language, looks, network.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::Error;

/// Settings of the program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", default)]
#[ts(export)]
pub struct AppSettings {
    /// Language of the window and the command line.
    pub language: Language,
    /// Light or dark.
    pub theme: Theme,
    /// How downloads and clusters are reached.
    pub proxy: ProxyChoice,
}

/// A language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// The system's, if we speak it; else English.
    #[default]
    System,
    /// English.
    En,
    /// Hindi.
    Hi,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// As the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How downloads and clusters are reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ProxyChoice {
    /// As the system says.
    #[default]
    System,
    /// Directly.
    None,
    /// Through this proxy.
    Address {
        /// With scheme and port.
        address: String,
    },
}

impl ProxyChoice {
    /// A client that goes this way, and waits so long at most until a connection stands.
    pub(crate) fn client(&self, connect_timeout: Duration) -> Result<reqwest::Client, Error> {
        self.builder()?.connect_timeout(connect_timeout).build().map_err(|e| no_client(&e))
    }

    /// What makes clients that go this way.
    pub(crate) fn builder(&self) -> Result<reqwest::ClientBuilder, Error> {
        let client = reqwest::Client::builder();
        Ok(match self {
            ProxyChoice::System => client,
            ProxyChoice::None => client.no_proxy(),
            ProxyChoice::Address { address } => client.proxy(reqwest::Proxy::all(address).map_err(|e| no_client(&e))?),
        })
    }

    /// The same for a cluster.
    pub fn for_cluster(&self) -> cluster::proxy::Proxy {
        match self {
            ProxyChoice::System => cluster::proxy::Proxy::System,
            ProxyChoice::None => cluster::proxy::Proxy::None,
            ProxyChoice::Address { address } => cluster::proxy::Proxy::Address(address.clone()),
        }
    }
}

fn no_client(error: &reqwest::Error) -> Error {
    Error::Network { detail: error.to_string() }
}

/// The language that the system speaks, for example `hi-IN`.
pub fn system_language() -> Option<String> {
    sys_locale::get_locale()
}
