//! `digit`: the second head of the same body. Everything the window does can be done, watched and scripted with it.
//!
//! Results go to standard output, progress and words to standard error. Exit codes: 0 done, 1 failed, 2 bad input (nothing
//! was touched), 3 a check does not pass, 4 a person is needed, 130 stopped by the user.

mod args;
mod carry;
mod commands;
mod events;
#[cfg(test)]
mod fixed;
#[cfg(test)]
mod golden;
mod news;
mod output;
mod patience;
mod session;
mod show;
mod verify;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(&error.to_string());
            return ExitCode::from(1);
        }
    };
    let code = runtime.block_on(commands::run(args));
    // A step that does not let go must not keep a person waiting who has already been told how it ended.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    ExitCode::from(code)
}
