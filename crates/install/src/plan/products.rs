//! What can be installed, and where its charts are downloaded to.

use std::path::Path;

use catalog::SourceSpec;
use catalog::source::download::Download;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::Error;

/// Everything that can be installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct CatalogView {
    /// Products, the recommended one first.
    pub products: Vec<ProductView>,
}

/// One product at one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct ProductView {
    /// `DIGIT`, `URBAN` or `practice`.
    pub name: String,
    /// For example `v2.9.2`.
    pub version: String,
    /// What can be chosen.
    pub modules: Vec<ModuleView>,
    /// Services that every choice brings along.
    pub always: u32,
    /// Whether its charts are on this computer already (embedded, in the cache, or in the source that was named).
    pub available: bool,
    /// Bytes to download otherwise, about; none if nobody has measured it.
    pub download: Option<u32>,
}

/// One module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct ModuleView {
    /// For example `m_pgr`; message `module-pgr`.
    pub id: String,
    /// Its own services.
    pub services: Vec<String>,
    /// Whether a first use works after the install, or only its services run.
    pub ready_to_use: bool,
}

/// Everything that can be installed. `cache` is where downloads are kept.
pub(crate) fn catalog_view(cache: &Path) -> Result<CatalogView, Error> {
    let products = catalog::builtin()?
        .into_iter()
        .map(|info| ProductView {
            name: info.combination.product.to_owned(),
            version: info.combination.version.to_owned(),
            modules: info
                .modules
                .into_iter()
                .map(|m| ModuleView { id: m.id, services: m.services, ready_to_use: m.ready_to_use })
                .collect(),
            always: u32::try_from(info.always.len()).unwrap_or(u32::MAX),
            available: catalog::is_at_hand(&info.combination, cache),
            download: info.download,
        })
        .collect();
    Ok(CatalogView { products })
}

/// Downloads into `cache` with this client.
pub(crate) fn download(cache: &Path, client: reqwest::Client) -> SourceSpec {
    SourceSpec::Download(Download::github(client, cache.to_owned()))
}
