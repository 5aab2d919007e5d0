//! Helm's functions that run other templates: `include`, `tpl`.

use std::rc::Rc;

use super::{Args, Env, Function, FunctionError, Param};
use crate::function::Scope;
use crate::quote::quote_go;
use crate::value::{Text, Value};

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("include", &[Param::Text, Param::Any], |env, args| include(env, &args.text(0), args.any(1))),
    Function::new("tpl", &[Param::Text, Param::Any], |env, args| tpl(env, &args.text(0), args.any(1))),
];

/// `include`: runs a named template and gives what it prints.
fn include(env: &mut Env<'_>, name: &Text, dot: Value) -> Result<Value, FunctionError> {
    const RECURSION: u32 = 1_000;
    let name = name.to_string();
    let count = env.included.entry(name.clone()).or_insert(0);
    if *count > RECURSION {
        return Err(FunctionError(format!(
            "rendering template has a nested reference name: {name}: unable to execute template"
        )));
    }
    *count += 1;
    let mut out = Vec::new();
    let result = env.run(&name, dot, &mut out);
    if let Some(count) = env.included.get_mut(&name) {
        *count -= 1;
    }
    result?;
    Ok(Value::text(out))
}

/// `tpl`: parses and runs text as a template; what it defines is seen by itself only.
pub(crate) fn tpl(env: &mut Env<'_>, text: &Text, dot: Value) -> Result<Value, FunctionError> {
    if !text.windows(2).any(|pair| pair == b"{{") {
        // Without an action the text prints itself.
        return Ok(Value::text(replace_no_value(text.to_vec())));
    }
    let quoted = || quote_go(&text.to_str());
    let templates = (env.parse)("gotpl", text)
        .map_err(|message| FunctionError(format!("cannot parse template {}: {message}", quoted())))?;
    let mut scope = Scope::above(Rc::clone(&env.scope));
    for template in templates {
        if template.name() == "gotpl" {
            // Runs even when it is blank.
            scope.put(template);
        } else {
            scope.add(template);
        }
    }
    let outer = std::mem::replace(&mut env.scope, Rc::new(scope));
    let mut out = Vec::new();
    let result = env.run("gotpl", dot, &mut out);
    env.scope = outer;
    result
        .map_err(|error| FunctionError(format!("error during tpl function execution for {}: {}", quoted(), error.0)))?;
    Ok(Value::text(replace_no_value(out)))
}

/// Go prints `<no value>` for what is not there; Helm takes it out again.
pub(crate) fn replace_no_value(text: Vec<u8>) -> Vec<u8> {
    const NO_VALUE: &[u8] = b"<no value>";
    if !text.windows(NO_VALUE.len()).any(|window| window == NO_VALUE) {
        return text;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(NO_VALUE) {
            at += NO_VALUE.len();
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}
