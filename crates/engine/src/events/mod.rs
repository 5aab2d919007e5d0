//! What happened: the one stream of events, and what follows from it without a clock.

pub(crate) mod event;
pub(crate) mod order;
pub(crate) mod purpose;
pub(crate) mod redact;
pub(crate) mod thin;
pub(crate) mod values;
