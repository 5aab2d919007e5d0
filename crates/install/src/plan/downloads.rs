//! What machines have to download before the pods of a plan can start: images that they do not hold. Pure.

use std::collections::{BTreeMap, BTreeSet};

use catalog::images::Image;
use serde_json::Value;

/// So many images a kubelet names at most, unless it was told otherwise (`nodeStatusMaxImages`): a longer list is cut.
const NAMED_AT_MOST: usize = 50;

/// What an image of unknown size is taken for, in bytes: from a small one to a large one.
const UNKNOWN: (u64, u64) = (60_000_000, 200_000_000);

/// The images that a machine says it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// By name without digest, and by digest.
    names: BTreeSet<String>,
    /// Whether it may hold more than it names.
    is_cut: bool,
}

impl Held {
    /// What a Node object says.
    pub(crate) fn of(node: &Value) -> Self {
        let entries = node.pointer("/status/images").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let names = entries.iter().filter_map(|entry| entry["names"].as_array()).flatten();
        let names = names.filter_map(Value::as_str).filter_map(Image::parse).flat_map(|image| keys(&image)).collect();
        Held { names, is_cut: entries.len() >= NAMED_AT_MOST }
    }

    fn holds(&self, image: &Image) -> bool {
        keys(image).iter().any(|key| self.names.contains(key))
    }
}

/// What two names of the same image have in common.
fn keys(image: &Image) -> Vec<String> {
    let path = format!("{}/{}", image.registry, image.repository);
    let by = |sign: &str, of: &Option<String>| of.as_ref().map(|of| format!("{path}{sign}{of}"));
    // Where there is a digest, the tag says nothing.
    by("@", &image.digest).or_else(|| by(":", &image.tag)).into_iter().collect()
}

/// Whether an image has to be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Download {
    /// All machines hold it.
    No,
    /// Some machines hold it, or may.
    Perhaps,
    /// No machine holds it.
    Yes,
}

/// Whether an image has to be downloaded by these machines; `None`: we may not see them.
pub(crate) fn download(image: &Image, machines: Option<&[Held]>) -> Download {
    let Some(machines) = machines.filter(|machines| !machines.is_empty()) else { return Download::Perhaps };
    let holding = machines.iter().filter(|machine| machine.holds(image)).count();
    if holding == machines.len() {
        Download::No
    } else if holding > 0 || machines.iter().any(|machine| machine.is_cut) {
        Download::Perhaps
    } else {
        Download::Yes
    }
}

/// One image that may have to be downloaded, under a name by which it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Whether it has to be.
    pub(crate) download: Download,
    /// Its bytes, if a registry told.
    pub(crate) bytes: Option<u64>,
}

impl Wanted {
    /// Bytes to download, at least and at most.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let (low, high) = self.bytes.map_or(UNKNOWN, |bytes| (bytes, bytes));
        match self.download {
            Download::No => (0, 0),
            Download::Perhaps => (0, high),
            Download::Yes => (low, high),
        }
    }
}

/// Every image of a plan, in full, by what it takes to have it.
pub(crate) type Images = BTreeMap<String, Wanted>;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn node(images: &[&[&str]]) -> Held {
        let images: Vec<Value> = images.iter().map(|names| json!({"names": names, "sizeBytes": 1})).collect();
        Held::of(&json!({"kind": "Node", "status": {"images": images}}))
    }

    #[test]
    fn what_all_machines_hold_is_not_downloaded() {
        let with = |names: &[&str]| node(&[names]);
        let full: Vec<String> = (0..50).map(|n| format!("docker.io/library/other:{n}")).collect();
        let full = node(
            &full
                .iter()
                .map(std::slice::from_ref)
                .map(|n| vec![n[0].as_str()])
                .collect::<Vec<_>>()
                .iter()
                .map(Vec::as_slice)
                .collect::<Vec<_>>(),
        );
        let empty = node(&[]);
        for (image, machines, expected) in [
            ("postgres:15", Some(vec![with(&["docker.io/library/postgres:15"])]), Download::No),
            (
                "postgres:15",
                Some(vec![with(&["docker.io/library/postgres@sha256:ab", "docker.io/library/postgres:15"])]),
                Download::No,
            ),
            ("postgres:15", Some(vec![with(&["docker.io/library/postgres:14"])]), Download::Yes),
            ("postgres", Some(vec![with(&["docker.io/library/postgres:latest"])]), Download::No),
            ("egovio/user:1", Some(vec![with(&["docker.io/library/user:1"])]), Download::Yes),
            ("quay.io/a/b@sha256:cd", Some(vec![with(&["quay.io/a/b@sha256:cd"])]), Download::No),
            ("quay.io/a/b:1@sha256:cd", Some(vec![with(&["quay.io/a/b:1"])]), Download::Yes),
            ("postgres:15", Some(vec![with(&["postgres:15"]), empty.clone()]), Download::Perhaps),
            ("postgres:15", Some(vec![empty.clone()]), Download::Yes),
            // It names fifty, and may hold more.
            ("postgres:15", Some(vec![full.clone(), empty.clone()]), Download::Perhaps),
            ("other:7", Some(vec![full.clone()]), Download::No),
            ("postgres:15", Some(vec![]), Download::Perhaps),
            ("postgres:15", None, Download::Perhaps),
        ] {
            let parsed = Image::parse(image).unwrap();
            assert_eq!(download(&parsed, machines.as_deref()), expected, "{image} {machines:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_wide() {
        for (download, bytes, expected) in [
            (Download::No, Some(7), (0, 0)),
            (Download::No, None, (0, 0)),
            (Download::Perhaps, Some(7), (0, 7)),
            (Download::Perhaps, None, (0, UNKNOWN.1)),
            (Download::Yes, Some(7), (7, 7)),
            (Download::Yes, None, UNKNOWN),
        ] {
            assert_eq!(Wanted { download, bytes }.bytes(), expected);
        }
    }
}
