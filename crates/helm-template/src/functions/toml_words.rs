//! Keys and characters as messages about TOML show them.

use crate::quote::quote_go;

/// A part of a key, quoted if it has to be.
pub(super) fn shown(part: &str) -> String {
    let bare = !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if bare { part.to_owned() } else { format!("\"{}\"", part.replace('"', "\\\"")) }
}

pub(super) fn dotted(name: &[String]) -> String {
    name.iter().map(|part| shown(part)).collect::<Vec<_>>().join(".")
}

/// Go's `%q` of a character.
pub(super) fn quote_rune(c: char) -> String {
    match c {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        c => {
            let quoted = quote_go(&c.to_string());
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    }
}
