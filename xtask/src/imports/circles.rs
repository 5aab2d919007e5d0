//! What is wrong with the imports of one crate: circles between files, circles between rooms, imports against the flow.

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use std::collections::{BTreeMap, BTreeSet};

/// From a file to a file, with the names that are imported. Paths begin at the crate's folder of sources.
pub(super) type Imports = BTreeMap<(String, String), BTreeSet<String>>;

/// One thing that is wrong, with the imports that show it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) what: String,
    pub(super) imports: Vec<String>,
}

/// The files at the top that wire and pass on: they may import every room, and no room them.
const TOP: &[&str] = &["lib.rs", "main.rs"];

/// Finds everything. `flow` names the rooms in their order, what is used first: a room imports only those before it, files beside
/// the rooms lie beneath them all.
pub(super) fn faults(imports: &Imports, flow: Option<&[&str]>) -> Vec<Fault> {
    let files = files(imports).into_iter().map(|circle| Fault {
        what: format!("{} files import each other: {}", circle.len(), circle.join(", ")),
        imports: among(imports, |from, to| circle.contains(&from) && circle.contains(&to)),
    });
    files.chain(rooms(imports, flow.is_some())).chain(against(imports, flow)).collect()
}

/// Groups of more than one that reach each other, each in order.
fn groups<'a>(edges: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Vec<&'a str>> {
    let graph: DiGraphMap<&str, ()> = edges.map(|(from, to)| (from, to, ())).collect();
    let mut groups = tarjan_scc(&graph);
    groups.retain(|group| group.len() > 1);
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.sort();
    groups
}

fn files(imports: &Imports) -> Vec<Vec<&str>> {
    groups(imports.keys().map(|(from, to)| (from.as_str(), to.as_str())))
}

/// Circles between the rooms of each folder. Circles between files alone are found as such, and where a crate's own rooms have their
/// order, the imports against it say more.
fn rooms(imports: &Imports, ordered: bool) -> Vec<Fault> {
    let folders: BTreeSet<&str> = imports
        .keys()
        .flat_map(|(from, to)| [from, to])
        .flat_map(|file| file.match_indices('/').map(|(end, _)| &file[..=end]).chain([""]))
        .collect();
    let mut faults = Vec::new();
    for folder in folders.iter().filter(|folder| !(ordered && folder.is_empty())) {
        let inside = |file: &'_ str| file.strip_prefix(folder).map(|rest| room(rest, folder, &folders));
        let edges: Vec<(String, String)> = imports
            .keys()
            .filter_map(|(from, to)| Some((inside(from)?, inside(to)?)))
            .filter(|(from, to)| from != to)
            .collect();
        for circle in groups(edges.iter().map(|(from, to)| (from.as_str(), to.as_str()))) {
            if circle.iter().any(|name| name.ends_with('/')) {
                let holds = |file: &str| inside(file).filter(|name| circle.contains(&name.as_str()));
                let between = |from: &str, to: &str| matches!((holds(from), holds(to)), (Some(a), Some(b)) if a != b);
                faults.push(Fault {
                    what: format!(
                        "{} rooms import each other: {folder}{}",
                        circle.len(),
                        circle.join(&format!(", {folder}"))
                    ),
                    imports: among(imports, between),
                });
            }
        }
    }
    faults
}

/// The room of a folder that a file is in: `wait/`, or the file itself. `wait.rs` beside the folder belongs to it.
fn room(file: &str, folder: &str, folders: &BTreeSet<&str>) -> String {
    if let Some((room, _)) = file.split_once('/') {
        return format!("{room}/");
    }
    let beside = format!("{}/", file.strip_suffix(".rs").unwrap_or(file));
    if folders.contains(format!("{folder}{beside}").as_str()) { beside } else { file.to_owned() }
}

