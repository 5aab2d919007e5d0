//! Your city, not "City A": what a person said about state and city, written into the master data. Pure.
//!
//! The codes stay `pg` and `pg.citya`: users, numbers and messages hang on them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::addresses::{NO_PICTURE, remove_foreign};
use super::json::Json;
use super::masters::MasterData;
use super::tenants::{Kept, keep_only};
use crate::Error;

/// Code of the state.
pub const STATE: &str = "pg";
/// Code of the city.
pub const CITY: &str = "pg.citya";

/// Characters that a name may have; pages and messages have room for no more.
pub const LONGEST_NAME: usize = 100;
/// Bytes that a logo may have: it stands in each answer about the state.
pub const LARGEST_LOGO: usize = 64 << 10;

/// What the pinned master data call the city, in English and in Hindi.
const PLACEHOLDERS: [&str; 4] = ["City A", "CityA", "Citya", "शहर अ"];

/// What a person said about state and city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct City {
    /// Names of the state by locale (`en_IN`), in any script. The default language's must be there; it stands in for
    /// languages that have none.
    pub state: BTreeMap<String, String>,
    /// Names of the city, likewise.
    pub city: BTreeMap<String, String>,
    /// The logo of both; `None`: none is shown.
    pub logo: Option<Logo>,
    /// The languages that pages offer; the first is the default.
    pub languages: Vec<Language>,
}

/// A language that pages offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// For example `en_IN`.
    pub locale: String,
    /// What it is called in itself.
    pub label: String,
}

/// Where pages have a logo from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logo {
    /// An address with `https://` or `http://`, or a path of the installation's own address.
    Address(String),
    /// The picture itself, which goes into the master data.
    Picture {
        /// `image/png`, `image/jpeg`, `image/gif`, `image/webp` or `image/svg+xml`.
        media_type: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

impl City {
    /// Whether all of it can be written into the master data.
    ///
    /// # Errors
    /// [`Error::City`] with what is wrong first.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |field, reason| Err(Error::City { field, reason });
        if self.languages.is_empty() {
            return refuse("languages", "empty");
        }
        for (at, language) in self.languages.iter().enumerate() {
            if !is_locale(&language.locale) {
                return refuse("languages", "locale");
            }
            if self.languages[..at].iter().any(|other| other.locale == language.locale) {
                return refuse("languages", "twice");
            }
            if let Some(reason) = wrong_name(&language.label) {
                return refuse("languages", reason);
            }
        }
        for (field, names) in [("state", &self.state), ("city", &self.city)] {
            if !names.contains_key(self.default_locale()) {
                return refuse(field, "empty");
            }
            if !names.keys().all(|locale| is_locale(locale)) {
                return refuse(field, "locale");
            }
            if let Some(reason) = names.values().find_map(|name| wrong_name(name)) {
                return refuse(field, reason);
            }
        }
        match &self.logo {
            None => Ok(()),
            Some(Logo::Address(address)) if is_address(address) => Ok(()),
            Some(Logo::Address(_)) => refuse("logo", "address"),
            Some(Logo::Picture { media_type, bytes }) => match () {
                () if !PICTURES.contains(&media_type.as_str()) => refuse("logo", "kind"),
                () if bytes.is_empty() => refuse("logo", "empty"),
                () if bytes.len() > LARGEST_LOGO => refuse("logo", "too-large"),
                () => Ok(()),
            },
        }
    }

    /// The locale of the default language; empty if there is none.
    #[must_use]
    pub fn default_locale(&self) -> &str {
        self.languages.first().map_or("", |language| &language.locale)
    }

    /// The state's name in a language, or in the default one.
    #[must_use]
    pub fn state_name(&self, locale: &str) -> &str {
        self.name(&self.state, locale)
    }

    /// The city's name in a language, or in the default one.
    #[must_use]
    pub fn city_name(&self, locale: &str) -> &str {
        self.name(&self.city, locale)
    }

    fn name<'a>(&self, names: &'a BTreeMap<String, String>, locale: &str) -> &'a str {
        names.get(locale).or_else(|| names.get(self.default_locale())).map_or("", String::as_str)
    }

    /// What pages show as the logo.
    fn logo(&self) -> String {
        match &self.logo {
            None => NO_PICTURE.to_owned(),
            Some(Logo::Address(address)) => address.clone(),
            Some(Logo::Picture { media_type, bytes }) => format!("data:{media_type};base64,{}", STANDARD.encode(bytes)),
        }
    }
}

