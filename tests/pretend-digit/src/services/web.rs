//! The web front end `digit-ui`: its page, its script, and the settings that the page reads.

use http::Method;
use serde_json::json;

use crate::Condition;
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::world::World;

use super::spring::wrong_method;

/// Where this pretended installation serves its settings from.
const CONFIGS: &str = "/digit-ui/globalConfigs.js";
const SCRIPT: &str = "/digit-ui/main.js";

/// Pages are a single application: every path below that is no file answers with its one page. The page's own look is not on
/// the reference page; what a visitor needs is: a script of its own, and `globalConfigs` with this state's tenant.
pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    if request.method != Method::GET && request.method != Method::HEAD {
        return wrong_method(request);
    }
    let page = page(world);
    match request.path.as_str() {
        CONFIGS if world.has(&Condition::GlobalConfigsMissing) => {
            errors::spring(world.now, 404, "Not Found", &request.path)
        }
        CONFIGS => Answer::bytes(200, "application/javascript", configs(world).into_bytes()),
        SCRIPT if world.has(&Condition::AssetsMissing) => Answer::html(200, &page),
        SCRIPT => Answer::bytes(200, "application/javascript", SCRIPT_TEXT.as_bytes().to_vec()),
        path if path.rsplit('/').next().is_some_and(|name| name.contains('.')) => {
            errors::spring(world.now, 404, "Not Found", path)
        }
        _ => Answer::html(200, &page),
    }
}

const SCRIPT_TEXT: &str =
    "document.getElementById('root').textContent = window.globalConfigs.getConfig('STATE_LEVEL_TENANT_ID');\n";

fn page(world: &World) -> String {
    if world.has(&Condition::PageBlank) {
        return "<!DOCTYPE html><html><head></head><body></body></html>".to_owned();
    }
    let configs = if world.has(&Condition::GlobalConfigsElsewhere) {
        "https://assets.elsewhere.invalid/globalConfigs.js"
    } else {
        CONFIGS
    };
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>DIGIT</title><script src=\"{configs}\"></script>\
         </head><body><div id=\"root\"></div><script src=\"{SCRIPT}\"></script></body></html>"
    )
}

fn configs(world: &World) -> String {
    let state = if world.has(&Condition::GlobalConfigsForeign) { "zz" } else { world.options.state.as_str() };
    let values = json!({
        "STATE_LEVEL_TENANT_ID": state, "CONTEXT_PATH": "digit-ui", "UICONFIG_MODULENAME": "commonUiConfig",
    });
    format!(
        "var globalConfigs = (function () {{\n  var values = {values};\n  return {{ getConfig: function (key) {{ return values[key]; }} }};\n}})();\n"
    )
}
