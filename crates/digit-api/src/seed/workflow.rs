//! The definition of a workflow: its slip corrected, its moves compared.

use std::collections::BTreeSet;

use cause::Cause;
use serde_json::Value;

/// One move: in a state, an action leads to a state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// The state; empty for the start.
    pub state: String,
    /// The action, for example `ASSIGN`.
    pub action: String,
    /// The state that follows.
    pub next: String,
}

/// A business service as DIGIT writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition(pub(crate) Value);

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn array<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

impl Definition {
    /// Its name, for example `PGR`.
    #[must_use]
    pub fn name(&self) -> &str {
        text(&self.0, "businessService")
    }

    /// Its tenant: the state.
    #[must_use]
    pub fn tenant(&self) -> &str {
        text(&self.0, "tenantId")
    }

    /// All its moves. A found definition names following states by id: these are turned into names.
    #[must_use]
    pub fn moves(&self) -> BTreeSet<Move> {
        let states = array(&self.0, "states");
        let name = |next: &str| {
            let by_id = states.iter().find(|s| !next.is_empty() && text(s, "uuid") == next);
            by_id.map_or(next, |s| text(s, "state")).to_owned()
        };
        let all = states.iter().flat_map(|s| array(s, "actions").iter().map(move |a| (s, a)));
        all.map(|(s, a)| Move {
            state: text(s, "state").to_owned(),
            action: text(a, "action").to_owned(),
            next: name(text(a, "nextState")),
        })
        .collect()
    }

    /// Corrects the slip of eGov's seed data: who rates a resolved complaint ends in "closed after rejection". Says what it corrected.
    pub(crate) fn correct(&mut self) -> Vec<Cause> {
        let (wrong, right) = ("CLOSEDAFTERREJECTION", "CLOSEDAFTERRESOLUTION");
        let has_right = array(&self.0, "states").iter().any(|s| text(s, "state") == right);
        let business_service = self.name().to_owned();
        let mut corrected = Vec::new();
        let states = self.0.get_mut("states").and_then(Value::as_array_mut);
        for state in states.into_iter().flatten().filter(|s| has_right && text(s, "state") == "RESOLVED") {
            let actions = state.get_mut("actions").and_then(Value::as_array_mut);
            for action in actions.into_iter().flatten() {
                if text(action, "action") == "RATE" && text(action, "nextState") == wrong {
                    action["nextState"] = Value::String(right.to_owned());
                    corrected.push(
                        Cause::new("workflow-corrected")
                            .with("business-service", &business_service)
                            .with("state", "RESOLVED")
                            .with("action", "RATE")
                            .with("was", wrong)
                            .with("is", right),
                    );
                }
            }
        }
        corrected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn definition(next: &str, with_end: bool) -> Definition {
        let mut states = vec![
            json!({"state": null, "actions": [{"action": "APPLY", "nextState": "RESOLVED"}]}),
            json!({"state": "RESOLVED", "actions": [{"action": "RATE", "nextState": next}, {"action": "REOPEN", "nextState": "X"}]}),
            json!({"state": "REJECTED", "actions": [{"action": "RATE", "nextState": "CLOSEDAFTERREJECTION"}]}),
        ];
        if with_end {
            states.push(json!({"state": "CLOSEDAFTERRESOLUTION"}));
        }
        Definition(json!({"tenantId": "pg", "businessService": "PGR", "states": states}))
    }

    #[test]
    fn only_the_slip_is_corrected_and_it_is_said() {
        for (next, with_end, after, said) in [
            ("CLOSEDAFTERREJECTION", true, "CLOSEDAFTERRESOLUTION", 1),
            ("CLOSEDAFTERRESOLUTION", true, "CLOSEDAFTERRESOLUTION", 0),
            ("CLOSEDAFTERREJECTION", false, "CLOSEDAFTERREJECTION", 0),
        ] {
            let mut definition = definition(next, with_end);
            let corrections = definition.correct();
            assert_eq!(corrections.len(), said, "{next}");
            let has = |state: &str, action: &str, next: &str| {
                definition.moves().contains(&Move { state: state.into(), action: action.into(), next: next.into() })
            };
            assert!(has("RESOLVED", "RATE", after), "{next}");
            assert!(has("REJECTED", "RATE", "CLOSEDAFTERREJECTION"), "{next}");
        }
    }

    #[test]
    fn a_found_definition_has_the_same_moves_although_it_names_states_by_id() {
        let found = Definition(json!({"businessService": "PGR", "states": [
            {"uuid": "1", "state": null, "actions": [{"action": "APPLY", "nextState": "2"}]},
            {"uuid": "2", "state": "RESOLVED", "actions": []},
        ]}));
        let wanted = Definition(json!({"businessService": "PGR", "states": [
            {"state": null, "actions": [{"action": "APPLY", "nextState": "RESOLVED"}]},
            {"state": "RESOLVED"},
        ]}));
        assert_eq!(found.moves(), wanted.moves());
    }
}