const PICTURES: [&str; 5] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"];

fn is_locale(text: &str) -> bool {
    let Some((language, region)) = text.split_once('_') else { return false };
    let all = |part: &str, of: fn(&char) -> bool| part.chars().all(|c| of(&c));
    (2..=3).contains(&language.len())
        && all(language, char::is_ascii_lowercase)
        && region.len() == 2
        && all(region, char::is_ascii_uppercase)
}

fn wrong_name(name: &str) -> Option<&'static str> {
    match () {
        () if name.trim().is_empty() => Some("empty"),
        () if name.chars().count() > LONGEST_NAME => Some("too-long"),
        // Pages put names into HTML; no name of a place has these.
        () if name.chars().any(|c| c.is_control() || matches!(c, '<' | '>')) => Some("characters"),
        () => None,
    }
}

fn is_address(address: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| address.strip_prefix(scheme));
    let rest = rest.or_else(|| address.strip_prefix('/').filter(|rest| !rest.starts_with('/')));
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '<' | '>' | '\\' | '`');
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain))
}

impl MasterData {
    /// The master data of this city: other tenants are gone (see [`tenants`](super::tenants)), other people's addresses
    /// too (see [`addresses`](super::addresses)), and the names are its own. The same city gives the same bytes.
    ///
    /// # Errors
    /// As [`City::check`]; [`Error::DataMissing`] if what names state or city is not there.
    pub fn for_city(&self, city: &City) -> Result<Self, Error> {
        city.check()?;
        let mut data = self.clone();
        keep_only(&mut data, Kept { state: STATE, city: CITY })?;
        remove_foreign(&mut data, STATE, &city.logo())?;
        tenants(&mut data, city)?;
        state_info(&mut data, city)?;
        boundaries(&mut data, city)?;
        chatbot(&mut data, city)?;
        plants(&mut data, city)?;
        Ok(data)
    }
}

fn missing(master: &str) -> Error {
    Error::DataMissing { file: master.to_owned(), services: Vec::new() }
}

/// `tenant.tenants`: the rows of state and city.
fn tenants(data: &mut MasterData, city: &City) -> Result<(), Error> {
    let (default, logo) = (city.default_locale(), city.logo());
    let mut named = 0;
    data.edit_rows(STATE, "tenant", "tenants", &mut |row| {
        let name = match row.text("code") {
            STATE => city.state_name(default),
            CITY => city.city_name(default),
            _ => return,
        };
        let is_state = row.text("code") == STATE;
        named += 1;
        for key in ["name", "description", "address"] {
            row.set_text(key, name);
        }
        row.set_text("logoId", &logo);
        // Placeholders, some of which are somebody's.
        for key in ["domainUrl", "emailId", "contactNumber", "helpLineNumber"] {
            row.set_text(key, "");
        }
        let Some(place) = row.get_mut("city") else { return };
        place.set_text("name", name);
        place.set_text("localName", name);
        if is_state {
            place.set_text("districtName", name);
            place.set_text("regionName", name);
        }
    })?;
    if named == 2 { Ok(()) } else { Err(missing("pg/tenant/tenants")) }
}

