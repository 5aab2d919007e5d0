//! Whatever is missing is installed, once: system packages by the system, the rest into the clone (npm) or into a cache
//! outside the clone (tools that are built). What is there already costs a second.

mod cache;
mod components;
mod go;
mod helm;
mod kubernetes;
mod peers;
mod programs;
mod system;
mod tools;

use crate::parts::Parts;
use crate::ui;
use anyhow::Result;
use programs::{GO, NODE, NPM, PYTHON};
pub(crate) use tools::cargo_deny;

/// Everything that any task needs.
///
/// # Errors
/// When a part cannot be installed.
pub(crate) fn everything(parts: &mut Parts) -> Result<()> {
    parts.must("Node, Python and Go", || programs::there(&[&NODE, &NPM, &PYTHON, &GO]))?;
    for_lints(parts)?;
    for_window_tests(parts)?;
    parts.must("control plane", kubernetes::install)?;
    for_judge(parts)?;
    for_helm(parts)?;
    parts.must("cargo-deny", tools::install_cargo_deny)
}

/// What the window needs to be built.
///
/// # Errors
/// When a part cannot be installed.
pub(crate) fn for_window(parts: &mut Parts) -> Result<()> {
    parts.must("Node", || programs::there(&[&NODE, &NPM]))?;
    parts.must("system packages", system::install)?;
    parts.must("npm packages", ui::packages)?;
    parts.must("window build", ui::build)
}

/// What the window needs to be driven.
///
/// # Errors
/// When a part cannot be installed.
pub(crate) fn for_window_tests(parts: &mut Parts) -> Result<()> {
    for_window(parts)?;
    parts.must("tauri-driver", tools::install_tauri_driver)
}

/// What the judge of rendering needs.
///
/// # Errors
/// When it cannot be installed.
pub(crate) fn for_judge(parts: &mut Parts) -> Result<()> {
    parts.must("Helm's SDK, the judge", helm::install)
}

/// Helm's own command line.
///
/// # Errors
/// When it cannot be built.
pub(crate) fn for_helm(parts: &mut Parts) -> Result<()> {
    parts.must("Helm's command line", peers::install_helm)
}

/// What the bench installs with beside us: Helm, helmfile, and the control plane to install on.
///
/// # Errors
/// When a part cannot be built.
pub(crate) fn for_bench(parts: &mut Parts) -> Result<()> {
    parts.must("Node, Python and Go", || programs::there(&[&NODE, &NPM, &PYTHON, &GO]))?;
    parts.must("system packages", system::install)?;
    parts.must("control plane", kubernetes::install)?;
    for_judge(parts)?;
    for_helm(parts)?;
    parts.must("helmfile", peers::install_helmfile)
}

/// What `check` needs.
///
/// # Errors
/// When a part cannot be installed.
pub(crate) fn for_check(parts: &mut Parts) -> Result<()> {
    for_lints(parts)?;
    for_window(parts)?;
    parts.must("cargo-deny", tools::install_cargo_deny)
}

/// What judges the code and comes with Rust: first, since where it cannot be added nothing need be built.
fn for_lints(parts: &mut Parts) -> Result<()> {
    parts.must("rustfmt and clippy", components::install)
}

/// What the real node of `test --full` needs besides.
///
/// # Errors
/// When a part cannot be installed.
pub(crate) fn for_real_node(parts: &mut Parts) -> Result<()> {
    parts.must("system packages of the real node", system::install_for_real_node)?;
    parts.must("kubelet", kubernetes::install_kubelet)?;
    parts.must("stand-in image", kubernetes::install_stand_in)
}
