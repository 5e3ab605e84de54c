//! Compiles emitted projects with g++ and runs them.

use std::path::{Path, PathBuf};
use std::process::Command;

use hls4rs::backends::Backend;

/// Where the vendors' open headers are, or why the test cannot run.
pub(crate) fn headers(backend: Backend) -> Result<PathBuf, String> {
    let folder = match backend {
        Backend::Vitis => "ap_types",
        _ => "ac_types",
    };
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    let root = std::env::var_os("HLS4RS_HEADERS").map_or_else(|| target.join("headers"), PathBuf::from);
    let path = root.join(folder);
    if !path.is_dir() {
        return Err(format!(
            "no headers at {}; run `cargo xtask headers` or set HLS4RS_HEADERS",
            path.display()
        ));
    }
    match Command::new("g++").arg("--version").output() {
        Ok(_) => Ok(path),
        Err(error) => Err(format!("g++ does not run: {error}")),
    }
}

/// The headers; `None`, loudly, where they are missing and may be.
pub(crate) fn headers_or_skip(backend: Backend) -> Option<PathBuf> {
    match headers(backend) {
        Ok(path) => Some(path),
        Err(reason) if std::env::var_os("HLS4RS_REQUIRE_TOOLS").is_some_and(|v| v == "1") => {
            panic!("{reason}")
        }
        Err(reason) => {
            eprintln!("SKIPPED for {backend}: {reason}");
            None
        }
    }
}

/// Compiles a project with every warning as an error; gives the program.
#[track_caller]
pub(crate) fn compile(project: &Path, name: &str, headers: &Path, standard: &str) -> PathBuf {
    let program = project.join("program");
    let output = Command::new("g++")
        .current_dir(project)
        .args([standard, "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas", "-isystem"])
        .arg(headers)
        .args([format!("{name}_test.cpp"), format!("firmware/{name}.cpp"), "-o".to_owned()])
        .arg(&program)
        .output()
        .expect("g++ was found before");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {messages}", project.display());
    program
}

/// Runs a program in its project; gives what it printed and its exit code.
pub(crate) fn run(program: &Path, arguments: &[&str]) -> (String, Option<i32>) {
    let folder = program.parent().expect("a program in a directory");
    let output =
        Command::new(program).current_dir(folder).args(arguments).output().expect("it was just compiled");
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
}
