//! The vault on a real disk.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use keyring_core::CredentialStore;
use rand::SeedableRng;
use rand::rngs::StdRng;
use vault::*;

/// What data depend on in these tests.
fn is_once(name: &str) -> bool {
    name.starts_with("egov-enc-service/")
}

fn passphrase() -> KeySource {
    KeySource::Passphrase("correct horse".into())
}

/// A keychain in memory.
fn keychain() -> Keychain {
    let store: Arc<CredentialStore> = keyring_core::mock::Store::new().unwrap();
    Keychain::of("springfield", move || Ok(store.clone()))
}

fn shown(secret: Option<SecretString>) -> Option<String> {
    secret.map(|s| s.expose_secret().to_owned())
}

#[tokio::test]
async fn what_is_put_and_drawn_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    for (name, source) in [("a", passphrase()), ("b", KeySource::Keychain(keychain()))] {
        let path = dir.path().join(name);
        let vault = Vault::open(&path, &source, is_once).await.unwrap();
        vault.put("db/password", "one".into()).unwrap();
        vault.put("db/password", "two".into()).unwrap();
        let drawn = vault.draw("release|randAlphaNum|8|0", || "drawn-1".into()).unwrap();
        assert_eq!(drawn.expose_secret(), "drawn-1");
        let again = vault.draw(&drawn_name("release", "randAlphaNum", "8", 0), || panic!("drawn twice")).unwrap();
        assert_eq!(again.expose_secret(), "drawn-1");
        drop(vault);
        let vault = Vault::open(&path, &source, is_once).await.unwrap();
        assert_eq!(shown(vault.get("db/password")).as_deref(), Some("two"));
        vault.draw("release|randAlphaNum|8|0", || panic!("drawn twice")).unwrap();
        assert_eq!(vault.names(), ["db/password", "release|randAlphaNum|8|0"]);
        vault.remove("db/password").unwrap();
        assert_eq!(shown(Vault::open(&path, &source, is_once).await.unwrap().get("db/password")), None);
    }
}

#[tokio::test]
async fn a_key_that_was_drawn_before_makes_a_vault_and_never_replaces_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.age");
    let key = NewKey::draw("correct horse".into()).await.unwrap();
    assert!(!path.exists());
    Vault::make_with(&path, key, is_once).unwrap().put("db/password", "one".into()).unwrap();

    let other = NewKey::draw("correct horse".into()).await.unwrap();
    assert!(matches!(Vault::make_with(&path, other, is_once), Err(Error::Exists(_))));
    let vault = Vault::open(&path, &passphrase(), is_once).await.unwrap();
    assert_eq!(shown(vault.get("db/password")).as_deref(), Some("one"));
}

#[tokio::test]
async fn what_data_depends_on_is_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(&dir.path().join("v"), &passphrase(), is_once).await.unwrap();
    let name = "egov-enc-service/master-salt";
    let drawn = vault.draw(name, || Format::Hex(4).draw(&mut StdRng::seed_from_u64(7))).unwrap();
    vault.put(name, drawn.clone()).unwrap();
    assert_eq!(vault.put(name, "other".into()).unwrap_err().code(), "write-once");
    assert_eq!(vault.remove(name).unwrap_err().code(), "write-once");
    assert_eq!(vault.draw(name, || panic!("drawn twice")).unwrap().expose_secret(), drawn.expose_secret());
    vault.put("db/password", "one".into()).unwrap();
    vault.put("db/password", "other".into()).unwrap();
}

#[tokio::test]
async fn the_right_key_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let (with_phrase, with_keychain) = (dir.path().join("p"), dir.path().join("k"));
    let chain = keychain();
    Vault::open(&with_phrase, &passphrase(), is_once).await.unwrap();
    Vault::open(&with_keychain, &KeySource::Keychain(chain.clone()), is_once).await.unwrap();
    let code = async |path: &Path, source: KeySource| Vault::open(path, &source, is_once).await.unwrap_err().code();
    assert_eq!(code(&with_phrase, KeySource::Passphrase("wrong".into())).await, "wrong-passphrase");
    assert_eq!(code(&with_phrase, KeySource::Keychain(chain.clone())).await, "needs-passphrase");
    assert_eq!(code(&with_keychain, passphrase()).await, "vault-key-missing");
    assert_eq!(code(&with_keychain, KeySource::Keychain(keychain())).await, "vault-key-missing");
    // And choosing gets it right, whatever else there is.
    let choose = async |path: &Path, phrase: Option<&str>| {
        KeySource::choose(path, chain.clone(), phrase.map(SecretString::from)).await
    };
    assert_eq!(choose(&with_phrase, None).await.unwrap_err().code(), "needs-passphrase");
    assert!(matches!(choose(&with_phrase, Some("x")).await.unwrap(), KeySource::Passphrase(_)));
    assert!(matches!(choose(&with_keychain, Some("x")).await.unwrap(), KeySource::Keychain(_)));
    let new = dir.path().join("new");
    assert!(matches!(choose(&new, Some("x")).await.unwrap(), KeySource::Passphrase(_)));
    assert!(matches!(choose(&new, None).await.unwrap(), KeySource::Keychain(_)));
    assert!(!new.exists());
}

