//! Helm's `ProcessDependencies`: aliases, conditions and tags that switch subcharts, values imported from them.

use serde_json::{Value as Json, json};

use super::coalesce::{coalesce, merge_tables, merged};
use super::{Dependency, Loaded};
use crate::error::{Error, Result};
use crate::functions::is_compatible_range;
use crate::value::{Map, Value};

/// Helm's `CheckDependencies`: what `Chart.yaml` names lies in `charts/`, switched on or not.
pub(crate) fn check_dependencies(chart: &Loaded) -> Result<()> {
    let there = |name: &str| chart.children.iter().any(|child| child.metadata.name == name);
    let missing: Vec<&Dependency> =
        chart.metadata.dependencies.iter().filter(|dependency| !there(&dependency.name)).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    Err(Error::DependencyMissing {
        chart: chart.metadata.name.clone(),
        name: missing.iter().map(|dependency| dependency.name.as_str()).collect::<Vec<_>>().join(", "),
        repository: first.repository.clone(),
    })
}

/// Removes subcharts that are switched off and brings up imported values.
pub(crate) fn process_dependencies(chart: &mut Loaded, values: &Map) -> Result<()> {
    enabled(chart, values, "")?;
    imported(chart)
}

fn is_for(dependency: &Dependency, child: &Loaded) -> bool {
    child.metadata.name == dependency.name && is_compatible_range(&dependency.version, &child.metadata.version)
}

fn enabled(chart: &mut Loaded, values: &Map, path: &str) -> Result<()> {
    if chart.metadata.dependencies.is_empty() {
        return Ok(());
    }
    let mut dependencies = std::mem::take(&mut chart.metadata.dependencies);
    let children = std::mem::take(&mut chart.children);
    let unlisted = |child: &&Loaded| !dependencies.iter().any(|dependency| is_for(dependency, child));
    let mut kept: Vec<Loaded> = children.iter().filter(unlisted).cloned().collect();
    for dependency in &mut dependencies {
        if let Some(child) = children.iter().find(|child| is_for(dependency, child)) {
            let mut child = child.clone();
            if !dependency.alias.is_empty() {
                child.metadata.name.clone_from(&dependency.alias);
            }
            kept.push(child);
        }
        if !dependency.alias.is_empty() {
            dependency.name.clone_from(&dependency.alias);
        }
    }
    chart.children = kept;
    let values = coalesce(chart, values)?;
    let off: Vec<String> = dependencies
        .iter()
        .filter(|dependency| !is_on(dependency, &values, path))
        .map(|dependency| dependency.name.clone())
        .collect();
    chart.children.retain(|child| !off.contains(&child.metadata.name));
    dependencies.retain(|dependency| !off.contains(&dependency.name));
    chart.metadata.dependencies = dependencies;
    for child in &mut chart.children {
        let path = format!("{path}{}.", child.metadata.name);
        enabled(child, &values, &path)?;
    }
    Ok(())
}

/// Tags first, then the first condition that says yes or no.
fn is_on(dependency: &Dependency, values: &Map, path: &str) -> bool {
    let mut on = true;
    if let Some(Value::Map(tags)) = values.get("tags") {
        let flags: Vec<bool> = dependency
            .tags
            .iter()
            .filter_map(|tag| match tags.get(tag) {
                Some(Value::Bool(flag)) => Some(flag),
                _ => None,
            })
            .collect();
        on = flags.is_empty() || flags.contains(&true);
    }
    for condition in dependency.condition.trim().split(',').filter(|condition| !condition.is_empty()) {
        if let Some(Value::Bool(flag)) = at_path(values, &format!("{path}{condition}")) {
            return flag;
        }
    }
    on
}

fn at_path(values: &Map, path: &str) -> Option<Value> {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    match (values.get(first), rest) {
        (Some(Value::Map(inner)), Some(rest)) => at_path(&inner, rest),
        (value, None) => value,
        _ => None,
    }
}

fn imported(chart: &mut Loaded) -> Result<()> {
    for child in &mut chart.children {
        imported(child)?;
    }
    if chart.metadata.dependencies.is_empty() {
        return Ok(());
    }
    let values = merged(chart, &Map::new())?;
    let imports = Map::new();
    for dependency in &mut chart.metadata.dependencies {
        let mut made = Vec::new();
        for import in &dependency.import_values {
            let (child, parent) = match import {
                Json::String(name) => (format!("exports.{name}"), ".".to_owned()),
                Json::Object(entry) => {
                    let text = |key: &str| {
                        let value = entry.get(key).map_or(Value::Nil, Value::from_json);
                        String::from_utf8_lossy(&value.print()).into_owned()
                    };
                    (text("child"), text("parent"))
                }
                _ => continue,
            };
            if let Some(Value::Map(table)) = at_path(&values, &format!("{}.{child}", dependency.name)) {
                merge_tables(&imports, &nested(&parent, table));
            }
            made.push(json!({ "child": child, "parent": parent }));
        }
        // What templates see of them.
        dependency.import_values = made;
    }
    merge_tables(&values, &imports);
    chart.values = match Value::Map(values).deep_copy() {
        Value::Map(values) => values,
        _ => Map::new(),
    };
    Ok(())
}

/// The table under a path of its own.
fn nested(path: &str, table: Map) -> Map {
    if path == "." {
        return table;
    }
    path.split('.').rev().fold(table, |inner, key| [(key, Value::Map(inner))].into_iter().collect())
}
