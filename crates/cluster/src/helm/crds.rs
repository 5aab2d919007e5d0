//! Custom resource definitions: applied before everything else and waited for until they are served.

use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use crate::connect::api::Cluster;
use crate::error::{Error, Result};
use crate::object::ObjectRef;
use crate::objects::apply::{Applied, Owner, Unowned};
use crate::wait::watch::Watch;
use crate::wait::{Awaited, WaitContext, Waiting};

/// Definitions that are sent side by side.
const SIDE_BY_SIDE: usize = 6;

/// Applies definitions and waits until each is established. One that is there and belongs to somebody else is used as
/// it is, as Helm does with `crds/`; it counts as unchanged. Returns how many were changed and how many were as wanted.
pub async fn apply_crds(
    watch: &Watch,
    crds: &[Value],
    owner: &Owner,
    wait_context: WaitContext,
    progress: &mut (dyn FnMut(&Waiting) + Send),
) -> Result<(u32, u32)> {
    let calls: Vec<_> = crds.iter().map(|crd| apply_one(watch.cluster(), crd, owner).boxed()).collect();
    let sent = stream::iter(calls).buffered(SIDE_BY_SIDE);
    let (awaited, applied): (Vec<_>, Vec<_>) = sent.try_collect::<Vec<_>>().await?.into_iter().unzip();
    let (mut changed, mut unchanged) = (0, 0);
    for applied in applied {
        if applied == Applied::Unchanged { unchanged += 1 } else { changed += 1 }
    }
    watch.wait_ready(&awaited, wait_context, progress).await?;
    Ok((changed, unchanged))
}

async fn apply_one(cluster: &Cluster, crd: &Value, owner: &Owner) -> Result<(Awaited, Applied)> {
    match cluster.apply(crd, owner, Unowned::Refuse).await {
        Ok((applied, object)) => Ok((Awaited::of(&object), applied)),
        Err(Error::SomeoneElses { .. }) => {
            let object = ObjectRef { namespace: String::new(), ..ObjectRef::of(crd) };
            Ok((Awaited::named(object), Applied::Unchanged))
        }
        Err(other) => Err(other),
    }
}
