//! DIGIT's configuration: what is persisted, indexed, searched and shown, and how. Of the repository's files only those
//! go along that a chart of the plan names. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::parse;
use crate::Error;
use crate::source::{Entry, Tree};

/// Where pods see the repository, as git-sync puts it there.
pub const PLACE: &str = "/work-dir/configs/";
/// The repository's files on GitHub; a branch or commit and the path follow.
pub const RAW: &str = "https://raw.githubusercontent.com/egovernments/configs/";

/// A slip in a file, and what was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slip {
    /// Path of the file in the repository.
    pub file: &'static str,
    /// What stands in it, however often.
    pub from: &'static str,
    /// What takes its place.
    pub to: &'static str,
    /// What is wrong with it.
    pub reason: &'static str,
}

const fn quote_left_out(file: &'static str) -> Slip {
    let reason = "a quote is left out: some readers of YAML refuse the file, others take the quote into the name";
    Slip { file, from: r#"{"Data":{vehicleTrip":{}"#, to: r#"{"Data":{"vehicleTrip":{}"#, reason }
}

/// Slips that are put right in the files that go along. Where the text is not there, nothing is.
pub const SLIPS: &[Slip] =
    &[quote_left_out("egov-indexer/egov-vehicle.yaml"), quote_left_out("fsm/egov-indexer/egov-vehicle.yaml")];

/// The repository's files, not yet looked into: many are no longer read by anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    files: Tree,
}

/// What is read, and by which services: a path in the repository, or one with a `*` in its last part.
pub type Wanted = BTreeMap<String, BTreeSet<String>>;

impl Configuration {
    /// The repository's files by their paths, with their [`SLIPS`] put right.
    #[must_use]
    pub fn of(mut files: Tree) -> Self {
        for slip in SLIPS {
            let Some(entry) = files.get_mut(slip.file) else { continue };
            if let Ok(text) = std::str::from_utf8(&entry.content)
                && text.contains(slip.from)
            {
                entry.content = text.replace(slip.from, slip.to).into_bytes();
            }
        }
        Self { files }
    }

    /// The files that are wanted, and those that a wanted list of files names in turn; each read as what its name says.
    ///
    /// # Errors
    /// [`Error::DataMissing`] with the services that read it; [`Error::DataBroken`] and [`Error::DataTooLarge`].
    pub fn take(&self, wanted: &Wanted) -> Result<Tree, Error> {
        let mut taken = Tree::new();
        let mut open: Vec<(String, Vec<String>)> =
            wanted.iter().map(|(path, services)| (path.clone(), services.iter().cloned().collect())).collect();
        while let Some((pattern, services)) = open.pop() {
            let mut found = false;
            for (path, entry) in self.files.iter().filter(|(path, _)| fits(&pattern, path)) {
                found = true;
                if taken.contains_key(path) {
                    continue;
                }
                let text = match path.rsplit_once('.').map(|(_, end)| end) {
                    Some("json") => parse::any_json(path, &entry.content)?,
                    Some("yml" | "yaml") => parse::yaml(path, &entry.content)?,
                    _ => {
                        let text = parse::text(path, &entry.content)?;
                        open.extend(named(&text).into_iter().map(|path| (path, services.clone())));
                        text
                    }
                };
                let content = text.into_owned().into_bytes();
                taken.insert(path.clone(), Entry { content, executable: false });
            }
            if !found {
                return Err(Error::DataMissing { file: pattern, services });
            }
        }
        Ok(taken)
    }
}

/// Whether a path fits a pattern that may have one `*`, which stands for anything within a part.
fn fits(pattern: &str, path: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == path };
    let middle = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    middle.is_some_and(|middle| !middle.contains('/'))
}

/// The paths in the repository that a text names: under [`PLACE`], or on GitHub whatever the branch.
#[must_use]
pub fn named(text: &str) -> BTreeSet<String> {
    mentions(text).into_iter().map(|mention| mention.path.to_owned()).collect()
}

/// A text that names all of them under [`PLACE`]; `None` if it does so already.
#[must_use]
pub fn at_place(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for mention in mentions(text).iter().filter(|mention| mention.raw) {
        out.push_str(&text[done..mention.start]);
        out.push_str("file://");
        out.push_str(PLACE);
        out.push_str(mention.path);
        done = mention.end;
    }
    (done > 0).then(|| out + &text[done..])
}

struct Mention<'a> {
    start: usize,
    end: usize,
    raw: bool,
    path: &'a str,
}

