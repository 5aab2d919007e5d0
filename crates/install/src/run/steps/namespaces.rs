//! The namespaces, and before them the installation's own record.

use async_trait::async_trait;
use cluster::ObjectRef;
use engine::{Did, Failure, Found, StepContext};

use super::action::Action;
use super::context::Context;
use super::tell::failure;
use crate::plan::namespaces;

/// The namespaces that objects of the plan live in.
pub(super) struct Namespaces;

#[async_trait]
impl Action for Namespaces {
    async fn look(&self, run: &Context, _: &StepContext) -> Result<Found, Failure> {
        let mut absent = 0;
        let names = namespaces(&run.planned);
        for name in &names {
            match run.cluster.get(&ObjectRef::new("v1", "Namespace", "", name)).await.map_err(failure)? {
                None => absent += 1,
                Some(found) if found["status"]["phase"] == "Terminating" => return Ok(Found::Different),
                Some(_) => {}
            }
        }
        Ok(match absent {
            0 => Found::AsWanted,
            n if n == names.len() => Found::Absent,
            _ => Found::Different,
        })
    }

    async fn act(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        // The first thing that is made is the record: from here on any computer can go on.
        run.recorder.save().await.map_err(failure)?;
        let mut did = Did::default();
        let names = namespaces(&run.planned);
        for (n, name) in names.iter().enumerate() {
            cx.progress(n as f64, names.len() as f64, "objects", "applying");
            let installation = &run.planned.plan.installation;
            if run.cluster.ensure_namespace(name, installation).await.map_err(failure)? {
                did.changed += 1;
                run.known().made.insert(name.clone());
            } else {
                did.unchanged += 1;
            }
        }
        Ok(did)
    }

    /// Only those that the installation made. Its record stays: it is what a removal goes on from.
    async fn undo(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let names = namespaces(&run.planned);
        let made = run.cluster.plan_leaving(&run.planned.plan.installation, &names).await.map_err(failure)?;
        run.take_away(&made, cx).await
    }
}
