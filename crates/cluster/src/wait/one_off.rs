//! One program, run once inside the cluster and gone afterwards: to try from there what only pods can reach.
//!
//! A Job in a namespace of its own, with its secrets in a Secret that is the Job's. Whatever happens (it ends, it never
//! starts, the caller goes away, the person stops it) the namespace is deleted with all that is in it. After a program that
//! was killed Kubernetes takes the Job and its Secret away, and the next one sweeps the empty namespace.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connect::api::{Cluster, Patience, encode};
use crate::error::{Error, Result};
use crate::object::{ObjectRef, text};

/// Label of the namespaces that are made here and nowhere else.
pub const LABEL: &str = "digit-installer/one-off";
/// What is older than this was left behind by a program that was killed.
const STALE: SignedDuration = SignedDuration::from_mins(15);
/// Name of everything inside the namespace.
const NAME: &str = "one-off";
/// Seconds after which Kubernetes ends it and, as long again, takes it away, if we do not: more than [`Limits`] allow.
const DEADLINE: u32 = 300;
/// How often it is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(300);
/// How long the namespace's end is waited for.
const GONE_WITHIN: Duration = Duration::from_secs(30);
/// The most that is kept of what a program said, in bytes.
const LONGEST: usize = 1000;

/// What is to be run.
#[derive(Debug, Clone)]
pub struct OneOff {
    /// The image. It has `bash`.
    pub image: String,
    /// The user it runs as; never root.
    pub user: i64,
    /// A script for bash. What it writes to `/dev/termination-log` is what it said.
    pub script: String,
    /// Its environment.
    pub env: Vec<(String, String)>,
    /// Of its environment what is secret: kept in a Secret, not in the pod.
    pub secret_env: Vec<(String, SecretString)>,
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until its container runs: a machine is found and the image is there.
    pub start: Duration,
    /// How long something that stands in the way of its start is taken for passing.
    pub obstacle: Duration,
    /// From its start to its end.
    pub run: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { start: Duration::from_secs(120), obstacle: Duration::from_secs(30), run: Duration::from_secs(90) }
    }
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It ran to its end.
    Ran {
        /// Its exit code.
        code: i64,
        /// What it said, cut short, secrets taken out.
        said: String,
    },
    /// It was not run, or not to its end, so nothing is known.
    NotRun {
        /// Why.
        why: NotRun,
        /// What the cluster says about it.
        said: String,
    },
}

/// Why it was not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRun {
    /// Its image did not come.
    Image,
    /// No machine takes it.
    NoMachine,
    /// The cluster makes no pod for it, for example because of a policy.
    Refused,
    /// Its container cannot be made.
    Container,
    /// It took too long.
    TooLong,
}

/// How it stands.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// Nothing stands in its way yet.
    Coming,
    /// Something does, and it may pass.
    Obstacle(NotRun, String),
    /// It runs.
    Running,
    /// It is over.
    Over(i64, String),
}

impl Cluster {
    /// Runs it once and takes everything away again. Dropping the future stops it; `tracker` then knows when everything
    /// is gone. `namespace` is the beginning of the namespace's name.
    pub async fn run_once(&self, namespace: &str, one: OneOff, limits: Limits, tracker: &TaskTracker) -> Result<Ended> {
        let stop = CancellationToken::new();
        let _stops = stop.clone().drop_guard();
        let namespace = format!("{namespace}-{:08x}", rand::random::<u32>());
        // Whoever asked for a stop of everything gets it; taking away goes on.
        let (running, tidying) = (self.clone(), self.with_patience(Patience::For(Duration::from_secs(15))));
        let tidying = tidying.with_stop(CancellationToken::new());
        let task = tracker.spawn(async move {
            let ended = match make(&tidying, &namespace, &one).await {
                Ok(()) => tokio::select! {
                    ended = follow(&running, &namespace, limits) => ended,
                    () = stop.cancelled() => Err(Error::Stopped),
                    () = running.stopped() => Err(Error::Stopped),
                },
                Err(error) => Err(error),
            };
            tidy(&tidying, &namespace).await;
            ended.map(|ended| ended.without(&one.secret_env))
        });
        task.await.unwrap_or(Err(Error::Stopped))
    }
}

impl Ended {
    fn without(self, secrets: &[(String, SecretString)]) -> Self {
        let clean = |mut said: String| {
            for (_, secret) in secrets.iter().filter(|(_, s)| !s.expose_secret().is_empty()) {
                said = said.replace(secret.expose_secret(), "***");
            }
            let end = (0..=LONGEST.min(said.len())).rev().find(|&at| said.is_char_boundary(at)).unwrap_or(0);
            said.truncate(end);
            said.trim().to_owned()
        };
        match self {
            Ended::Ran { code, said } => Ended::Ran { code, said: clean(said) },
            Ended::NotRun { why, said } => Ended::NotRun { why, said: clean(said) },
        }
    }
}

