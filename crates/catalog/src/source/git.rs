//! Git ids, computed as git does: SHA-1 over a header and the content; a tree lists its entries in git's own order.

use std::collections::BTreeMap;

use sha1::{Digest, Sha1};

use super::{Entry, Tree};

/// The git id of a file's content, 40 hex digits.
#[must_use]
pub fn blob_id(content: &[u8]) -> String {
    hex::encode(object("blob", content))
}

/// The git id of a folder, 40 hex digits. `executable` says whether the modes found are taken; some file systems mark
/// every file executable.
#[must_use]
pub fn tree_id(tree: &Tree, executable: bool) -> String {
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
    hex::encode(root.id(executable))
}

#[derive(Default)]
struct Node<'a> {
    folders: BTreeMap<&'a str, Node<'a>>,
    files: BTreeMap<&'a str, &'a Entry>,
}

impl Node<'_> {
    fn id(&self, executable: bool) -> [u8; 20] {
        // Git sorts a folder as if its name ended in a slash.
        let mut entries: Vec<(Vec<u8>, &str, &str, [u8; 20])> = Vec::new();
        for (name, folder) in &self.folders {
            entries.push((format!("{name}/").into_bytes(), "40000", name, folder.id(executable)));
        }
        for (name, file) in &self.files {
            let mode = if executable && file.executable { "100755" } else { "100644" };
            entries.push((name.as_bytes().to_vec(), mode, name, object("blob", &file.content)));
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
        object("tree", &content)
    }
}

fn object(kind: &str, content: &[u8]) -> [u8; 20] {
    let mut hash = Sha1::new();
    hash.update(format!("{kind} {}\0", content.len()).as_bytes());
    hash.update(content);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_blob_and_an_empty_tree_have_gits_ids() {
        assert_eq!(blob_id(b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(tree_id(&Tree::new(), true), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    }

    #[test]
    fn a_folder_is_sorted_as_if_its_name_ended_in_a_slash() {
        // `git mktree` of: 100755 a-b, 100644 a.b, 40000 a (holding one empty file x).
        let mut tree = Tree::new();
        for (path, executable) in [("a/x", false), ("a-b", true), ("a.b", false)] {
            tree.insert(path.to_owned(), Entry { content: Vec::new(), executable });
        }
        assert_eq!(tree_id(&tree, true), "124fb851b360fccada007ef7578f869694123ce5");
        assert_eq!(tree_id(&tree, false), "1dd23fbb67f33f592ba5e826a95b719f0d8c1089");
    }
}
