//! Hooks of a chart: Jobs and what they need, run before or after its objects, as Helm runs them.

use std::time::Duration;

use helm_template::Hook;
use serde_json::Value;
use verdict::Cause;

use crate::error::{Error, Result};
use crate::object::{ObjectRef, annotation, text};
use crate::objects::apply::{Owner, Unowned, prepare};
use crate::wait::watch::Watch;
use crate::wait::{Awaited, WaitContext, Waiting};

/// How often we look whether a deleted object is gone.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// The hooks of one event (`pre-install`, `post-install`, …) in the order in which they run: by weight, then as given.
pub fn in_order<'a>(hooks: &'a [Hook], event: &str) -> Vec<&'a Hook> {
    let mut chosen: Vec<&Hook> = hooks.iter().filter(|hook| hook.events.iter().any(|e| e == event)).collect();
    chosen.sort_by_key(|hook| hook.weight);
    chosen
}

/// Whether a hook has a delete policy; `before-hook-creation` if it names none.
fn has_policy(hook: &Hook, policy: &str) -> bool {
    if hook.delete_policies.is_empty() {
        policy == "before-hook-creation"
    } else {
        hook.delete_policies.iter().any(|p| p == policy)
    }
}

/// Runs the hooks of an event one after the other and returns how many ran. Jobs and pods are waited for; the rest is
/// there once it is applied. A Job that was cut off in an earlier run is made anew, as Helm does.
pub async fn run(
    watch: &Watch,
    hooks: &[Hook],
    event: &str,
    owner: &Owner,
    wait_context: WaitContext,
    progress: &mut (dyn FnMut(&Waiting) + Send),
) -> Result<u32> {
    let chosen = in_order(hooks, event);
    for hook in &chosen {
        let outcome = run_one(watch, hook, owner, wait_context, progress).await;
        if let Err(error) = outcome {
            if has_policy(hook, "hook-failed") && !matches!(error, Error::Stopped) {
                remove(watch, hook, owner, progress).await?;
            }
            return Err(error);
        }
    }
    for hook in chosen.iter().rev().filter(|hook| has_policy(hook, "hook-succeeded")) {
        remove(watch, hook, owner, progress).await?;
    }
    Ok(u32::try_from(chosen.len()).unwrap_or(u32::MAX))
}

async fn run_one(
    watch: &Watch,
    hook: &Hook,
    owner: &Owner,
    wait_context: WaitContext,
    progress: &mut (dyn FnMut(&Waiting) + Send),
) -> Result<()> {
    let object = &hook.manifest.object;
    let (_, applied) = if has_policy(hook, "before-hook-creation") && !is_definition(hook) {
        // Behind this nothing of its name is there.
        remove(watch, hook, owner, progress).await?;
        watch.cluster().apply_new(object, owner, Unowned::Adopt).await?
    } else {
        watch.cluster().apply(object, owner, Unowned::Adopt).await?
    };
    if is_run(&applied) {
        watch.wait_ready(&[Awaited::of(&applied)], wait_context, progress).await?;
    }
    Ok(())
}

/// Whether the object runs to an end.
fn is_run(object: &Value) -> bool {
    matches!(object["kind"].as_str(), Some("Job" | "Pod"))
}

/// Takes a hook's object away and waits until it is gone; only if it is ours or a hook. A definition is never taken away: everything
/// that anybody made of it would go with it.
async fn remove(watch: &Watch, hook: &Hook, owner: &Owner, progress: &mut (dyn FnMut(&Waiting) + Send)) -> Result<()> {
    if is_definition(hook) {
        return Ok(());
    }
    let cluster = watch.cluster();
    let named = ObjectRef::of(&hook.manifest.object);
    let resource = match cluster.resource(&named.api_version, &named.kind).await {
        Ok(resource) => resource,
        Err(Error::NotServed { .. }) => return Ok(()),
        Err(other) => return Err(other),
    };
    let name = ObjectRef::of(&prepare(&hook.manifest.object, owner, resource.namespaced));
    let Some(found) = cluster.get(&name).await? else { return Ok(()) };
    let ours = annotation(&found, "meta.helm.sh/release-name").is_none_or(|release| release == owner.release);
    let hooked = annotation(&found, "helm.sh/hook").is_some();
    if !(ours && hooked) {
        return Err(Error::SomeoneElses {
            object: name.to_string(),
            owner: annotation(&found, "meta.helm.sh/release-name").unwrap_or_default().to_owned(),
        });
    }
    let uid = text(&found, "/metadata/uid");
    cluster.delete_exactly(&name, uid).await?;
    gone(watch, &name, uid, progress).await
}

