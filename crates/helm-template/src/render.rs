//! Renders a chart: values coalesced, templates parsed and run in Helm's order, what they print sorted into objects.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::chart::{Chart, Loaded, check_dependencies, coalesce_into, process_dependencies, schema};
use crate::draw::Draw;
use crate::error::{Error, Result};
use crate::function::{Env, Scope};
use crate::functions::builtins::{WARN_END, WARN_START};
use crate::functions::include::replace_no_value;
use crate::functions::is_compatible_range;
use crate::lookup::Lookup;
use crate::manifests::{self, Rendered};
use crate::objects;
use crate::release::{Capabilities, Release};
use crate::template::parse::templates;
use crate::value::{Elem, Map, Text, Value};
use crate::values::Values;

/// What a rendering depends on besides chart and values.
#[derive(Clone, Copy)]
pub struct RenderContext<'a> {
    /// `.Release`.
    pub release: &'a Release,
    /// `.Capabilities`.
    pub capabilities: &'a Capabilities,
    /// What `now` says.
    pub now: jiff::Timestamp,
    /// Where random values come from.
    pub draw: &'a dyn Draw,
    /// What `lookup` sees.
    pub lookup: &'a dyn Lookup,
}

/// Renders a chart as `helm install` does: subcharts switched by conditions and tags, objects in install order, hooks
/// and CRDs apart.
pub fn render(chart: &Chart, values: &Values, context: &RenderContext<'_>) -> Result<Rendered> {
    let mut loaded = Loaded::new(chart.files())?;
    let values = to_map(values);
    check_dependencies(&loaded)?;
    process_dependencies(&mut loaded, &values)?;
    let wanted = &loaded.metadata.kube_version;
    let version = objects::plain_version(&context.capabilities.kube_version);
    if !wanted.is_empty() && !is_compatible_range(wanted, &version) {
        let version = context.capabilities.kube_version.clone();
        return Err(Error::KubeVersion { wanted: wanted.clone(), version });
    }
    let mut texts = render_loaded(&loaded, &values, context)?;
    let notes = texts.remove(&format!("{}/templates/NOTES.txt", loaded.metadata.name));
    texts.retain(|name, _| !name.ends_with("NOTES.txt"));
    let mut rendered = manifests::sort(&texts)?;
    rendered.notes = notes;
    rendered.crds = manifests::crds(&loaded.crds(""))?;
    Ok(rendered)
}

/// The text of every template, by path, as Helm's engine gives it: `NOTES.txt` too, subcharts all on.
pub fn render_templates(
    chart: &Chart,
    values: &Values,
    context: &RenderContext<'_>,
) -> Result<BTreeMap<String, String>> {
    render_loaded(&Loaded::new(chart.files())?, &to_map(values), context)
}

fn to_map(values: &Values) -> Map {
    values.iter().map(|(key, value)| (key.as_str(), Value::from_json(value))).collect()
}

/// A template with what it is run on.
struct Renderable {
    text: Text,
    values: Map,
    base_path: String,
}

