//! Where an installation goes: into a cluster that is there before the run, or into one that the run makes.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::found::{self, Place, connect};
use super::maker::Maker;
use super::simulated::Simulated;
use crate::answers::Target;
use crate::error::Error;
use crate::home::{Folder, ProxyChoice};
use crate::plan::ClusterFacts;
use crate::surroundings::Surroundings;

/// Where an installation goes.
#[derive(Clone)]
pub(crate) enum Site {
    /// A cluster that is there.
    There(Place),
    /// One that a step of the plan makes.
    Made(Arc<dyn Maker>),
}

impl Site {
    /// Where a target leads. With a `folder` it is a rehearsal whose simulated cluster is kept there.
    pub(crate) async fn of(
        target: &Target,
        folder: Option<&Folder>,
        proxy: &ProxyChoice,
        around: &Surroundings,
    ) -> Result<Site, Error> {
        if folder.is_some() || matches!(target, Target::Rehearsal {}) {
            return Ok(Site::Made(Arc::new(Simulated::new(folder, around))));
        }
        Ok(Site::There(connect(target, proxy, around).await?))
    }

    /// The cluster, if it is there.
    pub(crate) async fn there(&self) -> Result<Option<Place>, Error> {
        match self {
            Site::There(place) => Ok(Some(place.clone())),
            Site::Made(maker) => maker.find().await,
        }
    }

    /// The cluster to look at: the one that is there, or one that is like the one to be made.
    pub(crate) async fn shown(&self) -> Result<Place, Error> {
        match self {
            Site::There(place) => Ok(place.clone()),
            Site::Made(maker) => match maker.find().await? {
                Some(place) => Ok(place),
                None => maker.alike().await,
            },
        }
    }

    /// What makes it, if the run does.
    pub(crate) fn maker(&self) -> Option<&Arc<dyn Maker>> {
        match self {
            Site::There(_) => None,
            Site::Made(maker) => Some(maker),
        }
    }

    /// What a plan takes for given: looked up where the cluster is there, promised where it is not. An installation keeps what
    /// its first plan was `known` to take for given for as long as it is that cluster, since what is there already decides what
    /// charts render.
    pub(crate) async fn facts(&self, known: Option<ClusterFacts>) -> Result<ClusterFacts, Error> {
        match (self, known) {
            (Site::There(place), Some(known)) if known.uid == place.uid().await? => Ok(known),
            (Site::There(place), _) => found::facts(place).await,
            (Site::Made(maker), known) => match (maker.find().await?, known) {
                (Some(place), Some(known)) => Ok(kept(known, found::facts(&place).await?)),
                (Some(place), None) => Ok(found::facts(&place).await?.without_uid()),
                (None, _) => maker.promised().await,
            },
        }
    }
}

impl Site {
    /// The same, looked up anew for an installation with these releases. What they brought is not taken for given: charts would come
    /// out otherwise than they did before it was there.
    pub(crate) async fn facts_anew(
        &self,
        known: ClusterFacts,
        releases: &BTreeSet<(String, String)>,
    ) -> Result<ClusterFacts, Error> {
        let Some(place) = self.there().await? else { return self.facts(Some(known)).await };
        if !known.promised && known.uid != place.uid().await? {
            return found::facts(&place).await;
        }
        let brought = found::brought(&place, releases).await?;
        let found = found::facts(&place).await?;
        let found = if self.maker().is_some() { found.without_uid() } else { found };
        Ok(without(found, &brought, &known))
    }
}

/// What was found without the APIs of these groups, but for those that were there before.
fn without(found: ClusterFacts, brought: &BTreeSet<String>, known: &ClusterFacts) -> ClusterFacts {
    let is_brought = |api: &&String| brought.contains(api.split('/').next().unwrap_or_default());
    let stays = |api: &&String| known.api_versions.contains(*api) || !is_brought(api);
    ClusterFacts { api_versions: found.api_versions.iter().filter(stays).cloned().collect(), ..found }
}

/// What was promised stands for as long as it holds: what an installation has brought itself is served beside it.
fn kept(known: ClusterFacts, found: ClusterFacts) -> ClusterFacts {
    if known.version == found.version && known.api_versions.is_subset(&found.api_versions) {
        known.without_uid()
    } else {
        found.without_uid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(version: &str, apis: &[&str]) -> ClusterFacts {
        ClusterFacts {
            uid: String::new(),
            version: version.to_owned(),
            simulated: false,
            promised: true,
            api_versions: apis.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn what_an_installation_brought_is_not_taken_for_given_and_what_the_cluster_has_now_is() {
        let known = facts("v1.35.0", &["v1", "old.example/v1", "both.example/v1"]);
        let found = facts("v1.36.3", &["v1", "apps/v1", "both.example/v1", "both.example/v2", "ours.example/v1/Kind"]);
        let brought = ["ours.example", "both.example"].map(str::to_owned).into();
        assert_eq!(without(found, &brought, &known), facts("v1.36.3", &["v1", "apps/v1", "both.example/v1"]));
    }

    #[test]
    fn a_promise_stands_while_it_holds_and_gives_way_when_it_does_not() {
        let known = facts("v1.36.3", &["v1", "apps/v1"]);
        for (found, stands) in [
            (facts("v1.36.3", &["v1", "apps/v1"]), true),
            (facts("v1.36.3", &["v1", "apps/v1", "cert-manager.io/v1"]), true),
            (facts("v1.36.3", &["v1"]), false),
            (facts("v1.37.0", &["v1", "apps/v1"]), false),
        ] {
            let expected = if stands { &known } else { &found };
            assert_eq!(&kept(known.clone(), found.clone()), expected, "{found:?}");
            // A program of before promised nothing and kept the UID.
            let before = ClusterFacts { uid: "u".to_owned(), promised: false, ..known.clone() };
            assert_eq!(&kept(before, found.clone()), expected, "{found:?}");
        }
    }
}
