//! `helm template` for one chart, for `digit template`.

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
    /// Values files by name, and what they hold; later ones win.
    pub values: Vec<(String, Vec<u8>)>,
    /// `K=V`, typed.
    pub set: Vec<String>,
    /// `K=V`, text.
    pub set_string: Vec<String>,
    /// For example `v1.36.0`.
    pub kube_version: String,
    /// API versions besides those that Helm takes for served.
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
    for (file, bytes) in &asked.values {
        helm_template::merge_values(&mut values, helm_template::parse_values_file(file, bytes).map_err(as_ours)?);
    }
    for argument in &asked.set {
        helm_template::set_value(&mut values, argument).map_err(as_ours)?;
    }
    for argument in &asked.set_string {
        helm_template::set_string_value(&mut values, argument).map_err(as_ours)?;
    }
    let release = Release { name: asked.name.clone(), namespace: asked.namespace.clone(), revision: 1, install: true };
    let capabilities = Capabilities::without_cluster(&asked.kube_version, &asked.api_versions);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    /// Renders a chart of these files besides a `Chart.yaml` in order.
    fn rendered(files: &[(&str, &str)], change: impl FnOnce(&mut Template)) -> Result<String, Error> {
        let folder = tempfile::tempdir().unwrap();
        let whole = [("Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n")];
        for (path, text) in whole.iter().chain(files) {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut asked = Template {
            name: "rel".to_owned(),
            chart: folder.path().to_owned(),
            namespace: "default".to_owned(),
            values: Vec::new(),
            set: Vec::new(),
            set_string: Vec::new(),
            kube_version: "v1.36.0".to_owned(),
            api_versions: vec!["example.org/v1".to_owned()],
            include_crds: false,
            now: jiff::Timestamp::UNIX_EPOCH,
            seed: None,
        };
        change(&mut asked);
        render(&asked)
    }

    #[test]
    fn what_a_chart_refuses_is_told_with_file_line_and_its_own_sentence() {
        let values = |name: &str, text: &str| {
            let given = (name.to_owned(), text.as_bytes().to_vec());
            move |asked: &mut Template| asked.values.push(given)
        };
        let set = |text: &str| {
            let given = text.to_owned();
            move |asked: &mut Template| asked.set.push(given)
        };
        let nothing = |_: &mut Template| {};
        let schema = r#"{"properties": {"port": {"type": "integer"}}}"#;
        let cases: Vec<(Error, &str, &str, &str, &str)> = vec![
            (
                rendered(&[("templates/a.yaml", "a: 1\nb: {{ required \"Set db.host\" .Values.x }}\n")], nothing)
                    .unwrap_err(),
                "template-refused",
                "shop/templates/a.yaml",
                "2",
                "Set db.host",
            ),
            (
                rendered(&[("templates/a.yaml", "{{ fail \"first: second\" }}\n")], nothing).unwrap_err(),
                "template-refused",
                "shop/templates/a.yaml",
                "1",
                "first: second",
            ),
            (
                // Where it stops, not where it began.
                rendered(
                    &[
                        ("templates/_h.tpl", "{{ define \"x\" }}\n{{ .Values.a.b.c }}{{ end }}"),
                        ("templates/a.yaml", "a: {{ include \"x\" . }}\n"),
                    ],
                    nothing,
                )
                .unwrap_err(),
                "template-execution",
                "shop/templates/_h.tpl",
                "2",
                "nil pointer evaluating interface {}.b",
            ),
            (
                rendered(&[("templates/a.yaml", "a: 1\n{{ nope }}\n")], nothing).unwrap_err(),
                "template-parse",
                "shop/templates/a.yaml",
                "2",
                "function \"nope\" not defined",
            ),
            (
                rendered(&[("templates/a.yaml", "a:\n  b: 1\n c: 2\n")], nothing).unwrap_err(),
                "template-manifest",
                "shop/templates/a.yaml",
                "3",
                "did not find expected key",
            ),
            (
                rendered(&[("Chart.yaml", "apiVersion: v2\nname: shop\n")], nothing).unwrap_err(),
                "chart-invalid",
                "Chart.yaml",
                "none",
                "chart.metadata.version is required",
            ),
            (
                rendered(&[("charts/kid/Chart.yaml", "name: kid\nversion: latest\n")], nothing).unwrap_err(),
                "chart-invalid",
                "charts/kid/Chart.yaml",
                "2",
                "chart.metadata.version \"latest\" is invalid",
            ),
            (
                rendered(&[("Chart.yaml", "name: shop\n\tversion: 1.0.0\n")], nothing).unwrap_err(),
                "chart-yaml",
                "Chart.yaml",
                "2",
                "found a tab character that violates indentation",
            ),
            (
                rendered(&[("Chart.yaml", "name: shop\nversion: 1.0.0\ndeprecated: \"yes\"\n")], nothing).unwrap_err(),
                "chart-yaml",
                "Chart.yaml",
                "3",
                "json: cannot unmarshal string into Go struct field Metadata.deprecated of type bool",
            ),
            (
                rendered(&[("values.yaml", "a: 1\n---\nb:\n  c: 1\n d: 2\n")], nothing).unwrap_err(),
                "chart-yaml",
                "values.yaml",
                "5",
                "did not find expected key",
            ),
            (
                rendered(&[], values("mine.yaml", "a: 1\nb: *x\n")).unwrap_err(),
                "chart-yaml",
                "mine.yaml",
                "2",
                "unknown anchor 'x' referenced",
            ),
            (
                rendered(
                    &[("Chart.yaml", "name: shop\nversion: 1.0.0\ndependencies: [{name: gone, condition: gone.on}]\n")],
                    nothing,
                )
                .unwrap_err(),
                "chart-dependency-missing",
                "Chart.yaml",
                "none",
                "gone",
            ),
            (rendered(&[], set("a")).unwrap_err(), "values-set", "", "none", "key \"a\" has no value"),
            (
                rendered(&[("values.schema.json", schema)], set("port=x")).unwrap_err(),
                "values-schema",
                "",
                "none",
                "shop:\n- at '/port': got string, want integer",
            ),
        ];
        for (error, code, file, line, message) in cases {
            let view = error.view();
            let told = |name: &str| view.args[name].as_str();
            assert_eq!((view.code.as_str(), told("file"), told("line"), told("message")), (code, file, line, message));
            for language in ["en", "hi"] {
                let words = Words::of(language).error(&view);
                assert!(words.contains(file) && words.contains(message), "{words}");
                assert!(line == "none" || words.contains(&format!(" {line}")), "{words}");
                assert!(!words.contains("{$") && !words.contains("error-"), "{words}");
            }
        }
    }

    #[test]
    fn what_helm_takes_for_served_is_served_and_what_was_named_too() {
        let asks = [
            "batch/v1beta1",
            "extensions/v1beta1",
            "autoscaling/v2",
            "example.org/v1",
            "policy/v1/PodDisruptionBudget",
        ];
        let answers = asks.map(|api| format!("{{{{ .Capabilities.APIVersions.Has \"{api}\" }}}}")).join(" ");
        let text = rendered(&[("templates/a.yaml", &format!("kind: X\na: {answers}\n"))], |_| {}).unwrap();
        assert_eq!(text, "---\n# Source: shop/templates/a.yaml\nkind: X\na: true true true true false\n");
    }
}