#[tokio::test]
async fn a_keychain_that_does_not_answer_is_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v");
    let hangs = Keychain::of("x", || {
        std::thread::sleep(Duration::from_secs(3600));
        Err(keyring_core::Error::NoDefaultStore)
    });
    let hangs = hangs.with_patience(Duration::from_millis(200));
    let began = Instant::now();
    let e = KeySource::choose(&path, hangs.clone(), None).await.unwrap_err();
    let Error::NoKeySource { keychain } = e else { panic!("{e}") };
    assert_eq!(keychain.code(), "keychain-timeout");
    let locked = Keychain::of("x", || Err(keyring_core::Error::NoStorageAccess("locked".into())));
    assert_eq!(Vault::open(&path, &KeySource::Keychain(locked), is_once).await.unwrap_err().code(), "keychain-locked");
    assert_eq!(Vault::open(&path, &KeySource::Keychain(hangs), is_once).await.unwrap_err().code(), "keychain-timeout");
    assert!(began.elapsed() < Duration::from_secs(20) && !path.exists());
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v");
    let source = KeySource::Keychain(keychain());
    Vault::open(&path, &source, is_once).await.unwrap().put("a", "b".into()).unwrap();
    let whole = std::fs::read(&path).unwrap();
    // The last byte is only the line's end.
    for len in 0..whole.len() - 1 {
        std::fs::write(&path, &whole[..len]).unwrap();
        assert_eq!(Vault::open(&path, &source, is_once).await.unwrap_err().code(), "vault-damaged", "{len}");
        assert_eq!(std::fs::read(&path).unwrap(), &whole[..len]);
    }
    let text = String::from_utf8(whole).unwrap();
    for (from, to, code) in [
        (r#""version":1"#, r#""version":2"#, "vault-newer"),
        ("digit-vault", "other-thing", "vault-damaged"),
        (r#""content":"YWd"#, r#""content":"YWx"#, "vault-damaged"),
    ] {
        std::fs::write(&path, text.replace(from, to)).unwrap();
        assert_eq!(Vault::open(&path, &source, is_once).await.unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn what_could_not_be_written_was_never_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sub").join("v");
    let vault = Vault::open(&path, &KeySource::Keychain(keychain()), is_once).await.unwrap();
    std::fs::remove_dir_all(dir.path().join("sub")).unwrap();
    // A file stands where the folder was, so nothing can be written, whoever runs the test.
    std::fs::write(dir.path().join("sub"), "").unwrap();
    assert_eq!(vault.put("a", "b".into()).unwrap_err().code(), "vault-file");
    assert!(vault.draw("c", || "d".into()).is_err());
    assert!(vault.names().is_empty());
    std::fs::remove_file(dir.path().join("sub")).unwrap();
    let made = AtomicU32::new(0);
    let draw = || {
        made.fetch_add(1, Ordering::Relaxed);
        "d".into()
    };
    vault.draw("c", draw).unwrap();
    vault.draw("c", draw).unwrap();
    assert_eq!((made.into_inner(), path.exists()), (1, true));
}

#[tokio::test]
async fn many_draw_at_once_and_each_name_once() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(&dir.path().join("v"), &KeySource::Keychain(keychain()), is_once).await.unwrap();
    let seen = Mutex::new(Vec::new());
    std::thread::scope(|s| {
        for t in 0..4 {
            let (vault, seen) = (&vault, &seen);
            s.spawn(move || {
                for n in 0..10 {
                    let drawn = vault.draw(&format!("n{n}"), || format!("by thread {t}").into()).unwrap();
                    seen.lock().unwrap().push((n, drawn.expose_secret().to_owned()));
                }
            });
        }
    });
    let mut seen = seen.into_inner().unwrap();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 10);
}

#[tokio::test]
async fn another_computer_goes_on_with_the_kit_and_what_the_cluster_keeps() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(&dir.path().join("here"), &KeySource::Keychain(keychain()), is_once).await.unwrap();
    vault.put("egov-enc-service/master-salt", "saltsalt".into()).unwrap();
    vault.put("db/password", "old".into()).unwrap();
    let kit = vault.recovery_kit(&"kit phrase".into()).await.unwrap();
    vault.put("db/password", "new".into()).unwrap();
    vault.put("later", "drawn".into()).unwrap();
    let exported = vault.export().unwrap();

    let there = dir.path().join("there");
    let restore = async |phrase: &str| Vault::restore(&there, &passphrase(), &kit, &phrase.into(), is_once).await;
    assert_eq!(restore("wrong").await.unwrap_err().code(), "wrong-passphrase");
    assert!(!there.exists());
    let restored = restore("kit phrase").await.unwrap();
    assert_eq!(shown(restored.get("db/password")).as_deref(), Some("old"));
    assert_eq!(restored.import(&exported).unwrap(), Imported { added: 1, replaced: 1, unchanged: 1 });
    assert_eq!(restore("kit phrase").await.unwrap_err().code(), "vault-exists");
    drop(restored);
    let restored = Vault::open(&there, &passphrase(), is_once).await.unwrap();
    assert_eq!(shown(restored.get("db/password")).as_deref(), Some("new"));
    assert_eq!(restored.import(&exported).unwrap(), Imported { added: 0, replaced: 0, unchanged: 3 });

    let stranger = Vault::open(&dir.path().join("stranger"), &KeySource::Keychain(keychain()), is_once).await.unwrap();
    assert_eq!(stranger.import(&exported).unwrap_err().code(), "vault-wrong-key");
    assert_eq!(stranger.import(b"nonsense").unwrap_err().code(), "vault-damaged");
    for torn in [0, 10, kit.len() / 2, kit.len() - 1] {
        assert!(
            Vault::restore(&dir.path().join("x"), &passphrase(), &kit[..torn], &"kit phrase".into(), is_once)
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn an_import_that_would_replace_what_data_depends_on_brings_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let a = Vault::open(&dir.path().join("a"), &KeySource::Keychain(keychain()), is_once).await.unwrap();
    let kit = a.recovery_kit(&"kit phrase".into()).await.unwrap();
    let b = Vault::restore(&dir.path().join("b"), &passphrase(), &kit, &"kit phrase".into(), is_once).await.unwrap();
    a.put("aaa", "x".into()).unwrap();
    a.put("egov-enc-service/master-salt", "aaaaaaaa".into()).unwrap();
    b.put("egov-enc-service/master-salt", "bbbbbbbb".into()).unwrap();
    assert_eq!(b.import(&a.export().unwrap()).unwrap_err().code(), "write-once");
    assert_eq!(b.names(), ["egov-enc-service/master-salt"]);
}

#[tokio::test]
async fn destroying_takes_file_and_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v");
    let chain = keychain();
    Vault::destroy(&path, &chain).await.unwrap();
    Vault::open(&path, &KeySource::Keychain(chain.clone()), is_once).await.unwrap();
    let bytes = std::fs::read(&path).unwrap();
    Vault::destroy(&path, &chain).await.unwrap();
    assert!(!path.exists());
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(Vault::open(&path, &KeySource::Keychain(chain), is_once).await.unwrap_err().code(), "vault-key-missing");
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v");
    Vault::open(&path, &KeySource::Keychain(keychain()), is_once).await.unwrap().put("a", "b".into()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file stays");
}

#[tokio::test]
async fn nothing_public_shows_a_secret() {
    const CANARY: &str = "canary-Pf8jKq2x";
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v");
    let source = KeySource::Passphrase(CANARY.into());
    let vault = Vault::open(&path, &source, is_once).await.unwrap();
    vault.put("name", CANARY.into()).unwrap();
    let redactor = vault.redactor();
    assert_eq!(redactor.redact(&format!("x{CANARY}y")), "x***y");
    let chain = Keychain::of("label", || {
        Err(keyring_core::Error::BadDataFormat(CANARY.into(), Box::new(std::io::Error::other(CANARY))))
    });
    let mut seen = vec![
        format!("{vault:?}{source:?}{redactor:?}{chain:?}"),
        format!("{:?}", vault.get("name")),
        String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned(),
        String::from_utf8_lossy(&vault.export().unwrap()).into_owned(),
        String::from_utf8_lossy(&vault.recovery_kit(&CANARY.into()).await.unwrap()).into_owned(),
    ];
    let errors = [
        Vault::open(&dir.path().join("w"), &KeySource::Keychain(chain), is_once).await.unwrap_err(),
        Vault::open(&path, &KeySource::Passphrase(format!("{CANARY}!").into()), is_once).await.unwrap_err(),
        vault.import(CANARY.as_bytes()).unwrap_err(),
        Vault::restore(&dir.path().join("x"), &source, CANARY.as_bytes(), &CANARY.into(), is_once).await.unwrap_err(),
    ];
    seen.extend(errors.iter().map(|e| format!("{e:?} {e} {}", e.code())));
    for text in seen {
        assert!(!text.contains(CANARY) && !text.contains("Pf8jKq2x"), "{text}");
    }
}
