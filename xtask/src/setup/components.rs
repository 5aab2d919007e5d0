//! The parts of Rust's own toolchain that the checks need and that a minimal toolchain lacks.

use crate::sh;
use anyhow::{Result, bail};
use std::process::Stdio;

/// The subcommand that cargo answers, and rustup's name for what brings it.
const COMPONENTS: &[(&str, &str)] = &[("fmt", "rustfmt"), ("clippy", "clippy")];

pub(super) fn install() -> Result<String> {
    let missing: Vec<&str> = COMPONENTS.iter().filter(|(c, _)| !answers(c)).map(|(_, name)| *name).collect();
    if missing.is_empty() {
        return Ok("there".into());
    }
    if !sh::on_path("rustup") {
        bail!(
            "cargo lacks {0}, and there is no rustup to add it: install {0} from where your Rust came",
            missing.join(" and ")
        );
    }
    sh::run(sh::command("rustup").args(["component", "add"]).args(&missing))?;
    Ok(format!("added {}", missing.join(" and ")))
}

fn answers(subcommand: &str) -> bool {
    let mut cargo = sh::cargo();
    cargo.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    cargo.status().is_ok_and(|s| s.success())
}
