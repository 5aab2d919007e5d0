//! The journal: every durable event of an installation, in order, one JSON object a line, on the disk before anyone
//! sees it.
//!
//! The file begins with a line that names its format. A line that a crash tore is cut off at the next opening; lines of
//! a newer version stay as they are and are read as [`What::Unknown`](crate::What::Unknown).

pub(crate) mod older;
pub(crate) mod read;
pub(crate) mod storage;
pub(crate) mod writer;
