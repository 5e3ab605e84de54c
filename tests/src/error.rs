//! What can go wrong around a comparison.

use std::path::{Path, PathBuf};

/// Why something could not be run or read; a difference between results is no error of this kind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A tool of the host is not there.
    #[error("`{tool}` was not found; install {install}")]
    Missing {
        /// Its name.
        tool: String,
        /// What to install.
        install: &'static str,
    },
    /// A tool was run and failed.
    #[error("{what} failed:\n{output}")]
    Command {
        /// What it was to do.
        what: String,
        /// What it printed.
        output: String,
    },
    /// A file is not what it should be.
    #[error("{what}: {reason}")]
    Malformed {
        /// Which file, or which part of it.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A network that should be sound is not.
    #[error("network `{network}` is refused:\n{reason}")]
    Refused {
        /// The network.
        network: String,
        /// Its faults.
        reason: String,
    },
}

impl Error {
    /// An error of the file system at `path`.
    pub fn io(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { path, source }
    }

    /// Something that cannot be read as what it should be.
    pub fn malformed(what: impl ToString, reason: impl ToString) -> Self {
        Self::Malformed { what: what.to_string(), reason: reason.to_string() }
    }

    /// A network with faults.
    pub fn refused(network: impl ToString, reason: impl ToString) -> Self {
        Self::Refused { network: network.to_string(), reason: reason.to_string() }
    }

    /// Whether only a tool of the host is missing.
    pub fn is_missing_tool(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }
}
