//! What the end-to-end tests share: a control plane of our own with nodes that are played or real, `digit` as a program,
//! and looks at a cluster that do not go through our own code (`kubectl`).

mod certificates;
pub mod cluster;
pub mod control_plane;
pub mod digit;
mod error;
pub mod fake_node;
pub mod helm;
pub mod product;
mod program;
pub mod real_node;
mod screen;
#[cfg(target_os = "linux")]
pub mod small_disk;
pub mod walk;
pub mod window;

pub use control_plane::{ControlPlane, Options};
pub use error::Error;
pub use places::shared;
pub use window::Window;
