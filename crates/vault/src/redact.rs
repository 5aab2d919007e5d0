//! Takes secrets out of texts. By value: as they are, and as programs write them: in JSON, in URLs, in base64, also
//! inside something longer. And by what looks like one (see `patterns`), for what nobody told us.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

use crate::patterns::redact_patterns;

/// Secrets that are shorter stand in too many texts by chance.
const SHORTEST: usize = 6;
/// A line of a secret of many lines that is shorter is taken for layout.
const SHORTEST_LINE: usize = 16;
/// What stands in their place.
const BLANK: &str = "***";

/// Takes secrets out of texts. Cheap to clone; all clones learn of new secrets at once.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Arc<RwLock<Known>>,
}

#[derive(Default)]
struct Known {
    forms: BTreeSet<String>,
    search: Option<AhoCorasick>,
}

impl Redactor {
    /// From now on this is taken out, in all its forms.
    pub fn add(&self, secret: &SecretString) {
        self.add_all(std::iter::once(secret));
    }

    /// The same with many.
    pub fn add_all<'a>(&self, secrets: impl IntoIterator<Item = &'a SecretString>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let before = known.forms.len();
        for secret in secrets {
            known.forms.extend(forms(secret.expose_secret()));
        }
        if known.forms.len() > before {
            // Fails only with more patterns than memory holds; then the old ones still serve.
            let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&known.forms);
            known.search = search.ok().or_else(|| known.search.take());
        }
    }

    /// The text with `***` for each secret and for what looks like one.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.redact_known(text) {
            Cow::Borrowed(text) => redact_patterns(text),
            Cow::Owned(text) => Cow::Owned(redact_patterns(&text).into_owned()),
        }
    }

    /// The longest first where they overlap.
    fn redact_known<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let Some(search) = &known.search else { return Cow::Borrowed(text) };
        let mut out = String::new();
        let mut done = 0;
        for found in search.find_iter(text) {
            out.push_str(&text[done..found.start()]);
            out.push_str(BLANK);
            done = found.end();
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[done..]);
        Cow::Owned(out)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

fn forms(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::new();
    if secret.len() < SHORTEST {
        return forms;
    }
    forms_of_part(secret, &mut forms);
    if secret.contains('\n') {
        // Keys and certificates come line by line; their first and last lines are the same for all.
        let lines = secret.lines().map(str::trim).filter(|l| l.len() >= SHORTEST_LINE && !l.starts_with("-----"));
        lines.for_each(|line| forms_of_part(line, &mut forms));
    }
    forms
}

fn forms_of_part(part: &str, forms: &mut BTreeSet<String>) {
    forms.insert(part.to_owned());
    let json = serde_json::Value::from(part).to_string();
    // Without the quotes around it.
    if let Some(json) = json.get(1..json.len() - 1) {
        forms.insert(json.to_owned());
        forms.insert(json.replace('/', "\\/"));
    }
    for (hex, blank) in [(Hex::Upper, "%20"), (Hex::Lower, "%20"), (Hex::Upper, "+"), (Hex::Lower, "+")] {
        forms.insert(percent_encoded(part, hex, blank));
    }
    for offset in 0..3 {
        forms.extend(base64_inside(part.as_bytes(), offset));
    }
}

#[derive(Clone, Copy)]
enum Hex {
    Upper,
    Lower,
}

fn percent_encoded(text: &str, hex: Hex, blank: &str) -> String {
    let byte = |b: u8| match (b, hex) {
        (b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~', _) => char::from(b).to_string(),
        (b' ', _) => blank.to_owned(),
        (_, Hex::Upper) => format!("%{b:02X}"),
        (_, Hex::Lower) => format!("%{b:02x}"),
    };
    text.bytes().map(byte).collect()
}

/// The characters that a secret always gives in base64 when it begins so many bytes after a group of three, whatever
/// stands around it: so it is found in `user:password` too. Both alphabets.
fn base64_inside(secret: &[u8], offset: usize) -> Vec<String> {
    let mut padded = vec![0; offset];
    padded.extend_from_slice(secret);
    let from = (offset * 8).div_ceil(6);
    let to = padded.len() * 8 / 6;
    let middle = |encoded: String| encoded.get(from..to).filter(|m| m.len() >= SHORTEST).map(str::to_owned);
    let both = [BASE64_STANDARD_NO_PAD.encode(&padded), BASE64_URL_SAFE_NO_PAD.encode(&padded)];
    both.into_iter().filter_map(middle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
    use proptest::prelude::*;

    fn redactor(secrets: &[&str]) -> Redactor {
        let redactor = Redactor::default();
        redactor.add_all(&secrets.iter().map(|s| SecretString::from(*s)).collect::<Vec<_>>());
        redactor
    }

    #[test]
    fn secrets_are_found_however_they_are_written() {
        let r = redactor(&[
            "p@ss wörd/\"1\"",
            "p@ss wörd",
            "12345",
            "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END KEY-----",
        ]);
        for (text, expected) in [
            ("nothing", "nothing"),
            ("12345 is too short", "12345 is too short"),
            ("x p@ss wörd/\"1\" y", "x *** y"),
            ("x p@ss wörd y", "x *** y"),
            (r#"{"a":"p@ss wörd/\"1\""}"#, r#"{"a":"***"}"#),
            (r#"{"a":"p@ss wörd\/\"1\""}"#, r#"{"a":"***"}"#),
            ("u:p%40ss%20w%C3%B6rd%2F%221%22@h", "u:***@h"),
            ("u:p%40ss+w%c3%b6rd%2f%221%22@h", "u:***@h"),
            ("-----BEGIN KEY-----", "-----BEGIN KEY-----"),
            ("  MIIEvQIBADANBgkqhkiG", "  ***"),
        ] {
            assert_eq!(r.redact(text), expected, "{text}");
        }
    }

    #[test]
    fn clones_learn_of_new_secrets() {
        let r = redactor(&[]);
        let other = r.clone();
        assert_eq!(other.redact("abcdef"), "abcdef");
        r.add(&"abcdef".into());
        assert_eq!(other.redact("abcdef"), "***");
        assert_eq!(format!("{other:?}"), "Redactor");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_form_of_a_secret_stays_wherever_it_stands(
            secret in "[ -~]{8,40}",
            before in "[a-z:]{0,7}",
            after in "[a-z:]{0,7}",
        ) {
            let r = redactor(&[&secret]);
            let inside = format!("{before}{secret}{after}");
            prop_assert!(!r.redact(&inside).contains(&secret));
            let json = serde_json::to_string(&inside).unwrap();
            prop_assert!(r.redact(&json).contains(BLANK));
            for encoded in [BASE64_STANDARD.encode(&inside), BASE64_URL_SAFE.encode(&inside)] {
                let redacted = r.redact(&encoded);
                prop_assert!(redacted.contains(BLANK), "{encoded}");
                // At its edges two characters may stay, which hold bits of its first and last bytes.
                prop_assert!(redacted.len() <= encoded.len() - secret.len() * 4 / 3 + 2 + BLANK.len());
            }
        }
    }
}
