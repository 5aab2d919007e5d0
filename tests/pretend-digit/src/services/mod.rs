//! The services: each a function from the world and a request to an answer.

mod access;
#[cfg(test)]
mod any_body;
mod backend;
mod calls;
mod enc;
mod entry;
mod filestore;
mod gateway;
mod hrms;
mod idgen;
mod localization;
mod mdms;
mod otp;
mod pgr;
mod spring;
mod user;
mod web;
mod workflow;

use crate::Service;
use crate::wire::answer::Answer;
use crate::wire::request::Request;
use crate::world::World;

/// A call at a service's address.
pub(crate) fn call(world: &mut World, service: Service, request: &Request) -> Answer {
    match service {
        Service::Entry => calls::noted(world, service, request, entry::answer),
        Service::Gateway => calls::noted(world, service, request, gateway::answer),
        _ => backend::call(world, service, request),
    }
}