fn is_definition(hook: &Hook) -> bool {
    hook.manifest.object["kind"] == "CustomResourceDefinition"
}

/// Waits until an object, or this one of its name, is gone, and tells what keeps it.
async fn gone(watch: &Watch, name: &ObjectRef, uid: &str, progress: &mut (dyn FnMut(&Waiting) + Send)) -> Result<()> {
    let mut told = None;
    loop {
        let found = watch.cluster().get(name).await?;
        let Some(there) = found.filter(|object| text(object, "/metadata/uid") == uid) else { return Ok(()) };
        let why = Some(going(&there));
        if told != why {
            progress(&Waiting { done: 0, total: 1, on: vec![(name.clone(), why.clone())] });
            told = why;
        }
        watch.cluster().rest(LOOK_AGAIN).await?;
    }
}

/// Why something that was told to go is still there: finalizers, which somebody has to take off, or only time.
fn going(object: &Value) -> Cause {
    let finalizers = object["metadata"]["finalizers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> =
        finalizers.iter().filter_map(Value::as_str).filter(|name| *name != "foregroundDeletion").collect();
    if names.is_empty() {
        Cause::new("going")
    } else {
        Cause::new("finalizers").with("name", text(object, "/metadata/name")).with("finalizers", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use helm_template::Manifest;
    use serde_json::json;

    use super::*;

    fn hook(name: &str, events: &[&str], weight: i32, policies: &[&str]) -> Hook {
        let object = json!({"kind": "Job", "metadata": {"name": name}});
        Hook {
            manifest: Manifest { source: String::new(), text: String::new(), object },
            events: events.iter().map(ToString::to_string).collect(),
            weight,
            delete_policies: policies.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn hooks_run_by_weight_and_else_as_given() {
        let hooks = [
            hook("c", &["pre-install", "pre-upgrade"], 5, &[]),
            hook("a", &["pre-install"], -1, &[]),
            hook("x", &["post-install"], 0, &[]),
            hook("b", &["pre-install"], 5, &[]),
        ];
        let names = |event| {
            in_order(&hooks, event)
                .iter()
                .map(|h| h.manifest.object["metadata"]["name"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names("pre-install"), ["a", "c", "b"]);
        assert_eq!(names("post-install"), ["x"]);
        assert!(names("test").is_empty());
    }

    #[test]
    fn what_keeps_an_object_is_named() {
        let cases = [
            (json!({"metadata": {"name": "a"}}), "going", None),
            (json!({"metadata": {"name": "a", "finalizers": ["foregroundDeletion"]}}), "going", None),
            (
                json!({"metadata": {"name": "a", "finalizers": ["foregroundDeletion", "batch.kubernetes.io/job-tracking", "x.io/y"]}}),
                "finalizers",
                Some("batch.kubernetes.io/job-tracking, x.io/y"),
            ),
        ];
        for (object, code, finalizers) in cases {
            let cause = going(&object);
            assert_eq!((cause.code.as_str(), cause.args.get("finalizers").map(String::as_str)), (code, finalizers));
        }
    }

    #[test]
    fn without_a_policy_the_old_one_goes_first() {
        let cases = [
            (vec![], "before-hook-creation", true),
            (vec![], "hook-succeeded", false),
            (vec!["hook-succeeded"], "before-hook-creation", false),
            (vec!["hook-succeeded"], "hook-succeeded", true),
        ];
        for (policies, policy, expected) in cases {
            assert_eq!(has_policy(&hook("a", &[], 0, &policies), policy), expected, "{policies:?} {policy}");
        }
    }
}
