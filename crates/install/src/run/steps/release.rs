//! A release: its hooks, its objects, what its own webhooks guard, its record.

use std::collections::BTreeSet;

use async_trait::async_trait;
use cluster::release::Status;
use cluster::uninstall::{objects_in, objects_of_hooks};
use cluster::wait::Awaited;
use engine::{Did, Failure, Found, StepContext};
use helm_template::{Rendered, Values};
use serde_json::Value;

use super::action::Action;
use super::context::{Context, in_namespace};
use super::history::Revision;
use super::objects::WAITED;
use super::tell::{count, failure, tell, tell_removing};
use crate::plan::early;

/// The release of a service.
pub(super) struct Release {
    pub(super) service: String,
    /// The services that it may call when it starts.
    pub(super) calls: BTreeSet<String>,
}

#[async_trait]
impl Action for Release {
    async fn look(&self, run: &Context, cx: &StepContext) -> Result<Found, Failure> {
        let (_, rendered) = run.rendered(&self.service, cx)?;
        let owner = run.owner(&self.service);
        let objects: Vec<&Value> = rendered.manifests.iter().map(|m| &m.object).collect();
        match run.look_at_objects(&objects, &owner).await? {
            Found::Absent => {
                run.known().absent.insert(self.service.clone());
                // The record of what was taken back is taken away last.
                let has_record = !run.is_untouched(&self.service, &owner.namespace) && run.has_record(&owner).await?;
                return Ok(if has_record { Found::Different } else { Found::Absent });
            }
            Found::AsWanted if run.is_recorded_as(&owner, &rendered).await? => {}
            Found::AsWanted => return Ok(Found::Different),
            other => return Ok(other),
        }
        let waited: Vec<Awaited> = objects
            .iter()
            .filter(|o| WAITED.contains(&o["kind"].as_str().unwrap_or_default()))
            .map(|o| Awaited::named(in_namespace(o, &owner)))
            .collect();
        for awaited in &waited {
            run.watch.follow(&awaited.object.api_version, &awaited.object.kind).await.map_err(failure)?;
        }
        let verdicts = run.watch.judge(&waited, run.wait_context(), run.watch.now());
        let is_ready = verdicts.iter().all(|(_, v)| v.as_ref().is_some_and(|v| v.phase == verdict::Phase::Ready));
        Ok(if is_ready { Found::AsWanted } else { Found::Different })
    }

    async fn act(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let (values, rendered) = run.rendered(&self.service, cx)?;
        self.install(run, &values, &rendered, cx).await.map_err(failure)
    }

    /// As Helm's uninstall, from what the record says; but what went ahead of the release stays for those who want it, until its
    /// own step is taken back, and what hooks left goes as well.
    async fn undo(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let owner = run.owner(&self.service);
        let newest = run.cluster.newest_release(&owner.namespace, &self.service).await.map_err(failure)?;
        let Some(record) = newest else { return Ok(Did::default()) };
        run.run_hooks("pre-delete", &self.service, &record.hooks, run.wait_context(), cx).await.map_err(failure)?;
        let early = run.planned.early.get(&self.service);
        let stays = |o: &Value| early.is_some_and(|all| all.contains(&early::place(o, &owner.namespace)));
        let objects = objects_in(&record.manifest);
        let going: Vec<&Value> = objects.iter().filter(|o| !stays(o)).collect();
        let objects = run.cluster.plan_uninstall(&owner, &going).await.map_err(failure)?;
        let mut did = run.take_away(&objects, cx).await?;
        run.run_hooks("post-delete", &self.service, &record.hooks, run.wait_context(), cx).await.map_err(failure)?;
        let left = run.cluster.plan_uninstall(&owner, &objects_of_hooks(&record.hooks)).await.map_err(failure)?;
        did.changed += run.take_away(&left, cx).await?.changed;
        // The last word: without a record nobody would know what is still there.
        let records = run.cluster.plan_forgetting(&owner).await.map_err(failure)?;
        did.changed += run.take_away(&records, cx).await?.changed;
        Ok(did)
    }
}

