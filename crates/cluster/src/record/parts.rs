//! The installation's own record in the cluster: answers, plan, step results and vault content, so that any computer
//! with access can go on.
//!
//! Each part is a Secret `NAME.PART` in the namespace [`NAMESPACE`], compressed. A part that is too large for one Secret
//! is cut into pieces of their own, named by the hash of the content; the Secret `NAME.PART` then names them and is
//! written last, so that a reader sees the old content or the new, never a mixture.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::fence::{FENCE, Fence, fence_of};
use super::labels::{INSTALLATION_LABEL, NAMESPACE};
use super::lease;
use crate::connect::api::{Cluster, encode};
use crate::error::{Error, Result};
use crate::helm::release::{pack, unpack};
use crate::object::{ObjectRef, Resource, annotation, label, text};

/// Label that names the part of a record.
const PART_LABEL: &str = "digit-installer/part";

/// Bytes of a piece: base64 makes a third more of it, and a Secret holds 1 MiB of bytes, a request 1.5 MiB of text.
const PIECE: usize = 700_000;

fn secrets() -> Resource {
    Resource {
        api_version: "v1".into(),
        kind: "Secret".into(),
        plural: "secrets".into(),
        namespaced: true,
        verbs: vec![],
    }
}

fn named(name: &str) -> ObjectRef {
    ObjectRef::new("v1", "Secret", NAMESPACE, name)
}

/// The Secrets of a part, the one that names the others last.
fn cut(installation: &str, part: &str, content: &[u8], fence: Fence) -> Result<Vec<Value>> {
    let hash = hex::encode(Sha256::digest(content));
    let packed = pack(content)?;
    let pieces: Vec<&[u8]> = packed.chunks(PIECE).collect();
    let secret = |name: String, labels: Value, data: Value, pieces: usize| {
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels,
                "annotations": {"digit-installer/sha256": hash, "digit-installer/pieces": pieces.to_string(), FENCE: fence.0.to_string()}},
            "data": data,
        })
    };
    let head = format!("{installation}.{part}");
    let labels =
        json!({"app.kubernetes.io/managed-by": "digit-installer", INSTALLATION_LABEL: installation, PART_LABEL: part});
    if let [] | [_] = pieces.as_slice() {
        return Ok(vec![secret(head, labels, json!({"content": STANDARD.encode(&packed)}), 0)]);
    }
    let mut secrets: Vec<Value> = pieces
        .iter()
        .enumerate()
        .map(|(at, piece)| {
            let labels = json!({"app.kubernetes.io/managed-by": "digit-installer", INSTALLATION_LABEL: installation, "digit-installer/piece-of": part});
            secret(piece_name(&head, &hash, at), labels, json!({"content": STANDARD.encode(piece)}), 0)
        })
        .collect();
    secrets.push(secret(head, labels, json!({}), pieces.len()));
    Ok(secrets)
}

fn piece_name(head: &str, hash: &str, at: usize) -> String {
    format!("{head}.{}.{at}", hash.get(..12).unwrap_or(hash))
}

impl Cluster {
    /// Makes the namespace of records, if it is not there. Returns whether it was made.
    pub async fn ensure_record_namespace(&self) -> Result<bool> {
        self.ensure_namespace(NAMESPACE, "").await
    }

