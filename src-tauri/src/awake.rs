//! Keeps the computer from going to sleep while a run goes.
//!
//! Linux: logind's inhibitor, held as an open file. macOS and Windows have programs and calls of their own; each side
//! stands behind [`Awake::hold`].

use std::sync::{Arc, Mutex, PoisonError, Weak};

/// One inhibition for all runs.
#[derive(Default)]
pub(crate) struct Awake {
    held: Mutex<Weak<Inhibition>>,
}

impl Awake {
    /// Keeps the computer awake until what comes back is dropped. `None` where the system does not let us.
    pub(crate) async fn hold(&self) -> Option<Arc<Inhibition>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        if held.is_some() {
            return held;
        }
        let fresh = Arc::new(Inhibition::begin().await?);
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&fresh);
        Some(fresh)
    }
}

/// A child process that inhibits sleep for as long as it lives: `systemd-inhibit` on Linux, `caffeinate` on macOS.
#[cfg(unix)]
pub(crate) struct Inhibition {
    child: tokio::process::Child,
}

#[cfg(unix)]
impl Inhibition {
    async fn begin() -> Option<Self> {
        let mut command = if cfg!(target_os = "macos") {
            let mut command = tokio::process::Command::new("caffeinate");
            command.args(["-i", "-w", &std::process::id().to_string()]);
            command
        } else {
            let mut command = tokio::process::Command::new("systemd-inhibit");
            command.args([
                "--what=idle:sleep",
                "--who=DIGIT Installer",
                "--why=An installation is under way",
                "--mode=block",
            ]);
            command.args(["tail", "--pid", &std::process::id().to_string(), "-f", "/dev/null"]);
            command
        };
        let quiet = std::process::Stdio::null;
        let mut child = command.stdin(quiet()).stdout(quiet()).stderr(quiet()).kill_on_drop(true).spawn().ok()?;
        // Where there is no logind it ends at once.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        matches!(child.try_wait(), Ok(None)).then_some(Inhibition { child })
    }
}

#[cfg(unix)]
impl Drop for Inhibition {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
    }
}

/// A PowerShell that holds `SetThreadExecutionState` for as long as it lives.
#[cfg(windows)]
pub(crate) struct Inhibition {
    child: tokio::process::Child,
}

#[cfg(windows)]
impl Inhibition {
    async fn begin() -> Option<Self> {
        /// `CREATE_NO_WINDOW`. A program without a console that starts one with a console shows a black box: hiding it is
        /// what `-WindowStyle` does, but only after it was seen.
        const NO_WINDOW: u32 = 0x0800_0000;
        let script = format!(
            "$t = Add-Type -MemberDefinition '[DllImport(\"kernel32.dll\")] public static extern uint \
             SetThreadExecutionState(uint f);' -Name P -Namespace W -PassThru; \
             [void]$t::SetThreadExecutionState([uint32]\"0x80000001\"); Wait-Process -Id {}",
            std::process::id()
        );
        let quiet = std::process::Stdio::null;
        let child = tokio::process::Command::new("powershell")
            .args(["-NoProfile", "-NonInteractive", "-Command", &script])
            .creation_flags(NO_WINDOW)
            .stdin(quiet())
            .stdout(quiet())
            .stderr(quiet())
            .kill_on_drop(true)
            .spawn()
            .ok()?;
        Some(Inhibition { child })
    }
}

#[cfg(windows)]
impl Drop for Inhibition {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
    }
}
