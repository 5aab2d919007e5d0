//! Git ids, computed as git does: a hash over a header and the content; a tree lists its entries in git's own order.
//!
//! Git knows two object formats. Repositories are named by their SHA-1 ids, which can be forged with effort; the same
//! objects in the format of SHA-256 cannot, and do not depend on how an archive was packed.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::tree::{Entry, Tree};

/// The hash that ids are made with, as in `git init --object-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectFormat {
    /// 40 hex digits. Content that was made to collide gets another id than plain SHA-1 would give it.
    Sha1,
    /// 64 hex digits.
    Sha256,
}

/// The git id of a file's content, in hex digits.
#[must_use]
pub fn blob_id(content: &[u8], format: ObjectFormat) -> String {
    hex::encode(object("blob", content, format))
}

/// The git id of a folder, in hex digits. `executable` says whether the modes found are taken; some file systems mark
/// every file executable.
#[must_use]
pub fn tree_id(tree: &Tree, executable: bool, format: ObjectFormat) -> String {
    let mut root = Node::default();
    for (path, entry) in tree {
        let mut node = &mut root;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_some() {
                node = node.folders.entry(part).or_default();
            } else {
                node.files.insert(part, entry);
            }
        }
    }
    hex::encode(root.id(executable, format))
}

#[derive(Default)]
struct Node<'a> {
    folders: BTreeMap<&'a str, Node<'a>>,
    files: BTreeMap<&'a str, &'a Entry>,
}

impl Node<'_> {
    fn id(&self, executable: bool, format: ObjectFormat) -> Vec<u8> {
        // Git sorts a folder as if its name ended in a slash.
        let mut entries: Vec<(Vec<u8>, &str, &str, Vec<u8>)> = Vec::new();
        for (name, folder) in &self.folders {
            entries.push((format!("{name}/").into_bytes(), "40000", name, folder.id(executable, format)));
        }
        for (name, file) in &self.files {
            let mode = if executable && file.executable { "100755" } else { "100644" };
            entries.push((name.as_bytes().to_vec(), mode, name, object("blob", &file.content, format)));
        }
        entries.sort();
        let mut content = Vec::new();
        for (_, mode, name, id) in entries {
            content.extend_from_slice(mode.as_bytes());
            content.push(b' ');
            content.extend_from_slice(name.as_bytes());
            content.push(0);
            content.extend_from_slice(&id);
        }
        object("tree", &content, format)
    }
}

fn object(kind: &str, content: &[u8], format: ObjectFormat) -> Vec<u8> {
    let header = format!("{kind} {}\0", content.len());
    match format {
        ObjectFormat::Sha1 => sha1(&[header.as_bytes(), content]),
        ObjectFormat::Sha256 => {
            let mut hash = Sha256::new();
            hash.update(header.as_bytes());
            hash.update(content);
            hash.finalize().to_vec()
        }
    }
}

/// SHA-1, but of what was made to collide another hash, which no repository has.
fn sha1(parts: &[&[u8]]) -> Vec<u8> {
    use sha1_checked::Digest as _;
    let mut hash = sha1_checked::Sha1::new();
    for part in parts {
        hash.update(part);
    }
    hash.try_finalize().hash().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [ObjectFormat; 2] = [ObjectFormat::Sha1, ObjectFormat::Sha256];

    #[test]
    fn an_empty_blob_and_an_empty_tree_have_gits_ids() {
        assert_eq!(
            BOTH.map(|format| blob_id(b"", format)),
            [
                "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
                "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
            ]
        );
        assert_eq!(
            BOTH.map(|format| tree_id(&Tree::new(), true, format)),
            [
                "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
                "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
            ]
        );
    }

    #[test]
    fn a_folder_is_sorted_as_if_its_name_ended_in_a_slash() {
        // `git mktree` of: 100755 a-b, 100644 a.b, 40000 a (holding one empty file x).
        let mut tree = Tree::new();
        for (path, executable) in [("a/x", false), ("a-b", true), ("a.b", false)] {
            tree.insert(path.to_owned(), Entry { content: Vec::new(), executable });
        }
        assert_eq!(tree_id(&tree, true, ObjectFormat::Sha1), "124fb851b360fccada007ef7578f869694123ce5");
        assert_eq!(tree_id(&tree, false, ObjectFormat::Sha1), "1dd23fbb67f33f592ba5e826a95b719f0d8c1089");
        assert_eq!(
            tree_id(&tree, true, ObjectFormat::Sha256),
            "11357848a69ad35bbdfbc25445511838aa0b7171192f28b11cb47553606be72e"
        );
    }

    /// The beginning of the first of the two files of SHAttered (2017), which have one SHA-1.
    const SHATTERED: &str = "\
         255044462d312e330a25e2e3cfd30a0a0a312030206f626a0a3c3c2f57696474682032203020522f48656967687420332030\
         20522f547970652034203020522f537562747970652035203020522f46696c7465722036203020522f436f6c6f7253706163\
         652037203020522f4c656e6774682038203020522f42697473506572436f6d706f6e656e7420383e3e0a73747265616d0aff\
         d8fffe00245348412d3120697320646561642121212121852fec092339759c39b1a1c63c4c97e1fffe017346dc9166b67e11\
         8f029ab621b2560ff9ca67cca8c7f85ba84c79030c2b3de218f86db3a90901d5df45c14f26fedfb3dc38e96ac22fe7bd728f\
         0e45bce046d23c570feb141398bb552ef5a0a82be331fea48037b8b5d71f0e332edf93ac3500eb4ddc0decc1a864790c782c\
         76215660dd309791d06bd0af3f98cda4bc4629b1";

    #[test]
    fn content_that_was_made_to_collide_has_not_the_id_that_it_was_made_for() {
        let made = hex::decode(SHATTERED).unwrap();
        assert_eq!(made.len(), 320);
        assert_ne!(hex::encode(sha1(&[&made])), "f92d74e3874587aaf443d1db961d4e26dde13e9c");
        assert_eq!(hex::encode(sha1(&[b"a", b"bc"])), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
