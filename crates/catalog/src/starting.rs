//! What services do when they start for the first time, and others do not.

/// A service that ends and is started again while it starts in a new database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restarts {
    /// The service.
    pub service: &'static str,
    /// How many times each of its containers may.
    pub times: u32,
    /// Why it does.
    pub reason: &'static str,
}

/// All that do.
pub const RESTARTS: &[Restarts] = &[Restarts {
    service: "egov-hrms",
    times: 1,
    reason: "it looks for a user of its own, makes it, reads the old answer, in which there was none, and ends; started \
             again it finds it",
}];

/// How many times each container of a service may end while it starts in a new database.
#[must_use]
pub fn restarts(service: &str) -> u32 {
    RESTARTS.iter().find(|one| one.service == service).map_or(0, |one| one.times)
}
