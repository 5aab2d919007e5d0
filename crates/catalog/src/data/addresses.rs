//! Takes addresses of other people's servers out of the master data. Pure.
//!
//! Pages show what these addresses lead to: pictures from eGov's buckets, a chat with eGov's number, a film that explains
//! nothing. A picture becomes the installation's own or an empty one, a link becomes empty, a row that is nothing but such
//! a link goes.

use super::json::Json;
use super::masters::MasterData;
use crate::Error;

/// A picture of one transparent pixel: a page that has a place for a picture shows nothing there, and asks nobody.
pub const NO_PICTURE: &str = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/// Whose an address is, by a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreign {
    /// Text that such an address holds.
    pub part: &'static str,
    /// What it is.
    pub reason: &'static str,
}

const fn foreign(part: &'static str, reason: &'static str) -> Foreign {
    Foreign { part, reason }
}

/// All that are taken out.
pub const FOREIGN: &[Foreign] = &[
    foreign(".amazonaws.com", "eGov's buckets, and a load balancer of a dashboard of eGov's"),
    foreign("egovernments.org", "eGov's own pages and people"),
    foreign("raw.githubusercontent.com/egovernments", "pictures in eGov's repositories"),
    foreign(".googleusercontent.com", "a code that leads to eGov's demonstration"),
    foreign("eGovernments+Foundation", "eGov's office on a map"),
    foreign("api.whatsapp.com/send?phone=918744060444", "a chat with a number of eGov's"),
    foreign("media.w3.org/2010/05/sintel/", "a film's trailer, where an explanation should be"),
];

/// Keys whose address is the installation's logo.
const LOGOS: [&str; 4] = ["logoUrl", "logoUrlWhite", "statelogo", "logoId"];
/// Keys whose address is another picture.
const PICTURES: [&str; 3] = ["bannerUrl", "bannerImage", "qrCodeURL"];
/// Lists whose rows are of no use without their address.
const ROWS: [&str; 2] = ["videosJson", "SMSReceiver"];
/// How somebody else is reached, by phone or on foot, in the master `common-masters.StaticData`.
const REACHED: [&str; 3] = ["contactOne", "contactTwo", "serviceCenter"];

/// Whose an address is, if it is one of [`FOREIGN`].
#[must_use]
pub fn is_foreign(text: &str) -> Option<&'static Foreign> {
    FOREIGN.iter().find(|foreign| text.contains(foreign.part))
}

/// Takes them out. `logo` is what a page shows as the installation's logo.
pub(super) fn remove_foreign(data: &mut MasterData, state: &str, logo: &str) -> Result<(), Error> {
    let paths: Vec<String> =
        data.files.iter().filter(|(_, text)| is_foreign(text).is_some()).map(|(path, _)| path.clone()).collect();
    for path in paths {
        data.edit(&path, |json| clean(json, logo))?;
    }
    data.edit_rows(state, "common-masters", "StaticData", &mut |row| {
        let Json::Map(modules) = row else { return };
        for (_, module) in modules {
            for key in REACHED {
                module.set_text(key, "");
                if let Some(helpline) = module.get_mut("helpline") {
                    helpline.set_text(key, "");
                }
            }
        }
    })?;
    Ok(())
}

fn clean(value: &mut Json, logo: &str) {
    match value {
        Json::Plain(_) => {}
        Json::Text(text) => {
            if is_foreign(text).is_some() {
                text.clear();
            }
        }
        Json::List(items) => items.iter_mut().for_each(|item| clean(item, logo)),
        Json::Map(entries) => {
            let mut banner = false;
            for (key, value) in entries.iter_mut() {
                let picture = LOGOS.contains(&key.as_str()) || PICTURES.contains(&key.as_str());
                match value {
                    Json::Text(text) if picture && is_foreign(text).is_some() => {
                        let is_logo = LOGOS.contains(&key.as_str());
                        banner |= !is_logo;
                        (if is_logo { logo } else { NO_PICTURE }).clone_into(text);
                    }
                    Json::List(rows) if ROWS.contains(&key.as_str()) => rows.retain(|row| !mentions(row)),
                    other => clean(other, logo),
                }
            }
            // A banner without its picture is a hole in the page.
            if banner && let Some((_, enabled)) = entries.iter_mut().find(|(key, _)| key == "enabled") {
                *enabled = Json::Plain("false".to_owned());
            }
        }
    }
}

fn mentions(value: &Json) -> bool {
    let mut found = false;
    value.each_text("", &mut |_, text| found |= is_foreign(text).is_some());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_become_ones_own_links_empty_and_rows_go() {
        let none = format!("{{\"bannerUrl\": {NO_PICTURE:?}, \"enabled\": false}}");
        let cases = [
            (r#"{"logoId": "https://s3.x.amazonaws.com/a.png"}"#, r#"{"logoId": "/l.png"}"#),
            (r#"{"logoId": "https://city.example/a.png"}"#, r#"{"logoId": "https://city.example/a.png"}"#),
            (r#"{"bannerUrl": "https://b.s3.amazonaws.com/b.jpg", "enabled": true}"#, none.as_str()),
            (
                r#"{"u": ["https://www.egovernments.org", "http://fsm.egov:8080/x"]}"#,
                r#"{"u": ["", "http://fsm.egov:8080/x"]}"#,
            ),
            (
                r#"{"videosJson": [{"en_IN": "https://media.w3.org/2010/05/sintel/trailer.mp4"}, {"en_IN": "/a.mp4"}]}"#,
                r#"{"videosJson": [{"en_IN": "/a.mp4"}]}"#,
            ),
        ];
        for (before, after) in cases {
            let mut json = Json::read(before).unwrap();
            clean(&mut json, "/l.png");
            assert_eq!(json, Json::read(after).unwrap(), "{before}");
        }
    }
}
