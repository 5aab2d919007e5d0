//! Everything that DIGIT keeps, as plain data. Services are functions on it: a request and a time in, an answer out.

pub(crate) mod complaints;
pub(crate) mod draw;
pub(crate) mod masters;
pub(crate) mod messages;
pub(crate) mod own_masters;
pub(crate) mod persister;
pub(crate) mod tenant;
pub(crate) mod users;
pub(crate) mod workflow;

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;

use crate::fault::Faults;
use crate::{Condition, Error, Options, Service};
use complaints::Complaints;
use draw::Draw;
use masters::Masters;
use messages::Messages;
use persister::{Persister, Write};
use users::Users;
use workflow::Workflow;

/// A call that was made, without anything secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The service that took it. A call through the gateway is there twice.
    pub service: Service,
    /// The method.
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// The tenant of the query, else the first one in the body outside `RequestInfo`.
    pub tenant: Option<String>,
    /// The status that it got; 0 if it got none.
    pub status: u16,
}

/// A file that was uploaded (§6.7).
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    pub(crate) tenant: String,
    pub(crate) module: String,
    pub(crate) tag: Option<String>,
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// An OTP that is out (§4.4).
#[derive(Debug)]
pub(crate) struct Otp {
    pub(crate) code: SecretString,
    pub(crate) until: Timestamp,
}

/// Everything that DIGIT keeps.
#[derive(Debug)]
pub(crate) struct World {
    /// The time of the request that is being answered.
    pub(crate) now: Timestamp,
    pub(crate) options: Options,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) faults: Faults,
    pub(crate) calls: Vec<Call>,
    pub(crate) draw: Draw,
    pub(crate) masters: Masters,
    pub(crate) users: Users,
    pub(crate) messages: Messages,
    pub(crate) employees: Vec<Value>,
    pub(crate) workflow: Workflow,
    pub(crate) complaints: Complaints,
    pub(crate) files: BTreeMap<String, StoredFile>,
    pub(crate) otps: BTreeMap<(String, String), Otp>,
    pub(crate) sequences: BTreeMap<String, u64>,
    pub(crate) persister: Persister,
    /// Where the object store listens, for filestore's addresses.
    pub(crate) store_address: String,
}

impl World {
    /// An empty installation, after its migrations.
    ///
    /// # Errors
    /// When a master file cannot be read.
    pub(crate) fn new(options: Options) -> Result<World, Error> {
        let masters = match &options.masters {
            Some(folder) => Masters::load(folder)?,
            None => own_masters::of(&options.state, &options.city),
        };
        Ok(World {
            now: options.clock.now(),
            conditions: Vec::new(),
            faults: Faults::default(),
            calls: Vec::new(),
            draw: Draw::new(options.seed),
            masters,
            users: Users::default(),
            messages: Messages::default(),
            employees: Vec::new(),
            workflow: Workflow::new(options.workflow_replicas),
            complaints: Complaints::default(),
            files: BTreeMap::new(),
            otps: BTreeMap::new(),
            sequences: BTreeMap::new(),
            persister: Persister::default(),
            store_address: String::new(),
            options,
        })
    }

    /// Whether a condition holds.
    pub(crate) fn has(&self, condition: &Condition) -> bool {
        self.conditions.contains(condition)
    }

    /// Whether a service runs without its tables.
    pub(crate) fn without_tables(&self, service: Service) -> bool {
        self.has(&Condition::TablesMissing(service))
    }

    /// Whether a service is away.
    pub(crate) fn down(&self, service: Service) -> bool {
        self.has(&Condition::Down(service))
    }

    /// Puts a write on Kafka. It is stored when the persister comes to it (§1.6); without its table it cannot be written.
    pub(crate) fn send(&mut self, write: Write) {
        let of = match &write {
            Write::Employee(_) => Some(Service::Hrms),
            Write::BusinessService(_) | Write::Process(_) => Some(Service::Workflow),
            Write::Complaint(_) => Some(Service::Pgr),
            Write::Unwritable => None,
        };
        let write = if of.is_some_and(|of| self.without_tables(of)) { Write::Unwritable } else { write };
        if !self.has(&Condition::PersisterLoses) {
            self.persister.send(self.now, write);
        }
    }

    /// Lets the clock be `now`, and the persister have done what it could until then.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.now = now;
        let down =
            self.has(&Condition::PersisterDown) || self.down(Service::Persister) || self.has(&Condition::KafkaDown);
        for write in self.persister.due(now, down, self.options.persister_delay, self.options.poison_delay) {
            self.store(write);
        }
    }

    fn store(&mut self, write: Write) {
        match write {
            Write::Employee(employee) => self.employees.push(*employee),
            Write::BusinessService(service) => self.workflow.store(*service),
            Write::Process(process) => self.workflow.processes.push(*process),
            Write::Complaint(complaint) => self.complaints.store(*complaint),
            Write::Unwritable => {}
        }
    }

    /// Milliseconds, as DIGIT's audit details have them.
    pub(crate) fn millis(&self) -> i64 {
        self.now.as_millisecond()
    }
}