fn mentions(text: &str) -> Vec<Mention<'_>> {
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"' | '\'');
    let mut found = Vec::new();
    for (prefix, raw) in [(PLACE, false), (RAW, true)] {
        for (start, _) in text.match_indices(prefix) {
            let rest = &text[start + prefix.len()..];
            let rest = &rest[..rest.find(ends).unwrap_or(rest.len())];
            // A branch's name has no slash in any of these addresses.
            let path = if raw { rest.split_once('/').map_or("", |(_, path)| path) } else { rest };
            if !path.is_empty() {
                found.push(Mention { start, end: start + prefix.len() + rest.len(), raw, path });
            }
        }
    }
    found.sort_by_key(|mention| mention.start);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(all: &[(&str, &str)]) -> Configuration {
        let entry = |text: &str| Entry { content: text.as_bytes().to_vec(), executable: true };
        Configuration::of(all.iter().map(|(path, text)| ((*path).to_owned(), entry(text))).collect())
    }

    fn wanted(paths: &[&str]) -> Wanted {
        paths.iter().map(|path| ((*path).to_owned(), BTreeSet::from(["egov-x".to_owned()]))).collect()
    }

    #[test]
    fn paths_are_found_in_lists_and_addresses() {
        for (text, paths) in [
            ("file:///work-dir/configs/a/b.yml,file:///work-dir/configs/c.yml", &["a/b.yml", "c.yml"][..]),
            ("https://raw.githubusercontent.com/egovernments/configs/UNIFIED-DEV/a/b.yml, x", &["a/b.yml"]),
            ("x=file:///work-dir/configs/reports/*.json\ny", &["reports/*.json"]),
            ("/work-dir/configs/", &[]),
            ("https://raw.githubusercontent.com/egovernments/egov-services/master/a.yml", &[]),
            ("file:///work-dir/egov-mdms-data/data", &[]),
        ] {
            assert_eq!(named(text).into_iter().collect::<Vec<_>>(), paths, "{text}");
        }
    }

    #[test]
    fn addresses_become_paths_and_nothing_else_changes() {
        let raw = "- a: \"https://raw.githubusercontent.com/egovernments/configs/main/a/b.yml\"\n- https://elsewhere.example/b";
        let wanted = "- a: \"file:///work-dir/configs/a/b.yml\"\n- https://elsewhere.example/b";
        assert_eq!(at_place(raw).as_deref(), Some(wanted));
        assert_eq!(at_place(wanted), None);
    }

    #[test]
    fn slips_are_put_right_where_they_are() {
        for slip in SLIPS {
            let before = format!("index: {}}}}}\n", slip.from);
            let all = files(&[(slip.file, &before), ("other.yaml", &before)]);
            let taken = all.take(&wanted(&[slip.file])).unwrap();
            assert_eq!(taken[slip.file].content, format!("index: {}}}}}\n", slip.to).into_bytes());
            assert_eq!(all.take(&wanted(&["other.yaml"])).unwrap_err().code(), "data-broken");
        }
    }

    #[test]
    fn what_is_named_is_taken_and_read_as_what_its_name_says() {
        let all = files(&[
            ("p/a.yml", "\u{feff}a: 1\r\n"),
            ("d/x.json", "{}"),
            ("d/y.json", "[]"),
            ("d/below/z.json", "no JSON"),
            ("r/list.txt", "x=file:///work-dir/configs/r/one.yml\n"),
            ("r/one.yml", "a: 1\n---\nb: 2\n"),
            ("old.yml", "a: ["),
        ]);
        let taken = all.take(&wanted(&["p/a.yml", "d/*.json", "r/list.txt"])).unwrap();
        let paths: Vec<&str> = taken.keys().map(String::as_str).collect();
        assert_eq!(paths, ["d/x.json", "d/y.json", "p/a.yml", "r/list.txt", "r/one.yml"]);
        assert_eq!(taken["p/a.yml"], Entry { content: b"a: 1\r\n".to_vec(), executable: false });
        let Error::DataBroken { file, line, .. } = all.take(&wanted(&["old.yml"])).unwrap_err() else { panic!() };
        assert_eq!((file.as_str(), line > 0), ("old.yml", true));
        for path in ["p/b.yml", "e/*.json", "../x"] {
            let Error::DataMissing { file, services } = all.take(&wanted(&[path])).unwrap_err() else { panic!() };
            assert_eq!((file.as_str(), services.as_slice()), (path, ["egov-x".to_owned()].as_slice()));
        }
    }
}
