use crate::wire::answer::Answer;
use crate::wire::request::Request;
use crate::world::World;
pub(crate) fn answer(_world: &mut World, _path: &str, _request: &Request) -> Option<Answer> {
    None
}
