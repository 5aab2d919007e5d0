//! What a registry says about an image: its digest, and size by platform. Read only; nothing is pulled.
//!
//! A registry that does not answer, or not to us, is no obstacle to a plan: the caller shows what is known.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::header::{ACCEPT, WWW_AUTHENTICATE};
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::Error;
use crate::images::{DEFAULT_REGISTRY, Image};
pub use crate::silence::Silence;

const INDEX: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
const MANIFEST: [&str; 2] =
    ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];

/// Where Docker Hub is asked about sizes. Its registry counts each look at a manifest as a pull of the address that asks, and lets
/// through a hundred in six hours: those are for the machines that are to pull.
const HUB: &str = "hub.docker.com";

/// No manifest is larger; registries refuse such.
const LARGEST: usize = 4 << 20;

/// What a registry knows of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Digest of what the name stands for now, verified.
    pub digest: String,
    /// Its platforms, for example `linux/amd64`, with the bytes that are downloaded for each.
    pub platforms: BTreeMap<String, u64>,
}

/// A way to ask registries.
#[derive(Debug, Clone)]
pub struct Registries {
    client: Client,
    /// Registry to the address it is asked at, where that is not `https://REGISTRY`.
    addresses: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    #[serde(default)]
    manifests: Vec<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
    config: Option<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    size: u64,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl Platform {
    fn name(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}/{}/{variant}", self.os, self.architecture),
            None => format!("{}/{}", self.os, self.architecture),
        }
    }
}

/// A tag as Docker Hub's own API describes it (`/v2/repositories/REPOSITORY/tags/TAG`).
#[derive(Deserialize)]
struct HubTag {
    #[serde(default)]
    images: Vec<HubBuild>,
}

#[derive(Deserialize)]
struct HubBuild {
    os: Option<String>,
    architecture: Option<String>,
    size: Option<u64>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Registries {
    /// Asks with the given client; proxy and trust are its business.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let usual = [(DEFAULT_REGISTRY, "https://registry-1.docker.io"), (HUB, "https://hub.docker.com")];
        Self { client, addresses: usual.map(|(name, at)| (name.to_owned(), at.to_owned())).into() }
    }

    /// Asks one registry at another address, for example without TLS.
    #[must_use]
    pub fn at(mut self, registry: &str, address: &str) -> Self {
        self.addresses.insert(registry.to_owned(), address.trim_end_matches('/').to_owned());
        self
    }

    /// Digest, platforms and sizes of an image.
    ///
    /// # Errors
    /// [`Error::Registry`] with the status, if there was an answer.
    pub async fn look(&self, image: &Image) -> Result<Known, Error> {
        let mut asking = Asking { registries: self, image, token: None };
        let reference = image.digest.as_deref().or(image.tag.as_deref()).unwrap_or("latest");
        let (digest, top) = asking.manifest(reference, &[&INDEX[..], &MANIFEST[..]].concat()).await?;
        let mut platforms = BTreeMap::new();
        if top.manifests.is_empty() {
            let platform = match &top.config {
                Some(config) => asking.platform(&config.digest).await?,
                None => return Err(asking.garbled(&"neither an index nor an image")),
            };
            platforms.insert(platform.name(), bytes(&top));
        }
        for one in &top.manifests {
            // Attestations say that they are for no platform.
            let Some(platform) = one.platform.as_ref().filter(|p| p.os != "unknown") else { continue };
            let (_, manifest) = asking.manifest(&one.digest, &MANIFEST).await?;
            platforms.insert(platform.name(), bytes(&manifest));
        }
        Ok(Known { digest, platforms })
    }

