//! Tasks of the house: `cargo xtask test` and the others.
fn main() {}
