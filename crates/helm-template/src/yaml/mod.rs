//! YAML as Go's libraries read and write it (`sigs.k8s.io/yaml` over `go-yaml` v2): YAML 1.1 booleans and numbers,
//! merge keys, the last of two equal keys wins; on output natural key order, go-yaml's quoting and folding.

mod build;
mod order;
mod parse;
mod read;
mod resolve;
mod scalars;
mod scan;
mod tags;
mod write;

pub(crate) use build::Numbers;
pub(crate) use read::{Unreadable, parse, text};
pub(crate) use write::{to_yaml, to_yaml_pretty};
