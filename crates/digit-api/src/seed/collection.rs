//! A Postman collection read as what is to be done. What it says about hosts, tokens and envelopes is left aside; its codes `pg` and
//! `pg.citya` become those of this installation.

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use cause::Cause;

use super::messages::{Message, resolved};
use super::workflow::Definition;
use crate::Error;
use crate::address::Tenants;
use crate::user::{NewUser, Role, UserType};

/// The codes in eGov's file.
const STATE: &str = "pg";
const CITY: &str = "pg.citya";
/// Localization refuses longer ones, in characters.
const LONGEST: usize = 500;

/// What the seed data want, in the order in which it is done.
#[derive(Debug, Clone)]
pub struct Seed {
    /// Sample people with passwords that everybody knows: for demos only.
    pub people: Vec<NewUser>,
    /// Messages for the state, doubles resolved (the later one wins), sorted. Generated ones may be put behind: [`super::batches`] lets the later one win.
    pub messages: Vec<Message>,
    /// How many messages the file holds, doubles counted.
    pub messages_in_file: u64,
    /// Workflows, for the state.
    pub workflows: Vec<Definition>,
    /// Sample employees, as HRMS takes them: for demos only.
    pub employees: Vec<Value>,
    /// What was wrong in the file and is put right.
    pub corrections: Vec<Cause>,
}

#[derive(Deserialize)]
struct Collection {
    item: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    name: String,
    request: Option<Request>,
    /// Postman's folders.
    #[serde(default)]
    item: Vec<Item>,
}

