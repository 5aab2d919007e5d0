//! `values.schema.json`: what a chart's author allows its values to be. Helm looks before it renders, and so do we.

use std::error::Error as StdError;
use std::fmt::Write as _;

use boon::{Compiler, Schemas, UrlLoader};
use serde_json::Value as Json;

use super::{Loaded, misfits};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

/// The name under which a schema is compiled; it is no place to read from.
const PLACE: &str = "schema:///values.schema.json";

/// Holds values against the schemas of a chart and its subcharts, and names everything that does not fit.
pub(crate) fn check(chart: &Loaded, values: &Map) -> Result<()> {
    let mut found = String::new();
    collect(chart, values, &mut found);
    if found.is_empty() { Ok(()) } else { Err(Error::Schema { reason: found.trim_end().to_owned() }) }
}

fn collect(chart: &Loaded, values: &Map, found: &mut String) {
    if let Some(schema) = &chart.schema
        && let Err(what) = check_one(schema.as_bytes(), &Value::Map(values.clone()).to_json())
    {
        let _ = writeln!(found, "{}:\n{what}", chart.metadata.name);
    }
    for child in &chart.children {
        if let Some(Value::Map(values)) = values.get(&child.metadata.name) {
            collect(child, &values, found);
        }
    }
}

/// What does not fit, a line each.
fn check_one(schema: &[u8], values: &Json) -> std::result::Result<(), String> {
    let schema: Json = serde_json::from_slice(schema).map_err(|error| error.to_string())?;
    let mut compiler = Compiler::new();
    compiler.use_loader(Box::new(Nowhere));
    compiler.add_resource(PLACE, schema).map_err(|error| format!("{error:#}"))?;
    let mut schemas = Schemas::new();
    let compiled = compiler.compile(PLACE, &mut schemas).map_err(|error| format!("{error:#}"))?;
    let Err(error) = schemas.validate(values, compiled) else { return Ok(()) };
    misfits::told(&error).map_or(Ok(()), Err)
}

/// A chart's schema stands alone: nothing is read from a disk or a network because a chart says so.
struct Nowhere;

impl UrlLoader for Nowhere {
    fn load(&self, url: &str) -> std::result::Result<Json, Box<dyn StdError>> {
        Err(format!("{url} lies outside the chart").into())
    }
}
