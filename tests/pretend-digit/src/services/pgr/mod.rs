//! pgr-services, version 2 (§6.6).

mod asked;
mod create;
mod search;
mod update;

use crate::wire::answer::Answer;
use crate::wire::request::Request;
use crate::world::World;

pub(crate) fn answer(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    let done = match path {
        "/v2/request/_create" => create::answer(world, request),
        "/v2/request/_update" => update::answer(world, request),
        "/v2/request/_search" => search::search(world, request),
        "/v2/request/_count" => search::count(world, request),
        _ => return None,
    };
    Some(done.unwrap_or_else(|refused| refused))
}
