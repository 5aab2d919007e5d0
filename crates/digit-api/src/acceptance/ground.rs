//! What the rest stands on: messages, master data, sign-in, roles, employees, a photo.

use std::collections::BTreeMap;

use reqwest::Url;

use cause::Cause;

use super::check::data;
use super::photo::pixel;
use super::setup::{Expected, Setup};
use crate::Error;
use crate::client::{Client, Session};
use crate::fault::Remedy;
use crate::memory::Memory;
use crate::steps::{self, missing_roles, not_all_there, shown};
use crate::user::{Role, SignIn};

type Found = Result<BTreeMap<String, String>, Error>;

/// Counts messages by search: those that must be there, by code.
pub(super) async fn messages(client: &Client, state: &str, expected: &[Expected]) -> Found {
    let (mut wanted, mut found) = (0_u64, 0_u64);
    for part in expected {
        let there = client.messages(state, &part.module, &part.locale).await?;
        match &part.codes {
            Some(codes) => {
                wanted += codes.len() as u64;
                found += codes.iter().filter(|c| there.contains_key(*c)).count() as u64;
            }
            // Nothing is known of how many there must be: at least one.
            None => {
                wanted += 1.max(there.len() as u64);
                found += there.len() as u64;
            }
        }
    }
    if expected.is_empty() || found < wanted {
        return Err(not_all_there(wanted, found));
    }
    Ok(data([("found", found.to_string())]))
}

pub(super) async fn masters(client: &Client, setup: &Setup) -> Found {
    let done = steps::masters(client, &setup.tenants).await?;
    Ok(data([("found", done.found.to_string())]))
}

/// Signs in. A token that lacks a role may be an old one: then, if we may, it is signed out and asked for anew.
pub(super) async fn sign_in(client: &Client, who: &SignIn, wanted: &[Role], read_only: bool) -> Result<Session, Error> {
    let session = client.sign_in(who).await?;
    if read_only || missing_roles(wanted, &session.roles).is_empty() {
        return Ok(session);
    }
    client.sign_out(&session).await?;
    client.sign_in(who).await
}

pub(super) fn roles(session: &Session, wanted: &[Role], user_name: &str) -> Found {
    let lacking = missing_roles(wanted, &session.roles);
    if lacking.is_empty() {
        return Ok(data([("roles", wanted.len().to_string())]));
    }
    let cause = Cause::new("roles-missing").with("user", user_name).with("roles", shown(&lacking));
    Err(Error::found(cause, Remedy::GiveRoles))
}

/// Searches for the employee that must be there, or, if none must, whether a search is answered.
pub(super) async fn employees(client: &Client, session: &Session, setup: &Setup) -> Found {
    let code = setup.employee.as_deref();
    let found = client.employees(session, &setup.tenants.city, code).await?;
    match code {
        Some(code) if found.is_empty() => {
            let cause = Cause::new("employee-missing").with("code", code).with("tenant", &setup.tenants.city);
            Err(Error::found(cause, Remedy::CheckPersister))
        }
        _ => Ok(data([("found", found.len().to_string())])),
    }
}

/// Uploads a photo, unless one is remembered, and opens it at the address that DIGIT names. `Ok(None)`: none is there and none may be uploaded.
pub(super) async fn photo(
    client: &Client,
    city: &str,
    read_only: bool,
    memory: &mut Memory<'_>,
) -> Result<Option<BTreeMap<String, String>>, Error> {
    let png = pixel().map_err(|error| Error::Io { path: "photo".into(), error })?;
    let mut addresses = match memory.known().photo.clone() {
        Some(id) => client.file_addresses(city, &id).await?,
        None => Vec::new(),
    };
    if addresses.is_empty() && read_only {
        if memory.known().photo.is_some() {
            return Err(Error::found(Cause::new("photo-gone"), Remedy::CheckObjectStore));
        }
        return Ok(None);
    }
    let mut uploaded = false;
    if addresses.is_empty() {
        let id = client.upload(city, png.clone()).await?;
        memory.note(|m| m.photo = Some(id.clone()))?;
        addresses = client.file_addresses(city, &id).await?;
        uploaded = true;
    }
    // The first is the picture itself; the others are smaller ones made of it.
    let Some(address) = addresses.first() else {
        return Err(Error::found(Cause::new("photo-without-address"), Remedy::CheckObjectStore));
    };
    let url = Url::parse(address)
        .or_else(|_| client.web.address.join("/").join(address))
        .map_err(|_| Error::found(Cause::new("photo-without-address"), Remedy::CheckObjectStore))?;
    let host = url.origin().ascii_serialization();
    let wrong = |code: &str| Cause::new(code).with("host", &host);
    let opened = client.open(&url).await.map_err(|fault| {
        let cause = wrong("photo-not-opened").with("why", &fault.cause.code);
        let cause = match fault.seen.status() {
            Some(status) => cause.with("status", status),
            None => cause,
        };
        Error::found(cause, Remedy::CheckObjectStore)
    })?;
    if opened.bytes != png {
        return Err(Error::found(wrong("photo-differs").with("bytes", opened.bytes.len()), Remedy::CheckObjectStore));
    }
    Ok(Some(data([("host", host), ("uploaded", uploaded.to_string())])))
}
