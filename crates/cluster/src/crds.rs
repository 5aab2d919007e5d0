//! Custom resource definitions: applied before everything else and waited for until they are served.

use serde_json::Value;

use crate::apply::{Applied, Owner, Unowned};
use crate::error::{Error, Result};
use crate::object::ObjectRef;
use crate::wait::{Awaited, Basis, Waiting};
use crate::watch::Watch;

/// Applies definitions and waits until each is established. One that is there and belongs to somebody else is used as
/// it is, as Helm does with `crds/`; it counts as unchanged. Returns how many were changed and how many were as wanted.
pub async fn apply_crds(
    watch: &Watch,
    crds: &[Value],
    owner: &Owner,
    basis: Basis,
    progress: &mut (dyn FnMut(&Waiting) + Send),
) -> Result<(u32, u32)> {
    let (mut changed, mut unchanged) = (0, 0);
    let mut awaited = Vec::with_capacity(crds.len());
    for crd in crds {
        match watch.cluster().apply(crd, owner, Unowned::Refuse).await {
            Ok((applied, object)) => {
                awaited.push(Awaited::of(&object));
                if applied == Applied::Unchanged { unchanged += 1 } else { changed += 1 }
            }
            Err(Error::SomeoneElses { .. }) => {
                awaited.push(Awaited::named(ObjectRef { namespace: String::new(), ..ObjectRef::of(crd) }));
                unchanged += 1;
            }
            Err(other) => return Err(other),
        }
    }
    watch.wait_ready(&awaited, basis, progress).await?;
    Ok((changed, unchanged))
}