    /// The bytes that a machine with one of these processors downloads for an image, if it has none of it yet: for the largest of its
    /// builds, or for the only one there is. Docker Hub is asked where it does not count as a pull.
    ///
    /// # Errors
    /// [`Error::Registry`] with the status, if there was an answer.
    pub async fn size(&self, image: &Image, processors: &BTreeSet<String>) -> Result<u64, Error> {
        let mut asking = Asking { registries: self, image, token: None };
        let fits = |os: &str, architecture: &str| os == "linux" && processors.contains(architecture);
        if image.registry == DEFAULT_REGISTRY {
            let builds = asking.hub_builds().await?.into_iter();
            let sizes = builds.filter_map(|build| {
                Some((fits(&build.os.unwrap_or_default(), &build.architecture.unwrap_or_default()), build.size?))
            });
            let sizes: Vec<(bool, u64)> = sizes.filter(|(_, size)| *size > 0).collect();
            let fitting = sizes.iter().filter(|(fits, _)| *fits).map(|(_, size)| *size).max();
            let only = sizes.first().filter(|_| sizes.len() == 1).map(|(_, size)| *size);
            return fitting.or(only).ok_or_else(|| asking.garbled(&"no size for these processors"));
        }
        let reference = image.digest.as_deref().or(image.tag.as_deref()).unwrap_or("latest");
        let (_, top) = asking.manifest(reference, &[&INDEX[..], &MANIFEST[..]].concat()).await?;
        if top.manifests.is_empty() {
            return Ok(bytes(&top));
        }
        let mut largest = None;
        for one in &top.manifests {
            if one.platform.as_ref().is_some_and(|platform| fits(&platform.os, &platform.architecture)) {
                let (_, manifest) = asking.manifest(&one.digest, &MANIFEST).await?;
                largest = largest.max(Some(bytes(&manifest)));
            }
        }
        largest.ok_or_else(|| asking.garbled(&"no build for these processors"))
    }

    /// The processors that an image's Linux builds are for, as Kubernetes names them. One request for one with an index: registries count
    /// them, and whoever asks may share an address with the machines that are to pull.
    ///
    /// # Errors
    /// [`Error::Registry`] with the status, if there was an answer.
    pub async fn processors(&self, image: &Image) -> Result<BTreeSet<String>, Error> {
        let mut asking = Asking { registries: self, image, token: None };
        let reference = image.digest.as_deref().or(image.tag.as_deref()).unwrap_or("latest");
        let (_, top) = asking.manifest(reference, &[&INDEX[..], &MANIFEST[..]].concat()).await?;
        let platforms = match &top.config {
            _ if !top.manifests.is_empty() => top.manifests.into_iter().filter_map(|one| one.platform).collect(),
            Some(config) => vec![asking.platform(&config.digest).await?],
            None => return Err(asking.garbled(&"neither an index nor an image")),
        };
        Ok(platforms.into_iter().filter(|platform| platform.os == "linux").map(|one| one.architecture).collect())
    }
}

fn silence_of(status: StatusCode) -> Silence {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Silence::SignIn,
        StatusCode::NOT_FOUND => Silence::NotThere,
        StatusCode::TOO_MANY_REQUESTS => Silence::TooManyRequests,
        _ => Silence::Refused,
    }
}

fn bytes(manifest: &Manifest) -> u64 {
    manifest.layers.iter().chain(&manifest.config).map(|d| d.size).sum()
}

struct Asking<'a> {
    registries: &'a Registries,
    image: &'a Image,
    token: Option<String>,
}

