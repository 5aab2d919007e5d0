//! The kinds of a plan's objects, as the cluster serves them.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;

use super::found::Place;
use super::rights;
use crate::error::Error;

/// Kinds that are asked about at the same time.
const SIDE_BY_SIDE: usize = 8;

/// The kinds of a plan.
#[derive(Debug, Clone, Default)]
pub(super) struct Kinds {
    /// The resource behind each, as the cluster serves it or the plan itself brings it.
    pub(super) resources: BTreeMap<rights::Kind, String>,
    /// Those whose objects lie in no namespace.
    pub(super) cluster_wide: BTreeSet<rights::Kind>,
}

/// Asks the cluster for those that the plan does not bring itself.
pub(super) async fn kinds_of(place: &Place, objects: &[(&str, &Value)]) -> Result<Kinds, Error> {
    let mut resources = rights::brought(objects);
    let mut cluster_wide = rights::brought_cluster_wide(objects);
    let kinds: BTreeSet<rights::Kind> = objects
        .iter()
        .map(|(_, object)| cluster::ObjectRef::of(object))
        .map(|named| (named.api_version, named.kind))
        .filter(|kind| !resources.contains_key(kind))
        .collect();
    let served = kinds.into_iter().map(|kind| async move {
        match place.cluster.resource(&kind.0, &kind.1).await {
            Ok(resource) => Ok(Some((kind, resource))),
            Err(cluster::Error::NotServed { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    });
    let served: Vec<_> = stream::iter(served.collect::<Vec<_>>()).buffered(SIDE_BY_SIDE).try_collect().await?;
    for (kind, resource) in served.into_iter().flatten() {
        if !resource.namespaced {
            cluster_wide.insert(kind.clone());
        }
        resources.insert(kind, resource.plural);
    }
    Ok(Kinds { resources, cluster_wide })
}
