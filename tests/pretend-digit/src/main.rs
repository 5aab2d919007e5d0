//! `pretend-digit`: a pretend DIGIT to try things against by hand.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Parser;
use pretend_digit::{Condition, Options, Pretend, Service};

/// A pretend DIGIT on this computer, until it is stopped.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Port of the gateway.
    #[arg(long, default_value_t = 8080)]
    port_gateway: u16,
    /// Port of egov-user.
    #[arg(long, default_value_t = 8081)]
    port_user: u16,
    /// Port of the entry: pages, and everything else by the gateway.
    #[arg(long, default_value_t = 8082)]
    port_entry: u16,
    /// The tenant of the state.
    #[arg(long, default_value = "pg")]
    state: String,
    /// The tenant of the city.
    #[arg(long, default_value = "pg.citya")]
    city: String,
    /// A folder of master data, as egov-mdms-data has it; small ones of our own without it.
    #[arg(long)]
    masters: Option<PathBuf>,
    /// What is broken, as `kafka-down` or `tables-missing=egov-user`; the README lists them.
    #[arg(long, num_args = 1..)]
    broken: Vec<Condition>,
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let options = Options {
        state: arguments.state,
        city: arguments.city,
        masters: arguments.masters,
        gateway_port: arguments.port_gateway,
        user_port: arguments.port_user,
        entry_port: arguments.port_entry,
        ..Options::default()
    };
    let digit = Pretend::start(options).await?;
    for condition in arguments.broken {
        digit.set(condition);
    }
    let mut out = std::io::stdout();
    for service in Service::ALL {
        writeln!(out, "{:20} {}", service.name(), digit.address(service))?;
    }
    out.flush()?;
    tokio::signal::ctrl_c().await?;
    Ok(())
}
