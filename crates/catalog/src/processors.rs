//! For which processors DIGIT's images are built, where that is known without asking their registry.

use crate::images::Image;

/// One row of [`BUILT`].
struct Built {
    /// Beginning of the repository.
    repository: &'static str,
    /// End of the tag.
    tag: &'static str,
    /// As Kubernetes names them.
    processors: &'static [&'static str],
}

/// The first row that fits counts. Source: the workflows that built them, read at the commits that the tags name: Digit-Core's built for
/// both at 4a60f20; images whose tag carries a build number come from a pipeline that builds for one. What is not DIGIT's is not here: its
/// registry knows, and most of it is built for both.
const BUILT: &[Built] = &[
    Built { repository: "egovio/", tag: "-4a60f20", processors: &["amd64", "arm64"] },
    Built { repository: "egovio/", tag: "", processors: &["amd64"] },
];

/// The processors that an image is built for; `None`: nothing is known.
#[must_use]
pub fn built_for(image: &Image) -> Option<&'static [&'static str]> {
    let tag = image.tag.as_deref().unwrap_or_default();
    let fits = |row: &&Built| image.repository.starts_with(row.repository) && tag.ends_with(row.tag);
    BUILT.iter().find(fits).map(|row| row.processors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_for_both_is_told_from_what_is_not() {
        for (name, wanted) in [
            ("egovio/egov-idgen:v2.9.2-4a60f20", Some(&["amd64", "arm64"][..])),
            ("docker.io/egovio/egov-idgen-db:v2.9.2-4a60f20", Some(&["amd64", "arm64"])),
            ("egovio/egov-hrms:DIGIT-2.9-LTS-4553648f56-9", Some(&["amd64"])),
            ("egovio/citizen:v1.10.0-beta-0ad561e837-30", Some(&["amd64"])),
            ("egovio/egov-idgen@sha256:ab", Some(&["amd64"])),
            ("registry.example:5000/egovio/redis:7.2.4", Some(&["amd64"])),
            ("postgres:15-bookworm", None),
            ("quay.io/jetstack/cert-manager-webhook:v1.13.3", None),
        ] {
            assert_eq!(built_for(&Image::parse(name).unwrap()), wanted, "{name}");
        }
    }
}
