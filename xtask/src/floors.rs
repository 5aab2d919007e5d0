//! No import upwards: every edge between crates of the workspace stands in this table, or the check fails.

use crate::workspace;
use anyhow::{Result, bail};

/// Which crate may use which, `design.md` §3. A new crate gets a line here together with the reason in its own README or docs.
const ALLOWED: &[(&str, &[&str])] = &[
    // the ground: these know nothing of each other
    ("cause", &[]),
    ("atomic-file", &[]),
    ("engine", &["cause"]),
    ("helm-template", &[]),
    ("verdict", &["cause"]),
    ("logs", &[]),
    ("vault", &["atomic-file"]),
    ("digit-api", &["cause"]),
    // the first floor
    ("catalog", &["helm-template"]),
    ("cluster", &["atomic-file", "helm-template", "verdict"]),
    // wires all of them; the one API of both heads
    (
        "install",
        &["atomic-file", "engine", "helm-template", "verdict", "logs", "vault", "catalog", "cluster", "digit-api"],
    ),
    // the two heads
    ("cli", &["install"]),
    ("digit-installer", &["install"]),
    // around the house; not part of the product
    ("places", &[]),
    ("pretend-digit", &[]),
    ("tests", &["places"]),
    ("xtask", &["places"]),
];

/// What any crate may use in its tests.
const IN_TESTS: &[&str] = &["places", "pretend-digit", "tests"];

/// `from` uses `to`.
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    in_tests_only: bool,
}

/// Checks the workspace as it is.
///
/// # Errors
/// Names every edge that is not in the table.
pub(crate) fn check() -> Result<String> {
    let packages = workspace::packages()?;
    let edges: Vec<Edge<'_>> = packages
        .iter()
        .flat_map(|p| {
            p.dependencies.iter().filter(|d| d.path.is_some()).map(|d| Edge {
                from: &p.name,
                to: &d.name,
                in_tests_only: d.kind.as_deref() == Some("dev"),
            })
        })
        .collect();
    let names: Vec<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    let wrong = wrong(&names, &edges);
    if !wrong.is_empty() {
        bail!("{} edges that the floors do not allow (xtask/src/floors.rs):\n  {}", wrong.len(), wrong.join("\n  "));
    }
    Ok(format!("{} crates, {} edges", names.len(), edges.len()))
}

fn wrong(crates: &[&str], edges: &[Edge<'_>]) -> Vec<String> {
    let unknown = crates.iter().filter(|c| allowed(c).is_none()).map(|c| format!("{c} has no line in the table"));
    let upwards = edges
        .iter()
        .filter(|e| !(e.in_tests_only && IN_TESTS.contains(&e.to)))
        .filter(|e| allowed(e.from).is_some_and(|a| !a.contains(&e.to)))
        .map(|e| format!("{} uses {}", e.from, e.to));
    unknown.chain(upwards).collect()
}

fn allowed(name: &str) -> Option<&'static [&'static str]> {
    ALLOWED.iter().find(|(n, _)| *n == name).map(|(_, a)| *a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(from: &str, to: &str, in_tests_only: bool) -> Vec<String> {
        wrong(&[from, to], &[Edge { from, to, in_tests_only }])
    }

    #[test]
    fn edges_against_the_floors_are_found() {
        for (from, to, in_tests_only, well) in [
            ("install", "engine", false, true),
            ("cluster", "verdict", false, true),
            ("cluster", "tests", true, true),
            ("cluster", "tests", false, false),
            ("engine", "logs", false, false),
            ("engine", "vault", true, false),
            ("cluster", "install", false, false),
            ("catalog", "cluster", false, false),
            ("cli", "cluster", false, false),
            ("install", "cli", false, false),
            ("digit-installer", "engine", false, false),
        ] {
            assert_eq!(
                verdict(from, to, in_tests_only).is_empty(),
                well,
                "{from} -> {to} (tests only: {in_tests_only})"
            );
        }
    }

    #[test]
    fn a_crate_without_a_line_is_found() {
        assert_eq!(wrong(&["helper"], &[]), ["helper has no line in the table"]);
    }

    #[test]
    fn the_table_has_no_way_round() {
        fn reaches(from: &str, to: &str) -> bool {
            allowed(from).unwrap_or_default().iter().any(|next| *next == to || reaches(next, to))
        }
        for (name, _) in ALLOWED {
            assert!(!reaches(name, name), "{name} reaches itself");
        }
    }
}