/// `common-masters.StateInfo`: what pages ask first.
fn state_info(data: &mut MasterData, city: &City) -> Result<(), Error> {
    let logo = city.logo();
    let text = |text: &str| Json::Text(text.to_owned());
    let language = |language: &Language| {
        Json::Map(vec![("label".to_owned(), text(&language.label)), ("value".to_owned(), text(&language.locale))])
    };
    let mut named = 0;
    data.edit_rows(STATE, "common-masters", "StateInfo", &mut |row| {
        if row.text("code") != STATE {
            return;
        }
        named += 1;
        row.set_text("name", city.state_name(city.default_locale()));
        for key in ["logoUrl", "logoUrlWhite", "statelogo"] {
            row.set_text(key, &logo);
        }
        row.set("languages", Json::List(city.languages.iter().map(language).collect()));
    })?;
    if named == 1 { Ok(()) } else { Err(missing("pg/common-masters/StateInfo")) }
}

/// `egov-location.TenantBoundary`: the city is the root of each hierarchy; some localities are named after it.
fn boundaries(data: &mut MasterData, city: &City) -> Result<(), Error> {
    fn walk(boundary: &mut Json, name: &str) {
        for key in ["name", "localname"] {
            let own = with_name(boundary.text(key), name);
            boundary.set_text(key, &own);
        }
        for child in boundary.get_mut("children").map(Json::items_mut).unwrap_or_default() {
            walk(child, name);
        }
    }
    let name = city.city_name(city.default_locale());
    let rows = data.edit_rows(CITY, "egov-location", "TenantBoundary", &mut |row| {
        if let Some(root) = row.get_mut("boundary") {
            walk(root, name);
            root.set_text("name", name);
            root.set_text("localname", name);
        }
    })?;
    if rows > 0 { Ok(()) } else { Err(missing("pg.citya/egov-location/TenantBoundary")) }
}

/// The chatbot's names of cities, by languages and locales that it writes in its own way: `en`, `in_en`.
fn chatbot(data: &mut MasterData, city: &City) -> Result<(), Error> {
    let of = |language: &str| {
        let named = city.city.iter().find(|(locale, _)| locale.split('_').next() == Some(language));
        named.map_or_else(|| city.city_name(city.default_locale()), |(_, name)| name).to_owned()
    };
    data.edit_rows(STATE, "Chatbot", "CityNames", &mut |row| {
        let name = of(row.text("locale"));
        row.set("cities", Json::List(vec![Json::Text(name)]));
    })?;
    data.edit_rows(STATE, "Chatbot", "CityLocaleMasterData", &mut |row| {
        let name = of(row.text("locale").rsplit('_').next().unwrap_or_default());
        if row.text("tenantId") == CITY {
            row.set_text("cityName", &name);
        }
    })?;
    Ok(())
}

/// `FSM.FSTPPlantInfo`: plants are named after the city that they stand in.
fn plants(data: &mut MasterData, city: &City) -> Result<(), Error> {
    data.edit_rows(STATE, "FSM", "FSTPPlantInfo", &mut |row| {
        for key in ["PlantName", "PlantLocation"] {
            let own = with_name(row.text(key), city.city_name(city.default_locale()));
            row.set_text(key, &own);
        }
    })?;
    Ok(())
}

