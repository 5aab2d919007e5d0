//! What is stored, without secrets, for assertions.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::world::World;

/// A user as he is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserView {
    /// His uuid.
    pub uuid: String,
    /// His sign-in name.
    pub user_name: String,
    /// His name.
    pub name: String,
    /// His number.
    pub mobile: String,
    /// His address.
    pub email: Option<String>,
    /// `EMPLOYEE`, `CITIZEN`, `SYSTEM`.
    pub kind: String,
    /// His tenant.
    pub tenant: String,
    /// Code and tenant of each role.
    pub roles: Vec<(String, String)>,
    /// Whether he can sign in.
    pub active: bool,
    /// How many wrong passwords count against him.
    pub failures: usize,
    /// Whether a token of his is out.
    pub signed_in: bool,
}

/// A file as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileView {
    /// Its id.
    pub id: String,
    /// Its tenant.
    pub tenant: String,
    /// Its module.
    pub module: String,
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub size: usize,
}

/// What is stored: rows of tables, not what an answer said.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Users in the order of their creation.
    pub users: Vec<UserView>,
    /// How many messages there are, by tenant, locale and module.
    pub messages: BTreeMap<(String, String, String), usize>,
    /// Complaints: their `service` objects.
    pub complaints: Vec<Value>,
    /// Workflow definitions.
    pub business_services: Vec<Value>,
    /// Steps that complaints took.
    pub processes: Vec<Value>,
    /// Employees of HRMS.
    pub employees: Vec<Value>,
    /// Files.
    pub files: Vec<FileView>,
    /// How many writes still wait for the persister.
    pub waiting: usize,
}

impl View {
    pub(crate) fn of(world: &World) -> View {
        let mut messages = BTreeMap::new();
        for key in world.messages.0.keys() {
            let group = (key.tenant.clone(), key.locale.clone(), key.module.clone());
            *messages.entry(group).or_default() += 1;
        }
        let user = |u: &crate::world::users::User| UserView {
            uuid: u.uuid.clone(),
            user_name: u.user_name.clone(),
            name: u.name.clone(),
            mobile: u.mobile.clone(),
            email: u.email.clone(),
            kind: u.kind.clone(),
            tenant: u.tenant.clone(),
            roles: u.roles.iter().map(|r| (r.code.clone(), r.tenant.clone())).collect(),
            active: u.active,
            failures: u.failures.len(),
            signed_in: world.users.tokens.iter().any(|t| t.of == u.uuid && t.until > world.now),
        };
        let file = |(id, f): (&String, &crate::world::StoredFile)| FileView {
            id: id.clone(),
            tenant: f.tenant.clone(),
            module: f.module.clone(),
            name: f.name.clone(),
            size: f.bytes.len(),
        };
        View {
            users: world.users.rows.iter().map(user).collect(),
            messages,
            complaints: world.complaints.0.clone(),
            business_services: world.workflow.stored().to_vec(),
            processes: world.workflow.processes.clone(),
            employees: world.employees.clone(),
            files: world.files.iter().map(file).collect(),
            waiting: world.persister.waiting(),
        }
    }

    /// How many messages of a module a tenant has in a language.
    pub fn messages_of(&self, tenant: &str, locale: &str, module: &str) -> usize {
        self.messages.get(&(tenant.to_owned(), locale.to_owned(), module.to_owned())).copied().unwrap_or_default()
    }
}
