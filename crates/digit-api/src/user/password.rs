//! egov-user's rule for passwords, for chosen ones and drawn ones. It refuses 16 characters and more, so a usual generator will not do.

use secrecy::{ExposeSecret as _, SecretString};

/// Fewest characters.
const FEWEST: usize = 8;
/// Most characters.
const MOST: usize = 15;
/// What a drawn one has: 15 of 56 characters, about 86 bits.
const DRAWN: usize = MOST;

// Without those that are taken for one another when read aloud or copied from paper: 0 O o, 1 l I, 5 S, 2 Z, 8 B.
const LOWER: &[u8] = b"abcdefghijkmnpqrstuvwxyz";
const UPPER: &[u8] = b"ACDEFGHJKLMNPQRTUVWXY";
const DIGIT: &[u8] = b"34679";
const SIGN: &[u8] = b"@#$%";

/// What of the rule a password breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Under 8 characters.
    TooShort,
    /// Over 15 characters.
    TooLong,
    /// A space, tab or other white space.
    WhiteSpace,
    /// No digit.
    NoDigit,
    /// No lower case letter of a to z.
    NoLower,
    /// No upper case letter of A to Z.
    NoUpper,
    /// None of `@ # $ %`.
    NoSign,
}

impl Broken {
    /// Stable, in kebab case.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Broken::TooShort => "too-short",
            Broken::TooLong => "too-long",
            Broken::WhiteSpace => "white-space",
            Broken::NoDigit => "no-digit",
            Broken::NoLower => "no-lower-case",
            Broken::NoUpper => "no-upper-case",
            Broken::NoSign => "no-sign",
        }
    }
}

/// Whether egov-user will take a chosen password.
///
/// # Errors
/// The first thing of the rule that it breaks.
pub fn check(password: &SecretString) -> Result<(), Broken> {
    let text = password.expose_secret();
    let length = text.chars().count();
    let has = |wanted: &dyn Fn(char) -> bool| text.chars().any(wanted);
    if length < FEWEST {
        Err(Broken::TooShort)
    } else if length > MOST {
        Err(Broken::TooLong)
    } else if has(&char::is_whitespace) {
        Err(Broken::WhiteSpace)
    } else if !has(&|c| c.is_ascii_digit()) {
        Err(Broken::NoDigit)
    } else if !has(&|c| c.is_ascii_lowercase()) {
        Err(Broken::NoLower)
    } else if !has(&|c| c.is_ascii_uppercase()) {
        Err(Broken::NoUpper)
    } else if !has(&|c| SIGN.contains(&(c as u32 as u8)) && c.is_ascii()) {
        Err(Broken::NoSign)
    } else {
        Ok(())
    }
}

/// Where randomness comes from: a number below the given bound, each as likely as the other.
pub type Draw<'a> = dyn FnMut(usize) -> usize + 'a;

/// Draws a password that keeps the rule and holds no character that is taken for another.
#[must_use]
pub fn draw(below: &mut Draw<'_>) -> SecretString {
    let all: Vec<u8> = [LOWER, UPPER, DIGIT, SIGN].concat();
    let mut pick = |from: &[u8]| from[below(from.len()) % from.len()];
    // One of each kind first, so that the rule holds; then mixed, so that nobody knows which stands where.
    let mut drawn: Vec<u8> = [LOWER, UPPER, DIGIT, SIGN].iter().map(|kind| pick(kind)).collect();
    while drawn.len() < DRAWN {
        drawn.push(pick(&all));
    }
    for last in (1..drawn.len()).rev() {
        drawn.swap(last, below(last + 1) % (last + 1));
    }
    SecretString::from(drawn.into_iter().map(char::from).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt as _;

    #[test]
    fn a_chosen_password_is_held_to_the_rule() {
        for (password, broken) in [
            ("Abcdef1@", None),
            ("Abcdefghijkl12@", None),
            ("Abcdef1", Some(Broken::TooShort)),
            ("Abcdefghijklm12@", Some(Broken::TooLong)),
            ("Abc def1@", Some(Broken::WhiteSpace)),
            ("Abc\u{a0}def1@", Some(Broken::WhiteSpace)),
            ("Abcdefg@", Some(Broken::NoDigit)),
            ("ABCDEF1@", Some(Broken::NoLower)),
            ("abcdef1@", Some(Broken::NoUpper)),
            ("Abcdef12", Some(Broken::NoSign)),
            ("Abcdef1!", Some(Broken::NoSign)),
            // U+0140 ends in the byte of @
            ("Abcdef1\u{140}", Some(Broken::NoSign)),
        ] {
            assert_eq!(check(&SecretString::from(password)).err(), broken, "{password}");
        }
    }

    #[test]
    fn what_is_drawn_keeps_the_rule_and_differs() {
        let mut rng = rand::rng();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..500 {
            let password = draw(&mut |bound| rng.random_range(0..bound));
            assert_eq!(check(&password), Ok(()));
            let text = password.expose_secret().to_owned();
            assert_eq!(text.len(), 15);
            assert!(!text.contains(['0', 'O', 'o', '1', 'l', 'I', '5', 'S', '2', 'Z', '8', 'B']), "{text}");
            seen.insert(text);
        }
        assert_eq!(seen.len(), 500);
    }

    #[test]
    fn the_same_randomness_draws_the_same() {
        let numbers = |mut next: usize| {
            move |bound: usize| {
                next = next.wrapping_mul(31).wrapping_add(7);
                next % bound
            }
        };
        let (one, two, other) = (draw(&mut numbers(1)), draw(&mut numbers(1)), draw(&mut numbers(2)));
        assert_eq!(one.expose_secret(), two.expose_secret());
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}
