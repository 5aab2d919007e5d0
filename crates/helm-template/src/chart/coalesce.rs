//! Helm's coalescing: a chart's defaults below the values given, subcharts under their names, globals handed down.
//!
//! Works on the evaluator's shared maps, because templates see through the sharing: a subchart's `.Values` *is* the map
//! under its name in the parent's.

use super::Loaded;
use crate::error::{Error, Result};
use crate::value::{Map, Value};

const GLOBAL: &str = "global";

/// The values a chart is rendered with: `values` over the chart's and its subcharts' own; null removes a default.
pub(crate) fn coalesce(chart: &Loaded, values: &Map) -> Result<Map> {
    let values = copy(values);
    coalesce_into(chart, &values)?;
    Ok(values)
}

/// The same in place, for values that nobody else holds.
pub(crate) fn coalesce_into(chart: &Loaded, values: &Map) -> Result<()> {
    chart_into(chart, values, false)
}

/// The same, but nulls stay.
pub(crate) fn merged(chart: &Loaded, values: &Map) -> Result<Map> {
    let values = copy(values);
    chart_into(chart, &values, true)?;
    Ok(values)
}

fn copy(map: &Map) -> Map {
    match Value::Map(map.clone()).deep_copy() {
        Value::Map(copy) => copy,
        _ => Map::new(),
    }
}

fn chart_into(chart: &Loaded, values: &Map, merge: bool) -> Result<()> {
    defaults_into(chart, values, merge);
    for child in &chart.children {
        let name = child.metadata.name.as_str();
        let table = match values.get(name) {
            None => {
                let table = Map::new();
                values.set(name, Value::Map(table.clone()));
                table
            }
            Some(Value::Map(table)) => table,
            Some(other) => {
                let reason = format!("type mismatch on {name}: {}", other.type_name());
                return Err(Error::Values { reason });
            }
        };
        globals_into(&table, values);
        chart_into(child, &table, merge)?;
    }
    Ok(())
}

fn globals_into(child: &Map, parent: &Map) {
    let table = |map: &Map| match map.get(GLOBAL) {
        None => Some(Map::new()),
        Some(Value::Map(table)) => Some(table),
        Some(_) => None,
    };
    let (Some(below), Some(above)) = (table(child), table(parent)) else { return };
    for (key, value) in above.entries() {
        match (value, below.get(&key)) {
            (Value::Map(map), None) => below.set(key, Value::Map(shallow(&map))),
            (Value::Map(map), Some(Value::Map(existing))) => {
                let copy = shallow(&map);
                tables_into(&copy, &existing, true);
                below.set(key, Value::Map(copy));
            }
            (Value::Map(_), Some(_)) | (_, Some(Value::Map(_))) => {}
            (value, _) => below.set(key, value),
        }
    }
    child.set(GLOBAL, Value::Map(below));
}

fn shallow(map: &Map) -> Map {
    map.entries().into_iter().collect()
}

fn defaults_into(chart: &Loaded, values: &Map, merge: bool) {
    for (key, default) in copy(&chart.values).entries() {
        match (values.get(&key), default) {
            (Some(Value::Nil), _) if !merge => {
                values.remove(&key);
            }
            (Some(Value::Map(given)), Value::Map(default)) => {
                let child = chart.children.iter().any(|child| child.metadata.name.as_bytes() == key.as_bytes());
                let merge = merge || child;
                if !merge {
                    without_nils(&default);
                }
                tables_into(&given, &default, merge);
            }
            (Some(_), _) => {}
            (None, Value::Nil) if !merge => {}
            (None, default) => {
                if let (false, Value::Map(map)) = (merge, &default) {
                    without_nils(map);
                }
                values.set(key, default);
            }
        }
    }
}

fn without_nils(map: &Map) {
    for (key, value) in map.entries() {
        match value {
            Value::Nil => {
                map.remove(&key);
            }
            Value::Map(map) => without_nils(&map),
            _ => {}
        }
    }
}

/// Merges `below` into `above`, which wins; nulls stay.
pub(crate) fn merge_tables(above: &Map, below: &Map) {
    tables_into(above, below, true);
}

fn tables_into(above: &Map, below: &Map, merge: bool) {
    let was_there: Vec<_> =
        below.entries().into_iter().filter(|(_, value)| !value.is_nil()).map(|(key, _)| key).collect();
    for (key, value) in above.entries() {
        if value.is_nil() {
            below.set(key, Value::Nil);
        }
    }
    for (key, default) in below.entries() {
        match (above.get(&key), default) {
            (Some(Value::Nil), _) if !merge && was_there.contains(&key) => {
                above.remove(&key);
            }
            (None, default) => above.set(key, default),
            (Some(Value::Map(above)), Value::Map(below)) => tables_into(&above, &below, merge),
            _ => {}
        }
    }
}
