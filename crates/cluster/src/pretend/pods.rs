//! Scheduler and kubelet: a pod finds a node, its images come, its containers start, get ready, end.

use serde_json::{Value, json};

use super::json::{child, list, map, name, namespace, number, seconds, text, time};
use super::pace::{self, Pace};
use super::rules::Mishap;
use super::schedule;
use super::store::{Key, spread};
use super::workloads::{condition, leaves};
use super::world::World;

pub(super) fn pods(world: &mut World) {
    for pod in world.store.all("", "pods", "") {
        if leaves(&pod) {
            leave(world, &pod);
        } else if !matches!(text(&pod, "/status/phase"), "Succeeded" | "Failed") {
            if text(&pod, "/status/startTime").is_empty() {
                schedule::place(world, &pod);
            } else {
                run(world, &pod);
            }
        }
    }
}

fn leave(world: &mut World, pod: &Value) {
    let grace = number(pod, "/metadata/deletionGracePeriodSeconds").unwrap_or(0);
    let told = time(pod, "/metadata/deletionTimestamp").unwrap_or(world.now);
    let told = told.checked_sub(jiff::SignedDuration::from_secs(grace)).unwrap_or(told);
    if world.passed(told, pace::END) {
        world.store.remove(&Key::new("", "pods", namespace(pod), name(pod)));
    }
}

/// One container's status as it was, or as it begins.
fn status_of(pod: &Value, field: &str, container: &Value) -> Value {
    let old = list(pod, &format!("/status/{field}")).iter().find(|s| s["name"] == container["name"]);
    old.cloned().unwrap_or_else(|| {
        json!({"name": container["name"], "image": container["image"], "imageID": "", "ready": false, "started": false, "restartCount": 0,
            "state": {"waiting": {"reason": "PodInitializing"}}, "lastState": {}})
    })
}

fn waiting(status: &mut Value, reason: &str, message: &str) {
    let mut state = json!({"reason": reason});
    if !message.is_empty() {
        state["message"] = message.into();
    }
    status["state"] = json!({"waiting": state});
    status["ready"] = false.into();
    status["started"] = false.into();
}

fn run(world: &mut World, pod: &Value) {
    let mishap = world.mishap(pod);
    let mut inits = Vec::new();
    // When what comes next may begin: the pod was placed, or the container before it ended.
    let mut ready_at = time(pod, "/status/startTime").unwrap_or(world.now);
    let mut through = true;
    let mounted = mount(world, pod);
    for container in list(pod, "/spec/initContainers") {
        let mut status = status_of(pod, "initContainerStatuses", container);
        let sidecar = text(container, "/restartPolicy") == "Always";
        let over =
            status.pointer("/state/terminated").is_some() || (sidecar && status.pointer("/state/running").is_some());
        if through && mounted && !over {
            through = false;
            if begin(world, pod, container, &mut status, ready_at, mishap) {
                if sidecar {
                    status["ready"] = true.into();
                } else {
                    let since = time(&status, "/state/running/startedAt").unwrap_or(world.now);
                    if world.passed(since, Pace::init(text(container, "/name"), name(pod))) {
                        finish(world, &mut status, 0, "Completed");
                        status["ready"] = true.into();
                        through = true;
                    }
                }
                through |= sidecar;
            }
        } else if !over {
            through = false;
        }
        ready_at = time(&status, "/state/terminated/finishedAt").unwrap_or(ready_at);
        inits.push(status);
    }
    let mut main = Vec::new();
    for container in list(pod, "/spec/containers") {
        let mut status = status_of(pod, "containerStatuses", container);
        if !mounted {
            waiting(&mut status, "ContainerCreating", "");
        } else if through {
            serve(world, pod, container, &mut status, ready_at, mishap);
        }
        main.push(status);
    }
    settle(world, pod, inits, main, through);
}

