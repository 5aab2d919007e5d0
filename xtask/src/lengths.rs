//! A file past 600 lines asks to be split; this says which ones ask. It is a report, not a verdict.

use crate::sh;
use anyhow::Result;

const LIMIT: usize = 600;
const KINDS: &[&str] = &["rs", "ts", "svelte", "css"];

/// Names the files past the limit, the longest first.
///
/// # Errors
/// When git cannot list the files.
pub(crate) fn report() -> Result<String> {
    let root = places::root();
    let files = sh::read(sh::command("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]))?;
    let mut long: Vec<(usize, &str)> = files
        .lines()
        .filter(|f| KINDS.iter().any(|k| f.ends_with(&format!(".{k}"))))
        .filter_map(|f| Some((std::fs::read_to_string(root.join(f)).ok()?.lines().count(), f)))
        .filter(|(lines, _)| *lines > LIMIT)
        .collect();
    long.sort_unstable_by(|a, b| b.cmp(a));
    for (lines, file) in &long {
        println!("  {lines:>5} lines  {file}");
    }
    Ok(if long.is_empty() {
        format!("none past {LIMIT} lines")
    } else {
        format!("{} files past {LIMIT} lines", long.len())
    })
}
