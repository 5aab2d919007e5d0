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

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A registry whose images are built for these processors, and what it was asked for.
    fn registry(processors: &[&str]) -> (Registries, Arc<Mutex<Vec<String>>>) {
        let platform = |one: &&str| serde_json::json!({"digest": "sha256:00", "size": 1, "platform": {"os": "linux", "architecture": one}});
        let index = serde_json::json!({"manifests": processors.iter().map(platform).collect::<Vec<_>>()}).to_string();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = asked.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let path = lines.next().unwrap_or_default().split(' ').nth(1).unwrap_or_default().to_owned();
                let _: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                log.lock().unwrap().push(path);
                let length = index.len();
                let _ =
                    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{index}");
            }
        });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        (Registries::new(client).at("registry.example", &address), asked)
    }

    fn machine(architecture: &str) -> Node {
        let (architecture, os) = (architecture.to_owned(), "linux".to_owned());
        Node { ready: true, schedulable: true, architecture, os, ..Node::default() }
    }

    #[tokio::test]
    async fn registries_are_asked_only_about_images_that_would_decide() {
        const DOUBTFUL: &str = "registry.example/egovio/egov-hrms:DIGIT-2.9-LTS-4553648f56-9";
        let images =
            [DOUBTFUL, "registry.example/egovio/egov-idgen:v2.9.2-4a60f20", "registry.example/library/postgres:15"];
        let images = images.map(str::to_owned);
        for (machines, built, asked_for, runs) in [
            (vec![machine("amd64")], &["amd64"][..], 0, false),
            (vec![machine("arm64")], &["amd64", "arm64"], 1, true),
            (vec![machine("amd64"), machine("arm64")], &["amd64"], 1, false),
            // Nobody runs anything there.
            (vec![machine("amd64"), Node { schedulable: false, ..machine("arm64") }], &["amd64"], 0, false),
        ] {
            let (registries, asked) = registry(built);
            let builds = builds(&machines, &images, Some(&registries)).await;
            let asked = asked.lock().unwrap().clone();
            assert_eq!(asked.len(), asked_for, "{machines:?} {asked:?}");
            assert!(asked.iter().all(|path| path.contains("egov-hrms")), "{asked:?}");
            assert_eq!(builds.runs_on(DOUBTFUL, "arm64"), runs, "{machines:?}");
            assert!(builds.runs_on(&images[1], "arm64") && builds.runs_on(&images[2], "arm64"));
        }
    }
}
