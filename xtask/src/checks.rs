//! What CI runs.

use std::process::Command;

use hls4rs_tests::equal::{self, Equal};
use hls4rs_tests::golden::{self, Replay};
use hls4rs_tests::{Error, headers, host, typed};

use crate::steps::Steps;
use crate::tidy;

/// Networks that are compared with the engine: many by the oracle, some as C++.
const EQUAL: [(&str, usize); 3] = [("oracle", 3000), ("vitis", 12), ("quartus", 6)];
/// Networks that are compiled as `network!`.
const TYPED: usize = 6;

/// Imported models that are compiled as `network!`.
const IMPORTED: usize = 20;
/// The seed of the small samples.
const SEED: u64 = 20;

/// Runs all checks; whether nothing has failed.
pub(crate) fn run() -> bool {
    let mut steps = Steps::default();
    steps.run("tidy", tidy::run);
    steps.run("format", || cargo(&["fmt", "--all", "--check"], &[]));
    steps.run("lints", || cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[]));
    steps.run("docs", || cargo(&["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "-D warnings")]));
    steps.run("no_std build", || cargo(&["build", "-p", "hls4rs", "--no-default-features"], &[]));
    steps.run("vendor headers", || headers::folder().map(|_| true));
    steps.run("unit, ui and doc tests", || cargo(&["test", "--workspace", "--no-fail-fast"], &[]));
    steps.run("golden", || golden::run(&Replay::default()));
    steps.run("golden replay", || golden::run(&Replay { tables: true, ..Replay::default() }));
    for (name, networks) in EQUAL {
        steps.run(&format!("equal {name}"), || {
            equal::run(&Equal { with: name.to_owned(), networks, seed: SEED, only: None })
        });
    }
    steps.run("equal typed", || typed::run(TYPED, SEED));
    steps.run("equal imported", || typed::run_imported(IMPORTED, SEED));
    steps.finish()
}

/// Runs cargo; what it says goes where ours goes.
fn cargo(args: &[&str], env: &[(&str, &str)]) -> Result<bool, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    command.current_dir(host::root()).args(args).envs(env.iter().copied());
    let status = command.status().map_err(Error::io(&cargo))?;
    Ok(status.success())
}
