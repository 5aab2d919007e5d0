//! Reads which file of the window's code imports which other.

use super::circles::Imports;
use std::collections::BTreeMap;

/// Other names of files, as `vite.config.ts` gives them: one of two, which know nothing of each other.
const ALIASES: &[(&str, &[&str])] = &[("$backend", &["lib/backend.ts", "lib/mock/index.ts"])];

/// Reads all files, by their paths. What is imported and not among them (packages, styles, data) is left out.
pub(super) fn read(files: &BTreeMap<String, String>) -> Imports {
    let mut imports = Imports::new();
    for (from, text) in files {
        for (name, place) in named(text) {
            for to in targets(from, &place, files) {
                if to != *from {
                    imports.entry((from.clone(), to)).or_default().insert(name.clone());
                }
            }
        }
    }
    imports
}

/// What `import … from 'place'`, `export … from 'place'`, `import 'place'` and `import('place')` name.
fn named(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for word in ["import", "export"] {
        for (at, _) in text.match_indices(word) {
            let before = text[..at].chars().next_back();
            let after = &text[at + word.len()..];
            if before.is_some_and(|c| !c.is_whitespace() && !"(;{}>=,:".contains(c))
                || after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
            {
                continue;
            }
            // up to the place; a sentence that ends before is no import
            let Some(quote) = after.find(['\'', '"']) else { continue };
            let (between, rest) = after.split_at(quote);
            let plain = between.trim();
            let called = word == "import" && (plain.is_empty() || plain == "(");
            let listed = plain.ends_with("from") && !plain.contains([';', '=', '(']);
            if !called && !listed {
                continue;
            }
            let Some(place) = rest[1..].split(['\'', '"']).next() else { continue };
            let names =
                plain.trim_end_matches("from").trim().trim_start_matches("type ").trim_matches(['{', '}', '(', ' ']);
            let names = names.split_whitespace().collect::<Vec<_>>().join(" ");
            found.push((names.trim_end_matches(',').to_owned(), place.to_owned()));
        }
    }
    found
}

fn targets(from: &str, place: &str, files: &BTreeMap<String, String>) -> Vec<String> {
    if let Some((_, all)) = ALIASES.iter().find(|(alias, _)| *alias == place) {
        return all.iter().map(|file| (*file).to_owned()).collect();
    }
    if !place.starts_with('.') {
        return Vec::new();
    }
    let mut path: Vec<&str> = from.split('/').collect();
    path.pop();
    for part in place.split('/') {
        match part {
            "." => {}
            ".." => drop(path.pop()),
            name => path.push(name),
        }
    }
    let path = path.join("/");
    let forms = [path.clone(), format!("{path}.ts"), format!("{path}.svelte"), format!("{path}/index.ts")];
    forms.into_iter().find(|file| files.contains_key(file)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_import_is_read() {
        for (text, found) in [
            ("import { a, type B } from './b';", Some("b.ts")),
            ("import type { B } from \"./b\";", Some("b.ts")),
            ("import {\n  a,\n  c,\n} from '../lib/b';", Some("b.ts")),
            ("<script lang=\"ts\">import Part from './Part.svelte';</script>", Some("Part.svelte")),
            ("export * from './b';", Some("b.ts")),
            ("import './b';", Some("b.ts")),
            ("const b = await import('./b');", Some("b.ts")),
            ("import { api } from './room';", Some("room/index.ts")),
            ("import { state } from './state.svelte';", Some("state.svelte.ts")),
            ("import '../look.css';", None),
            ("import { mount } from 'svelte';", None),
            ("// an important './b'", None),
            ("export const from = './b';", None),
            ("export function f() { return g('./b'); }", None),
        ] {
            let names = ["b.ts", "Part.svelte", "room/index.ts", "state.svelte.ts"]
                .map(|f| (format!("lib/{f}"), String::new()));
            let files: BTreeMap<_, _> = names.into_iter().chain([("lib/a.ts".to_owned(), text.to_owned())]).collect();
            let imports: Vec<_> = read(&files).into_keys().map(|(_, to)| to).collect();
            assert_eq!(imports, found.map(|f| format!("lib/{f}")).into_iter().collect::<Vec<_>>(), "{text}");
        }
    }
}
