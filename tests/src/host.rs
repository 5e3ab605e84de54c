//! The host: where the workspace is, which tools there are, how they are run.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

/// The root of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The folder that cargo builds into, where everything that is made or fetched here goes too.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// Whether a missing tool is a failure rather than a skipped step.
pub fn tools_are_required() -> bool {
    env::var_os("HLS4RS_REQUIRE_TOOLS").is_some_and(|v| v == "1")
}

/// The C++ compiler: `$CXX`, or `g++`.
///
/// # Errors
/// If there is none.
pub fn cxx() -> Result<String, Error> {
    find(env::var("CXX").unwrap_or_else(|_| "g++".to_owned()), "g++")
}

/// `make`, which builds the C++ of a project as a user does.
///
/// # Errors
/// If there is none.
pub fn make() -> Result<String, Error> {
    find("make".to_owned(), "make")
}

/// The Python that fetches the vendor headers: `$PYTHON`, or `python3`.
///
/// # Errors
/// If there is none.
pub fn python() -> Result<String, Error> {
    find(env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned()), "python3 with pip")
}

fn find(tool: String, install: &'static str) -> Result<String, Error> {
    let works = Command::new(&tool).arg("--version").output().is_ok_and(|out| out.status.success());
    if works { Ok(tool) } else { Err(Error::Missing { tool, install }) }
}

/// Runs a command to its end and gives its standard output.
///
/// # Errors
/// If it cannot be started or fails; the error holds what it printed.
pub fn run(what: &str, command: &mut Command) -> Result<String, Error> {
    let program = command.get_program().to_owned();
    let out = command.output().map_err(Error::io(Path::new(&program)))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if out.status.success() {
        return Ok(text(&out.stdout));
    }
    let output = format!("{}{}", text(&out.stdout), text(&out.stderr));
    Err(Error::Command { what: what.to_owned(), output: shortened(&output) })
}

/// The beginning of a long text: compilers say what matters first.
fn shortened(text: &str) -> String {
    const LINES: usize = 60;
    let lines: Vec<_> = text.lines().collect();
    if lines.len() <= LINES {
        return text.to_owned();
    }
    format!("{}\n… {} more lines", lines[..LINES].join("\n"), lines.len() - LINES)
}

/// Reads a file.
///
/// # Errors
/// If it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(Error::io(path))
}

/// Writes a file and the folders on the way to it; a file that holds this already keeps its time.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Error> {
    let content = content.as_ref();
    if std::fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
    }
    std::fs::write(path, content).map_err(Error::io(path))
}

/// The last part of a path, for messages.
pub fn name(path: &Path) -> String {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}
