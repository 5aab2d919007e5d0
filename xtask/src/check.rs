//! What can be said about the code without a control plane or a window. Every part runs, also after one has failed.

use crate::parts::Parts;
use crate::{floors, imports, lengths, messages, setup, sh, types, ui};
use anyhow::Result;

/// Checks everything.
pub(crate) fn everything(parts: &mut Parts) {
    parts.part("format", || sh::run(sh::cargo().args(["fmt", "--all", "--", "--check"])).map(|()| ""));
    parts.part("floors", floors::check);
    parts.part("imports", imports::check);
    parts.part("message files", messages::check);
    parts.part("file lengths", lengths::check);
    parts.part("licences and sources", deny);
    parts.part("lints", || {
        sh::run(sh::workspace("clippy").args(["--quiet", "--all-targets", "--", "-D", "warnings"])).map(|()| "")
    });
    parts.part("window code", ui::check);
    // They need two seconds and tell which messages nobody reads any more.
    parts.part("tests of the window's code", || ui::test("test", false));
    parts.part("generated types", types::check);
}

/// Advisories need their database from the internet, so they are asked for only where it can be fetched.
fn deny() -> Result<&'static str> {
    let deny = setup::cargo_deny()?;
    sh::run(sh::command(&deny).args([
        "--log-level",
        "error",
        "--all-features",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))?;
    let mut fetch = sh::command(&deny);
    fetch.args(["fetch", "db"]).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    if !fetch.status().is_ok_and(|s| s.success()) {
        return Ok("advisories not asked: their database cannot be fetched from here");
    }
    sh::run(sh::command(&deny).args(["--log-level", "error", "--all-features", "check", "advisories"]))?;
    Ok("with advisories")
}
