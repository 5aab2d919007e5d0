//! Ids and numbers, drawn from a seed so that a test can be repeated.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// The one source of chance.
#[derive(Debug)]
pub(crate) struct Draw(StdRng);

impl Draw {
    pub(crate) fn new(seed: u64) -> Draw {
        Draw(StdRng::seed_from_u64(seed))
    }

    /// A UUID of version 4.
    pub(crate) fn uuid(&mut self) -> String {
        let bits: u128 = self.0.random();
        let bits = bits & !(0xf << 76) & !(0b11 << 62) | (0x4 << 76) | (0b10 << 62);
        let text = format!("{bits:032x}");
        let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
        parts.map(|(from, to)| text.get(from..to).unwrap_or_default()).join("-")
    }

    /// As many digits.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.0.random_range(0..10_u8))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_4_and_come_again_from_the_same_seed() {
        let (mut one, mut same, mut other) = (Draw::new(7), Draw::new(7), Draw::new(8));
        let form = regex::Regex::new("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$").unwrap();
        for _ in 0..50 {
            let id = one.uuid();
            assert!(form.is_match(&id), "{id}");
            assert_eq!(id, same.uuid());
            assert_ne!(id, other.uuid());
        }
    }
}