    /// Makes a namespace, labelled as ours, if it is not there. One that is there is left as it is.
    pub async fn ensure_namespace(&self, name: &str, installation: &str) -> Result<bool> {
        if self.get(&ObjectRef::new("v1", "Namespace", "", name)).await?.is_some() {
            return Ok(false);
        }
        let mut labels = json!({"app.kubernetes.io/managed-by": "digit-installer"});
        if !installation.is_empty() {
            labels[INSTALLATION_LABEL] = installation.into();
        }
        match self
            .create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}))
            .await
        {
            Ok(_) => Ok(true),
            Err(Error::AlreadyThere { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Keeps one part of an installation's record. Returns whether it differed from what was there. Each write rests on what was read
    /// just before, and nothing that was written under a newer hold of the lease is overwritten.
    ///
    /// # Errors
    /// [`Error::LeaseLost`] if the record was written under a newer hold than `fence`.
    pub async fn save_record(&self, installation: &str, part: &str, content: &[u8], fence: Fence) -> Result<bool> {
        let mut secrets = cut(installation, part, content, fence)?;
        let names: BTreeSet<String> = secrets.iter().map(|secret| text(secret, "/metadata/name").to_owned()).collect();
        let Some(mut head) = secrets.pop() else { return Ok(false) };
        let named_head = named(&format!("{installation}.{part}"));
        let hash = annotation(&head, "digit-installer/sha256").unwrap_or_default().to_owned();
        for last_try in [false, false, true] {
            let before = self.get(&named_head).await?;
            let written = before.as_ref().and_then(fence_of);
            allowed(written, fence)?;
            let is_same =
                before.as_ref().is_some_and(|b| annotation(b, "digit-installer/sha256") == Some(hash.as_str()));
            if is_same && written == Some(fence) {
                return Ok(false);
            }
            // The name of a piece says what is in it, so whoever wrote one of that name wrote the same.
            for piece in &secrets {
                match self.create(piece).await {
                    Ok(_) => {}
                    Err(Error::AlreadyThere { .. }) => drop(self.replace(piece).await?),
                    Err(other) => return Err(other),
                }
            }
            let outcome = match &before {
                Some(before) => {
                    head["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"].clone();
                    self.replace(&head).await
                }
                None => self.create(&head).await,
            };
            match outcome {
                Ok(_) => {
                    let old = before.iter().flat_map(piece_names).filter(|name| !names.contains(name));
                    for name in old {
                        self.delete(&named(&name)).await?;
                    }
                    return Ok(!is_same);
                }
                // Somebody else wrote in between: who, says the next look.
                Err(Error::AlreadyThere { .. } | Error::ChangedMeanwhile { .. } | Error::NotFound { .. })
                    if !last_try =>
                {
                    if let Some(metadata) = head["metadata"].as_object_mut() {
                        metadata.remove("resourceVersion");
                    }
                }
                Err(other) => return Err(other),
            }
        }
        Err(Error::ChangedMeanwhile { what: named_head.to_string() })
    }

    /// Takes one part away, unless it was written under a newer hold of the lease.
    ///
    /// # Errors
    /// [`Error::LeaseLost`] if it was.
    pub async fn delete_record_part(&self, installation: &str, part: &str, fence: Fence) -> Result<()> {
        let head = named(&format!("{installation}.{part}"));
        let Some(before) = self.get(&head).await? else { return Ok(()) };
        allowed(fence_of(&before), fence)?;
        self.delete(&head).await?;
        for name in piece_names(&before) {
            self.delete(&named(&name)).await?;
        }
        Ok(())
    }

    /// Reads one part back; none if it is not there.
    pub async fn read_record(&self, installation: &str, part: &str) -> Result<Option<Vec<u8>>> {
        // Whoever writes meanwhile takes the old pieces away behind the new head: then the new one is read.
        match self.read_once(installation, part).await {
            Err(Error::RecordBroken { .. }) => self.read_once(installation, part).await,
            other => other,
        }
    }

    async fn read_once(&self, installation: &str, part: &str) -> Result<Option<Vec<u8>>> {
        let name = format!("{installation}.{part}");
        let Some(head) = self.get(&named(&name)).await? else { return Ok(None) };
        let broken = |reason: &str| Error::RecordBroken { name: name.clone(), reason: reason.to_owned() };
        let decode = |secret: &Value| STANDARD.decode(text(secret, "/data/content")).map_err(|_| broken("not base64"));
        let names = piece_names(&head);
        let mut packed = Vec::new();
        if names.is_empty() {
            packed = decode(&head)?;
        }
        for piece in names {
            let secret = self.get(&named(&piece)).await?.ok_or_else(|| broken("a piece is missing"))?;
            packed.extend(decode(&secret)?);
        }
        let content = unpack(&packed).map_err(|_| broken("not gzip"))?;
        let hash = hex::encode(Sha256::digest(&content));
        if annotation(&head, "digit-installer/sha256") == Some(hash.as_str()) {
            Ok(Some(content))
        } else {
            Err(broken("its hash differs"))
        }
    }

    /// Installations that keep a record in this cluster.
    pub async fn recorded_installations(&self) -> Result<Vec<String>> {
        let found =
            self.list_metadata(&secrets(), NAMESPACE, &format!("labelSelector={}", encode(INSTALLATION_LABEL))).await?;
        let mut names: Vec<String> =
            found.iter().filter_map(|secret| label(secret, INSTALLATION_LABEL).map(str::to_owned)).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Takes an installation's record and lease away, and the namespace with the last of them if it is ours.
    pub async fn delete_record(&self, installation: &str) -> Result<()> {
        let selector = encode(&format!("{INSTALLATION_LABEL}={installation}"));
        for secret in self.list_metadata(&secrets(), NAMESPACE, &format!("labelSelector={selector}")).await? {
            self.delete(&named(text(&secret, "/metadata/name"))).await?;
        }
        self.delete(&lease::named(installation)).await?;
        let namespace = ObjectRef::new("v1", "Namespace", "", NAMESPACE);
        let ours = self
            .get(&namespace)
            .await?
            .is_some_and(|found| label(&found, "app.kubernetes.io/managed-by") == Some("digit-installer"));
        if ours && self.recorded_installations().await?.is_empty() {
            self.delete(&namespace).await?;
        }
        Ok(())
    }
}

/// Whether what was written under one hold may be overwritten under another.
fn allowed(written: Option<Fence>, now: Fence) -> Result<()> {
    match written {
        Some(written) if written > now => Err(Error::LeaseLost { holder: String::new() }),
        _ => Ok(()),
    }
}

/// Names of the pieces that a part's head names; empty if it holds the content itself.
fn piece_names(head: &Value) -> Vec<String> {
    let count: usize = annotation(head, "digit-installer/pieces").and_then(|count| count.parse().ok()).unwrap_or(0);
    let (name, hash) = (text(head, "/metadata/name"), annotation(head, "digit-installer/sha256").unwrap_or_default());
    (0..count.min(1000)).map(|at| piece_name(name, hash, at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(size: usize) -> Vec<u8> {
        let mut state = 7_u32;
        (0..size)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect()
    }

    #[test]
    fn a_part_is_cut_so_that_every_secret_is_small_enough() {
        for (size, expected) in [(0, 1), (1000, 1), (PIECE - 2000, 1), (PIECE + 1000, 3), (3 * PIECE, 5)] {
            let secrets = cut("springfield", "journal", &noise(size), Fence(0)).unwrap();
            assert_eq!(secrets.len(), expected, "{size}");
            assert!(secrets.iter().all(|secret| secret.to_string().len() < 1_000_000));
            let head = secrets.last().unwrap();
            assert_eq!(text(head, "/metadata/name"), "springfield.journal");
            let pieces: Vec<&str> =
                secrets[..expected - 1].iter().map(|secret| text(secret, "/metadata/name")).collect();
            assert_eq!(piece_names(head), pieces);
        }
    }
}
