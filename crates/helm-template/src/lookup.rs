//! What `lookup` sees of a cluster.

/// What `lookup` sees of a cluster.
pub trait Lookup {
    /// The object, or a list when `name` is empty; `None` if there is none.
    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Option<serde_json::Value>;
}

/// A `lookup` that finds nothing, as in `helm template`.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLookup;

impl Lookup for NoLookup {
    fn lookup(&self, _: &str, _: &str, _: &str, _: &str) -> Option<serde_json::Value> {
        None
    }
}
