//! Texts as people bring them.

use std::borrow::Cow;
use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

/// Reads a text that a person wrote: UTF-8, or what its first bytes say. Windows' shell writes UTF-16 when its output goes to a file, and
/// its editor a mark before UTF-8, which would else become part of the first word.
///
/// # Errors
/// As the system says; [`std::io::ErrorKind::InvalidData`] for what is no text.
pub fn read(path: &Path) -> std::io::Result<String> {
    let no_text = || std::io::Error::new(std::io::ErrorKind::InvalidData, "neither UTF-8 nor UTF-16");
    decode(&std::fs::read(path)?).ok_or_else(no_text)
}

/// The text in these bytes, if they are one.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    encoding.decode_without_bom_handling_and_without_replacement(bytes.get(mark..)?).map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_the_system_wrote_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answers.yaml");
        let words = "name: स्प्रिंगफ़ील्ड\n";
        let utf16 = |to_bytes: fn(u16) -> [u8; 2]| {
            "\u{feff}".encode_utf16().chain(words.encode_utf16()).flat_map(to_bytes).collect::<Vec<u8>>()
        };
        for (bytes, wanted) in [
            (words.as_bytes().to_vec(), Some(words)),
            (format!("\u{feff}{words}").into_bytes(), Some(words)),
            (utf16(u16::to_le_bytes), Some(words)),
            (utf16(u16::to_be_bytes), Some(words)),
            (Vec::new(), Some("")),
            (vec![0xff, 0xfe], Some("")),
            // cut off in the middle, and no text at all
            (vec![0xff, 0xfe, b'a'], None),
            (vec![0x80, 0x81], None),
        ] {
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(read(&path).ok().as_deref(), wanted, "{bytes:x?}");
        }
    }
}
