//! Files that are replaced as a whole, and texts as people bring them.

use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use crate::error::Error;

/// Replaces a file as a whole: what was there stays until the new content is on the disk.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    atomic_file::replace(path, content).map_err(|source| Error::File { path: path.to_owned(), source })
}

/// A text that a person wrote: UTF-8, or what its first bytes say. Windows' shell writes UTF-16 when its output goes to a file, and
/// its editor a mark before UTF-8, which would else become part of the first word.
///
/// # Errors
/// As the system says; [`std::io::ErrorKind::InvalidData`] for what is no text.
pub fn read_text(path: &Path) -> std::io::Result<String> {
    let bytes = std::fs::read(path)?;
    let (encoding, mark) = Encoding::for_bom(&bytes).unwrap_or((UTF_8, 0));
    let text = bytes.get(mark..).and_then(|rest| encoding.decode_without_bom_handling_and_without_replacement(rest));
    let no_text = || std::io::Error::new(std::io::ErrorKind::InvalidData, "neither UTF-8 nor UTF-16");
    text.map(std::borrow::Cow::into_owned).ok_or_else(no_text)
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
            assert_eq!(read_text(&path).ok().as_deref(), wanted, "{bytes:x?}");
        }
    }
}
