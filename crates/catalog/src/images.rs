//! All images of rendered objects, taken apart as container runtimes do. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::references::{Placed, pod_of};
use serde_json::Value;

/// The registry of images that name none.
pub const DEFAULT_REGISTRY: &str = "docker.io";

/// An image's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Image {
    /// `docker.io` if the name has none.
    pub registry: String,
    /// Path in it; official images of Docker Hub get their `library/`.
    pub repository: String,
    /// `latest` if the name has neither tag nor digest.
    pub tag: Option<String>,
    /// For example `sha256:…`.
    pub digest: Option<String>,
}

impl Image {
    /// Takes a name apart; `None` if it is no image's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (name, digest) = match name.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_owned())),
            None => (name, None),
        };
        // A colon after the last slash is a tag's, one before it a port's.
        let at = name.rfind('/').map_or(0, |slash| slash + 1);
        let (path, tag) = match name[at..].split_once(':') {
            Some((last, tag)) => (&name[..at + last.len()], Some(tag.to_owned())),
            None => (name, None),
        };
        let (registry, repository) = match path.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest.to_owned()),
            _ => (DEFAULT_REGISTRY, path.to_owned()),
        };
        let registry = if registry == "index.docker.io" { DEFAULT_REGISTRY } else { registry };
        let repository = if registry == DEFAULT_REGISTRY && !repository.contains('/') && !repository.is_empty() {
            format!("library/{repository}")
        } else {
            repository
        };
        let good = |text: &str, more: &[char]| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
        };
        let is_path = good(&repository, &['.', '-', '_', '/']) && !repository.chars().any(|c| c.is_ascii_uppercase());
        let is_tag = tag.as_deref().is_none_or(|t| good(t, &['.', '-', '_']));
        let is_digest = digest.as_deref().is_none_or(|d| d.contains(':') && good(d, &[':', '+', '.', '-', '_']));
        if !is_path || !is_tag || !is_digest {
            return None;
        }
        let tag = if tag.is_none() && digest.is_none() { Some("latest".to_owned()) } else { tag };
        Some(Self { registry: registry.to_owned(), repository, tag, digest })
    }
}

impl std::fmt::Display for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// One image as the charts write it, and the services that use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedImage {
    /// As written.
    pub written: String,
    /// Taken apart.
    pub image: Image,
    /// Services whose pods use it.
    pub used_by: BTreeSet<String>,
}

/// All images of the objects' pods, each once, in the order of their names. Names that are none are left out.
#[must_use]
pub fn images(objects: &[Placed<'_>]) -> Vec<UsedImage> {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for object in objects {
        for name in names(object.object) {
            found.entry(name).or_default().insert(object.service.to_owned());
        }
    }
    found
        .into_iter()
        .filter_map(|(written, used_by)| {
            Some(UsedImage { written: written.to_owned(), image: Image::parse(written)?, used_by })
        })
        .collect()
}

/// The images of one object's pods, as written.
pub fn names(object: &Value) -> impl Iterator<Item = &str> {
    ["initContainers", "containers"]
        .into_iter()
        .filter_map(move |at| pod_of(object)?.get(at)?.as_array())
        .flatten()
        .filter_map(|container| container.get("image")?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_taken_apart_as_runtimes_do() {
        let cases = [
            ("redis", "docker.io/library/redis:latest"),
            ("egovio/egov-user:v1", "docker.io/egovio/egov-user:v1"),
            ("docker.io/redis:7", "docker.io/library/redis:7"),
            ("index.docker.io/a/b:7", "docker.io/a/b:7"),
            ("mirror.example:5000/a/b/c:1.0", "mirror.example:5000/a/b/c:1.0"),
            ("mirror.example:5000/a", "mirror.example:5000/a:latest"),
            ("localhost/a:1", "localhost/a:1"),
            ("k8s.gcr.io/x@sha256:ab12", "k8s.gcr.io/x@sha256:ab12"),
            ("registry.k8s.io/ingress-nginx/c:v1@sha256:ab12", "registry.k8s.io/ingress-nginx/c:v1@sha256:ab12"),
        ];
        for (written, whole) in cases {
            assert_eq!(Image::parse(written).unwrap().to_string(), whole, "{written}");
        }
        for none in ["", "a b", "a:", "a:b c", "Upper/case", "x@sha256", "registry.example/"] {
            assert_eq!(Image::parse(none), None, "{none:?}");
        }
    }

    #[test]
    fn images_are_listed_once_with_all_who_use_them() {
        let deployment = json!({"kind": "Deployment", "spec": {"template": {"spec": {
            "initContainers": [{"image": "a:1"}], "containers": [{"image": "b:1"}, {"image": "a:1"}]}}}});
        let cron = json!({"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": {
            "containers": [{"image": "a:1"}]}}}}}});
        let placed = [
            Placed { service: "x", namespace: "n", object: &deployment },
            Placed { service: "y", namespace: "n", object: &cron },
        ];
        let found = images(&placed);
        assert_eq!(found.iter().map(|i| i.written.as_str()).collect::<Vec<_>>(), ["a:1", "b:1"]);
        assert_eq!(found[0].used_by.iter().map(String::as_str).collect::<Vec<_>>(), ["x", "y"]);
    }
}
