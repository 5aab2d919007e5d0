//! Tasks of the house. `cargo xtask run` opens the window, `cargo xtask test` passes all tests; both set up what is missing
//! first, say what they do, and how long each part took.
#![allow(clippy::print_stdout, reason = "this program talks to an engineer on a terminal")]

mod bench;
mod bench_window;
mod check;
mod control_plane;
mod floors;
mod imports;
mod lengths;
mod measured;
mod messages;
mod parts;
mod run;
mod setup;
mod sh;
mod test;
mod types;
mod ui;
mod workspace;

use clap::{Parser, Subcommand};
use parts::Parts;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of the house", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing: system packages, npm packages, tools that are built once into a cache outside the clone
    Setup,
    /// Set up what is missing, build, and open the window
    Run {
        /// Passed on to the window
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Check, then run every test against a control plane of our own
    Test {
        /// Also the long counts and the real node; writes docs/measured.md
        #[arg(long)]
        full: bool,
    },
    /// Format, lints, licences, floors, circles of imports, lengths, message files, the window's code and its tests, generated types
    Check,
    /// Name every circle of imports and every import against the flow of the rooms
    Imports,
    /// Write the window's types again from the Rust ones
    Types,
    /// Measure what must be fast, beside the peer in the same run
    Bench,
    /// Go through the rehearsal in the real window and save a picture of every screen in docs/pictures
    Pictures,
}

fn main() -> std::process::ExitCode {
    match Arguments::parse().task {
        Task::Setup => Parts::day("setup", setup::everything),
        Task::Run { arguments } => Parts::day("run", |parts| run::window(parts, &arguments)),
        Task::Test { full } => Parts::day("test", |parts| test::everything(parts, full)),
        Task::Check => Parts::day("check", |parts| {
            setup::for_check(parts)?;
            check::everything(parts);
            Ok(())
        }),
        Task::Bench => Parts::day("bench", bench::everything),
        Task::Pictures => Parts::day("pictures", run::pictures),
        Task::Imports => Parts::day("imports", |parts| parts.must("imports", imports::check)),
        Task::Types => Parts::day("types", |parts| parts.must("types", types::write)),
    }
}
