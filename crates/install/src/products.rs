//! What can be installed, and where its charts are downloaded to.

use std::path::Path;
use std::time::Duration;

use catalog::SourceSpec;
use catalog::source::download::Download;

use crate::error::Error;
use crate::settings::ProxyChoice;
use crate::view::{CatalogView, ModuleView, ProductView};

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

/// Downloads into `cache`, the way the person's network wants it.
pub(crate) fn download(cache: &Path, proxy: &ProxyChoice) -> Result<SourceSpec, Error> {
    let client = proxy.client(Duration::from_secs(15))?;
    Ok(SourceSpec::Download(Download::github(client, cache.to_owned())))
}