impl Release {
    async fn install(
        &self,
        run: &Context,
        values: &Values,
        rendered: &Rendered,
        cx: &StepContext,
    ) -> Result<Did, cluster::Error> {
        let owner = run.owner(&self.service);
        let wait_context = run.wait_context();
        let is_absent = run.known().absent.remove(&self.service);
        let revision = run.revision(&self.service, values, rendered).await?;
        let (is_first, is_upgrade) = (revision.before.is_empty() && !revision.is_there, revision.is_upgrade());
        let Revision { mut record, before, .. } = revision;
        if is_first {
            run.cluster.create_release(&record, record.first_deployed).await?;
        } else {
            run.cluster.save_release(&record, run.clock.now()).await?;
        }
        let (pre, post) = if is_upgrade { ("pre-upgrade", "post-upgrade") } else { ("pre-install", "post-install") };
        let have_run = run.known().hooked.remove(&self.service);
        let ran =
            if have_run { 0 } else { run.run_hooks(pre, &self.service, &rendered.hooks, wait_context, cx).await? };

        let own = groups_of_crds(rendered);
        let is_guarded = |o: &Value| own.contains(cluster::object::group(o["apiVersion"].as_str().unwrap_or_default()));
        let (guarded, free): (Vec<&Value>, Vec<&Value>) =
            rendered.manifests.iter().map(|m| &m.object).partition(|o| is_guarded(o));
        let mut did = Did::default();
        // What a look found is old after a wait: somebody else may have made what was absent.
        let mut waited = run.apply_all(&free, &owner, is_absent && ran == 0, &mut did, cx).await?;
        if !is_upgrade {
            let restarts = catalog::starting::restarts(&self.service);
            waited = waited.into_iter().map(|awaited| awaited.expecting_restarts(restarts)).collect();
        }
        if !before.is_empty() {
            // As Helm: before the rest is waited for, since what takes its place may need what it holds.
            let outgrown = run.outgrown(&owner, &before, rendered).await?;
            did.changed += count(run.cluster.remove(&outgrown, &mut |now| tell_removing(cx, now)).await?);
        }
        self.wait_ready(&waited, run, cx).await?;

        run.run_hooks(post, &self.service, &rendered.hooks, wait_context, cx).await?;
        if !guarded.is_empty() {
            run.watch.wait_webhooks(&run.webhooks(&self.service), wait_context, &mut |w| tell(cx, w)).await?;
            waited = run.apply_all(&guarded, &owner, false, &mut did, cx).await?;
            self.wait_ready(&waited, run, cx).await?;
        }
        cx.waiting_on(Vec::new());
        record.status = Status::Deployed;
        record.description = if is_upgrade { "Upgrade complete" } else { "Install complete" }.to_owned();
        record.last_deployed = run.clock.now();
        if is_first {
            run.cluster.replace_release(&record, record.first_deployed, record.last_deployed).await?;
        } else {
            run.cluster.save_release(&record, record.last_deployed).await?;
            run.cluster.supersede_before(&record, record.last_deployed).await?;
        }
        Ok(did)
    }

    /// Waits until all of them are ready. While what they call is not, their crashes are waiting.
    async fn wait_ready(&self, waited: &[Awaited], run: &Context, cx: &StepContext) -> Result<(), cluster::Error> {
        let began = run.clock.now();
        let wait_context = |now, true_since| run.wait_context_calling(&self.calls, began.max(true_since), now);
        run.watch.wait_ready_by(waited, &wait_context, &mut |w| run.tell_calling(&self.calls, w, cx)).await
    }
}

fn groups_of_crds(rendered: &Rendered) -> BTreeSet<String> {
    let group =
        |m: &helm_template::Manifest| m.object.pointer("/spec/group").and_then(Value::as_str).map(str::to_owned);
    rendered.crds.iter().filter_map(group).collect()
}
