//! Which lists are merged by key and which maps are taken whole: the part of the OpenAPI schema that apply and patches turn on.

use serde_json::Value;

pub(super) use crate::objects::lists::keys;
use crate::objects::lists::{ends_with, is_custom, keys_of};

/// How a list is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lists {
    /// Replaced as a whole.
    Whole,
    /// Items with the same values of these fields are the same item.
    Keyed(&'static [&'static str]),
    /// Values, each once.
    Set,
}

/// Maps that are one value: whoever sets one field sets all.
const WHOLE_MAPS: &[&str] = &[
    "spec.selector",
    "spec.nodeSelector",
    "labelSelector",
    "podSelector",
    "namespaceSelector",
    "objectSelector",
    "roleRef",
    "configMapKeyRef",
    "secretKeyRef",
    "fieldRef",
    "resourceFieldRef",
];

/// How to read one kind of object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schema<'a> {
    kind: &'a str,
    /// Kinds of definitions have no merge keys, only their metadata has.
    custom: bool,
}

impl<'a> Schema<'a> {
    pub(super) fn of(object: &'a Value) -> Self {
        Schema { kind: super::json::text(object, "/kind"), custom: is_custom(object) }
    }

    pub(super) fn list(&self, path: &[&str]) -> Lists {
        let joined = path.join(".");
        if ends_with(&joined, "metadata.finalizers") {
            return Lists::Set;
        }
        keys_of(self.kind, self.custom, &joined).map_or(Lists::Whole, Lists::Keyed)
    }

    pub(super) fn whole_map(&self, path: &[&str]) -> bool {
        let joined = path.join(".");
        !self.custom && WHOLE_MAPS.iter().any(|end| ends_with(&joined, end))
    }
}