impl Asking<'_> {
    fn error(&self, why: Silence, status: Option<StatusCode>, detail: &dyn std::fmt::Display) -> Error {
        let status = status.map(|s| s.as_u16());
        Error::Registry { image: self.image.to_string(), why, status, detail: detail.to_string() }
    }

    fn garbled(&self, detail: &dyn std::fmt::Display) -> Error {
        self.error(Silence::Garbled, None, detail)
    }

    fn refused(&self, status: StatusCode) -> Error {
        self.error(silence_of(status), Some(status), &status)
    }

    fn lost(&self, error: reqwest::Error) -> Error {
        let why = if error.is_timeout() { Silence::TimedOut } else { Silence::NotReached };
        self.error(why, None, &error.without_url())
    }

    /// A manifest and its digest, which must fit its bytes.
    async fn manifest(&mut self, reference: &str, accept: &[&str]) -> Result<(String, Manifest), Error> {
        let body = self.get(&format!("manifests/{reference}"), accept).await?;
        let found = format!("sha256:{}", hex::encode(Sha256::digest(&body)));
        if reference.starts_with("sha256:") && reference != found {
            return Err(self.garbled(&format_args!("asked for {reference}, got {found}")));
        }
        let manifest = serde_json::from_slice(&body).map_err(|error| self.garbled(&error))?;
        Ok((found, manifest))
    }

    /// The platform that an image's configuration names.
    async fn platform(&mut self, digest: &str) -> Result<Platform, Error> {
        let body = self.get(&format!("blobs/{digest}"), &["*/*"]).await?;
        serde_json::from_slice(&body).map_err(|error| self.garbled(&error))
    }

    /// What Docker Hub tells about the builds of an image's tag.
    async fn hub_builds(&self) -> Result<Vec<HubBuild>, Error> {
        let tag =
            self.image.tag.as_deref().ok_or_else(|| self.error(Silence::NotThere, None, &"named by digest alone"))?;
        let url = format!("{}/v2/repositories/{}/tags/{tag}", self.address(HUB), self.image.repository);
        let answer = self.ask(&url, &["application/json"]).await?;
        if !answer.status().is_success() {
            return Err(self.refused(answer.status()));
        }
        let body = self.read(answer).await?;
        let tag: HubTag = serde_json::from_slice(&body).map_err(|error| self.garbled(&error))?;
        Ok(tag.images)
    }

    fn address(&self, registry: &str) -> String {
        self.registries.addresses.get(registry).cloned().unwrap_or_else(|| format!("https://{registry}"))
    }

    async fn get(&mut self, what: &str, accept: &[&str]) -> Result<Vec<u8>, Error> {
        let url = format!("{}/v2/{}/{what}", self.address(&self.image.registry), self.image.repository);
        let mut answer = self.ask(&url, accept).await?;
        if answer.status() == StatusCode::UNAUTHORIZED && self.token.is_none() {
            let challenge = answer.headers().get(WWW_AUTHENTICATE).and_then(|v| v.to_str().ok()).unwrap_or_default();
            self.token = Some(self.sign_in(challenge).await?);
            answer = self.ask(&url, accept).await?;
        }
        if !answer.status().is_success() {
            return Err(self.refused(answer.status()));
        }
        self.read(answer).await
    }

    async fn read(&self, mut answer: Response) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while let Some(bytes) = answer.chunk().await.map_err(|e| self.lost(e))? {
            body.extend_from_slice(&bytes);
            if body.len() > LARGEST {
                return Err(self.garbled(&"more than a manifest can be"));
            }
        }
        Ok(body)
    }

    async fn ask(&self, url: &str, accept: &[&str]) -> Result<Response, Error> {
        let mut request = self.registries.client.get(url).header(ACCEPT, accept.join(", "));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        request.send().await.map_err(|error| self.lost(error))
    }

    /// The token of somebody who has not signed in, from where the registry says it is given.
    async fn sign_in(&self, challenge: &str) -> Result<String, Error> {
        let refused = |detail: &str| self.error(Silence::SignIn, Some(StatusCode::UNAUTHORIZED), &detail);
        let fields = challenge_fields(challenge).ok_or_else(|| refused("it wants to know who asks"))?;
        let realm = fields.get("realm").ok_or_else(|| refused("it does not say where to sign in"))?;
        let mut url = reqwest::Url::parse(realm).map_err(|error| refused(&error.to_string()))?;
        for key in ["service", "scope"] {
            if let Some(value) = fields.get(key) {
                url.query_pairs_mut().append_pair(key, value);
            }
        }
        let answer = self.registries.client.get(url).send().await;
        let answer = answer.map_err(|error| self.lost(error))?;
        if !answer.status().is_success() {
            return Err(self.refused(answer.status()));
        }
        let body = answer.bytes().await.map_err(|error| self.lost(error))?;
        let token: Token = serde_json::from_slice(&body).map_err(|error| refused(&error.to_string()))?;
        token.token.or(token.access_token).ok_or_else(|| refused("no token came"))
    }
}

/// The fields of `Bearer realm="…",service="…",scope="…"`.
fn challenge_fields(challenge: &str) -> Option<BTreeMap<String, String>> {
    let mut rest = challenge.strip_prefix("Bearer ").or_else(|| challenge.strip_prefix("bearer "))?;
    let mut fields = BTreeMap::new();
    while let Some((key, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"')?;
        fields.insert(key.trim_matches([',', ' ']).to_ascii_lowercase(), value.to_owned());
        rest = after;
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_with_commas_in_its_scope() {
        let text = r#"Bearer realm="https://auth.example/token", service="registry", scope="repository:a/b:pull,push""#;
        let fields = challenge_fields(text).unwrap();
        assert_eq!(fields["realm"], "https://auth.example/token");
        assert_eq!(fields["scope"], "repository:a/b:pull,push");
        assert_eq!(challenge_fields("Basic realm=\"x\""), None);
    }
}
