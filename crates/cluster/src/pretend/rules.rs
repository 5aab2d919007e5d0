//! Trouble on demand: rules that make pods go wrong, for tests and for training.

use regex::Regex;
use serde::{Deserialize, Serialize};

/// What happens to a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mishap {
    /// Its containers end with exit code 1 again and again.
    Crash,
    /// They are killed for using too much memory.
    Oom,
    /// Its image is not found.
    ImagePull,
    /// It runs but never gets ready.
    Unready,
    /// A Job's pod ends with exit code 1.
    Fail,
    /// A Job's pod ends with this exit code.
    Exit(i32),
}

/// Which pods something happens to, and for how long.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rule {
    /// A pattern for `namespace/name`, found anywhere in it.
    #[serde(with = "pattern")]
    pub pod: Regex,
    /// What happens.
    #[serde(rename = "do")]
    pub mishap: Mishap,
    /// Seconds after the pod was made (at speed 1) that it is over; never, if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<f64>,
}

mod pattern {
    use regex::Regex;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(pattern: &Regex, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(pattern.as_str())
    }
    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Regex, D::Error> {
        Regex::new(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}
