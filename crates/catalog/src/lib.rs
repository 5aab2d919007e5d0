//! What can be installed: products, versions, modules and services; where their charts come from; the values and
//! patches that they need; what needs what.
//!
//! A [`Combination`](combinations::Combination) is opened from a source into a [`Bundle`]. A bundle turns modules into a
//! [`Selection`], and gives each service's chart (plain files, patched) and values. What is read from outside is
//! compared with pinned git ids first. Everything that decides something is pure. What the services read beside their
//! charts, master data and configuration, is in [`data`].

pub mod builtin;
pub mod bundle;
pub mod chart;
pub mod combinations;
pub mod data;
pub mod edges;
pub mod entry;
mod error;
pub mod images;
pub mod outside;
pub mod own;
pub mod patches;
pub mod processors;
pub mod product;
pub mod references;
pub mod registry;
pub mod secrets;
pub mod select;
pub mod settings;
mod silence;
pub mod source;
pub mod starting;
pub mod survey;
pub mod values;
pub mod variables;
pub mod yaml;

pub use builtin::{CombinationInfo, ModuleInfo, builtin};
pub use bundle::{Bundle, ReleaseName, is_at_hand, open, open_folder};
pub use chart::ChartFiles;
pub use combinations::{ALL as COMBINATIONS, Combination, Origin, find};
pub use data::{Data, is_data_at_hand, open_data, open_data_folder};
pub use error::Error;
pub use own::database_client_image;
pub use secrets::{Secret, SecretFormat, SecretSource};
pub use select::{InCluster, Selected, Selection, stages};
pub use settings::Settings;
pub use source::{Progress, SourceSpec};
