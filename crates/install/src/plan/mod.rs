//! Answers and charts to a plan: everything that will happen, decided beforehand.
//!
//! [`values`] → [`render`] → [`objects`] → [`links`] → [`steps`] → [`make`] is the way of an answer; [`frozen`] is what comes
//! out and is kept, [`planned`] that with all it was made from.

mod basis;
mod difference;
pub(crate) mod downloads;
pub(crate) mod early;
mod estimates;
mod expecting;
mod frozen;
pub mod images;
pub mod kinds;
mod leaving;
mod links;
mod make;
mod objects;
mod planned;
pub(crate) mod products;
mod render;
mod sizes;
mod step;
mod steps;
pub mod template;
pub(crate) mod values;

pub use basis::Basis;
pub(crate) use difference::{differences, facts_differ};
pub use estimates::Priors;
pub(crate) use estimates::first as first_estimate;
pub(crate) use expecting::{Foreknown, HANDS};
pub use frozen::{Because, ClusterFacts, Combination, Leaving, PLAN_FORMAT, Plan, PlannedService, Sizes};
pub use kinds::StepKind;
pub use make::plan;
pub(crate) use objects::everything;
pub use planned::Planned;
pub(crate) use planned::namespaces;
#[cfg(test)]
pub(crate) use render::Blanks;
pub use render::ReleaseChart;
pub(crate) use render::draw_name;
pub(crate) use sizes::{WORKLOADS, name_of, pod_spec, replicas, stands_apart};
pub use step::PlannedStep;
