//! Objects of a cluster: looked at, read, applied, deleted.

pub mod apply;
pub mod discovery;
pub mod lists;
pub mod look;
pub mod rights;
pub mod verbs;
