//! A file past 600 lines must be split. What counts is source that we wrote: lock files, messages and other data may be long.

use crate::sh;
use anyhow::{Result, bail};

const LIMIT: usize = 600;
const KINDS: &[&str] = &["rs", "ts", "svelte", "css"];

/// Names the files past the limit, the longest first.
///
/// # Errors
/// When there are any, and when git cannot list the files.
pub(crate) fn check() -> Result<String> {
    let root = places::root();
    let files = sh::read(sh::command("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]))?;
    let counted = files.lines().filter(|f| counts(f)).filter_map(|f| {
        // one that is deleted and not yet committed is listed too
        Some((std::fs::read_to_string(root.join(f)).ok()?.lines().count(), f))
    });
    let (long, read) = long(counted);
    for (lines, file) in &long {
        println!("  {lines:>5} lines  {file}");
    }
    if !long.is_empty() {
        bail!("{} files past {LIMIT} lines", long.len());
    }
    Ok(format!("none of {read} files past {LIMIT} lines"))
}

fn counts(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind))
}

/// Those past the limit, and how many there are in all.
fn long<'a>(counted: impl Iterator<Item = (usize, &'a str)>) -> (Vec<(usize, &'a str)>, usize) {
    let all: Vec<_> = counted.collect();
    let mut long: Vec<_> = all.iter().copied().filter(|(lines, _)| *lines > LIMIT).collect();
    long.sort_unstable_by(|a, b| b.cmp(a));
    (long, all.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_source_of_our_own_counts() {
        for (file, counted) in [
            ("crates/cluster/src/wait.rs", true),
            ("ui/src/look.css", true),
            ("ui/src/parts/Button.svelte", true),
            ("ui/src/lib/api.ts", true),
            ("Cargo.lock", false),
            ("ui/package-lock.json", false),
            ("locales/en/causes.ftl", false),
            ("rs", false),
        ] {
            assert_eq!(counts(file), counted, "{file}");
        }
    }

    #[test]
    fn files_past_the_limit_are_found_the_longest_first() {
        let files = [(600, "well.rs"), (601, "long.rs"), (900, "longer.rs"), (1, "short.rs")];
        assert_eq!(long(files.into_iter()), (vec![(900, "longer.rs"), (601, "long.rs")], 4));
    }
}
