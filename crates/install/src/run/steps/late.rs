//! The cluster as a run comes to know it: at its beginning, or when the step that makes it has made it.

use std::sync::{Arc, Mutex};

use catalog::Bundle;
use cluster::watch::Watch;
use engine::{Clock, Failure};
use helm_template::Capabilities;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::context::{Context, Known};
use super::tell::failure;
use crate::home::{About, Secrets};
use crate::place::{Maker, Place, Site, Tries};
use crate::plan::{Plan, Planned, namespaces};
use crate::run::record::Recorder;

/// What a run's steps work with.
pub(crate) struct RunInputs {
    pub(crate) site: Site,
    pub(crate) bundle: Arc<Bundle>,
    pub(crate) planned: Planned,
    pub(crate) about: About,
    pub(crate) secrets: Secrets,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) recorder: Recorder,
    pub(crate) tries: Tries,
    pub(crate) stop: CancellationToken,
    pub(crate) on_trouble: cluster::OnTrouble,
    pub(crate) on_hold: cluster::OnHold,
    /// Told of the watch on the cluster, once, as soon as there is one.
    pub(crate) on_watch: Arc<dyn Fn(&Watch) + Send + Sync>,
}

/// What steps in a cluster work with, as soon as there is one.
pub(super) struct Late {
    means: RunInputs,
    run: OnceCell<Context>,
}

impl Late {
    pub(super) fn new(means: RunInputs, there: Option<&Place>) -> Self {
        let run = OnceCell::new_with(there.map(|place| context(&means, place)));
        Late { means, run }
    }

    /// What steps in the cluster work with; `None` as long as there is none.
    pub(super) fn run(&self) -> Option<&Context> {
        self.run.get()
    }

    pub(super) fn maker(&self) -> Option<&dyn Maker> {
        self.means.site.maker().map(AsRef::as_ref)
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.means.planned.plan
    }

    /// From now on the run's cluster is this one. The record goes there first, with its lease: whoever has that works there.
    pub(super) async fn bind(&self, place: &Place) -> Result<&Context, Failure> {
        let means = &self.means;
        let bind = async || {
            let told = place.telling_holds(means.on_hold.clone());
            let cluster =
                told.cluster.with_patience(cluster::Patience::Endless).with_listener(means.on_trouble.clone());
            means.recorder.bind(place, &cluster.with_stop(means.stop.clone())).await.map_err(failure)?;
            Ok(context(means, place))
        };
        self.run.get_or_try_init(bind).await
    }
}

fn context(means: &RunInputs, place: &Place) -> Context {
    let place = place.telling_holds(means.on_hold.clone());
    let patient = place.cluster.with_patience(cluster::Patience::Endless);
    let cluster = patient
        .with_listener(means.on_trouble.clone())
        .with_stop(means.stop.clone())
        .with_permit(means.recorder.permit());
    let time = means.clock.clone();
    let watch = Watch::new(&cluster, Arc::new(move || time.now()), namespaces(&means.planned));
    (means.on_watch)(&watch);
    let facts = &means.planned.plan.cluster;
    let capabilities = Capabilities { kube_version: facts.version.clone(), api_versions: facts.api_versions.clone() };
    Context {
        place,
        cluster,
        watch,
        capabilities,
        bundle: means.bundle.clone(),
        planned: means.planned.clone(),
        about: means.about.clone(),
        secrets: means.secrets.clone(),
        clock: means.clock.clone(),
        recorder: means.recorder.clone(),
        tries: means.tries.clone(),
        known: Mutex::new(Known::default()),
    }
}