/// Image and configuration, then it runs. Whether it does.
fn begin(
    world: &mut World,
    pod: &Value,
    container: &Value,
    status: &mut Value,
    ready_at: jiff::Timestamp,
    mishap: Option<Mishap>,
) -> bool {
    if status.pointer("/state/running").is_some() {
        return true;
    }
    let image = text(container, "/image").to_owned();
    if mishap == Some(Mishap::ImagePull) {
        let said = format!(
            "failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found"
        );
        world.event_once(
            pod,
            true,
            "Failed",
            &format!("Failed to pull image \"{image}\": rpc error: code = NotFound desc = {said}"),
            "kubelet",
        );
        waiting(
            status,
            "ImagePullBackOff",
            &format!("Back-off pulling image \"{image}\": ErrImagePull: rpc error: code = NotFound desc = {said}"),
        );
        return false;
    }
    world.event_once(pod, false, "Pulling", &format!("Pulling image \"{image}\""), "kubelet");
    if !world.passed(ready_at, Pace::pull(&image)) {
        waiting(status, "ContainerCreating", "");
        return false;
    }
    world.event_once(pod, false, "Pulled", &format!("Successfully pulled image \"{image}\""), "kubelet");
    if let Some(message) = missing(world, pod, container) {
        world.event_once(pod, true, "Failed", &format!("Error: {message}"), "kubelet");
        waiting(status, "CreateContainerConfigError", &message);
        return false;
    }
    world.event_once(pod, false, "Started", &format!("Started container {}", text(container, "/name")), "kubelet");
    start(world, status);
    true
}

fn start(world: &World, status: &mut Value) {
    status["state"] = json!({"running": {"startedAt": seconds(world.now)}});
    status["started"] = true.into();
    status["imageID"] = format!("rehearsal://{}", text(status, "/image")).into();
    status["containerID"] = "rehearsal://container".into();
}

fn finish(world: &World, status: &mut Value, code: i32, reason: &str) {
    let started = text(status, "/state/running/startedAt").to_owned();
    status["state"] = json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": started, "finishedAt": seconds(world.now)}});
    status["ready"] = false.into();
    status["started"] = false.into();
}

/// A main container: serves, crashes, or does its work and ends.
fn serve(
    world: &mut World,
    pod: &Value,
    container: &Value,
    status: &mut Value,
    ready_at: jiff::Timestamp,
    mishap: Option<Mishap>,
) {
    if status.pointer("/state/terminated").is_some() {
        return;
    }
    if let Some(last) = time(status, "/lastState/terminated/finishedAt")
        && status.pointer("/state/waiting/reason").is_some_and(|r| r == "CrashLoopBackOff")
    {
        let restarts = number(status, "/restartCount").unwrap_or(0);
        let pause = pace::BACK_OFF * 2_f64.powi(i32::try_from(restarts.min(10)).unwrap_or(10));
        if world.passed(last, pause.min(60.0)) {
            start(world, status);
            status["restartCount"] = (restarts + 1).into();
        }
        return;
    }
    if !begin(world, pod, container, status, ready_at, mishap) {
        return;
    }
    let since = time(status, "/state/running/startedAt").unwrap_or(world.now);
    let once = text(pod, "/spec/restartPolicy") != "Always";
    match mishap {
        Some(Mishap::Crash | Mishap::Oom) if world.passed(since, 1.0) => {
            let (code, reason) = if mishap == Some(Mishap::Oom) { (137, "OOMKilled") } else { (1, "Error") };
            finish(world, status, code, reason);
            if !once {
                status["lastState"] = status["state"].take();
                let message =
                    format!("back-off restarting failed container {} in pod {}", text(container, "/name"), name(pod));
                waiting(status, "CrashLoopBackOff", &message);
                world.event(pod, true, "BackOff", &message, "kubelet");
            }
        }
        Some(Mishap::Fail | Mishap::Exit(_)) if once && world.passed(since, Pace::work(name(pod))) => {
            let code = if let Some(Mishap::Exit(code)) = mishap { code } else { 1 };
            finish(world, status, code, if code == 0 { "Completed" } else { "Error" });
        }
        _ if once => {
            if world.passed(since, Pace::work(name(pod))) {
                finish(world, status, 0, "Completed");
            } else {
                status["ready"] = true.into();
            }
        }
        _ => {
            let probed = container.get("readinessProbe").or_else(|| container.get("startupProbe")).is_some();
            let owner = list(pod, "/metadata/ownerReferences").first().map_or("", |r| text(r, "/name")).to_owned();
            let length = if probed { world.pace.start(name(pod), &owner) } else { 0.0 };
            let ready = world.passed(since, length);
            if ready && mishap == Some(Mishap::Unready) {
                world.event_once(
                    pod,
                    true,
                    "Unhealthy",
                    "Readiness probe failed: HTTP probe failed with statuscode: 503",
                    "kubelet",
                );
            }
            status["ready"] = (ready && !matches!(mishap, Some(Mishap::Unready | Mishap::Crash | Mishap::Oom))).into();
        }
    }
}

