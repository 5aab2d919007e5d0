//! Takes out of texts what looks like a secret: what nobody told us by value, since it belongs to somebody else's program.
//! Only what is unmistakable; a word like *token* in a sentence stays.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// What is looked for, and what stands in its place.
const PATTERNS: [(&str, &str); 7] = [
    // a key, to its end or to the end of what we were given
    (
        r"(?s)-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)",
        "-----BEGIN ${1}PRIVATE KEY----- ***",
    ),
    // a signed token
    (r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?", "***"),
    // what HTTP signs in with
    (r"(?i)\b(bearer|basic)(\s+)[a-z0-9+/=_.~-]{8,}", "$1$2***"),
    // an address with a password in it
    (r"(?i)\b([a-z][a-z0-9+.-]*://[^\s/:@]+:)[^\s/@]+@", "$1***@"),
    // KEY=value, as environments, arguments and connection strings have it
    (
        r#"(?i)([\w.-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)["']?\s*=\s*["']?)[^\s"',;&}]{4,}"#,
        "$1***",
    ),
    // the same in JSON, also inside a quoted text
    (
        r#"(?i)(\\?"[\w.-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)\\?"\s*:\s*\\?")[^"\\]{4,}"#,
        "$1***",
    ),
    // password: value
    (r"(?i)\b(passw(?:or)?d\s*:\s*)[^\s\x22'*]{4,}", "$1***"),
];

static ANY: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(PATTERNS.map(|(pattern, _)| pattern)).ok());
static EACH: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    PATTERNS.iter().filter_map(|(pattern, blank)| Some((Regex::new(pattern).ok()?, *blank))).collect()
});

/// The text with `***` for what looks like a secret.
pub fn redact_patterns(text: &str) -> Cow<'_, str> {
    if ANY.as_ref().is_some_and(|any| !any.is_match(text)) {
        return Cow::Borrowed(text);
    }
    let mut out = Cow::Borrowed(text);
    for (pattern, blank) in EACH.iter() {
        if let Cow::Owned(without) = pattern.replace_all(&out, *blank) {
            out = Cow::Owned(without);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        assert!(ANY.is_some());
        assert_eq!(EACH.len(), PATTERNS.len());
    }

    #[test]
    fn what_looks_like_a_secret_goes_and_sentences_stay() {
        for (text, without) in [
            ("ARM_CLIENT_SECRET=s3cr3tvalue az login", "ARM_CLIENT_SECRET=*** az login"),
            (r#"ARM_CLIENT_SECRET="s3cr3tvalue" az"#, r#"ARM_CLIENT_SECRET="***" az"#),
            ("--token=abcdefgh --region x", "--token=*** --region x"),
            ("host=db password=hunter22 dbname=x", "host=db password=*** dbname=x"),
            ("postgres://digit:hunter22@db:5432/x", "postgres://digit:***@db:5432/x"),
            ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
            ("authorization: basic ZWdvdjp1c2Vy", "authorization: basic ***"),
            (r#"{"access_token":"f00f00f0","a":1}"#, r#"{"access_token":"***","a":1}"#),
            (r#"body "{\"password\":\"hunter22\"}""#, r#"body "{\"password\":\"***\"}""#),
            ("password: hunter22", "password: ***"),
            ("got eyJhbGciOiJSUzI1NiJ9.eyJzdWIi.c2ln back", "got *** back"),
            (
                "x -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- y",
                "x -----BEGIN RSA PRIVATE KEY----- *** y",
            ),
            ("-----BEGIN PRIVATE KEY-----\nMIIE cut off", "-----BEGIN PRIVATE KEY----- ***"),
            // what an engineer needs stays
            ("password authentication failed for user digit", "password authentication failed for user digit"),
            (r#"secret "db" not found"#, r#"secret "db" not found"#),
            ("secretName=db-secret", "secretName=db-secret"),
            ("InvalidAccessTokenException: expired", "InvalidAccessTokenException: expired"),
            ("https://example.org:8443/user/oauth/token", "https://example.org:8443/user/oauth/token"),
            ("tenantId=pg.citya token expired", "tenantId=pg.citya token expired"),
        ] {
            assert_eq!(redact_patterns(text), without, "{text}");
        }
    }
}
