//! egov-hrms (§6.4).

mod create;
pub(crate) mod search;

use crate::wire::answer::Answer;
use crate::wire::request::Request;
use crate::world::World;

pub(crate) fn answer(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    let done = match path {
        "/employees/_create" => create::answer(world, request),
        "/employees/_search" => search::search(world, request),
        "/employees/_count" => search::count(world, request),
        _ => return None,
    };
    Some(done.unwrap_or_else(|refused| refused))
}
