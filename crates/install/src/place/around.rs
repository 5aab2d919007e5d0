//! What is in a cluster beside the machines that it runs on, and what of it would stop a plan.

use std::time::Duration;

use catalog::images::Image;
use catalog::registry::Registries;
use catalog::survey::Limits;
use cluster::look::Node;
use serde_json::Value;

use super::found::Place;
use super::kinds::Kinds;
use super::machines::{self, Builds};
use super::verdict::Verdict;
use super::{address, namespaces, webhooks};
use crate::error::Error;
use crate::plan::Planned;

/// How long registries are asked about processors.
const REGISTRIES: Limits = Limits { side_by_side: 4, one: Duration::from_secs(8), all: Duration::from_secs(20) };

/// For which processors images are built. Registries are asked about those only that do not run everywhere as far as is known: they count
/// what they are asked, and whoever asks may share an address with the machines that are to pull.
pub(super) async fn builds(machines: &[Node], images: &[String], registries: Option<&Registries>) -> Builds {
    let known = Builds::default();
    let doubtful = known.lacking(images, &machines::processors(machines)).into_iter();
    let (names, doubtful): (Vec<&String>, Vec<Image>) =
        doubtful.filter_map(|name| Some((name, Image::parse(name)?))).unzip();
    let Some(registries) = registries.filter(|_| !doubtful.is_empty()) else { return known };
    let said = catalog::survey::processors(registries, &doubtful, REGISTRIES).await;
    let asked = names.into_iter().cloned().zip(said).filter_map(|(name, said)| Some((name, said.ok()?)));
    Builds { asked: asked.collect(), ..known }
}

/// What is in the cluster beside what it runs on.
pub(super) struct Around {
    namespaces: Vec<Value>,
    /// `None`: we may not see them.
    services: Option<Vec<Value>>,
    webhooks: Vec<Value>,
}

pub(super) async fn around(place: &Place) -> Result<Around, Error> {
    let (namespaces, services, webhooks) =
        tokio::try_join!(place.seen("v1", "Namespace"), place.seen("v1", "Service"), webhooks::configurations(place))?;
    Ok(Around { namespaces: namespaces.unwrap_or_default(), services, webhooks })
}

/// What would stop the plan, or what it would wait for in vain. Told only if there is something to tell.
pub(super) async fn in_the_way(
    place: &Place,
    planned: &Planned,
    objects: &[(&str, &Value)],
    kinds: &Kinds,
    overview: &cluster::Overview,
    around: &Around,
) -> Result<Vec<(&'static str, Verdict)>, Error> {
    let mut ours = crate::plan::namespaces(planned);
    ours.insert(cluster::record::NAMESPACE.to_owned());
    let mut found = vec![("namespaces", namespaces::namespaces(&ours, &around.namespaces))];

    let behind = webhooks::behind(place, &around.webhooks, around.services.as_deref()).await?;
    let labels = webhooks::labels_of_namespaces(&ours, &around.namespaces, &planned.plan.installation);
    let named = |(namespace, object): &(&str, &Value)| {
        let named = cluster::ObjectRef::of(object);
        let namespace = match named.kind.as_str() {
            "Service" if named.namespace.is_empty() => (*namespace).to_owned(),
            "Service" => named.namespace,
            _ => String::new(),
        };
        (named.kind, namespace, named.name)
    };
    let brought = objects.iter().map(named).collect();
    let made = webhooks::made(objects, kinds, &ours);
    found.push(("webhooks", webhooks::webhooks(&around.webhooks, &behind, &made, &labels, &brought)));

    let wants_address = |object: &Value| object["kind"] == "Service" && object["spec"]["type"] == "LoadBalancer";
    let wanted: Vec<(String, &Value)> =
        objects.iter().filter(|(_, o)| wants_address(o)).map(|one| (named(one).1, one.1)).collect();
    let services = around.services.as_deref().unwrap_or_default();
    let there = address::Found { nodes: &overview.nodes, pods: &overview.pods, services };
    found.push(("address", address::address(&wanted, &there)));
    Ok(found.into_iter().filter_map(|(name, verdict)| Some((name, verdict?))).collect())
}
