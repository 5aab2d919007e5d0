//! The images of a plan: what uses each, and what its registry says about it where one answers.

use std::collections::BTreeMap;
use std::time::Duration;

use catalog::images::Image;
use catalog::references::Placed;
use catalog::registry::{Known, Registries, Silence};
use catalog::survey::{Limits, survey};
use serde::Serialize;

use super::objects::everything;
use super::planned::Planned;

/// How long is waited at most until a connection to a registry stands.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// One image and what uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageUse {
    /// The image, taken apart.
    pub image: Image,
    /// Services that use it.
    pub used_by: Vec<String>,
}

/// One image as `digit plan --images` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ImageView {
    /// Registry, for example `docker.io`.
    pub registry: String,
    /// Repository in it.
    pub repository: String,
    /// Tag, if the charts name one.
    pub tag: Option<String>,
    /// Digest: as the charts name it, else what the tag stands for now.
    pub digest: Option<String>,
    /// Platforms, for example `linux/amd64`, each with the bytes that are downloaded for it.
    pub platforms: Option<BTreeMap<String, u64>>,
    /// Why the registry said nothing, if so: message `image-CODE`.
    pub reason: Option<&'static str>,
    /// Services that use it.
    pub used_by: Vec<String>,
}

impl Planned {
    /// Every image, each once, with what uses it.
    pub fn images(&self) -> Vec<ImageUse> {
        let placed: Vec<Placed<'_>> = self
            .selection
            .services
            .iter()
            .filter_map(|s| Some((s, self.rendered.get(&s.name)?)))
            .flat_map(|(s, rendered)| {
                let place = move |object| Placed { service: &s.name, namespace: &s.namespace, object };
                everything(rendered).into_iter().map(place)
            })
            .collect();
        let used = catalog::images::images(&placed).into_iter();
        used.map(|used| ImageUse { image: used.image, used_by: used.used_by.into_iter().collect() }).collect()
    }
}

/// Asks the registries about all of them.
pub(crate) async fn known(images: &[ImageUse], registries: &Registries) -> Vec<ImageView> {
    let asked: Vec<Image> = images.iter().map(|used| used.image.clone()).collect();
    let found = survey(registries, &asked, Limits::default()).await;
    images.iter().zip(found).map(|(used, found)| view(used, found)).collect()
}

fn view(used: &ImageUse, found: Result<Known, Silence>) -> ImageView {
    let image = &used.image;
    let (digest, platforms, reason) = match found {
        Ok(known) => (Some(known.digest), Some(known.platforms), None),
        Err(why) => (image.digest.clone(), None, Some(why.code())),
    };
    ImageView {
        registry: image.registry.clone(),
        repository: image.repository.clone(),
        tag: image.tag.clone(),
        digest,
        platforms,
        reason,
        used_by: used.used_by.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_known_is_null_with_the_reason() {
        let of = |name: &str| ImageUse { image: Image::parse(name).unwrap(), used_by: vec!["a".to_owned()] };
        let known =
            Known { digest: "sha256:ab".to_owned(), platforms: BTreeMap::from([("linux/amd64".to_owned(), 7)]) };
        let cases = [
            (
                view(&of("r.example/x:1"), Ok(known)),
                json!({"registry": "r.example", "repository": "x", "tag": "1", "digest": "sha256:ab",
                    "platforms": {"linux/amd64": 7}, "reason": null, "used-by": ["a"]}),
            ),
            (
                view(&of("r.example/x:1"), Err(Silence::NotReached)),
                json!({"registry": "r.example", "repository": "x", "tag": "1", "digest": null,
                    "platforms": null, "reason": "not-reached", "used-by": ["a"]}),
            ),
            (
                view(&of("r.example/x@sha256:cd"), Err(Silence::NotThere)),
                json!({"registry": "r.example", "repository": "x", "tag": null, "digest": "sha256:cd",
                    "platforms": null, "reason": "not-there", "used-by": ["a"]}),
            ),
        ];
        for (view, wanted) in cases {
            assert_eq!(serde_json::to_value(view).unwrap(), wanted);
        }
    }
}
