//! Charts and values to manifests, exactly as Helm does it. Knows nothing of DIGIT.
//!
//! A port of the behaviour of Go's `text/template`, of Helm's function table and of Helm's render and sort order. Its
//! judge is Helm's own SDK, text for text. Time, randomness and `lookup` come in as parameters.
//!
//! Values cross the border as [`serde_json::Value`]: numbers read from YAML are floats there (`5.0`), numbers set by
//! `--set` are integers, as in Helm.

mod chart;
mod draw;
mod error;
mod floats;
mod function;
pub mod functions;
mod json;
mod json_read;
mod known_versions;
mod lookup;
mod manifests;
mod numbers;
mod objects;
mod param;
mod quote;
mod release;
mod render;
mod stack;
mod template;
mod text;
pub mod value;
mod values;
mod yaml;

pub use chart::{Chart, Dependency, Limits, Metadata};
pub use draw::{Draw, DrawKey, FreshDraw, KeptDraw};
pub use error::{Error, Result};
pub use known_versions::KNOWN_API_VERSIONS;
pub use lookup::{Lookup, NoLookup};
pub use manifests::{Hook, INSTALL_ORDER, Manifest, Rendered, UNINSTALL_ORDER, kind_order};
pub use release::{Capabilities, Release};
pub use render::{RenderContext, render, render_templates};
pub use values::{Values, merge_values, parse_values, parse_values_file, set_string_value, set_value};
