//! What older versions meant and did not write down.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::events::event::{Event, What};
use crate::events::purpose::{Direction, RunPurpose};

/// Until runs said themselves what their end means, there were two purposes, known by name.
const REMOVE: &str = "remove";
const INSTALL: &str = "install";
/// Until plans marked what is counted, all steps of this kind were.
const COUNTED: &str = "release";

/// Completes what was read from `line`.
pub(crate) fn complete(line: &[u8], event: &mut Event) {
    #[derive(Deserialize)]
    struct Probe {
        direction: Option<IgnoredAny>,
    }
    let What::RunStarted { steps, purpose, .. } = &mut event.what else { return };
    if serde_json::from_slice::<Probe>(line).is_ok_and(|probe| probe.direction.is_some()) {
        return;
    }
    let removes = purpose.name == REMOVE;
    *purpose = RunPurpose {
        direction: if removes { Direction::Backward } else { Direction::Forward },
        ends_empty: removes,
        learns: purpose.name == INSTALL,
        name: std::mem::take(&mut purpose.name),
    };
    for step in steps {
        step.counted = step.kind == COUNTED;
    }
}
