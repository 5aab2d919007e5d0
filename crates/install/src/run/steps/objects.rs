//! Objects of a release: how they stand, and applying them.

use cluster::wait::Awaited;
use cluster::{Applied, ObjectRef, Owner, Standing, Unowned};
use engine::{Cause, Did, Failure, Found, StepContext};
use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::context::{Context, in_namespace};
use super::tell::failure;

/// Kinds that are waited for. The rest is there once the server took it, and a claim is bound when a pod wants it.
pub(super) const WAITED: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod", "Service"];
/// Calls about one release side by side.
const SIDE_BY_SIDE: usize = 6;

impl Context {
    /// How objects stand, all together.
    pub(super) async fn look_at_objects(&self, objects: &[&Value], owner: &Owner) -> Result<Found, Failure> {
        let looks: Vec<_> = objects.iter().map(|object| self.standing(object, owner).boxed()).collect();
        let standings: Vec<(ObjectRef, Standing)> =
            stream::iter(looks).buffer_unordered(SIDE_BY_SIDE).try_collect().await.map_err(failure)?;
        for (object, standing) in &standings {
            if let Standing::SomeoneElses { owner } = standing {
                let cause = Cause::new("someone-elses").with("object", object).with("owner", owner);
                return Ok(Found::SomeoneElses(cause));
            }
        }
        let are = |wanted: &Standing| standings.iter().all(|(_, standing)| standing == wanted);
        Ok(if are(&Standing::Absent) {
            Found::Absent
        } else if are(&Standing::AsWanted) {
            Found::AsWanted
        } else {
            Found::Different
        })
    }

    async fn standing(&self, object: &Value, owner: &Owner) -> Result<(ObjectRef, Standing), cluster::Error> {
        let standing = if self.cannot_be_there(object, owner).await? {
            Standing::Absent
        } else {
            self.cluster.standing(object, owner, Unowned::Refuse).await?
        };
        Ok((ObjectRef::of(object), standing))
    }

    /// Whether an object has its place in a namespace where this run can have met nothing of its release.
    async fn cannot_be_there(&self, object: &Value, owner: &Owner) -> Result<bool, cluster::Error> {
        let named = in_namespace(object, owner);
        if !self.is_untouched(&owner.release, &named.namespace) {
            return Ok(false);
        }
        match self.cluster.resource(&named.api_version, &named.kind).await {
            Ok(resource) => Ok(resource.namespaced),
            Err(cluster::Error::NotServed { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Applies objects in their order, those of one kind side by side as Helm does, and says which of them are to be
    /// waited for. `new`: this run's look found none of them.
    pub(super) async fn apply_all(
        &self,
        objects: &[&Value],
        owner: &Owner,
        new: bool,
        did: &mut Did,
        cx: &StepContext,
    ) -> Result<Vec<Awaited>, cluster::Error> {
        let mut waited = Vec::new();
        let mut sent = 0;
        for of_a_kind in objects.chunk_by(|a, b| a["kind"] == b["kind"]) {
            cx.progress(sent as f64, objects.len() as f64, "objects", "applying");
            let calls: Vec<_> = of_a_kind
                .iter()
                .map(|object| match new {
                    true => self.cluster.apply_new(object, owner, Unowned::Refuse).boxed(),
                    false => self.cluster.apply(object, owner, Unowned::Refuse).boxed(),
                })
                .collect();
            let done: Vec<(Applied, Value)> = stream::iter(calls).buffered(SIDE_BY_SIDE).try_collect().await?;
            sent += of_a_kind.len();
            for (object, (applied, now)) in of_a_kind.iter().zip(done) {
                match applied {
                    Applied::Unchanged => did.unchanged += 1,
                    Applied::Created | Applied::Changed => did.changed += 1,
                }
                if WAITED.contains(&object["kind"].as_str().unwrap_or_default()) {
                    waited.push(Awaited::of(&now));
                }
            }
        }
        Ok(waited)
    }
}
