//! `digit`: the second head of the same body.
fn main() {}