/// A text with the city's name for what the pinned master data call it.
fn with_name(text: &str, name: &str) -> String {
    // One after the other would find placeholders in the name too.
    let found = PLACEHOLDERS.iter().flat_map(|placeholder| {
        text.match_indices(placeholder).map(|(at, _)| (&text[..at], &text[at + placeholder.len()..]))
    });
    let found = found.filter(|(_, rest)| !rest.starts_with(char::is_alphanumeric));
    match found.min_by_key(|(before, _)| before.len()) {
        Some((before, rest)) => format!("{before}{name}{}", with_name(rest, name)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter().map(|(locale, name)| ((*locale).to_owned(), (*name).to_owned())).collect()
    }

    fn city() -> City {
        let language = |locale: &str, label: &str| Language { locale: locale.to_owned(), label: label.to_owned() };
        City {
            state: names(&[("en_IN", "Kerala"), ("hi_IN", "केरल")]),
            city: names(&[("en_IN", "Kochi & \"Fort\"")]),
            logo: None,
            languages: vec![language("en_IN", "ENGLISH"), language("hi_IN", "हिंदी")],
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused_by_field_and_reason() {
        assert!(city().check().is_ok());
        type Change = fn(&mut City);
        fn put(names: &mut BTreeMap<String, String>, locale: &str, name: &str) {
            names.insert(locale.to_owned(), name.to_owned());
        }
        fn logo(city: &mut City, address: &str) {
            city.logo = Some(Logo::Address(address.to_owned()));
        }
        fn picture(city: &mut City, media_type: &str, size: usize) {
            city.logo = Some(Logo::Picture { media_type: media_type.to_owned(), bytes: vec![0; size] });
        }
        let cases: [(Change, &str, &str); 19] = [
            (|c| c.languages.clear(), "languages", "empty"),
            (|c| c.languages[1].locale = "hi".to_owned(), "languages", "locale"),
            (|c| c.languages[1].locale = "hi_in".to_owned(), "languages", "locale"),
            (|c| c.languages[1].locale = "en_IN".to_owned(), "languages", "twice"),
            (|c| c.languages[1].label.clear(), "languages", "empty"),
            (|c| c.languages.swap(0, 1), "city", "empty"),
            (|c| put(&mut c.state, "en_IN", " "), "state", "empty"),
            (|c| put(&mut c.city, "xx", "a"), "city", "locale"),
            (|c| put(&mut c.city, "hi_IN", &"क".repeat(101)), "city", "too-long"),
            (|c| put(&mut c.city, "en_IN", "a\nb"), "city", "characters"),
            (|c| put(&mut c.city, "en_IN", "<b>"), "city", "characters"),
            (|c| logo(c, "javascript:alert(1)"), "logo", "address"),
            (|c| logo(c, "//elsewhere.example/x"), "logo", "address"),
            (|c| logo(c, "https://"), "logo", "address"),
            (|c| logo(c, "https://a b"), "logo", "address"),
            (|c| picture(c, "text/html", 1), "logo", "kind"),
            (|c| picture(c, "image/png", 0), "logo", "empty"),
            (|c| picture(c, "image/png", LARGEST_LOGO + 1), "logo", "too-large"),
            (|c| put(&mut c.state, "en_IN", ""), "state", "empty"),
        ];
        for (at, (change, field, reason)) in cases.into_iter().enumerate() {
            let mut changed = city();
            change(&mut changed);
            let error = changed.check().unwrap_err();
            assert!(matches!(error, Error::City { field: f, reason: r } if (f, r) == (field, reason)), "{at}: {error}");
        }
        for good in ["/digit-files/logo.png", "https://city.example/logo.svg?x=1"] {
            let mut changed = city();
            logo(&mut changed, good);
            assert!(changed.check().is_ok(), "{good}");
        }
    }

    #[test]
    fn a_language_without_a_name_takes_the_default_ones() {
        let city = city();
        assert_eq!((city.state_name("hi_IN"), city.state_name("ta_IN")), ("केरल", "Kerala"));
        assert_eq!(city.city_name("hi_IN"), "Kochi & \"Fort\"");
        assert_eq!(city.logo(), NO_PICTURE);
    }

    #[test]
    fn the_name_stands_where_a_placeholder_stood_and_nowhere_else() {
        for (before, after) in [
            ("City A", "City A Nagar"),
            ("City A Prime", "City A Nagar Prime"),
            ("CityA FSTP, City A", "City A Nagar FSTP, City A Nagar"),
            ("City Avenue", "City Avenue"),
            ("City Avenue, City A", "City Avenue, City A Nagar"),
            ("Pink City Colony", "Pink City Colony"),
            ("", ""),
        ] {
            assert_eq!(with_name(before, "City A Nagar"), after);
        }
    }
}
