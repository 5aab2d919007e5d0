//! The handle that a test holds.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use tokio_util::sync::{CancellationToken, DropGuard};

use crate::serve::{Shared, bind, serve};
use crate::view::View;
use crate::world::World;
use crate::{Call, Condition, Error, Fault, Match, Options, Service};

/// A running pretend DIGIT. It stops when it is dropped.
pub struct Pretend {
    addresses: BTreeMap<Service, SocketAddr>,
    shared: Shared,
    _stop: DropGuard,
}

impl Pretend {
    /// Starts every service, each on a port of its own of 127.0.0.1.
    ///
    /// # Errors
    /// When a port cannot be had or a master file cannot be read.
    pub async fn start(options: Options) -> Result<Pretend, Error> {
        let (gateway, user, entry) = (options.gateway_port, options.user_port, options.entry_port);
        let shared = Shared::new(World::new(options)?);
        let stop = CancellationToken::new();
        let mut addresses = BTreeMap::new();
        let mut listeners = Vec::new();
        for service in Service::ALL {
            let port = match service {
                Service::Gateway => gateway,
                Service::User => user,
                Service::Entry => entry,
                _ => 0,
            };
            let (listener, address) = bind(port).await?;
            addresses.insert(service, address);
            listeners.push((service, listener));
        }
        if let Some(store) = addresses.get(&Service::ObjectStore) {
            shared.world().store_address = format!("http://{store}");
        }
        for (service, listener) in listeners {
            tokio::spawn(serve(listener, service, shared.clone(), stop.clone()));
        }
        Ok(Pretend { addresses, shared, _stop: stop.drop_guard() })
    }

    /// The gateway's base address: services alone, as a port-forward to it would reach them. No pages.
    pub fn gateway(&self) -> String {
        self.address(Service::Gateway)
    }

    /// The public base address, as the ingress has it: pages, and everything else by the gateway.
    pub fn entry(&self) -> String {
        self.address(Service::Entry)
    }

    /// The base address of egov-user itself.
    pub fn user_service(&self) -> String {
        self.address(Service::User)
    }

    /// The base address of a service by its chart's name, straight.
    pub fn service(&self, name: &str) -> Option<String> {
        name.parse().ok().map(|service| self.address(service))
    }

    /// The base address of a service, straight.
    pub fn address(&self, service: Service) -> String {
        self.addresses.get(&service).map(|address| format!("http://{address}")).unwrap_or_default()
    }

    /// Spoils calls from now on, for ever. The fault that was set last wins.
    pub fn fault(&self, which: Match, fault: Fault) {
        self.shared.world().faults.set(which, fault, None);
    }

    /// Spoils the next `times` calls.
    pub fn fault_times(&self, which: Match, fault: Fault, times: u32) {
        self.shared.world().faults.set(which, fault, Some(times));
    }

    /// No faults any more.
    pub fn clear_faults(&self) {
        self.shared.world().faults.clear();
    }

    /// Lets a condition hold.
    pub fn set(&self, condition: Condition) {
        let mut world = self.shared.world();
        if !world.has(&condition) {
            world.conditions.push(condition);
        }
    }

    /// Lets a condition hold no more. What waited for the persister is written with it (§6.8).
    pub fn clear(&self, condition: &Condition) {
        let mut world = self.shared.world();
        world.conditions.retain(|c| c != condition);
    }

    /// Restarts a service's pods: what it kept in memory is gone (§1.11, §6.5).
    pub fn restart(&self, service: Service) {
        let mut world = self.shared.world();
        if service == Service::Workflow {
            world.workflow.restart();
        }
        if service == Service::Gateway {
            // Routes are read at the start (§2.1).
            world.conditions.retain(|c| !matches!(c, Condition::GatewayWithoutRoutes | Condition::RouteMissing(_)));
        }
    }

    /// Redis is emptied: everybody is signed out (§4.2).
    pub fn empty_redis(&self) {
        self.shared.world().users.tokens.clear();
    }

    /// Every second message of a module leaves the table, as after an upload that broke off. Uploading mends it.
    pub fn lose_messages(&self, module: &str) {
        let mut world = self.shared.world();
        let mut nth = 0;
        world.messages.0.retain(|key, _| {
            nth += usize::from(key.module == module);
            key.module != module || nth % 2 == 0
        });
    }

    /// What is stored now, for assertions.
    pub fn view(&self) -> View {
        View::of(&self.shared.world())
    }

    /// The calls that were made so far, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.world().calls.clone()
    }

    /// The OTP that was sent to a number and is out (§4.4: it leaves as a message on a topic only).
    pub fn otp(&self, tenant: &str, mobile: &str) -> Option<secrecy::SecretString> {
        let world = self.shared.world();
        world.otps.get(&(tenant.to_owned(), mobile.to_owned())).map(|otp| otp.code.clone())
    }
}

impl std::fmt::Debug for Pretend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pretend").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
