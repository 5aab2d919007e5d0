//! What asks this program to end: Ctrl-C, a signal, a console that is closed, a person who signs out, a computer that is
//! switched off. The first one asks, the second one ends it.

use std::io;

use tokio::sync::{mpsc, watch};

/// Listens for as long as the program lives.
#[derive(Debug, Clone)]
pub struct Interrupts {
    asked: watch::Receiver<bool>,
}

impl Interrupts {
    /// Listens from now on; from here on the system does not end the program by itself. `again` is called when a second one
    /// comes, on a thread that no output holds up, and is to end the program: what was told is in the journal.
    ///
    /// # Errors
    /// When the system does not let us listen.
    pub fn listen(again: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let (tell, mut all) = mpsc::channel(1);
        system::listen(&tell)?;
        let (ask, asked) = watch::channel(false);
        tokio::spawn(async move {
            // The sender lives as long as one of the system's sources does.
            if all.recv().await.is_some() {
                let _ = ask.send(true);
                if all.recv().await.is_some() {
                    again();
                }
            }
            // Whoever waits goes on waiting.
            std::future::pending::<()>().await;
        });
        Ok(Interrupts { asked })
    }

    /// Waits until somebody asked. At once if somebody has.
    pub async fn asked(&self) {
        let mut asked = self.asked.clone();
        if asked.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Ctrl-C, SIGTERM of `kill` and of a system that goes down, SIGHUP of a terminal that is closed.
#[cfg(unix)]
mod system {
    use std::io;

    use tokio::signal::unix::{SignalKind, signal};
    use tokio::sync::mpsc::Sender;

    pub(super) fn listen(tell: &Sender<()>) -> io::Result<()> {
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        // `nohup` lets a program ignore it, and so it is to remain.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        if !super::ignores(&status, SignalKind::hangup().as_raw_value()) {
            kinds.push(SignalKind::hangup());
        }
        for kind in kinds {
            let (mut source, tell) = (signal(kind)?, tell.clone());
            tokio::spawn(async move { while source.recv().await.is_some() && tell.send(()).await.is_ok() {} });
        }
        Ok(())
    }
}

/// Ctrl-C and Ctrl-Break, a console that is closed, signing out, shutting down. While somebody listens for the last three
/// the program goes on until it ends, or until Windows ends it: after five seconds, or twenty.
#[cfg(windows)]
mod system {
    use std::io;

    use tokio::signal::windows;
    use tokio::sync::mpsc::Sender;

    pub(super) fn listen(tell: &Sender<()>) -> io::Result<()> {
        macro_rules! source {
            ($open:path) => {
                let (mut source, tell) = ($open()?, tell.clone());
                tokio::spawn(async move { while source.recv().await.is_some() && tell.send(()).await.is_ok() {} });
            };
        }
        source!(windows::ctrl_c);
        source!(windows::ctrl_break);
        source!(windows::ctrl_close);
        source!(windows::ctrl_logoff);
        source!(windows::ctrl_shutdown);
        Ok(())
    }
}

/// Whether a process with this `/proc/PID/status` was started to ignore a signal. Systems without it never say so, and their
/// `nohup` loses its meaning for us.
#[cfg(unix)]
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).unwrap_or_default();
    u32::try_from(signal - 1).ok().and_then(|bit| mask.checked_shr(bit)).is_some_and(|rest| rest & 1 == 1)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_nohup_ignores_stays_ignored() {
        for (status, ignored) in [
            ("Name:\tdigit\nSigIgn:\t0000000000000001\n", true),
            ("SigIgn:\t0000000000001001\n", true),
            ("SigIgn:\t0000000000001000\n", false),
            ("SigIgn:\t0000000000000000\n", false),
            ("SigIgn:\tnothing\n", false),
            ("", false),
        ] {
            assert_eq!(ignores(status, 1), ignored, "{status}");
        }
    }

    fn send(signal: &str) {
        let me = std::process::id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &me]).status().unwrap().success());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_first_asks_and_the_second_ends() {
        let (ended, mut end) = watch::channel(false);
        let interrupts = Interrupts::listen(move || {
            ended.send_replace(true);
        })
        .unwrap();
        assert!(tokio::time::timeout(Duration::from_millis(50), interrupts.asked()).await.is_err(), "nobody asked");
        let soon = Duration::from_secs(10);
        send("-TERM");
        tokio::time::timeout(soon, interrupts.asked()).await.unwrap();
        interrupts.asked().await;
        assert!(!*end.borrow());
        send("-INT");
        tokio::time::timeout(soon, end.wait_for(|ended| *ended)).await.unwrap().unwrap();
    }
}
