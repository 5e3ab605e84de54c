//! Commands of the workspace: `cargo xtask help` lists them.

mod checks;
mod steps;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use hls4rs_tests::bench::{self, Bench};
use hls4rs_tests::drafts::{self, Drafts};
use hls4rs_tests::equal::{self, Equal};
use hls4rs_tests::golden::{self, Replay};
use hls4rs_tests::{Error, headers, mutate, typed};
use peak_alloc::PeakAlloc;

/// Everything that CI does, with the same words.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs everything that CI runs: format, lints, docs, tests, golden replay, equality, tidiness
    Test,
    /// Runs recorded cases of hls4ml through the engine
    Golden {
        /// Builds the graphs from the recorded layer tables instead of converting the model files
        #[arg(long)]
        replay: bool,
        /// The folder of the cases; the collection beside the workspace if it is there, else the committed ones
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Only cases whose path contains this
        #[arg(long)]
        filter: Option<String>,
        /// Names every case that is counted apart
        #[arg(long)]
        verbose: bool,
    },
    /// Reads the Keras files of recorded cases and says what is not understood
    Drafts {
        /// The folder of the cases; the collection beside the workspace if it is there, else the committed ones
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Only cases whose path contains this
        #[arg(long)]
        filter: Option<String>,
        /// Prints every draft, and everything that is not understood
        #[arg(long)]
        verbose: bool,
    },
    /// Compares the emitted C++ of random networks with the simulation
    Equal {
        /// The backend, or `oracle` for a second simulation that needs no compiler
        #[arg(long, default_value = "vitis")]
        backend: String,
        /// How many networks
        #[arg(long, default_value_t = 100)]
        networks: usize,
        /// The seed of the networks and of their inputs
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Compares only the network with this number
        #[arg(long, value_name = "NUMBER")]
        only: Option<usize>,
        /// Compares this many networks as `network!` with the engine instead
        #[arg(long, value_name = "NETWORKS")]
        typed: Option<usize>,
        /// Compares this many recorded models, imported as `network!`, with the engine instead
        #[arg(long, value_name = "MODELS")]
        imported: Option<usize>,
    },
    /// Changes model files at random and reads them: no panic, no hang, no large allocation
    Mutate {
        /// How many files
        #[arg(long, default_value_t = 20_000)]
        files: usize,
        /// The seed of the changes
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Measures the throughput of the simulation
    Bench {
        /// A Python with hls4ml 1.3.0, to be measured in the same run
        #[arg(long, value_name = "PYTHON")]
        peer: Option<PathBuf>,
        /// Only networks whose name contains this
        #[arg(long)]
        filter: Option<String>,
        /// How long each figure is measured
        #[arg(long, default_value_t = 2.0)]
        seconds: f64,
    },
    /// Fetches the vendors' open headers into the target folder
    Headers,
}

/// Counts what is allocated.
#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What it has counted.
const MEMORY: mutate::Memory = mutate::Memory {
    now: || ALLOCATOR.current_usage(),
    peak: || ALLOCATOR.peak_usage(),
    reset: || ALLOCATOR.reset_peak_usage(),
};

fn main() -> ExitCode {
    match run(Args::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a command; whether nothing was found to be wrong.
fn run(command: Command) -> Result<bool, Error> {
    match command {
        Command::Test => Ok(checks::run()),
        Command::Golden { replay, dir, filter, verbose } => {
            golden::run(&Replay { dir, filter, verbose, tables: replay })
        }
        Command::Drafts { dir, filter, verbose } => drafts::run(&Drafts { dir, filter, verbose }),
        Command::Equal { seed, typed: Some(networks), .. } => typed::run(networks, seed),
        Command::Equal { seed, imported: Some(models), .. } => typed::run_imported(models, seed),
        Command::Equal { backend, networks, seed, only, .. } => {
            equal::run(&Equal { with: backend, networks, seed, only })
        }
        Command::Mutate { files, seed } => mutate::run(files, seed, MEMORY),
        Command::Bench { peer, filter, seconds } => bench::run(&Bench { peer, filter, seconds }),
        Command::Headers => {
            println!("headers: {}", headers::folder()?.display());
            Ok(true)
        }
    }
}
