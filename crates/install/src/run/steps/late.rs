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
use crate::place::{Maker, Place, Probes, Site};
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
    pub(crate) probes: Probes,
    pub(crate) stop: CancellationToken,
    pub(crate) on_trouble: cluster::OnTrouble,
    pub(crate) on_hold: cluster::OnHold,
    /// Told of the watch on the cluster, once, as soon as there is one.
    pub(crate) on_watch: Arc<dyn Fn(&Watch) + Send + Sync>,
}

/// What steps in a cluster work with, as soon as there is one.
pub(super) struct Late {
    inputs: RunInputs,
    run: OnceCell<Context>,
}

impl Late {
    pub(super) fn new(inputs: RunInputs, there: Option<&Place>) -> Self {
        let run = OnceCell::new_with(there.map(|place| context(&inputs, place)));
        Late { inputs, run }
    }

    /// What steps in the cluster work with; `None` as long as there is none.
    pub(super) fn run(&self) -> Option<&Context> {
        self.run.get()
    }

    pub(super) fn maker(&self) -> Option<&dyn Maker> {
        self.inputs.site.maker().map(AsRef::as_ref)
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.inputs.planned.plan
    }

    /// From now on the run's cluster is this one. The record goes there first, with its lease: whoever has that works there.
    pub(super) async fn bind(&self, place: &Place) -> Result<&Context, Failure> {
        let inputs = &self.inputs;
        let bind = async || {
            let told = place.telling_holds(inputs.on_hold.clone());
            let cluster =
                told.cluster.with_patience(cluster::Patience::Endless).with_listener(inputs.on_trouble.clone());
            inputs.recorder.bind(place, &cluster.with_stop(inputs.stop.clone())).await.map_err(failure)?;
            Ok(context(inputs, place))
        };
        self.run.get_or_try_init(bind).await
    }
}

fn context(inputs: &RunInputs, place: &Place) -> Context {
    let place = place.telling_holds(inputs.on_hold.clone());
    let patient = place.cluster.with_patience(cluster::Patience::Endless);
    let cluster = patient
        .with_listener(inputs.on_trouble.clone())
        .with_stop(inputs.stop.clone())
        .with_permit(inputs.recorder.permit());
    let time = inputs.clock.clone();
    let watch = Watch::new(&cluster, Arc::new(move || time.now()), namespaces(&inputs.planned));
    (inputs.on_watch)(&watch);
    let facts = &inputs.planned.plan.cluster;
    let capabilities = Capabilities { kube_version: facts.version.clone(), api_versions: facts.api_versions.clone() };
    Context {
        place,
        cluster,
        watch,
        capabilities,
        bundle: inputs.bundle.clone(),
        planned: inputs.planned.clone(),
        about: inputs.about.clone(),
        secrets: inputs.secrets.clone(),
        clock: inputs.clock.clone(),
        recorder: inputs.recorder.clone(),
        probes: inputs.probes.clone(),
        known: Mutex::new(Known::default()),
    }
}
