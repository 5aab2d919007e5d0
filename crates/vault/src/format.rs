//! How secrets are drawn; randomness comes in as a parameter.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use rand::{CryptoRng, RngExt};
use secrecy::SecretString;
use zeroize::Zeroizing;

/// What a secret looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// So many characters of an alphabet.
    Chars(usize, Alphabet),
    /// So many random bytes in base64.
    Base64(usize),
    /// So many random bytes in base64 for URLs, without padding.
    Base64Url(usize),
    /// So many random bytes in hexadecimal.
    Hex(usize),
}

/// Characters to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Letters and digits: safe in URLs, JDBC strings, shells and YAML.
    Alphanumeric,
    /// Capitals and digits.
    CapitalsAndDigits,
    /// Letters and digits with at least one capital, one small letter, one digit and one of `@#$%`, beginning with a
    /// letter. DIGIT asks this of people's passwords.
    ForPeople,
}

const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SMALL: &str = "abcdefghijklmnopqrstuvwxyz";
const DIGITS: &str = "0123456789";
const SIGNS: &str = "@#$%";

impl Format {
    /// A new secret of this format.
    pub fn draw(self, rng: &mut (impl CryptoRng + ?Sized)) -> SecretString {
        match self {
            Format::Chars(len, Alphabet::Alphanumeric) => chars(len, &[CAPITALS, SMALL, DIGITS].concat(), rng),
            Format::Chars(len, Alphabet::CapitalsAndDigits) => chars(len, &[CAPITALS, DIGITS].concat(), rng),
            Format::Chars(len, Alphabet::ForPeople) => for_people(len, rng),
            Format::Base64(len) => BASE64_STANDARD.encode(bytes(len, rng)).into(),
            Format::Base64Url(len) => BASE64_URL_SAFE_NO_PAD.encode(bytes(len, rng)).into(),
            Format::Hex(len) => hex::encode(bytes(len, rng)).into(),
        }
    }
}

fn bytes(len: usize, rng: &mut (impl CryptoRng + ?Sized)) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; len]);
    rng.fill_bytes(&mut bytes);
    bytes
}

fn one_of(alphabet: &str, rng: &mut (impl CryptoRng + ?Sized)) -> char {
    char::from(alphabet.as_bytes()[rng.random_range(0..alphabet.len())])
}

fn chars(len: usize, alphabet: &str, rng: &mut (impl CryptoRng + ?Sized)) -> SecretString {
    let mut text = String::with_capacity(len);
    text.extend((0..len).map(|_| one_of(alphabet, rng)));
    text.into()
}

/// Drawn again until it has one of each, so that every one that has is equally likely.
fn for_people(len: usize, rng: &mut (impl CryptoRng + ?Sized)) -> SecretString {
    let letters = [CAPITALS, SMALL].concat();
    let all = [CAPITALS, SMALL, DIGITS, SIGNS].concat();
    let len = len.max(8);
    loop {
        let mut text = Zeroizing::new(String::with_capacity(len));
        text.push(one_of(&letters, rng));
        text.extend((1..len).map(|_| one_of(&all, rng)));
        if [CAPITALS, SMALL, DIGITS, SIGNS].iter().all(|part| text.contains(|c| part.contains(c))) {
            return text.as_str().into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use secrecy::ExposeSecret;

    #[test]
    fn every_secret_has_its_format() {
        let mut rng = StdRng::seed_from_u64(1);
        for format in [
            Format::Chars(32, Alphabet::Alphanumeric),
            Format::Chars(20, Alphabet::CapitalsAndDigits),
            Format::Chars(14, Alphabet::ForPeople),
            Format::Base64(32),
            Format::Base64Url(16),
            Format::Hex(16),
        ] {
            for _ in 0..200 {
                let secret = format.draw(&mut rng);
                let text = secret.expose_secret();
                let all = |f: fn(char) -> bool| text.chars().all(f);
                let fits = match format {
                    Format::Chars(len, alphabet) => {
                        text.len() == len
                            && match alphabet {
                                Alphabet::Alphanumeric => all(|c| c.is_ascii_alphanumeric()),
                                Alphabet::CapitalsAndDigits => all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()),
                                Alphabet::ForPeople => {
                                    text.starts_with(|c: char| c.is_ascii_alphabetic())
                                        && text.contains(|c| SIGNS.contains(c))
                                        && text.contains(|c: char| c.is_ascii_uppercase())
                                        && text.contains(|c: char| c.is_ascii_lowercase())
                                        && text.contains(|c: char| c.is_ascii_digit())
                                        && all(|c| c.is_ascii_alphanumeric() || SIGNS.contains(c))
                                }
                            }
                    }
                    Format::Base64(len) => BASE64_STANDARD.decode(text).unwrap().len() == len,
                    Format::Base64Url(len) => BASE64_URL_SAFE_NO_PAD.decode(text).unwrap().len() == len,
                    Format::Hex(len) => hex::decode(text).unwrap().len() == len,
                };
                assert!(fits, "{format:?}");
            }
        }
        assert_eq!(Format::Base64Url(16).draw(&mut rng).expose_secret().len(), 22);
    }
}