#[derive(Deserialize)]
struct Request {
    url: Address,
    body: Option<Body>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Address {
    Text(String),
    Parts { raw: String },
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    raw: String,
}

#[derive(Deserialize)]
struct UserBody {
    user: Person,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    user_name: String,
    name: String,
    mobile_number: String,
    #[serde(default)]
    email_id: Option<String>,
    #[serde(default)]
    gender: Option<String>,
    #[serde(rename = "type")]
    kind: UserType,
    password: SecretString,
    roles: Vec<Role>,
    tenant_id: String,
}

#[derive(Deserialize)]
struct MessagesBody {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WorkflowBody {
    business_services: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EmployeeBody {
    employees: Vec<Value>,
}

/// Reads the text of `seed_data.json` for an installation with these codes.
///
/// # Errors
/// [`Error::Seed`] with the place, when it is no JSON or no collection, or holds a call that we do not know: nothing is left out silently.
pub fn read(text: &str, tenants: &Tenants) -> Result<Seed, Error> {
    let text = text.trim_start_matches('\u{feff}');
    let collection: Collection = shaped(text, "collection", "no-collection")?;
    let mut seed = Seed {
        people: Vec::new(),
        messages: Vec::new(),
        messages_in_file: 0,
        workflows: Vec::new(),
        employees: Vec::new(),
        corrections: Vec::new(),
    };
    items(&collection.item, "item", tenants, &mut seed)?;
    seed.messages_in_file = seed.messages.len() as u64;
    seed.messages = resolved(std::mem::take(&mut seed.messages));
    if seed.messages.is_empty() || seed.workflows.is_empty() {
        return Err(wrong("collection", "empty", "it holds no messages or no workflow"));
    }
    Ok(seed)
}

fn items(list: &[Item], place: &str, tenants: &Tenants, seed: &mut Seed) -> Result<(), Error> {
    for (number, item) in list.iter().enumerate() {
        let place = format!("{place}[{number}] {}", item.name);
        items(&item.item, &format!("{place} item"), tenants, seed)?;
        if let Some(request) = &item.request {
            one(request, &place, tenants, seed)?;
        }
    }
    Ok(())
}

fn one(request: &Request, place: &str, tenants: &Tenants, seed: &mut Seed) -> Result<(), Error> {
    let address = match &request.url {
        Address::Text(raw) | Address::Parts { raw } => raw,
    };
    let path = path_of(address);
    // Tokens are our own business.
    if path == "/user/oauth/token" {
        return Ok(());
    }
    let raw = request.body.as_ref().map(|b| b.raw.as_str()).filter(|r| !r.trim().is_empty());
    let raw = raw.ok_or_else(|| wrong(place, "no-body", path))?;
    match path {
        "/user/users/_createnovalidate" => {
            let UserBody { user } = shaped(raw, place, "wrong-shape")?;
            seed.people.push(person(user, tenants));
        }
        "/localization/messages/v1/_upsert" => {
            let MessagesBody { messages } = shaped(raw, place, "wrong-shape")?;
            for (number, m) in messages.iter().enumerate() {
                well(m).map_err(|reason| wrong(&format!("{place}: messages[{number}]"), reason, &m.code))?;
            }
            seed.messages.extend(messages);
        }
        "/egov-workflow-v2/egov-wf/businessservice/_create" => {
            let WorkflowBody { business_services } = shaped(raw, place, "wrong-shape")?;
            for mut value in business_services {
                retenant(&mut value, tenants);
                let mut definition = Definition(value);
                if definition.name().is_empty() || definition.moves().is_empty() {
                    return Err(wrong(place, "wrong-shape", "a business service without name or moves"));
                }
                seed.corrections.extend(definition.correct());
                seed.workflows.push(definition);
            }
        }
        "/egov-hrms/employees/_create" => {
            let EmployeeBody { employees } = shaped(raw, place, "wrong-shape")?;
            for mut value in employees {
                if value.get("code").and_then(Value::as_str).is_none_or(str::is_empty) {
                    // Without a code of ours the same one could not be looked for.
                    return Err(wrong(place, "wrong-shape", "an employee without a code"));
                }
                retenant(&mut value, tenants);
                seed.employees.push(value);
            }
        }
        unknown => return Err(wrong(place, "unknown-call", unknown)),
    }
    Ok(())
}

/// The path of a Postman address: `http://HOST/PATH?QUERY` or `{{host}}/PATH`.
fn path_of(address: &str) -> &str {
    let after_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = after_scheme.find('/').map_or("", |at| &after_scheme[at..]);
    path.split(['?', '#']).next().unwrap_or_default()
}

fn well(m: &Message) -> Result<(), &'static str> {
    if [&m.module, &m.locale, &m.code, &m.message].iter().any(|f| f.is_empty()) {
        Err("empty")
    } else if m.message.chars().count() > LONGEST {
        Err("too-long")
    } else {
        Ok(())
    }
}

fn person(person: Person, tenants: &Tenants) -> NewUser {
    let tenant = match person.kind {
        // Kept under the state whatever is said, so that is where it is looked for.
        UserType::Citizen => tenants.state.clone(),
        UserType::Employee => own(&person.tenant_id, tenants),
    };
    NewUser {
        user_name: person.user_name,
        name: person.name,
        mobile_number: person.mobile_number,
        email: person.email_id,
        gender: person.gender.map(|g| g.to_uppercase()),
        user_type: person.kind,
        password: person.password,
        roles: person.roles.iter().map(|r| Role::new(&r.code, &own(&r.tenant_id, tenants))).collect(),
        tenant,
    }
}

/// This installation's code for one of the file's.
fn own(code: &str, tenants: &Tenants) -> String {
    match code {
        STATE => tenants.state.clone(),
        CITY => tenants.city.clone(),
        other => other.to_owned(),
    }
}

fn retenant(value: &mut Value, tenants: &Tenants) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|v| retenant(v, tenants)),
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    Value::String(code) if name == "tenantId" || name == "boundary" => *code = own(code, tenants),
                    other => retenant(other, tenants),
                }
            }
        }
        _ => {}
    }
}

fn shaped<T: DeserializeOwned>(text: &str, place: &str, reason: &'static str) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        // "?": the reader broke off before it knew where.
        let place = if matches!(path.as_str(), "." | "?") { place.to_owned() } else { format!("{place}: {path}") };
        let reason = if inner.is_data() { reason } else { "not-json" };
        // Of data of the wrong shape only the place is said: the reader would repeat a value, which may be a password.
        let detail = if inner.is_data() {
            format!("line {} column {}", inner.line(), inner.column())
        } else {
            inner.to_string()
        };
        Error::Seed { place, reason, detail }
    })?;
    reader.end().map_err(|error| wrong(place, "not-json", &error.to_string()))?;
    Ok(read)
}

fn wrong(place: &str, reason: &'static str, detail: &str) -> Error {
    Error::Seed { place: place.to_owned(), reason, detail: detail.to_owned() }
}
