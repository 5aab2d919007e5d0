//! Charts to objects: one release, rendered with blanks for a plan or with secrets for a run.

use std::collections::BTreeMap;

use catalog::{Bundle, Selection};
use helm_template::{Capabilities, Chart, Draw, DrawKey, NoLookup, Release, RenderContext, Rendered, Values};
use jiff::Timestamp;
use secrecy::SecretString;
use sha2::Digest as _;

use crate::error::Error;

/// A release that can be rendered as often as needed.
#[derive(Clone)]
pub struct ReleaseChart {
    /// Name of the service and of the release.
    pub service: String,
    /// Namespace of the release.
    pub namespace: String,
    /// The chart, patched.
    pub chart: Chart,
}

impl ReleaseChart {
    /// Renders it. The same values, capabilities, time and draws give the same to the byte.
    pub fn render(
        &self,
        values: &Values,
        capabilities: &Capabilities,
        now: Timestamp,
        draw: &dyn Draw,
    ) -> Result<Rendered, Error> {
        let release =
            Release { name: self.service.clone(), namespace: self.namespace.clone(), revision: 1, install: true };
        let context = RenderContext { release: &release, capabilities, now, draw, lookup: &NoLookup };
        helm_template::render(&self.chart, values, &context)
            .map_err(|source| Error::Render { service: self.service.clone(), source })
    }
}

/// What a plan has in place of a secret: its name, so that the same plan is the same to the byte and holds none.
pub(crate) fn blank(name: &str) -> SecretString {
    SecretString::from(format!("blank-{}", name.replace('/', "-")))
}

/// Draws of a plan: each is its own name, in the shape that the chart expects, and the same each time.
#[derive(Debug, Default)]
pub(crate) struct Blanks;

impl Draw for Blanks {
    fn draw(&self, key: &DrawKey, _: &mut dyn FnMut() -> String) -> String {
        let name = format!("blank-{}-{}", key.function, key.occurrence);
        let arguments: Vec<serde_json::Value> = serde_json::from_str(&key.arguments).unwrap_or_default();
        let first = arguments.first();
        match key.function.as_str() {
            "randAlphaNum" | "randAlpha" | "randNumeric" | "randAscii" => {
                let count = first.and_then(serde_json::Value::as_i64).and_then(|n| usize::try_from(n).ok());
                name.chars().cycle().take(count.unwrap_or_default()).collect()
            }
            "randInt" => first.map(ToString::to_string).unwrap_or_default(),
            "uuidv4" => "00000000-0000-4000-8000-000000000000".to_owned(),
            function if function.starts_with("gen") && function != "genPrivateKey" => {
                serde_json::json!({ "Cert": pem("CERTIFICATE", &name), "Key": pem("RSA PRIVATE KEY", &name) })
                    .to_string()
            }
            _ => name,
        }
    }
}

fn pem(kind: &str, name: &str) -> String {
    format!("-----BEGIN {kind}-----\n{name}\n-----END {kind}-----\n")
}

/// The name under which a draw is kept.
pub(crate) fn draw_name(release: &str, key: &DrawKey) -> String {
    // A secret argument is a digest in the key already; a digest of all keeps the name short.
    let arguments = hex::encode(sha2::Sha256::digest(key.arguments.as_bytes()));
    format!("{release}|{}|{}|{}", key.function, &arguments[..16], key.occurrence)
}

/// What is installed, and the objects that it comes to.
pub(super) struct Charts {
    pub(super) selection: Selection,
    pub(super) releases: BTreeMap<String, ReleaseChart>,
    pub(super) rendered: BTreeMap<String, Rendered>,
}

/// Loads the charts of a selection.
pub(super) fn releases(bundle: &Bundle, selection: &Selection) -> Result<BTreeMap<String, ReleaseChart>, Error> {
    let mut out = BTreeMap::new();
    for service in &selection.services {
        let release = bundle.release(&service.name)?;
        let chart = Chart::from_files(bundle.chart(&service.name)?.into_files())
            .map_err(|source| Error::Render { service: service.name.clone(), source })?;
        out.insert(service.name.clone(), ReleaseChart { service: release.name, namespace: release.namespace, chart });
    }
    Ok(out)
}