/// Deletes what a killed program left behind. What cannot be deleted now is swept by the next one. `now` is the server's:
/// by a clock of ours that is wrong, what another has just made could look old.
async fn sweep(cluster: &Cluster, now: Timestamp) {
    let Ok(namespaces) = cluster.resource("v1", "Namespace").await else { return };
    let query = format!("labelSelector={}", encode(LABEL));
    for found in cluster.list_metadata(&namespaces, "", &query).await.unwrap_or_default() {
        let born = text(&found, "/metadata/creationTimestamp").parse::<Timestamp>();
        let is_stale = born.is_ok_and(|born| now.duration_since(born) > STALE);
        if is_stale {
            let _ = cluster.delete(&ObjectRef::new("v1", "Namespace", "", text(&found, "/metadata/name"))).await;
        }
    }
}

async fn make(cluster: &Cluster, namespace: &str, one: &OneOff) -> Result<()> {
    let [space, secret, job] = objects(namespace, one);
    let made = cluster.create(&space).await?;
    let secret = ObjectRef::of(&cluster.create(&secret).await?);
    let job = cluster.create(&job).await?;
    // Where nobody tidies, because this program was killed, Kubernetes does: a Job that ended goes, and its Secret with it.
    let owner = json!({"apiVersion": "batch/v1", "kind": "Job", "name": NAME, "uid": job["metadata"]["uid"]});
    cluster.merge(&secret, &json!({"metadata": {"ownerReferences": [owner]}})).await?;
    if let Ok(now) = text(&made, "/metadata/creationTimestamp").parse() {
        sweep(cluster, now).await;
    }
    Ok(())
}

/// The namespace, the Secret, the Job: as strict as Kubernetes' own standard for pods asks for.
fn objects(namespace: &str, one: &OneOff) -> [Value; 3] {
    let labels = json!({"app.kubernetes.io/managed-by": "digit-installer", LABEL: "true"});
    let meta = json!({"name": NAME, "namespace": namespace, "labels": labels});
    let data: serde_json::Map<String, Value> =
        one.secret_env.iter().map(|(name, secret)| (name.clone(), secret.expose_secret().into())).collect();
    let plain = one.env.iter().map(|(name, value)| json!({"name": name, "value": value}));
    let secret = one
        .secret_env
        .iter()
        .map(|(name, _)| json!({"name": name, "valueFrom": {"secretKeyRef": {"name": NAME, "key": name}}}));
    let env: Vec<Value> = plain.chain(secret).collect();
    [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "stringData": data}),
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": DEADLINE,
            "ttlSecondsAfterFinished": DEADLINE,
            "template": {
                "metadata": {"labels": {"app": NAME, LABEL: "true"}},
                "spec": {
                    "restartPolicy": "Never",
                    "automountServiceAccountToken": false,
                    "enableServiceLinks": false,
                    "terminationGracePeriodSeconds": 1,
                    "securityContext": {"runAsNonRoot": true, "runAsUser": one.user, "runAsGroup": one.user,
                        "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [{
                        "name": NAME, "image": one.image, "imagePullPolicy": "IfNotPresent",
                        "command": ["bash", "-c", one.script], "env": env,
                        "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                            "capabilities": {"drop": ["ALL"]}},
                        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}}
                    }]
                }
            }
        }}),
    ]
}

async fn follow(cluster: &Cluster, namespace: &str, limits: Limits) -> Result<Ended> {
    let pods = cluster.resource("v1", "Pod").await?;
    let begun = Instant::now();
    let mut since_running = None;
    let mut obstacle: Option<(Instant, NotRun)> = None;
    let not_run = |why, said| Ok(Ended::NotRun { why, said });
    loop {
        let found = cluster.list(&pods, namespace, "").await?;
        match standing(&found) {
            Standing::Over(code, said) => return Ok(Ended::Ran { code, said }),
            Standing::Running => {
                obstacle = None;
                if since_running.get_or_insert_with(Instant::now).elapsed() > limits.run {
                    return not_run(NotRun::TooLong, String::new());
                }
            }
            Standing::Obstacle(why, said) => {
                let (since, _) = *obstacle.get_or_insert_with(|| (Instant::now(), why));
                if since.elapsed() > limits.obstacle {
                    return not_run(why, said);
                }
            }
            Standing::Coming => {
                obstacle = None;
                // Without a pod the Job's events say why; a policy or a quota refuses at once, or never.
                if found.is_empty() && begun.elapsed() > limits.obstacle {
                    let said = refused(cluster, namespace).await?;
                    return not_run(NotRun::Refused, said);
                }
            }
        }
        if since_running.is_none() && begun.elapsed() > limits.start {
            return not_run(NotRun::TooLong, String::new());
        }
        cluster.rest(LOOK_AGAIN).await?;
    }
}