/// Imports of a room that does not stand before. A crate with two rooms or more must say how they flow.
fn against(imports: &Imports, flow: Option<&[&str]>) -> Vec<Fault> {
    let folders: BTreeSet<&str> = imports
        .keys()
        .flat_map(|(from, to)| [from, to])
        .filter_map(|file| file.split_once('/').map(|(room, _)| &file[..=room.len()]))
        .collect();
    let known = |room: &str| flow.unwrap_or_default().iter().any(|name| stem(room) == *name);
    if flow.is_none() && folders.len() < 2 {
        return Vec::new();
    }
    let lost: Vec<&str> = folders.iter().copied().filter(|room| !known(room)).collect();
    if !lost.is_empty() {
        let what = format!("rooms without a place in the flow (xtask/src/imports/flow.rs): {}", lost.join(", "));
        return vec![Fault { what, imports: Vec::new() }];
    }
    let place = |file: &str| {
        if TOP.contains(&file) {
            return usize::MAX;
        }
        let room = room(file, "", &folders);
        flow.unwrap_or_default().iter().position(|name| stem(&room) == *name).map_or(0, |at| at + 1)
    };
    let wrong = among(imports, |from, to| place(from) < place(to));
    if wrong.is_empty() {
        return Vec::new();
    }
    let order = flow.unwrap_or_default().join(", ");
    vec![Fault { what: format!("{} imports against the flow ({order})", wrong.len()), imports: wrong }]
}

/// `wait/` and `App.svelte` without what tells them apart from a word.
fn stem(room: &str) -> &str {
    room.split(['/', '.']).next().unwrap_or(room)
}

fn among(imports: &Imports, which: impl Fn(&str, &str) -> bool) -> Vec<String> {
    imports
        .iter()
        .filter(|((from, to), _)| which(from, to))
        .map(|((from, to), names)| format!("{from} -> {to}: {}", names.iter().cloned().collect::<Vec<_>>().join(", ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(edges: &str) -> Imports {
        edges
            .split_whitespace()
            .filter_map(|edge| edge.split_once('>'))
            .map(|(from, to)| ((from.to_owned(), to.to_owned()), BTreeSet::from(["Name".to_owned()])))
            .collect()
    }

    #[test]
    fn circles_and_imports_against_the_flow_are_found() {
        const FLOW: Option<&[&str]> = Some(&["a", "b"]);
        for (edges, flow, found) in [
            ("a.rs>b.rs b.rs>c.rs a.rs>c.rs lib.rs>a.rs", None, vec![]),
            ("a.rs>b.rs b.rs>a.rs", None, vec!["2 files import each other: a.rs, b.rs"]),
            ("a.rs>b.rs b.rs>c.rs c.rs>a.rs d.rs>a.rs", None, vec!["3 files import each other: a.rs, b.rs, c.rs"]),
            // two rooms, no file of which is on a circle
            ("a/x.rs>b/x.rs b/y.rs>a/y.rs", FLOW, vec!["1 imports against the flow (a, b)"]),
            ("a/x.rs>b.rs b.rs>b/y.rs b/y.rs>a/y.rs", FLOW, vec!["1 imports against the flow (a, b)"]),
            ("up/a/x.rs>up/b/x.rs up/b/y.rs>up/a/y.rs", None, vec!["2 rooms import each other: up/a/, up/b/"]),
            // one room after the other
            ("b/x.rs>a/x.rs b/y.rs>a/y.rs lib.rs>b/x.rs a/x.rs>error.rs", FLOW, vec![]),
            ("a/x.rs>b/x.rs", FLOW, vec!["1 imports against the flow (a, b)"]),
            ("error.rs>a/x.rs b/x.rs>error.rs", FLOW, vec!["1 imports against the flow (a, b)"]),
            ("a/x.rs>lib.rs b/x.rs>a/x.rs", FLOW, vec!["1 imports against the flow (a, b)"]),
            ("b/x.rs>a/x.rs", None, vec!["rooms without a place in the flow (xtask/src/imports/flow.rs): a/, b/"]),
            ("c/x.rs>a/x.rs", FLOW, vec!["rooms without a place in the flow (xtask/src/imports/flow.rs): c/"]),
            ("c/x.rs>a.rs", None, vec![]),
            (
                "App.svelte>lib/x.ts parts/P.svelte>App.svelte",
                Some(&["lib", "parts", "App"]),
                vec!["1 imports against the flow (lib, parts, App)"],
            ),
        ] {
            let faults = faults(&imports(edges), flow);
            assert_eq!(faults.iter().map(|f| f.what.as_str()).collect::<Vec<_>>(), found, "{edges}");
        }
    }

    #[test]
    fn a_fault_shows_the_imports_that_make_it() {
        let faults = faults(&imports("a.rs>b.rs b.rs>a.rs a.rs>c.rs"), None);
        assert_eq!(faults[0].imports, ["a.rs -> b.rs: Name", "b.rs -> a.rs: Name"]);
    }
}
