//! Running programs: what is run is shown, a failure names the program and its exit code.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// A program to run in the root of the clone, output straight to the terminal.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(places::root());
    command
}

/// The cargo that runs us, in the root of the clone.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A cargo command over the whole workspace. Always with the same features, so that nothing is built twice: the window is built
/// as it is shipped, with its pages inside.
pub(crate) fn workspace(subcommand: &str) -> Command {
    let mut cargo = cargo();
    cargo.args([subcommand, "--workspace", "--features", "digit-installer/custom-protocol"]);
    cargo
}

/// npm in the window's folder.
pub(crate) fn npm() -> Command {
    let mut npm = command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(places::root().join("ui"));
    npm
}

/// Runs it to its end.
///
/// # Errors
/// When it cannot be started or ends with another code than 0.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    println!("$ {shown}");
    let status = command.status().map_err(|why| not_started(command, &why))?;
    if !status.success() {
        bail!("{shown}: {status}");
    }
    Ok(())
}

/// Runs it to its end and gives what it wrote to standard output.
///
/// # Errors
/// As [`run`].
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let out = command.stderr(Stdio::inherit()).output().map_err(|why| not_started(command, &why))?;
    if !out.status.success() {
        bail!("{shown}: {}", out.status);
    }
    String::from_utf8(out.stdout).with_context(|| format!("{shown} wrote something that is not text"))
}

/// Runs it to its end, passes its standard output on, and keeps the lines that `keep` wants (a runner's closing lines).
/// The lines are given also when the program failed.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn run_keeping(command: &mut Command, keep: impl Fn(&str) -> bool) -> Result<(Vec<String>, bool)> {
    let shown = show(command);
    println!("$ {shown}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|why| not_started(command, &why))?;
    let mut kept = Vec::new();
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            println!("{line}");
            if keep(&line) {
                kept.push(line);
            }
        }
    }
    Ok((kept, child.wait()?.success()))
}

/// Whether a program is on the `PATH`.
pub(crate) fn on_path(name: &str) -> bool {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|f| f.join(&file).is_file())
}

/// Reads a text file, with its name in the error.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read_file(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Why a program did not start. The system says "not found" both for the program and for the folder it was to run in.
fn not_started(command: &Command, why: &std::io::Error) -> anyhow::Error {
    let shown = show(command);
    match command.get_current_dir() {
        Some(folder) if !folder.is_dir() => {
            anyhow::anyhow!("cannot start {shown}: the folder {} to run it in is not there", folder.display())
        }
        _ if why.kind() == std::io::ErrorKind::NotFound => {
            anyhow::anyhow!(
                "cannot start {shown}: the program {} is not there",
                command.get_program().to_string_lossy()
            )
        }
        _ => anyhow::anyhow!("cannot start {shown}: {why}"),
    }
}

fn show(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program()).to_string_lossy();
    command.get_args().fold(program.into_owned(), |shown, argument| format!("{shown} {}", argument.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_is_named_with_its_exit_code() {
        let why = run(cargo().arg("no-such-subcommand").stderr(Stdio::null())).unwrap_err().to_string();
        assert!(why.contains("no-such-subcommand") && why.contains("101"), "{why}");
    }

    #[test]
    fn what_does_not_start_names_the_program_or_the_folder_that_is_missing() {
        let none = std::path::Path::new("/none/yet");
        for (mut command, said) in [
            (Command::new("no-such-program"), "cannot start no-such-program: the program no-such-program is not there"),
            (cargo(), "the folder /none/yet to run it in is not there"),
        ] {
            if said.contains("folder") {
                command.current_dir(none);
            }
            for why in [run(&mut command).unwrap_err(), read(&mut command).unwrap_err()] {
                assert!(format!("{why:#}").ends_with(said), "{why:#}");
            }
            let why = run_keeping(&mut command, |_| true).unwrap_err();
            assert!(format!("{why:#}").ends_with(said), "{why:#}");
        }
    }

    #[test]
    fn closing_lines_are_kept() {
        let (lines, well) = run_keeping(cargo().arg("--version"), |line| line.starts_with("cargo ")).unwrap();
        assert!(well);
        assert_eq!(lines.len(), 1);
    }
}
