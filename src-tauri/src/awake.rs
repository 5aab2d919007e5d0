//! Keeps the computer from going to sleep while a run goes.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// One inhibition for all runs.
#[derive(Default)]
pub(crate) struct Awake {
    held: Mutex<Weak<Inhibition>>,
}

impl Awake {
    /// Keeps the computer awake until what comes back is dropped. `None` where the system does not let us. `reason` is what the
    /// system shows to a person who asks what keeps it awake.
    pub(crate) async fn hold(&self, reason: String) -> Option<Arc<Inhibition>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        if held.is_some() {
            return held;
        }
        let fresh = Arc::new(Inhibition::begin(reason).await?);
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&fresh);
        Some(fresh)
    }
}

/// The system is kept awake until this is dropped.
pub(crate) struct Inhibition {
    _end: Sender<()>,
}

impl Inhibition {
    /// On a thread of its own: Windows counts an inhibition to the thread that asked for it, and Linux answers when its bus does.
    async fn begin(reason: String) -> Option<Self> {
        let (end, until) = channel();
        let (tell, told) = tokio::sync::oneshot::channel();
        let thread = std::thread::Builder::new().name("awake".to_owned());
        let asked = thread.spawn(move || {
            let awake = keepawake::Builder::default()
                .idle(true)
                // Against a closed lid too, where the system lets a program do that.
                .sleep(cfg!(target_os = "linux"))
                .reason(reason)
                .app_name("DIGIT Installer")
                .create();
            let held = awake.is_ok();
            if tell.send(held).is_ok() && held {
                // It ends with the sender.
                let _ = until.recv();
            }
        });
        asked.ok()?;
        told.await.ok().filter(|held| *held).map(|_| Inhibition { _end: end })
    }
}
