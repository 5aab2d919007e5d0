//! How played nodes behave, and how pods on them go wrong.

use std::time::Duration;

/// Who makes volumes and load balancers, by its name in the cluster.
pub(super) const PROVISIONER: &str = "fake.csi";

/// How nodes, volumes and load balancers behave.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// How many nodes there are.
    pub nodes: u16,
    /// Processors of each.
    pub cpu: u16,
    /// Memory of each, in GiB; pods may use 1.5 GiB less.
    pub memory: u16,
    /// A pod is ready this long after its start.
    pub ready_after: Duration,
    /// A pod that ends by itself does so after this long.
    pub job_takes: Duration,
    /// A load balancer has its address this long after its Service was made.
    pub load_balancer_after: Duration,
    /// The default storage class, whose claims get volumes; none if empty.
    pub storage_class: String,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            // what people have: three rented machines of the usual size
            nodes: 3,
            cpu: 4,
            memory: 16,
            ready_after: Duration::ZERO,
            job_takes: Duration::from_millis(500),
            load_balancer_after: Duration::ZERO,
            storage_class: "gp3".into(),
        }
    }
}

/// Pods that go wrong.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Searched in `namespace/name`.
    pub pod: regex::Regex,
    /// What they do.
    pub fails: Failure,
    /// Only pods younger than this; older ones get well.
    pub until: Option<Duration>,
}

/// A way to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// `CrashLoopBackOff`.
    Crash,
    /// `ImagePullBackOff`.
    ImagePull,
    /// Killed since it took more memory than it may, again and again.
    OutOfMemory,
    /// Runs, never gets ready.
    Unready,
    /// Ends with exit code 1 (a pod that ends by itself).
    Fail,
    /// Ends with this exit code, having said this where Kubernetes keeps last words (a pod that ends by itself).
    End(i32, &'static str),
}
