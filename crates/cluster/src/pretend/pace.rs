//! How long things take in a rehearsal: the same every time, different from service to service, a minute or so for the practice product.

use super::store::spread;

/// Seconds at speed 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    /// How much faster than that everything goes; 1 is the rehearsal that people see. Tests take 1000.
    pub speed: f64,
    /// Seconds to get ready for services whose pods' names begin with this; the first that fits. Others follow from the table and the name.
    pub known: Vec<(String, f64)>,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { speed: 1.0, known: Vec::new() }
    }
}

/// What takes long in earnest takes longer here too; one practice service is slow on purpose, so that waiting can be seen.
const KNOWN: &[(&str, f64)] = &[
    ("kafka", 7.0),
    ("elasticsearch", 9.0),
    ("postgres", 5.0),
    ("kibana", 10.0),
    ("redis", 2.0),
    ("ingress-nginx", 3.0),
    ("cert-manager", 3.0),
    ("practice-search", 20.0),
];

/// From creation until the scheduler has decided.
pub(super) const SCHEDULE: f64 = 0.3;
/// Until a claim has its volume.
pub(super) const BIND: f64 = 1.0;
/// Until a load balancer has an address.
pub(super) const ADDRESS: f64 = 6.0;
/// Until a pod that was told to end is gone.
pub(super) const END: f64 = 1.0;
/// From a crash to the next start, the first time; doubled each time, 60 at most.
pub(super) const BACK_OFF: f64 = 2.0;

impl Pace {
    /// Every image comes in one to three seconds.
    pub(super) fn pull(image: &str) -> f64 {
        1.0 + tenths(image, 20)
    }

    /// An init container's work.
    pub(super) fn init(container: &str, pod: &str) -> f64 {
        0.5 + tenths(&format!("{pod}/{container}"), 15)
    }

    /// A Job's work.
    pub(super) fn work(pod: &str) -> f64 {
        1.5 + tenths(pod, 25)
    }

    /// From start to ready.
    pub(super) fn start(&self, pod: &str, owner: &str) -> f64 {
        let known = self.known.iter().map(|(name, length)| (name.as_str(), *length)).chain(KNOWN.iter().copied());
        known
            .into_iter()
            .find(|(name, _)| pod.starts_with(name))
            .map_or_else(|| 3.0 + tenths(owner, 60), |(_, length)| length)
    }
}

#[allow(clippy::cast_precision_loss, reason = "below a hundred")]
fn tenths(name: &str, below: u64) -> f64 {
    spread(name, below) as f64 / 10.0
}
