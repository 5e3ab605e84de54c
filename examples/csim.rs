//! Compiling a project with g++ and running its own test bench.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder in which examples leave what they build.
pub fn target_folder() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => PathBuf::from(target),
        None => here.parent().unwrap_or(here).join("target"),
    }
}

/// The vendor's open headers, fetched if they are not there.
///
/// # Errors
/// What is missing and how to get it.
pub fn headers() -> Result<PathBuf, Box<dyn Error>> {
    for tool in ["g++", "make"] {
        if Command::new(tool).arg("--version").output().is_err() {
            return Err(format!(
                "`{tool}` is missing; install it, on Debian with `apt-get install g++ make`"
            )
            .into());
        }
    }
    let folder = target_folder().join("headers/ap_types");
    if !folder.join("ap_fixed.h").is_file() {
        println!("Building the command that fetches the vendor's open headers; this happens once.");
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap_or(here);
        let status = Command::new(env!("CARGO")).current_dir(root).args(["xtask", "headers"]).status()?;
        if !status.success() {
            return Err("`cargo xtask headers` has failed; see above".into());
        }
    }
    Ok(folder)
}

/// Runs the project's own test bench, which compares every bit, and returns its last line.
///
/// # Errors
/// What the compiler or the test bench says.
pub fn run(folder: &Path, headers: &Path) -> Result<String, Box<dyn Error>> {
    let headers = std::path::absolute(headers)?;
    let run = Command::new("make")
        .current_dir(folder)
        .arg("csim")
        .arg(format!("HEADERS={}", headers.display()))
        .output()?;
    let out = String::from_utf8_lossy(&run.stdout);
    if !run.status.success() {
        return Err(format!("make csim: {out}{}", String::from_utf8_lossy(&run.stderr)).into());
    }
    let last = out.lines().rev().find(|line| line.contains("mismatches"));
    Ok(last.unwrap_or("no result").to_owned())
}

/// A path as a reader types it: relative to where they are.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
