//! Sample people with passwords that everybody knows: for demos only.

use crate::Error;
use crate::client::Client;
use crate::news::{Done, How, News, Part, Tell};
use crate::user::NewUser;

use super::administrator::made;

/// Has these people there. Whoever is there stays as they are.
///
/// # Errors
/// What egov-user answers, or that one was not stored.
pub async fn people(client: &Client, people: &[NewUser], tell: &Tell<'_>) -> Result<Done, Error> {
    let total = people.len() as u64;
    let mut new = 0;
    for (done, person) in (1..).zip(people) {
        if client.user_named(&person.tenant, &person.user_name, person.user_type).await?.is_none() {
            made(client, person).await?;
            new += 1;
        }
        tell(News::Progress { part: Part::People, done, total });
    }
    Ok(Done { part: Part::People, how: how(new, total), wanted: total, found: total, notes: Vec::new() })
}

/// How it came about that all are there, when so many of so many were new.
pub(super) fn how(new: u64, total: u64) -> How {
    match new {
        0 => How::Found,
        n if n == total => How::Made,
        _ => How::Completed,
    }
}
