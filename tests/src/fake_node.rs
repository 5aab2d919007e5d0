//! Nodes that are played: a kubelet without containers, and the cloud around it (volumes, load balancers), over a real API.
//! It watches and answers at once, so that a test waits for our own code only.

mod behaviour;
mod cloud;
mod node;
mod pod;
mod roles;
mod seen;

use crate::error::Error;
pub use behaviour::{Behaviour, Failure, Rule};
use kube::{Client, Config};
use seen::Seen;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// Nodes that run until they are dropped, in a thread of their own, so that tests with and without a runtime can use them.
pub struct FakeNodes {
    rules: Arc<Mutex<Vec<Rule>>>,
    stop: Arc<Notify>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl FakeNodes {
    /// Starts them. They register by themselves as soon as the API answers. `ca` is what cert-manager's injector is to inject.
    ///
    /// # Errors
    /// When the kubeconfig cannot be read or no thread can be started.
    pub fn start(kubeconfig: &Path, behaviour: Behaviour, ca: String) -> Result<Self, Error> {
        let kubeconfig_text = kube::config::Kubeconfig::read_from(kubeconfig)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(crate::error::at("a runtime for the fake nodes"))?;
        let rules = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(Notify::new());
        let (their_rules, their_stop) = (Arc::clone(&rules), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = their_stop.notified() => {}
                    ended = play(kubeconfig_text, behaviour, ca, their_rules) => {
                        if let Err(why) = ended {
                            eprintln!("fake nodes: {why}");
                        }
                    }
                }
            });
        });
        Ok(Self { rules, stop, thread: Some(thread) })
    }

    /// Makes pods fail from now on.
    pub fn rules(&self, rules: Vec<Rule>) {
        if let Ok(mut kept) = self.rules.lock() {
            *kept = rules;
        }
    }
}

impl Drop for FakeNodes {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn play(
    kubeconfig: kube::config::Kubeconfig,
    behaviour: Behaviour,
    ca: String,
    rules: Arc<Mutex<Vec<Rule>>>,
) -> Result<(), Error> {
    let config = Config::from_custom_kubeconfig(kubeconfig, &kube::config::KubeConfigOptions::default()).await?;
    let client = Client::try_from(config)?;
    let changed = Arc::new(Notify::new());
    let seen = Seen::new(&client, &changed);
    tokio::spawn(node::beat(client.clone(), behaviour.clone()));

    let mut pods = pod::Pods::default();
    let mut roles = roles::Roles::new(ca);
    loop {
        let rules_now = rules.lock().map(|r| r.clone()).unwrap_or_default();
        // Each of them does what it can; what fails now (the API server may be away) is tried at the next turn.
        pods.turn(&client, &seen, &behaviour, &rules_now).await;
        cloud::turn(&client, &seen, &behaviour).await;
        if let Err(why) = roles.turn(&client, &seen).await {
            eprintln!("fake nodes, roles: {why}");
        }
        // a burst of changes is one turn; without changes time alone brings jobs to their end
        let _ = tokio::time::timeout(Duration::from_millis(250), changed.notified()).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
