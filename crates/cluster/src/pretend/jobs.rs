//! Jobs: pods until enough have done their work, or too many have failed.

use serde_json::{Value, json};

use super::json::{list, name, namespace, number, seconds, text, time};
use super::store::Key;
use super::workloads::{leaves, pod};
use super::world::World;

pub(super) fn jobs(world: &mut World) {
    for job in world.store.all("batch", "jobs", "") {
        if leaves(&job) {
            continue;
        }
        let over = list(&job, "/status/conditions")
            .iter()
            .find(|c| c["status"] == "True" && (c["type"] == "Complete" || c["type"] == "Failed"));
        if let Some(over) = over {
            let kept = number(&job, "/spec/ttlSecondsAfterFinished");
            let since = time(over, "/lastTransitionTime").unwrap_or(world.now);
            #[allow(clippy::cast_precision_loss, reason = "a time to live in seconds")]
            if kept.is_some_and(|kept| world.passed(since, kept as f64)) {
                world.store.remove(&Key::new("batch", "jobs", namespace(&job), name(&job)));
            }
        } else if job.pointer("/spec/suspend") != Some(&Value::Bool(true)) {
            work(world, &job);
        }
    }
}

fn work(world: &mut World, job: &Value) {
    let pods = world.owned("", "pods", job);
    let in_phase = |phase: &str| pods.iter().filter(|pod| text(pod, "/status/phase") == phase).count();
    let (succeeded, failed) = (in_phase("Succeeded"), in_phase("Failed"));
    let number_of = |field: &str, default: i64| {
        usize::try_from(number(job, &format!("/spec/{field}")).unwrap_or(default)).unwrap_or(0)
    };
    let (wanted, limit) = (number_of("completions", 1), number_of("backoffLimit", 6));
    let mut active = pods.len() - succeeded - failed;
    let now = seconds(world.now);
    let condition = |kind: &str, reason: &str, message: &str| json!({"type": kind, "status": "True", "reason": reason, "message": message, "lastProbeTime": now, "lastTransitionTime": now});
    let mut conditions = list(job, "/status/conditions").to_vec();
    let begun = time(job, "/status/startTime").unwrap_or(world.now);
    #[allow(clippy::cast_precision_loss, reason = "a deadline in seconds")]
    let late = number(job, "/spec/activeDeadlineSeconds").is_some_and(|deadline| world.passed(begun, deadline as f64));
    let mut status = json!({"startTime": seconds(begun), "ready": 0});
    if succeeded >= wanted {
        let reached = "Reached expected number of succeeded pods";
        conditions.push(condition("SuccessCriteriaMet", "CompletionsReached", reached));
        conditions.push(condition("Complete", "CompletionsReached", reached));
        status["completionTime"] = now.clone().into();
        world.event(job, false, "Completed", "Job completed", "job-controller");
    } else if late || failed > limit {
        let (reason, message) = if late {
            ("DeadlineExceeded", "Job was active longer than specified deadline")
        } else {
            ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
        };
        conditions.push(condition("FailureTarget", reason, message));
        conditions.push(condition("Failed", reason, message));
        for pod in pods.iter().filter(|pod| !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")) {
            super::workloads::end(world, pod);
        }
        active = 0;
        world.event(job, true, reason, message, "job-controller");
    } else {
        let parallel = number_of("parallelism", 1).min(wanted - succeeded);
        let last = pods
            .iter()
            .filter_map(|pod| {
                list(pod, "/status/containerStatuses").iter().find_map(|s| time(s, "/state/terminated/finishedAt"))
            })
            .max();
        let rested = failed == 0 || last.is_none_or(|last| world.passed(last, 2.0));
        while active < parallel && rested {
            let named = format!("{}-{}", name(job), world.store.draw_suffix());
            if pod(world, job, &named, json!({})).is_none() {
                break;
            }
            active += 1;
        }
    }
    for (field, count) in [("active", active), ("succeeded", succeeded), ("failed", failed)] {
        if count > 0 {
            status[field] = count.into();
        }
    }
    if !conditions.is_empty() {
        status["conditions"] = conditions.into();
    }
    world.status("batch", "jobs", job, status);
}