/// What the newest warning in the namespace says.
async fn refused(cluster: &Cluster, namespace: &str) -> Result<String> {
    let events = cluster.resource("v1", "Event").await?;
    let found = cluster.list(&events, namespace, "").await?;
    let warning = found.iter().filter(|e| e["type"] == "Warning").max_by_key(|e| text(e, "/lastTimestamp").to_owned());
    Ok(warning.map(|e| text(e, "/message").to_owned()).unwrap_or_default())
}

/// How it stands, from its pods.
fn standing(pods: &[Value]) -> Standing {
    let Some(pod) = pods.first() else { return Standing::Coming };
    let status = &pod["status"]["containerStatuses"][0];
    let over = &status["state"]["terminated"];
    if let Some(code) = over["exitCode"].as_i64() {
        return Standing::Over(code, text(over, "/message").to_owned());
    }
    if pod["status"]["phase"] == "Failed" {
        // Evicted, or its machine is lost: no container says how it ended.
        return Standing::Obstacle(NotRun::Container, text(pod, "/status/message").to_owned());
    }
    if !status["state"]["running"].is_null() {
        return Standing::Running;
    }
    let waiting = &status["state"]["waiting"];
    let said = || text(waiting, "/message").to_owned();
    match waiting["reason"].as_str().unwrap_or_default() {
        "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" | "RegistryUnavailable" => {
            return Standing::Obstacle(NotRun::Image, said());
        }
        "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" | "StartError" => {
            return Standing::Obstacle(NotRun::Container, said());
        }
        _ => {}
    }
    let conditions = pod["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    match conditions.iter().find(|c| c["type"] == "PodScheduled" && c["reason"] == "Unschedulable") {
        Some(unplaced) => Standing::Obstacle(NotRun::NoMachine, text(unplaced, "/message").to_owned()),
        None => Standing::Coming,
    }
}

/// Takes everything away: the Secret first, then the namespace with the rest, and waits for its end.
async fn tidy(cluster: &Cluster, namespace: &str) {
    // What fails here is tried again by the next one: see `sweep`.
    let _ = cluster.delete(&ObjectRef::new("v1", "Secret", namespace, NAME)).await;
    let _ = cluster.delete(&ObjectRef::new("batch/v1", "Job", namespace, NAME)).await;
    let space = ObjectRef::new("v1", "Namespace", "", namespace);
    let _ = cluster.delete(&space).await;
    let begun = Instant::now();
    while begun.elapsed() < GONE_WITHIN && matches!(cluster.get(&space).await, Ok(Some(_))) {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(status: &Value) -> Value {
        json!({"status": status})
    }

    #[test]
    fn how_it_stands_is_read_from_its_pod() {
        let in_state = |state: &Value| pod(&json!({"phase": "Pending", "containerStatuses": [{"state": state}]}));
        let waiting = |reason: &str| in_state(&json!({"waiting": {"reason": reason, "message": "so"}}));
        let unplaced = json!({"phase": "Pending", "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}]});
        let obstacle = |why, said: &str| Standing::Obstacle(why, said.to_owned());
        let cases = [
            (vec![], Standing::Coming),
            (vec![pod(&json!({"phase": "Pending"}))], Standing::Coming),
            (vec![pod(&unplaced)], obstacle(NotRun::NoMachine, "0/3 nodes")),
            (vec![waiting("ContainerCreating")], Standing::Coming),
            (vec![waiting("ErrImagePull")], obstacle(NotRun::Image, "so")),
            (vec![waiting("ImagePullBackOff")], obstacle(NotRun::Image, "so")),
            (vec![waiting("CreateContainerConfigError")], obstacle(NotRun::Container, "so")),
            (vec![in_state(&json!({"running": {"startedAt": "x"}}))], Standing::Running),
            (
                vec![in_state(&json!({"terminated": {"exitCode": 12, "message": "timed out"}}))],
                Standing::Over(12, "timed out".to_owned()),
            ),
            (vec![pod(&json!({"phase": "Failed", "message": "evicted"}))], obstacle(NotRun::Container, "evicted")),
        ];
        for (pods, wanted) in cases {
            assert_eq!(standing(&pods), wanted, "{pods:?}");
        }
    }

    #[test]
    fn secrets_are_in_the_secret_and_nowhere_else() {
        let one = OneOff {
            image: "i".into(),
            user: 999,
            script: "true".into(),
            env: vec![("HOST".into(), "db".into())],
            secret_env: vec![("WORD".into(), "canary-word".to_owned().into())],
        };
        let [space, secret, job] = objects("n", &one);
        assert!(secret.to_string().contains("canary-word"));
        assert!(!job.to_string().contains("canary-word") && !space.to_string().contains("canary-word"));
        assert!(!format!("{one:?}").contains("canary-word"));
        let ended = Ended::Ran { code: 1, said: format!("canary-word is wrong {}", "अ".repeat(1000)) };
        let Ended::Ran { said, .. } = ended.without(&one.secret_env) else { panic!() };
        assert!(said.starts_with("*** is wrong") && said.len() <= LONGEST, "{said}");
    }
}
