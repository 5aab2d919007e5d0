//! What the web entry refuses, as rules of ModSecurity, which the controller of ingress-nginx carries.
//!
//! Only the controller that comes with DIGIT gets them: with somebody else's web entry the door is open, and whoever
//! plans has to say so ([`guards`]).

use serde_json::Value;

/// The service of the web entry.
pub const SERVICE: &str = "ingress-nginx";
/// The service whose door the rules guard.
pub const GUARDED: &str = "egov-user";

/// The patch that sets them.
const PATCH: &str = "P21";

const RULES: &str = include_str!("../own/entry/user-door.conf");

/// The rules, without comments: nginx takes no more than 4095 bytes of them.
#[must_use]
pub fn rules() -> String {
    let line = |line: &&str| !line.is_empty() && !line.starts_with('#');
    RULES.lines().map(str::trim_end).filter(line).flat_map(|line| [line, "\n"]).collect()
}

/// Whether one of the objects is the configuration of a web entry with these rules switched on.
#[must_use]
pub fn guards<'a>(objects: impl IntoIterator<Item = &'a Value>) -> bool {
    objects.into_iter().filter(|object| object["kind"] == "ConfigMap").any(|object| {
        let data = &object["data"];
        data["enable-modsecurity"] == "true" && data["modsecurity-snippet"].as_str() == Some(&rules())
    })
}

/// Whether the door stands open: the service behind it is there, and no web entry with the rules before it, because it
/// is somebody else's or because an earlier version of this program made it. `patches`: those that the charts took.
#[must_use]
pub fn is_open<'a>(services: impl IntoIterator<Item = &'a str>, patches: &[String]) -> bool {
    let (mut behind, mut before) = (false, false);
    for service in services {
        behind |= service == GUARDED;
        before |= service == SERVICE;
    }
    behind && !(before && patches.iter().any(|patch| patch == PATCH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_door_is_open_where_nothing_of_ours_stands_before_it() {
        let (ours, earlier) = (vec!["P20".to_owned(), "P21".to_owned()], vec!["P20".to_owned()]);
        for (services, patches, open) in [
            (&["egov-user", "ingress-nginx"][..], &ours, false),
            (&["egov-user", "ingress-nginx"], &earlier, true),
            (&["egov-user"], &ours, true),
            (&["ingress-nginx"], &earlier, false),
            (&["practice-accounts"], &earlier, false),
        ] {
            assert_eq!(is_open(services.iter().copied(), patches), open, "{services:?} {patches:?}");
        }
        let patch = crate::patches::ALL.iter().find(|patch| patch.id == PATCH).unwrap();
        assert!(patch.reason.contains("isInternal"));
    }

    #[test]
    fn the_rules_are_taken_by_nginx_and_by_the_chart_as_they_are() {
        let rules = rules();
        assert!(rules.starts_with("SecRuleEngine On\n") && rules.lines().count() > 20);
        // nginx reads a token of less than 4096 bytes, with the line breaks around it.
        assert!(rules.len() < 4000, "{}", rules.len());
        for misread in ["'", "{{", "\\\"", "\\\\", "\\n", "\\r", "\\t", "#"] {
            let at = rules.lines().find(|line| line.contains(misread));
            assert_eq!(at, None, "{misread}");
        }
    }

    #[test]
    fn a_web_entry_guards_the_door_only_with_the_rules_switched_on() {
        let of = |data: Value| [json!({"kind": "ConfigMap", "data": data}), json!({"kind": "Service"})];
        let both = json!({"enable-modsecurity": "true", "modsecurity-snippet": rules()});
        assert!(guards(&of(both)));
        for data in [
            json!({}),
            json!({"enable-modsecurity": "true"}),
            json!({"modsecurity-snippet": rules()}),
            json!({"enable-modsecurity": "false", "modsecurity-snippet": rules()}),
            json!({"enable-modsecurity": "true", "modsecurity-snippet": "SecRuleEngine Off"}),
        ] {
            assert!(!guards(&of(data.clone())), "{data}");
        }
        assert!(!guards(&[]));
    }
}
