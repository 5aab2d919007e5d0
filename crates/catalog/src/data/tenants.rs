//! Leaves of the master data one state and one city. Pure.
//!
//! What goes, found by looking at all of the pinned files:
//!
//! - the folders of other tenants: `pg/cityb` to `pg/citye`, `pg/balasore`, and `default`, an old pilot that no service of
//!   the state reads (it lists towns of Maharashtra);
//! - rows that belong to one of them, in `tenant.tenants`, `.tenantInfo`, `.citymodule` (inside each module's row),
//!   `.footer`, `firenoc.FireStations`, `TradeLicense.ReminderPeriods` (the state's and the city's),
//!   `Chatbot.CityLocaleMasterData`, `DocumentUploader.UlbLevelCategories`;
//! - their codes in lists joined by commas, and the row if none is left: `FSM.FSTPPlantInfo`;
//! - towns of other states: all rows of `tenant.nationalInfo` and `common-masters.bdTemplate`.
//!
//! One row stays and gets the state's code, because it is a right: in `ACCESSCONTROL-ROLEACTIONS.roleactions` the role
//! CITIZEN has the action 2070 in the state `pb`, by a slip. Their names in `Chatbot.CityNames` belong to
//! [`city`](super::city).

use super::json::Json;
use super::masters::{FOLDER, MasterData, Owner};
use crate::Error;

/// States of old pilots, whose towns stand in lists of the pinned master data: Punjab, Odisha, Uttarakhand, Uttar Pradesh
/// and Maharashtra.
pub const PILOTS: [&str; 5] = ["pb", "od", "uk", "up", "mh"];

/// Which tenants stay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    /// Code of the state.
    pub(super) state: &'static str,
    /// Code of the city: the state's, a dot, its own.
    pub(super) city: &'static str,
}

impl Kept {
    /// Whether a text is nothing but the code of a tenant that goes.
    fn is_removed(self, text: &str) -> bool {
        let Some((state, rest)) = text.split_once('.') else { return false };
        let is_code = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphabetic());
        is_code && text != self.city && (state == self.state || PILOTS.contains(&state))
    }

    /// Whether a file belongs to the tenants that stay: by its folder and by what it says.
    fn has_file(self, path: &str, text: &str) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        let of_folder = match parts.as_slice() {
            [FOLDER, state, _module, _file] => *state == self.state,
            [FOLDER, state, city, _module, _file] => format!("{state}.{city}") == self.city,
            [FOLDER, ..] => false,
            // What all tenants have in common.
            _ => return true,
        };
        of_folder && Owner::of(text).tenant_id.is_some_and(|owner| owner == self.state || owner == self.city)
    }

    /// Whether a file may hold the code of a tenant that goes: most hold none, and need not be taken apart.
    fn may_prune(self, text: &str) -> bool {
        std::iter::once(self.state).chain(PILOTS).any(|state| {
            let dot = format!("{state}.");
            text.match_indices(&dot).any(|(at, _)| {
                let rest = text[at..].strip_prefix(self.city);
                !rest.is_some_and(|rest| rest.starts_with('"'))
            })
        })
    }

    /// Takes out what belongs to a removed tenant; `false` if the value itself does.
    fn prune(self, value: &mut Json) -> bool {
        match value {
            Json::Plain(_) => true,
            Json::Text(text) => {
                if text.contains(',') && text.split(',').any(|part| self.is_removed(part.trim())) {
                    let left: Vec<&str> = text.split(',').map(str::trim).filter(|p| !self.is_removed(p)).collect();
                    *text = left.join(",");
                    return !text.is_empty();
                }
                !self.is_removed(text)
            }
            Json::List(items) => {
                items.retain_mut(|item| self.prune(item));
                true
            }
            Json::Map(entries) => {
                let mut own = true;
                entries.retain_mut(|(_, value)| {
                    let kept = self.prune(value);
                    // A map that says of itself whose it is goes as a whole; one within it goes alone.
                    own &= kept || !matches!(value, Json::Text(_));
                    kept
                });
                own
            }
        }
    }
}

/// Takes out all other tenants.
pub(super) fn keep_only(data: &mut MasterData, kept: Kept) -> Result<(), Error> {
    data.files.retain(|path, text| kept.has_file(path, text));
    let give = |row: &mut Json| {
        if PILOTS.contains(&row.text("tenantId")) {
            row.set_text("tenantId", kept.state);
        }
    };
    data.edit_rows(kept.state, "ACCESSCONTROL-ROLEACTIONS", "roleactions", &mut { give })?;
    let may = data.files.iter().filter(|(_, text)| kept.may_prune(text));
    let paths: Vec<String> = may.map(|(path, _)| path.clone()).collect();
    for path in paths {
        // The file's own tenant stays, so that nothing at the top goes but rows.
        data.edit(&path, |json| {
            kept.prune(json);
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: Kept = Kept { state: "pg", city: "pg.citya" };

    #[test]
    fn what_belongs_to_other_tenants_goes_and_the_rest_stays() {
        let cases = [
            (r#"[{"code": "pg.citya"}, {"code": "pg.cityb"}]"#, r#"[{"code": "pg.citya"}]"#),
            (r#"[{"code": "pg"}, {"code": "pg.balasore", "x": [1]}]"#, r#"[{"code": "pg"}]"#),
            (r#"[{"code": "pb.amritsar", "name": "x"}]"#, "[]"),
            (r#"["pg.cityb", "pg.citya", "default"]"#, r#"["pg.citya", "default"]"#),
            (r#"[{"U": "pg.citya, pg.cityb"}, {"U": "pg.cityc,pg.cityd"}]"#, r#"[{"U": "pg.citya"}]"#),
            (
                r#"{"m": [{"module": "A", "tenants": [{"code": "pg.cityb"}]}]}"#,
                r#"{"m": [{"module": "A", "tenants": []}]}"#,
            ),
            (r#"[{"a": {"ulb": "mh.pen"}, "b": 1}]"#, r#"[{"b": 1}]"#),
            // No tenants, though they look a little like some.
            (r#"["up.a-b", "Set-up.Budget", "pg.state@example.org", "pg.", "in.x", "a,b"]"#, ""),
        ];
        for (before, after) in cases {
            let mut json = Json::read(before).unwrap();
            assert!(KEPT.prune(&mut json));
            assert_eq!(json, Json::read(if after.is_empty() { before } else { after }).unwrap(), "{before}");
        }
    }

    #[test]
    fn a_file_stays_by_its_folder_and_by_what_it_says() {
        for (path, tenant, stays) in [
            ("data/pg/a/x.json", "pg", true),
            ("data/pg/a/x.json", "pg.citya", true),
            ("data/pg/citya/a/x.json", "pg.citya", true),
            ("data/pg/citya/a/x.json", "pg.cityb", false),
            ("data/pg/cityb/a/x.json", "pg.citya", false),
            ("data/default/a/x.json", "default", false),
            ("data/x.json", "pg", false),
            ("master-config.json", "", true),
        ] {
            let text = format!("{{\"x\": [1], \"tenantId\": {tenant:?}}}");
            assert_eq!(KEPT.has_file(path, &text), stays, "{path} {tenant}");
        }
    }
}
