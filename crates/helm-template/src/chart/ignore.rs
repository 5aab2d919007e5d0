//! A chart's folder on disk, without what `.helmignore` names.

use std::path::Path;

use crate::error::{Error, Result};

/// The files of a folder, by path with `/` between.
pub(super) fn walk(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let ignore_file = folder.join(".helmignore");
    let mut rules = if ignore_file.is_file() {
        let text = std::fs::read_to_string(&ignore_file).map_err(|error| unreadable(&ignore_file, &error))?;
        parse(&text)?
    } else {
        Vec::new()
    };
    rules.extend(parse("templates/.?*")?);
    let mut files = Vec::new();
    visit(folder, "", &rules, &mut files)?;
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Read { path: path.display().to_string(), reason: error.to_string() }
}

fn visit(folder: &Path, prefix: &str, rules: &[Rule], files: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut entries: Vec<_> = entries.collect::<std::io::Result<_>>().map_err(|error| unreadable(folder, &error))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let file_name = entry.file_name();
        let Some(name) = file_name.to_str() else { continue };
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        let on_disk = entry.path();
        // Follows links, as Helm does.
        let kind = std::fs::metadata(&on_disk).map_err(|error| unreadable(&on_disk, &error))?;
        if ignored(&path, kind.is_dir(), rules) {
            continue;
        }
        if kind.is_dir() {
            visit(&on_disk, &path, rules, files)?;
        } else if kind.is_file() {
            let bytes = std::fs::read(&on_disk).map_err(|error| unreadable(&on_disk, &error))?;
            files.push((path, bytes));
        }
    }
    Ok(())
}

struct Rule {
    pattern: String,
    negate: bool,
    must_dir: bool,
    /// Matches the whole path, not the file name alone.
    whole: bool,
}

fn parse(text: &str) -> Result<Vec<Rule>> {
    let mut rules = Vec::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.contains("**") {
            let reason = "double-star (**) syntax is not supported".to_owned();
            let (path, problem) = (".helmignore".to_owned(), reason.clone());
            return Err(Error::ChartInvalid { path, line: Some(at + 1), problem, reason });
        }
        let (negate, rule) = line.strip_prefix('!').map_or((false, line), |rule| (true, rule));
        let (must_dir, rule) = rule.strip_suffix('/').map_or((false, rule), |rule| (true, rule));
        let (whole, rule) = rule.strip_prefix('/').map_or((rule.contains('/'), rule), |rule| (true, rule));
        rules.push(Rule { pattern: rule.to_owned(), negate, must_dir, whole });
    }
    Ok(rules)
}

fn ignored(path: &str, is_dir: bool, rules: &[Rule]) -> bool {
    for rule in rules {
        let subject = if rule.whole { path } else { path.rsplit('/').next().unwrap_or(path) };
        let matches = wildcard(rule.pattern.as_bytes(), subject.as_bytes());
        if rule.negate {
            if (rule.must_dir && !is_dir) || !matches {
                return true;
            }
        } else if matches && (!rule.must_dir || is_dir) {
            return true;
        }
    }
    false
}

/// Go's `filepath.Match`: `*` and `?` do not cross `/`; `[a-z]` and `\` work.
fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len())
            .take_while(|end| *end == 0 || text[end - 1] != b'/')
            .any(|end| wildcard(rest, &text[end..])),
        Some((b'?', rest)) => text.first().is_some_and(|byte| *byte != b'/') && wildcard(rest, &text[1..]),
        Some((b'[', rest)) => {
            let Some((first, remaining)) = text.split_first() else { return false };
            let Some(end) = rest.iter().skip(1).position(|byte| *byte == b']').map(|at| at + 1) else { return false };
            let (class, negated) = match rest[..end].split_first() {
                Some((b'^', class)) => (class, true),
                _ => (&rest[..end], false),
            };
            let mut found = false;
            let mut at = 0;
            while at < class.len() {
                if at + 2 < class.len() && class[at + 1] == b'-' {
                    found |= (class[at]..=class[at + 2]).contains(first);
                    at += 3;
                } else {
                    found |= class[at] == *first;
                    at += 1;
                }
            }
            found != negated && wildcard(&rest[end + 1..], remaining)
        }
        Some((b'\\', rest)) if !rest.is_empty() => text.first() == rest.first() && wildcard(&rest[1..], &text[1..]),
        Some((byte, rest)) => text.first() == Some(byte) && wildcard(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helmignore_rules_match_as_in_helm() {
        let rules = parse("# comment\n*.tmp\n/top.txt\nci/\ndocs/*.md\n").unwrap();
        for (path, is_dir, expected) in [
            ("a.tmp", false, true),
            ("templates/deep/a.tmp", false, true),
            ("top.txt", false, true),
            ("sub/top.txt", false, false),
            ("ci", true, true),
            ("ci", false, false),
            ("docs/a.md", false, true),
            ("docs/deep/a.md", false, false),
            ("values.yaml", false, false),
        ] {
            assert_eq!(ignored(path, is_dir, &rules), expected, "{path}");
        }
    }

    #[test]
    fn double_stars_are_refused() {
        assert!(parse("a/**/b").is_err());
    }
}
