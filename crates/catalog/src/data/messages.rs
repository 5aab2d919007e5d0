//! The messages that pages build from codes of tenants and boundaries. Nobody has them but whoever knows the names: the
//! seed collection holds none. Pure.

use super::city::{CITY, City, STATE};
use super::json::Json;
use super::masters::MasterData;
use crate::Error;

/// One message of the state's tenant, in one language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    /// DIGIT's module of messages.
    pub module: String,
    /// For example `en_IN`.
    pub locale: String,
    /// What pages ask for.
    pub code: String,
    /// What people read; never empty, at most 500 characters.
    pub message: String,
}

/// The module that all pages load.
pub const COMMON: &str = "rainmaker-common";
/// Characters that a message may have.
const LONGEST: usize = 500;

/// The messages for a city's master data, in each of its languages: names of state and city, which all pages load, and
/// names of all boundaries, in the module that pages load for a city (`rainmaker-pg.citya`). Module by module, language by
/// language, in the order of the master data, no code twice.
///
/// All belong to the state's tenant: of a city's own, one message hides all of the state's in its module.
///
/// # Errors
/// [`Error::DataBroken`].
pub fn messages(data: &MasterData, city: &City) -> Result<Vec<Message>, Error> {
    let mut boundaries = Vec::new();
    for path in data.of(CITY, "egov-location", "TenantBoundary") {
        for row in data.json(&path)?.get("TenantBoundary").map(Json::items).unwrap_or_default() {
            let hierarchy = row.get("hierarchyType").map(|h| h.text("code")).unwrap_or_default();
            if let Some(root) = row.get("boundary") {
                walk(root, &format!("{}_{}", code(CITY), code(hierarchy)), &mut boundaries);
            }
        }
    }
    let module = format!("rainmaker-{CITY}");
    let mut all = Vec::new();
    for language in &city.languages {
        for (tenant, name) in [(STATE, city.state_name(&language.locale)), (CITY, city.city_name(&language.locale))] {
            let code = format!("TENANT_TENANTS_{}", code(tenant));
            push(&mut all, COMMON, &language.locale, code, name);
        }
    }
    for language in &city.languages {
        let mut seen = std::collections::BTreeSet::new();
        for (code, is_city, name) in &boundaries {
            let name = if *is_city { city.city_name(&language.locale) } else { name };
            if seen.insert(code) {
                push(&mut all, &module, &language.locale, code.clone(), name);
            }
        }
    }
    Ok(all)
}

fn push(all: &mut Vec<Message>, module: &str, locale: &str, code: String, message: &str) {
    let message: String = message.trim().chars().take(LONGEST).collect();
    if !message.is_empty() {
        all.push(Message { module: module.to_owned(), locale: locale.to_owned(), code, message });
    }
}

/// Code, whether it is the city itself, and name of a boundary and of all below it.
fn walk(boundary: &Json, before: &str, found: &mut Vec<(String, bool, String)>) {
    let own = boundary.text("code");
    found.push((format!("{before}_{}", code(own)), own == CITY, boundary.text("name").to_owned()));
    for child in boundary.get("children").map(Json::items).unwrap_or_default() {
        walk(child, before, found);
    }
}

/// A code as pages write it in a message's: in capitals, with a line for each dot.
fn code(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}