/// Phase and conditions follow from the containers.
fn settle(world: &mut World, pod: &Value, inits: Vec<Value>, main: Vec<Value>, through: bool) {
    let now = seconds(world.now);
    let running =
        main.iter().any(|s| s.pointer("/state/running").is_some() || s.pointer("/lastState/terminated").is_some());
    let over = !main.is_empty() && main.iter().all(|s| s.pointer("/state/terminated").is_some());
    let failed = over && main.iter().any(|s| s["state"]["terminated"]["exitCode"] != 0);
    let phase = match (over, failed) {
        (true, true) => "Failed",
        (true, false) => "Succeeded",
        _ if running => "Running",
        _ => "Pending",
    };
    let ready = !over && !main.is_empty() && main.iter().all(|s| s["ready"] == true);
    let unready: Vec<&str> = main.iter().filter(|s| s["ready"] != true).map(|s| text(s, "/name")).collect();
    let (reason, message) = match (ready, phase) {
        (true, _) => ("", String::new()),
        (_, "Succeeded") => ("PodCompleted", String::new()),
        _ => ("ContainersNotReady", format!("containers with unready status: [{}]", unready.join(" "))),
    };
    let mut changed = pod.clone();
    let address = spread(super::json::uid(pod), 60_000);
    let status = child(&mut changed, &["status"]);
    status.insert("phase".into(), phase.into());
    let conditions = vec![
        condition(pod, "PodReadyToStartContainers", phase != "Pending" || !inits.is_empty(), "", "", &now),
        condition(pod, "Initialized", through, if through { "" } else { "ContainersNotInitialized" }, "", &now),
        condition(pod, "Ready", ready, reason, &message, &now),
        condition(pod, "ContainersReady", ready, reason, &message, &now),
        condition(pod, "PodScheduled", true, "", "", &now),
    ];
    status.insert("conditions".into(), conditions.into());
    if !inits.is_empty() {
        status.insert("initContainerStatuses".into(), inits.into());
    }
    status.insert("containerStatuses".into(), main.into());
    if phase != "Pending" {
        let ip = format!("10.244.{}.{}", address / 250, address % 250 + 2);
        status.insert("podIP".into(), ip.clone().into());
        status.insert("podIPs".into(), json!([{"ip": ip}]));
    }
    if changed != *pod {
        world.put("", "pods", changed);
    }
}

/// Whether all Secrets and ConfigMaps that are volumes are there.
fn mount(world: &mut World, pod: &Value) -> bool {
    for volume in list(pod, "/spec/volumes") {
        for (field, at, plural, kind) in
            [("secret", "secretName", "secrets", "secret"), ("configMap", "name", "configmaps", "configmap")]
        {
            let Some(source) = volume.get(field) else { continue };
            let wanted = text(source, &format!("/{at}"));
            if source.get("optional") == Some(&Value::Bool(true))
                || world.store.find("", plural, namespace(pod), wanted).is_some()
            {
                continue;
            }
            let message = format!(
                "MountVolume.SetUp failed for volume \"{}\" : {kind} \"{wanted}\" not found",
                text(volume, "/name")
            );
            world.event_once(pod, true, "FailedMount", &message, "kubelet");
            return false;
        }
    }
    true
}

/// What a container's environment refers to and is not there.
fn missing(world: &World, pod: &Value, container: &Value) -> Option<String> {
    let space = namespace(pod);
    let optional = |source: &Value| source.get("optional") == Some(&Value::Bool(true));
    for from in list(container, "/envFrom") {
        for (field, plural, kind) in [("configMapRef", "configmaps", "configmap"), ("secretRef", "secrets", "secret")] {
            let Some(source) = from.get(field).filter(|source| !optional(source)) else { continue };
            if world.store.find("", plural, space, text(source, "/name")).is_none() {
                return Some(format!("{kind} \"{}\" not found", text(source, "/name")));
            }
        }
    }
    for variable in list(container, "/env") {
        for (field, plural, kind, shown) in [
            ("configMapKeyRef", "configmaps", "configmap", "ConfigMap"),
            ("secretKeyRef", "secrets", "secret", "Secret"),
        ] {
            let Some(source) = variable.pointer(&format!("/valueFrom/{field}")).filter(|source| !optional(source))
            else {
                continue;
            };
            let (wanted, key) = (text(source, "/name"), text(source, "/key"));
            let Some(found) = world.store.find("", plural, space, wanted) else {
                return Some(format!("{kind} \"{wanted}\" not found"));
            };
            let has = |field: &str| map(found, field).is_some_and(|data| data.contains_key(key));
            if !has("/data") && !has("/binaryData") {
                return Some(format!("couldn't find key {key} in {shown} {space}/{wanted}"));
            }
        }
    }
    None
}
