use crate::wire::answer::Answer;
use crate::wire::request::Request;
use crate::world::World;
pub(crate) fn answer(_world: &mut World, _path: &str, _request: &Request) -> Option<Answer> {
    None
}
pub(crate) fn object(world: &mut World, request: &Request) -> Answer {
    crate::wire::errors::spring(world.now, 404, "Not Found", &request.path)
}
