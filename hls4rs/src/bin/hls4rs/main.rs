//! `hls4rs`: trained models to FPGA firmware, from the command line.
//!
//! Exit codes: 0 done; 1 the model, its configuration or its data cannot be used, or `check --strict` has found
//! something; 2 the command line is wrong.

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod check;
mod config;
mod convert;
mod import;
mod model;
mod print;
mod show;
mod simulate;

/// Trained neural networks as FPGA firmware: converted, checked and simulated bit for bit.
#[derive(Parser)]
#[command(name = "hls4rs", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print one JSON value instead of text.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Write a configuration with every key at its default.
    Config(config::Args),
    /// Write an HLS project.
    Convert(convert::Args),
    /// Run a network on a file of inputs, with exactly the firmware's bits.
    Predict(simulate::Predict),
    /// Run a network and keep what every layer computes.
    Trace(simulate::Trace),
    /// Check shapes, types and ranges: what is not supported, and what can overflow.
    Check(check::Args),
    /// Write a network as Rust source: a `network!` and its weights.
    Import(import::Args),
    /// Print the layers with their shapes, types, weights and multiplications.
    Show(show::Args),
}

fn main() -> ExitCode {
    let Cli { command, json } = Cli::parse();
    let done = match command {
        Command::Config(args) => config::run(&args, json),
        Command::Convert(args) => convert::run(&args, json),
        Command::Predict(args) => simulate::predict(&args, json),
        Command::Trace(args) => simulate::trace(&args, json),
        Command::Check(args) => check::run(&args, json),
        Command::Import(args) => import::run(&args, json),
        Command::Show(args) => show::run(&args, json),
    };
    done.unwrap_or_else(|error| {
        print::error(&*error);
        ExitCode::FAILURE
    })
}

/// What a command comes to.
type Done = Result<ExitCode, Box<dyn Error>>;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
