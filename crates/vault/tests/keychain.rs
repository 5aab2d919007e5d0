//! The vault with the real keychain of this system.
//!
//! On Linux this is gnome-keyring in a session of its own, with a home that is thrown away: the test starts itself again
//! inside `dbus-run-session`. Elsewhere the keychain of whoever runs the test is used; what is put into it is deleted.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::Path;
use std::time::Duration;

use vault::*;

const VALUE: &str = "canary-Pf8jKq2x";

fn keychain() -> Keychain {
    Keychain::of_system("test of the vault").with_patience(Duration::from_secs(10))
}

/// First session: a vault is made.
async fn make(path: &Path) {
    let source = KeySource::choose(path, keychain(), None).await.unwrap();
    let vault = Vault::open(path, &source, |_| false).await.unwrap();
    vault.put("db/password", VALUE.into()).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(r#""key":{"keychain":"test of the vault/"#), "{text}");
    assert!(!text.contains(VALUE) && !text.contains("AGE-SECRET-KEY"));
}

/// Second session: it opens again, and is destroyed with its key.
async fn again(path: &Path) {
    let source = KeySource::choose(path, keychain(), None).await.unwrap();
    let vault = Vault::open(path, &source, |_| false).await.unwrap();
    assert_eq!(vault.get("db/password").unwrap().expose_secret(), VALUE);
    let bytes = std::fs::read(path).unwrap();
    Vault::destroy(path, &keychain()).await.unwrap();
    assert!(!path.exists());
    std::fs::write(path, bytes).unwrap();
    assert_eq!(Vault::open(path, &source, |_| false).await.unwrap_err().code(), "vault-key-missing");
}

#[cfg(not(target_os = "linux"))]
fn main() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        make(&path).await;
        again(&path).await;
    });
}

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use vault::{Error, KeySource, Vault};

    /// Set inside the session: which part is to be played there.
    const PART: &str = "VAULT_TEST_PART";

    pub(crate) fn main() {
        match std::env::var(PART) {
            Ok(part) => {
                let path = PathBuf::from(std::env::var_os("HOME").unwrap()).join("vault");
                let runtime = tokio::runtime::Runtime::new().unwrap();
                runtime.block_on(play(&part, &path));
            }
            Err(_) => outside(),
        }
    }

    async fn play(part: &str, path: &Path) {
        match part {
            "make" => super::make(path).await,
            "again" => super::again(path).await,
            // Never anything in the clear, and no file: nothing was started.
            part => {
                let e = KeySource::choose(path, super::keychain(), None).await.unwrap_err();
                assert_eq!(e.code(), "no-key-source");
                let Error::NoKeySource { keychain } = e else { panic!("{e}") };
                let expected: &[&str] = match part {
                    "no-bus" => &["keychain-unavailable"],
                    _ => &["keychain-locked", "keychain-timeout"],
                };
                assert!(expected.contains(&keychain.code()), "{part}: {keychain}");
                let source = KeySource::Keychain(super::keychain());
                assert_eq!(Vault::open(path, &source, |_| false).await.unwrap_err().code(), keychain.code());
                assert!(!path.exists());
            }
        }
    }

    fn outside() {
        for needed in ["gnome-keyring-daemon", "dbus-run-session"] {
            let found = Command::new("sh").args(["-c", &format!("command -v {needed}")]).output().unwrap();
            assert!(found.status.success(), "{needed} is needed for this test and is not installed");
        }
        let unlocked = r#"eval "$(printf %s pass | gnome-keyring-daemon --unlock --components=secrets)"; exec "$@""#;
        // The keyring exists from an earlier session, and nobody unlocks it in this one.
        let locked = r#"eval "$(gnome-keyring-daemon --start --components=secrets)"; exec "$@""#;
        let home = tempfile::tempdir().unwrap();
        session(&home, Some(unlocked), "make");
        session(&home, Some(unlocked), "again");
        std::fs::remove_file(home.path().join("vault")).unwrap();
        session(&home, Some(locked), "locked");
        session(&home, None, "no-bus");
    }

    fn session(home: &tempfile::TempDir, script: Option<&str>, part: &str) {
        let me = std::env::current_exe().unwrap();
        let runtime = tempfile::tempdir().unwrap();
        let mut command = match script {
            Some(script) => {
                let mut command = Command::new("dbus-run-session");
                command.args(["--", "bash", "-c", script, "session"]).arg(me);
                command
            }
            None => Command::new(me),
        };
        let status = command
            .env(PART, part)
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", home.path().join("data"))
            .env("XDG_RUNTIME_DIR", runtime.path())
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .status()
            .unwrap();
        assert!(status.success(), "{part}: {status}");
        println!("{part}: ok");
    }
}
