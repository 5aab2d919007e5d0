//! egov-user (§4).

pub(crate) mod citizen;
pub(crate) mod create;
pub(crate) mod fields;
pub(crate) mod password;
mod reading;
pub(crate) mod search;
pub(crate) mod token;
pub(crate) mod update;

use crate::wire::answer::Answer;
use crate::wire::request::Request;
use crate::world::World;

pub(crate) fn answer(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    let done = match path {
        "/users/_createnovalidate" => create::answer(world, request),
        "/users/_updatenovalidate" => update::answer(world, request),
        "/v1/_search" => search::answer(world, request, search::Which::All),
        "/_search" => search::answer(world, request, search::Which::ActiveOnly),
        "/oauth/token" => token::answer(world, request),
        "/_details" => token::details(world, request),
        "/_logout" => token::logout(world, request),
        "/password/_update" => password::answer(world, request),
        "/citizen/_create" => citizen::answer(world, request),
        _ => return None,
    };
    Some(done.unwrap_or_else(|refused| refused))
}
