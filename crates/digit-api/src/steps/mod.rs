//! The seed's parts, each on its own: looks, then acts, then proves by a search. Doing one twice does nothing the second time.

mod administrator;
mod employees;
mod masters;
mod messages;
mod people;
mod workflows;

pub use administrator::{Administrator, OtherPassword, administrator, needed_roles};
pub(crate) use administrator::{missing_roles, shown};
pub use employees::employees;
pub use masters::{NEEDED, Needed, masters};
pub(crate) use messages::not_all_there;
pub use messages::{Existing, messages};
pub use people::people;
pub use workflows::workflows;