/// `values` become the release's: nobody else may hold them.
fn render_loaded(chart: &Loaded, values: &Map, context: &RenderContext<'_>) -> Result<BTreeMap<String, String>> {
    coalesce_into(chart, values)?;
    schema::check(chart, values)?;
    let release = context.release;
    let release: Map = [
        ("Name", Value::text(release.name.as_str())),
        ("Namespace", Value::text(release.namespace.as_str())),
        ("IsUpgrade", Value::Bool(!release.install)),
        ("IsInstall", Value::Bool(release.install)),
        ("Revision", Value::Int(i64::from(release.revision))),
        ("Service", Value::text("Helm")),
    ]
    .into_iter()
    .collect();
    let top = Top { release: Value::Map(release), capabilities: objects::capabilities(context.capabilities) };
    let mut renderables = BTreeMap::new();
    collect(chart, "", &values.as_elem(Elem::Values), &top, &mut renderables);

    let mut names: Vec<&String> = renderables.keys().collect();
    // Deepest first, then reverse alphabetical: charts see what earlier templates did to shared maps.
    names.sort_by(|a, b| depth(b).cmp(&depth(a)).then_with(|| b.cmp(a)));
    let mut scope = Scope::default();
    for name in &names {
        for template in templates(name, &renderables[*name].text).map_err(|message| parse_error(name, &message))? {
            scope.add(template);
        }
    }
    let mut env = Env::new(context.now, context.draw, context.lookup, templates);
    env.scope = Rc::new(scope);
    let mut texts = BTreeMap::new();
    for name in names {
        if base_name(name).starts_with('_') {
            continue;
        }
        let renderable = &renderables[name];
        let template = Map::of(Elem::Values);
        template.set("Name", Value::text(name.as_str()));
        template.set("BasePath", Value::text(renderable.base_path.as_str()));
        renderable.values.set("Template", Value::Map(template));
        let mut out = Vec::new();
        env.run(name, Value::Map(renderable.values.as_elem(Elem::Values)), &mut out)
            .map_err(|error| execution_error(error.0))?;
        let text = String::from_utf8_lossy(&replace_no_value(out)).into_owned();
        texts.insert(name.clone(), text);
    }
    Ok(texts)
}

fn depth(path: &str) -> usize {
    path.bytes().filter(|byte| *byte == b'/').count()
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What all charts of a release see alike.
struct Top {
    release: Value,
    capabilities: Value,
}

/// Adds the templates of a chart and its subcharts; gives the map they are run on.
fn collect(chart: &Loaded, parent: &str, values: &Map, top: &Top, into: &mut BTreeMap<String, Renderable>) -> Map {
    let subcharts = Map::new();
    let next: Map = [
        ("Chart", chart.metadata.to_value(parent.is_empty())),
        ("Files", objects::Files::value(&chart.files)),
        ("Release", top.release.clone()),
        ("Capabilities", top.capabilities.clone()),
        ("Values", Value::Map(values.clone())),
        ("Subcharts", Value::Map(subcharts.clone())),
    ]
    .into_iter()
    .collect();
    let path = chart.full_path(parent);
    for child in &chart.children {
        let name = child.metadata.name.as_str();
        let values = match values.get(name) {
            Some(Value::Map(table)) => table.as_elem(Elem::Values),
            _ => Map::of(Elem::Values),
        };
        subcharts.set(name, Value::Map(collect(child, &path, &values, top, into)));
    }
    for (name, text) in &chart.templates {
        if chart.metadata.is_library() && !base_name(name).starts_with('_') {
            continue;
        }
        let renderable =
            Renderable { text: text.clone(), values: next.clone(), base_path: format!("{path}/templates") };
        into.insert(format!("{path}/{name}"), renderable);
    }
    next
}

/// Helm's `cleanupParseError`: the place, then the last part of Go's message.
fn parse_error(name: &str, message: &str) -> Error {
    let parts: Vec<&str> = message.split(": ").collect();
    match parts.as_slice() {
        [_, location, .., last] => Error::Parse { location: (*location).to_owned(), message: (*last).to_owned() },
        _ => Error::Parse { location: name.to_owned(), message: message.to_owned() },
    }
}

fn execution_error(message: String) -> Error {
    let location = message.split(": ").nth(1).unwrap_or_default().to_owned();
    if let (Some(start), Some(end)) = (message.find(WARN_START), message.rfind(WARN_END))
        && start + WARN_START.len() <= end
    {
        return Error::Refused { location, message: message[start + WARN_START.len()..end].to_owned() };
    }
    let (location, problem) = innermost(&message).unwrap_or_else(|| (location, message.clone()));
    Error::Execution { location, problem, message }
}

/// The place of the template that could not go on, and what is wrong there: each template on the way has put
/// `template: FILE:LINE:COLUMN: executing "NAME" at <WHAT>: ` before.
fn innermost(message: &str) -> Option<(String, String)> {
    let (_, last) = message.rsplit_once("template: ")?;
    let (location, rest) = last.split_once(": executing ")?;
    let (_, problem) = rest.split_once(">: ")?;
    Some((location.to_owned(), problem.to_owned()))
}
