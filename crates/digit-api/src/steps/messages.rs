//! Messages: what is missing goes in by batches, then all are looked for again.

use std::collections::BTreeMap;

use cause::Cause;

use super::people::how;
use crate::Error;
use crate::client::{Client, Session};
use crate::fault::Remedy;
use crate::news::{Done, News, Part, Tell};
use crate::seed::{Message, batches, count_by_module};

/// What to do with a message that is there and reads otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it: a person may have changed it since. For the seed.
    Keep,
    /// Write ours over it. For what is generated, names of the city for example.
    Overwrite,
}

/// What is there, by module and language.
type There = BTreeMap<(String, String), BTreeMap<String, String>>;

/// Has these messages there for a tenant (the state: one message on a city hides all of the state's).
///
/// # Errors
/// What localization answers; `messages-missing` with counts when a search afterwards does not find them all.
pub async fn messages(
    client: &Client,
    session: &Session,
    tenant: &str,
    wanted: &[Message],
    existing: Existing,
    tell: &Tell<'_>,
) -> Result<Done, Error> {
    // Of doubles the last one is wanted: batches and counts resolve them alike.
    let wanted: Vec<Message> = batches(tenant, wanted)
        .into_iter()
        .flat_map(|b| {
            let (module, locale) = (b.module, b.locale);
            b.messages.into_iter().map(move |(code, message)| Message {
                module: module.clone(),
                locale: locale.clone(),
                code,
                message,
            })
        })
        .collect();
    let total = wanted.len() as u64;
    let before = look(client, tenant, &wanted).await?;
    let lacking: Vec<Message> = wanted.iter().filter(|m| !is_there(&before, m, existing)).cloned().collect();
    let mut done = total - lacking.len() as u64;
    tell(News::Progress { part: Part::Messages, done, total });
    let new = lacking.len() as u64;
    if new > 0 {
        for batch in batches(tenant, &lacking) {
            client.upsert(session, &batch).await.map_err(Error::despite_roles)?;
            done += batch.messages.len() as u64;
            tell(News::Progress { part: Part::Messages, done, total });
        }
        let after = look(client, tenant, &wanted).await?;
        let missing = wanted.iter().filter(|m| !is_there(&after, m, existing)).count() as u64;
        if missing > 0 {
            return Err(not_all_there(total, total - missing));
        }
    }
    Ok(Done { part: Part::Messages, how: how(new, total), wanted: total, found: total, notes: Vec::new() })
}

async fn look(client: &Client, tenant: &str, wanted: &[Message]) -> Result<There, Error> {
    let mut there = There::new();
    for (module, locale) in count_by_module(wanted).into_keys() {
        let found = client.messages(tenant, &module, &locale).await?;
        there.insert((module, locale), found);
    }
    Ok(there)
}

fn is_there(there: &There, m: &Message, existing: Existing) -> bool {
    let found = there.get(&(m.module.clone(), m.locale.clone())).and_then(|codes| codes.get(&m.code));
    found.is_some_and(|text| existing == Existing::Keep || *text == m.message)
}

/// The cause for messages that a search does not find.
pub(crate) fn not_all_there(wanted: u64, found: u64) -> Error {
    let cause = Cause::new("messages-missing").with("wanted", wanted).with("found", found);
    Error::found(cause.with("missing", wanted.saturating_sub(found)), Remedy::LoadMessages)
}
