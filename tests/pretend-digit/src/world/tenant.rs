//! Tenants are named from above: `pg`, `pg.citya`.

/// The state of a tenant: what is before its first dot.
pub(crate) fn state_of(tenant: &str) -> &str {
    tenant.split('.').next().unwrap_or(tenant)
}
