//! Writing a project whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Files, Settings};
use crate::backends::BackendError;

/// The file by which a project of this tool is known.
pub(super) const MARKER: &str = "hls4rs.txt";

const FIRST_LINE: &str = "A project of hls4rs; the directory is replaced when the project is made again.";

/// The content of [`MARKER`].
pub(super) fn marker(settings: &Settings) -> Vec<u8> {
    format!(
        "{FIRST_LINE}\nversion {}\nnetwork {}\ndigest {}\nbackend {}\npart {}\nclock_ns {}\nclock_uncertainty {}\n",
        env!("CARGO_PKG_VERSION"),
        settings.network,
        settings.digest,
        settings.backend,
        settings.part,
        settings.clock_ns,
        settings.clock_uncertainty,
    )
    .into_bytes()
}

/// Puts `files` in the place of the directory at `path`.
pub(super) fn replace(path: &Path, files: &Files) -> Result<(), BackendError> {
    let exists = check_place(path)?;
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(failed(parent))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let sibling = |what: &str| parent.join(format!(".{name}.{what}-{}", std::process::id()));
    let (fresh, old) = (sibling("new"), sibling("old"));
    let written = write_all(&fresh, files).and_then(|()| exchange(path, &fresh, &old, exists));
    if written.is_err() {
        // What is left behind is of no use; the first error is the one to report.
        let _ = fs::remove_dir_all(&fresh);
    }
    written
}

/// Whether there is a directory to replace.
fn check_place(path: &Path) -> Result<bool, BackendError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(path)(error)),
        Ok(found) if !found.is_dir() => return Err(BackendError::NotOurs { path: path.to_owned() }),
        Ok(_) => {}
    }
    let is_empty = fs::read_dir(path).map_err(failed(path))?.next().is_none();
    let ours = fs::read_to_string(path.join(MARKER)).is_ok_and(|text| text.starts_with(FIRST_LINE));
    if is_empty || ours { Ok(true) } else { Err(BackendError::NotOurs { path: path.to_owned() }) }
}

fn write_all(root: &Path, files: &Files) -> Result<(), BackendError> {
    fs::create_dir(root).map_err(failed(root))?;
    for (file, content) in files {
        let path = root.join(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        fs::write(&path, content).map_err(failed(&path))?;
    }
    Ok(())
}

fn exchange(path: &Path, fresh: &Path, old: &PathBuf, exists: bool) -> Result<(), BackendError> {
    if exists {
        fs::rename(path, old).map_err(failed(path))?;
    }
    if let Err(error) = fs::rename(fresh, path) {
        if exists {
            // Back to how it was.
            let _ = fs::rename(old, path);
        }
        return Err(failed(path)(error));
    }
    if exists {
        fs::remove_dir_all(old).map_err(failed(old))?;
    }
    Ok(())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> BackendError {
    let path = path.to_owned();
    move |source| BackendError::Io { path, source }
}
