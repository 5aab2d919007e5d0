//! A role on a tenant, and where it counts.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A role on a tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// For example `GRO`.
    pub code: String,
    /// The tenant it counts for, and all below it.
    #[serde(default)]
    pub tenant_id: String,
}

impl Role {
    /// A role on a tenant.
    #[must_use]
    pub fn new(code: &str, tenant: &str) -> Self {
        Self { code: code.to_owned(), tenant_id: tenant.to_owned() }
    }

    /// Whether holding this role is enough where `wanted` is needed: the same code, on the same tenant or one above it.
    #[must_use]
    pub fn covers(&self, wanted: &Role) -> bool {
        let above =
            wanted.tenant_id.strip_prefix(&self.tenant_id).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.code == wanted.code && above
    }
}

/// Roles out of an answer; one without a tenant counts for the account's own.
pub(crate) fn roles(list: Option<&Value>) -> Vec<Role> {
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|r| Role::deserialize(r).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_counts_on_its_tenant_and_below() {
        for (held, wanted, covers) in [
            (("GRO", "pg.citya"), ("GRO", "pg.citya"), true),
            (("GRO", "pg"), ("GRO", "pg.citya"), true),
            (("GRO", "pg.cityb"), ("GRO", "pg.citya"), false),
            (("GRO", "pg.citya"), ("GRO", "pg"), false),
            (("GRO", "p"), ("GRO", "pg"), false),
            (("DGRO", "pg"), ("GRO", "pg"), false),
        ] {
            let (held, wanted) = (Role::new(held.0, held.1), Role::new(wanted.0, wanted.1));
            assert_eq!(held.covers(&wanted), covers, "{held:?} {wanted:?}");
        }
    }
}
