//! What is known of how long a plan will take: what was measured, which images machines hold, what registries say of the rest, and
//! what stands already.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use catalog::images::Image;
use catalog::survey::{self, Limits};
use cluster::look::Node;

use super::base::Installer;
use super::same::told;
use crate::error::Error;
use crate::home::Folder;
use crate::place::Place;
use crate::plan::downloads::{Download, Held, Images, Wanted, download};
use crate::plan::{Foreknown, Plan};
use crate::run::RunKind;

/// How long registries are asked about sizes: a plan can do without.
const REGISTRIES: Limits = Limits { side_by_side: 8, one: Duration::from_secs(4), all: Duration::from_secs(6) };

/// Sizes that registries told, by image and processors, in the cache.
const SIZES: &str = "image-sizes.json";

impl Installer {
    /// What is known of how long this plan will take, where `there` are these releases, each as namespace and name.
    pub(super) async fn foreknown(
        &self,
        plan: &Plan,
        place: Option<&Place>,
        folder: &Folder,
        there: &BTreeSet<(String, String)>,
    ) -> Result<Foreknown, Error> {
        let unchanged = self.unchanged(plan, folder, there)?;
        let Some(place) = place.filter(|_| !plan.cluster.simulated) else {
            return Ok(Foreknown { unchanged, ..Foreknown::default() });
        };
        let machines = place.seen("v1", "Node").await?.unwrap_or_default();
        let machines: Vec<(Node, Held)> =
            machines.iter().map(|node| (Node::of(node), Held::of(node))).filter(|(node, _)| node.is_open()).collect();
        let processors = machines.iter().map(|(node, _)| node.architecture.clone()).collect();
        let held: Vec<Held> = machines.into_iter().map(|(_, held)| held).collect();
        let mut images: Images = plan
            .services
            .iter()
            .flat_map(|service| &service.images)
            .filter_map(|name| Image::parse(name))
            .map(|image| (image.to_string(), Wanted { download: download(&image, Some(&held)), bytes: None }))
            .collect();
        self.sized(&mut images, processors).await?;
        Ok(Foreknown { priors: self.home.read("measured.json")?.unwrap_or_default(), images, unchanged })
    }

    /// Services that stand as the plan wants them, as far as the plan that was carried out last and the cluster tell.
    fn unchanged(
        &self,
        plan: &Plan,
        folder: &Folder,
        there: &BTreeSet<(String, String)>,
    ) -> Result<BTreeSet<String>, Error> {
        if folder.about()?.is_none() || !RunKind::stands_whole(&told(folder, self.around.clock.now())?) {
            return Ok(BTreeSet::new());
        }
        let Ok(before) = folder.plan() else { return Ok(BTreeSet::new()) };
        Ok(standing(&before, plan, there))
    }

    /// Adds the sizes that are known or that registries tell.
    async fn sized(&self, images: &mut Images, processors: BTreeSet<String>) -> Result<(), Error> {
        let now = self.around.clock.now();
        let file = self.around.cache.join(SIZES);
        let of = processors.iter().cloned().collect::<Vec<_>>().join(",");
        let key = |name: &str| format!("{name} {of}");
        // A cache that is not there, or that nobody can read, knows nothing.
        let kept = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let mut kept: BTreeMap<String, u64> = kept.unwrap_or_default();
        let open = |wanted: &Wanted| wanted.download != Download::No && wanted.bytes.is_none();
        for (name, wanted) in images.iter_mut().filter(|(_, wanted)| open(wanted)) {
            wanted.bytes = kept.get(&key(name)).copied();
        }
        let names: Vec<String> =
            images.iter().filter(|(_, wanted)| open(wanted)).map(|(name, _)| name.clone()).collect();
        let names = self.in_vain.not_lately(names, now);
        let asked: Vec<Image> = names.iter().filter_map(|name| Image::parse(name)).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let found = survey::sizes(&self.registries()?, &asked, &processors, REGISTRIES).await;
        for (name, bytes) in asked.iter().map(ToString::to_string).zip(found) {
            match (bytes, images.get_mut(&name)) {
                (Ok(bytes), Some(wanted)) => {
                    wanted.bytes = Some(bytes);
                    kept.insert(key(&name), bytes);
                }
                _ => self.in_vain.note(name, now),
            }
        }
        if let Ok(text) = serde_json::to_vec(&kept) {
            // It is asked for again next time.
            let _ = crate::file::write(&file, &text);
        }
        Ok(())
    }
}

/// Services of a plan that come out as in the one before and are there. Pure.
fn standing(before: &Plan, plan: &Plan, there: &BTreeSet<(String, String)>) -> BTreeSet<String> {
    let known: BTreeMap<(&str, &str), &str> =
        before.services.iter().map(|s| ((s.namespace.as_str(), s.name.as_str()), s.objects_hash.as_str())).collect();
    let stands = |service: &&crate::plan::PlannedService| {
        let key = (service.namespace.as_str(), service.name.as_str());
        known.get(&key) == Some(&service.objects_hash.as_str())
            && there.contains(&(service.namespace.clone(), service.name.clone()))
    };
    plan.services.iter().filter(stands).map(|service| service.name.clone()).collect()
}
