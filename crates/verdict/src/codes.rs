//! Every cause we can name, with how long it may last before it is a failure.
//!
//! The window and the command line have words for each (`cause-CODE`, with `.safe` and `.todo`), and for no other.

/// What is known about a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable, in kebab case.
    pub code: &'static str,
    /// Seconds that it may last before the object counts as failed. `None`: it never fails by itself.
    pub budget: Option<u32>,
    /// Whether it is expected while something that the object depends on is not ready.
    pub waits: bool,
    /// Names of the data that comes with it.
    pub args: &'static [&'static str],
}

const fn after(code: &'static str, budget: u32, args: &'static [&'static str]) -> Rule {
    Rule { code, budget: Some(budget), waits: false, args }
}
const fn patient(code: &'static str, budget: u32, args: &'static [&'static str]) -> Rule {
    Rule { code, budget: Some(budget), waits: true, args }
}
const fn endless(code: &'static str, args: &'static [&'static str]) -> Rule {
    Rule { code, budget: None, waits: false, args }
}

/// All of them. Budgets in seconds.
pub const ALL: &[Rule] = &[
    // Images. What a registry said plainly fails soon; what may pass (limits, networks) gets time.
    after("image-not-found", 60, &["pod", "container", "image"]),
    after("image-unauthorized", 60, &["pod", "container", "image"]),
    after("image-platform-missing", 30, &["pod", "container", "image"]),
    after("image-name-invalid", 0, &["pod", "container", "image"]),
    after("image-rate-limited", 900, &["pod", "container", "image"]),
    after("registry-unreachable", 600, &["pod", "container", "image"]),
    after("image-pull-failed", 300, &["pod", "container", "image"]),
    // Containers. Crashes are counted too: see `pod`.
    patient("crash-loop", 120, &["pod", "container", "restarts", "exit"]),
    // A crash that was told beforehand; longer than the kubelet's first pause it does not last.
    after("restart-expected", 300, &["pod", "container"]),
    patient("init-crash-loop", 120, &["pod", "container", "restarts", "exit"]),
    after("out-of-memory", 0, &["pod", "container", "restarts", "limit"]),
    after("wrong-architecture", 30, &["pod", "container", "image"]),
    after("container-start-failed", 120, &["pod", "container"]),
    patient("probe-failing", 300, &["pod", "container", "probe"]),
    after("pod-failed", 0, &["pod", "reason"]),
    after("evicted", 300, &["pod", "reason"]),
    // What a pod refers to. A hook or another release may still bring it.
    patient("config-missing", 180, &["pod", "kind", "name", "key"]),
    after("volume-mount-failed", 600, &["pod", "volume"]),
    // Scheduling. Budgets assume that an autoscaler may come; see `schedule` for when one is seen or says no.
    after("insufficient-memory", 300, &["pod", "wanted"]),
    after("insufficient-cpu", 300, &["pod", "wanted"]),
    after("insufficient-resource", 300, &["pod", "resource"]),
    after("too-many-pods", 300, &["pod"]),
    after("nodes-not-ready", 600, &["pod"]),
    after("node-taints", 300, &["pod", "taint"]),
    after("node-selector-unmatched", 300, &["pod"]),
    after("pod-anti-affinity", 300, &["pod"]),
    after("host-port-taken", 300, &["pod"]),
    after("volume-zone-conflict", 120, &["pod"]),
    after("no-nodes", 900, &["pod"]),
    after("unschedulable", 300, &["pod"]),
    // Volumes.
    after("no-default-storage-class", 30, &["claim"]),
    after("storage-class-missing", 60, &["claim", "class"]),
    after("provisioner-missing", 180, &["claim", "class", "provisioner"]),
    after("volume-provisioning-failed", 180, &["claim", "class"]),
    after("volume-pending", 300, &["claim"]),
    after("volume-lost", 0, &["claim"]),
    endless("volume-waits-for-pod", &["claim"]),
    after("claim-missing", 120, &["claim", "pod"]),
    // What the cluster refuses to create.
    after("quota-exceeded", 30, &["name", "quota"]),
    after("admission-denied", 30, &["name", "webhook"]),
    after("pod-security-denied", 30, &["name"]),
    after("webhook-unavailable", 180, &["name", "webhook"]),
    after("create-failed", 60, &["name"]),
    // Workloads.
    patient("deadline-exceeded", 0, &["name"]),
    after("job-failed", 0, &["name", "exit"]),
    after("job-deadline-exceeded", 0, &["name"]),
    endless("job-retrying", &["name", "failed"]),
    endless("paused", &["name"]),
    endless("terminating", &["name"]),
    endless("finalizers", &["name", "finalizers"]),
    // Everything else.
    after("load-balancer-pending", 600, &["name"]),
    after("load-balancer-failed", 300, &["name"]),
    after("crd-names-conflict", 30, &["name"]),
    after("crd-not-established", 60, &["name"]),
    after("webhook-certificate-missing", 300, &["name"]),
    after("api-unavailable", 300, &["name"]),
    after("namespace-terminating", 600, &["name"]),
    after("namespace-held-by-api", 600, &["name", "message"]),
    patient("resource-not-ready", 900, &["kind", "name", "reason"]),
    after("resource-stalled", 0, &["kind", "name", "reason"]),
];

/// The rule of a code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.code == code)
}
