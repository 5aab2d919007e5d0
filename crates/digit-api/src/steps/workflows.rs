//! Workflows. The order of looking, making and looking again is given by a cache that keeps "none" for 15 minutes.

use std::time::Duration;

use cause::Cause;

use super::people::how;
use crate::Error;
use crate::client::{Client, Session};
use crate::fault::Remedy;
use crate::memory::{Memory, UnderWay};
use crate::news::{Done, News, Part, Tell};
use crate::seed::Definition;

/// Has these workflows there.
///
/// # Errors
/// What workflow answers; `workflow-not-visible` when one was made and the single search afterwards does not find it: it is not asked again,
/// and before the next try egov-workflow-v2 wants to be restarted once.
pub async fn workflows(
    client: &Client,
    session: &Session,
    definitions: &[Definition],
    memory: &mut Memory<'_>,
    tell: &Tell<'_>,
) -> Result<Done, Error> {
    let total = definitions.len() as u64;
    let (mut new, mut notes) = (0, Vec::new());
    for (done, definition) in (1..).zip(definitions) {
        let (tenant, name) = (definition.tenant(), definition.name());
        // We were cut off while one was being made: a search at once might find "none" just before it is stored.
        if memory.known().under_way == Some(UnderWay::Workflow) {
            wait(client, client.patience.after_workflow, tell).await;
        }
        let mut found = client.business_service(session, tenant, name).await.map_err(Error::despite_roles)?;
        if found.is_none() {
            memory.note(|m| m.under_way = Some(UnderWay::Workflow))?;
            let made = client.create_business_service(session, &definition.0).await.map_err(Error::despite_roles);
            let doubt = match made {
                Err(error) if !error.may_have_worked() => {
                    memory.note(|m| m.under_way = None)?;
                    return Err(error);
                }
                other => other.err(),
            };
            wait(client, client.patience.after_workflow, tell).await;
            found = client.business_service(session, tenant, name).await.map_err(Error::despite_roles)?;
            new += 1;
            if found.is_none() {
                let cause = Cause::new("workflow-not-visible").with("business-service", name).with("tenant", tenant);
                return Err(doubt.unwrap_or_else(|| Error::found(cause, Remedy::RestartWorkflow)));
            }
        }
        memory.note(|m| m.under_way = m.under_way.filter(|u| *u != UnderWay::Workflow))?;
        notes.extend(found.and_then(|f| differs(definition, &Definition(f))));
        tell(News::Progress { part: Part::Workflows, done, total });
    }
    Ok(Done { part: Part::Workflows, how: how(new, total), wanted: total, found: total, notes })
}

async fn wait(client: &Client, pause: Duration, tell: &Tell<'_>) {
    tell(News::Waiting { part: Part::Workflows, cause: Cause::new("workflow-cache"), pause });
    (client.sleep)(pause).await;
}

/// What is there was there before and goes other ways than ours: said, not changed.
fn differs(wanted: &Definition, found: &Definition) -> Option<Cause> {
    let (wanted_moves, found_moves) = (wanted.moves(), found.moves());
    let shown = |from: &std::collections::BTreeSet<_>, without: &std::collections::BTreeSet<_>| {
        let moves =
            from.difference(without).map(|m: &crate::seed::Move| format!("{} {} {}", m.state, m.action, m.next));
        moves.collect::<Vec<_>>().join(", ")
    };
    (wanted_moves != found_moves).then(|| {
        Cause::new("workflow-differs")
            .with("business-service", wanted.name())
            .with("missing", shown(&wanted_moves, &found_moves))
            .with("more", shown(&found_moves, &wanted_moves))
    })
}
