//! What there is to choose from, without any source at hand: names and counts, kept as data and compared with the
//! lists themselves by a test.

use serde::Deserialize;

use crate::combinations::Combination;
use crate::{Error, combinations};

/// One product at one version, as it can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CombinationInfo {
    /// Which one.
    pub combination: Combination,
    /// Bytes that its archives have, about; none if nobody has measured it, or there is nothing to download.
    pub download: Option<u32>,
    /// Its modules.
    pub modules: Vec<ModuleInfo>,
    /// Services that every choice brings along, of the list and of our own.
    pub always: Vec<String>,
}

/// One module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleInfo {
    /// For example `m_pgr`.
    pub id: String,
    /// Its own services.
    pub services: Vec<String>,
    /// Whether it can be used when its services are ready; else data have to be loaded first.
    pub ready_to_use: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    download: Option<u32>,
    modules: Vec<Module>,
    always: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Module {
    id: String,
    services: Vec<String>,
    ready_to_use: bool,
}

/// Everything that can be installed, the recommended one first.
///
/// # Errors
/// [`Error::Values`] if the program's own data are broken, which a test rules out.
pub fn builtin() -> Result<Vec<CombinationInfo>, Error> {
    let files = [
        (combinations::DIGIT, "digit.yaml", include_str!("../data/digit.yaml")),
        (combinations::URBAN, "urban.yaml", include_str!("../data/urban.yaml")),
        (combinations::PRACTICE, "practice.yaml", include_str!("../data/practice.yaml")),
    ];
    files
        .into_iter()
        .map(|(combination, name, text)| {
            let file: File = yaml_serde::from_str(text)
                .map_err(|error| Error::Values { file: name.to_owned(), detail: error.to_string() })?;
            let modules = file
                .modules
                .into_iter()
                .map(|m| ModuleInfo { id: m.id, services: m.services, ready_to_use: m.ready_to_use })
                .collect();
            Ok(CombinationInfo { combination, download: file.download, modules, always: file.always })
        })
        .collect()
}
