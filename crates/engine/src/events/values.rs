//! Late-bound values: what steps found, and until when it is true.

use std::collections::BTreeMap;

use crate::events::event::{Event, What};

/// Values by name, as the events so far leave them. The one rule of it: what was found before a removal is true no more,
/// yet the removal itself may need it to find what it takes back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    /// Found since the newest run that turned round.
    current: BTreeMap<String, String>,
    /// What the steps of the newest run may use.
    usable: BTreeMap<String, String>,
    ends_empty: bool,
}

impl Values {
    /// Takes in the next event.
    pub(crate) fn apply(&mut self, event: &Event) {
        match &event.what {
            What::RunStarted { purpose, .. } if purpose.ends_empty != self.ends_empty => {
                self.ends_empty = purpose.ends_empty;
                self.current.clear();
                if !self.ends_empty {
                    self.usable.clear();
                }
            }
            What::Removed { .. } => {
                self.current.clear();
                self.usable.clear();
            }
            What::Found { name, value } => {
                self.current.insert(name.clone(), value.clone());
                self.usable.insert(name.clone(), value.clone());
            }
            _ => {}
        }
    }

    /// What is known to be true, for the report.
    pub(crate) fn current(&self) -> &BTreeMap<String, String> {
        &self.current
    }

    /// What steps are given.
    pub(crate) fn usable(&self) -> &BTreeMap<String, String> {
        &self.usable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::purpose::RunPurpose;
    use jiff::Timestamp;

    fn apply(values: &mut Values, what: What) {
        values.apply(&Event { run: String::new(), seq: 1, at: Timestamp::UNIX_EPOCH, step: None, what });
    }

    fn begin(values: &mut Values, name: &str, ends_empty: bool) {
        let purpose = RunPurpose { name: name.to_owned(), ends_empty, ..RunPurpose::default() };
        apply(values, What::RunStarted { plan: String::new(), steps: vec![], purpose, parallel: 1 });
    }

    #[test]
    fn a_removal_may_use_what_it_takes_back_and_the_next_install_finds_anew() {
        let mut values = Values::default();
        let seen = |v: &Values| (v.current().contains_key("address"), v.usable().contains_key("address"));
        for (name, ends_empty, finds, wanted) in [
            ("install", false, false, (false, false)),
            ("install", false, true, (true, true)),
            ("change", false, false, (true, true)),
            ("remove", true, false, (false, true)),
            ("remove", true, true, (true, true)),
            ("install", false, false, (false, false)),
        ] {
            begin(&mut values, name, ends_empty);
            if finds {
                apply(&mut values, What::Found { name: "address".to_owned(), value: "http://x".to_owned() });
            }
            assert_eq!(seen(&values), wanted, "{name}, finds: {finds}");
        }
    }
}
