//! The public address: what the ingress of an installation does.

use crate::wire::answer::Answer;
use crate::wire::request::Request;
use crate::world::World;
use crate::{Condition, Service};

use super::backend::call;
use super::calls::noted;
use super::gateway;

/// The page to the web front end, everything else to the gateway; the token form's `isInternal` is refused if a filter is
/// there (§1.4: what refuses it, and how, is the installation's own; 403 with a web server's page here).
pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    let of_the_page = ["/digit-ui", "/citizen", "/employee"];
    if of_the_page
        .iter()
        .any(|p| request.path == *p || request.path.strip_prefix(p).is_some_and(|r| r.starts_with('/')))
    {
        return passed(call(world, Service::Web, request));
    }
    let internal = request.form().iter().any(|(name, _)| name.eq_ignore_ascii_case("isInternal"));
    if internal && world.has(&Condition::IsInternalFiltered) {
        return Answer::html(
            403,
            "<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>",
        );
    }
    passed(noted(world, Service::Gateway, request, gateway::answer))
}

/// What stands behind is not there: a web server's 502.
fn passed(answer: Answer) -> Answer {
    if answer.leaves == crate::wire::answer::Leaves::Reset {
        return Answer::html(
            502,
            "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
        );
    }
    answer
}
