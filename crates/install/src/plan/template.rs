//! `helm template` for one chart, for `digit template`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use helm_template::{Capabilities, Chart, FreshDraw, Limits, NoLookup, Release, RenderContext, Values};

use crate::error::Error;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Template {
    /// Name of the release.
    pub name: String,
    /// Folder or archive of the chart.
    pub chart: PathBuf,
    /// Namespace of the release.
    pub namespace: String,
    /// Contents of values files; later ones win.
    pub values: Vec<String>,
    /// `K=V`, typed.
    pub set: Vec<String>,
    /// `K=V`, text.
    pub set_string: Vec<String>,
    /// For example `v1.36.0`.
    pub kube_version: String,
    /// API versions besides the usual ones.
    pub api_versions: Vec<String>,
    /// Whether CRDs are printed too.
    pub include_crds: bool,
    /// The time.
    pub now: jiff::Timestamp,
    /// Fixes what is drawn at random; certificates and keys stay random.
    pub seed: Option<u64>,
}

/// Renders it as `helm template` prints it.
pub fn render(asked: &Template) -> Result<String, Error> {
    let as_ours = |source| Error::Render { service: asked.name.clone(), source };
    let chart = if asked.chart.is_dir() {
        Chart::from_dir(&asked.chart).map_err(as_ours)?
    } else {
        let bytes = std::fs::read(&asked.chart).map_err(|source| Error::File { path: asked.chart.clone(), source })?;
        Chart::from_archive(&bytes, Limits::default()).map_err(as_ours)?
    };
    let mut values = Values::new();
    for text in &asked.values {
        helm_template::merge_values(&mut values, helm_template::parse_values(text).map_err(as_ours)?);
    }
    for argument in &asked.set {
        helm_template::set_value(&mut values, argument).map_err(as_ours)?;
    }
    for argument in &asked.set_string {
        helm_template::set_string_value(&mut values, argument).map_err(as_ours)?;
    }
    let api_versions: BTreeSet<String> =
        USUAL_APIS.iter().map(|a| (*a).to_owned()).chain(asked.api_versions.iter().cloned()).collect();
    let release = Release { name: asked.name.clone(), namespace: asked.namespace.clone(), revision: 1, install: true };
    let capabilities = Capabilities { kube_version: asked.kube_version.clone(), api_versions };
    let fresh = FreshDraw;
    let seeded = asked.seed.map(Seeded);
    let context = RenderContext {
        release: &release,
        capabilities: &capabilities,
        now: asked.now,
        draw: match &seeded {
            Some(seeded) => seeded,
            None => &fresh,
        },
        lookup: &NoLookup,
    };
    let rendered = helm_template::render(&chart, &values, &context).map_err(as_ours)?;
    let crds = rendered.crds.iter().filter(|_| asked.include_crds);
    let all = crds.chain(&rendered.manifests).chain(rendered.hooks.iter().map(|h| &h.manifest));
    Ok(all.map(|m| format!("---\n# Source: {}\n{}\n", m.source, m.text.trim())).collect())
}

/// What `helm template` takes for served, as far as charts ask for it.
const USUAL_APIS: [&str; 14] = [
    "v1",
    "apps/v1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "networking.k8s.io/v1",
    "policy/v1",
    "policy/v1/PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1",
    "storage.k8s.io/v1",
    "apiextensions.k8s.io/v1",
    "admissionregistration.k8s.io/v1",
    "coordination.k8s.io/v1",
    "scheduling.k8s.io/v1",
];

/// Text that depends on the seed and on what is drawn, and on nothing else.
struct Seeded(u64);

impl helm_template::Draw for Seeded {
    fn draw(&self, key: &helm_template::DrawKey, make: &mut dyn FnMut() -> String) -> String {
        use sha2::Digest as _;
        let fresh = make();
        if !matches!(key.function.as_str(), "randAlphaNum" | "randAlpha" | "randNumeric" | "randAscii") {
            return fresh;
        }
        let mut bytes = Vec::new();
        let mut block = 0_u32;
        while bytes.len() < fresh.len() {
            let text = format!("{} {} {} {} {block}", self.0, key.function, key.arguments, key.occurrence);
            bytes.extend(sha2::Sha256::digest(text.as_bytes()));
            block += 1;
        }
        let alphabet: &[u8] = match key.function.as_str() {
            "randAlpha" => b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "randNumeric" => b"0123456789",
            _ => b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        };
        bytes.iter().take(fresh.len()).map(|b| char::from(alphabet[usize::from(*b) % alphabet.len()])).collect()
    }
}
