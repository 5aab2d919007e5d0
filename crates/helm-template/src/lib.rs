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
pub mod functions;
mod json;
mod manifests;
mod numbers;
mod objects;
mod render;
mod template;
mod text;
pub mod value;
mod values;
mod yaml;

use std::collections::BTreeSet;

pub use chart::{Chart, Dependency, Limits, Metadata};
pub use draw::{FreshDraw, KeptDraw};
pub use error::{Error, Result};
pub use manifests::{INSTALL_ORDER, UNINSTALL_ORDER, kind_order};
pub use render::{RenderContext, render, render_templates};
pub use values::{merge_values, parse_values, set_string_value, set_value};

/// A tree of values, as in `values.yaml`.
pub type Values = serde_json::Map<String, serde_json::Value>;

/// What `.Release` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// `.Release.Name`.
    pub name: String,
    /// `.Release.Namespace`.
    pub namespace: String,
    /// `.Release.Revision`, from 1.
    pub revision: u32,
    /// `.Release.IsInstall`; `.Release.IsUpgrade` is its opposite.
    pub install: bool,
}

/// What `.Capabilities` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// For example `v1.36.3`.
    pub kube_version: String,
    /// Group versions and, with a slash behind, kinds: `apps/v1`, `apps/v1/Deployment`.
    pub api_versions: BTreeSet<String>,
}

/// Names one drawing of a random or certificate function within one chart's rendering.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DrawKey {
    /// The function, for example `genCA`.
    pub function: String,
    /// Its arguments as one line of JSON.
    pub arguments: String,
    /// How often this function was called with these arguments before, in this rendering.
    pub occurrence: u32,
}

/// Where random values come from. A keeper returns what it kept under `key`, or calls `make` once and keeps that.
pub trait Draw {
    /// The value for `key`.
    fn draw(&self, key: &DrawKey, make: &mut dyn FnMut() -> String) -> String;
}

/// What `lookup` sees of a cluster.
pub trait Lookup {
    /// The object, or a list when `name` is empty; `None` if there is none.
    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Option<serde_json::Value>;
}

/// A `lookup` that finds nothing, as in `helm template`.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLookup;

impl Lookup for NoLookup {
    fn lookup(&self, _: &str, _: &str, _: &str, _: &str) -> Option<serde_json::Value> {
        None
    }
}

/// One object of a rendered chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The template it came from, for example `kafka/templates/service.yaml`.
    pub source: String,
    /// The document as rendered, without `---`.
    pub text: String,
    /// The document parsed as Helm parses it.
    pub object: serde_json::Value,
}

/// A manifest with `helm.sh/hook`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    /// The object.
    pub manifest: Manifest,
    /// `pre-install`, `post-install`, …
    pub events: Vec<String>,
    /// `helm.sh/hook-weight`, 0 if not given.
    pub weight: i32,
    /// `helm.sh/hook-delete-policy`; `before-hook-creation` if not given.
    pub delete_policies: Vec<String>,
}

/// A rendered chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rendered {
    /// Objects in Helm's install order.
    pub manifests: Vec<Manifest>,
    /// Hooks in Helm's order.
    pub hooks: Vec<Hook>,
    /// Objects of `crds/`.
    pub crds: Vec<Manifest>,
    /// `NOTES.txt` rendered.
    pub notes: Option<String>,
}
