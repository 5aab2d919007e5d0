//! Programs that Go builds, each from exactly the modules that a `go.sum` names.

use super::cache;
use crate::sh;
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

/// `go` in a folder, with nothing of the user's settings that could change what is built.
pub(super) fn go(source: &Path) -> Command {
    let mut go = sh::command("go");
    go.current_dir(source).envs([("GOTOOLCHAIN", "local"), ("GOWORK", "off"), ("GOFLAGS", "-mod=readonly")]);
    go
}

/// What is built, and where to.
pub(super) struct Build<'a> {
    /// The folder with the `go.mod`.
    pub(super) source: &'a Path,
    /// Packages, or `tool` for all tools of the module.
    pub(super) packages: &'a [String],
    /// Flags of the linker.
    pub(super) linker: &'a str,
    /// The files that come out.
    pub(super) programs: &'a [&'a str],
    /// Where they are kept.
    pub(super) into: &'a Path,
    /// Whether they may need the system's C library. Images have none.
    pub(super) c_library: bool,
}

impl Build<'_> {
    /// Builds beside the place and moves there: a build that is cut off must not look like a finished one.
    pub(super) fn run(&self) -> Result<()> {
        std::fs::create_dir_all(self.into).with_context(|| format!("cannot make {}", self.into.display()))?;
        let beside = tempfile::tempdir_in(cache::made()?)?;
        let mut folder = beside.path().as_os_str().to_owned();
        folder.push("/");
        let mut go = go(self.source);
        if !self.c_library {
            go.env("CGO_ENABLED", "0");
        }
        sh::run(go.args(["build", "-trimpath", "-ldflags", self.linker, "-o"]).arg(folder).args(self.packages))?;
        for program in self.programs {
            std::fs::rename(beside.path().join(program), self.into.join(program))
                .with_context(|| format!("{program} was not built"))?;
        }
        Ok(())
    }
}
