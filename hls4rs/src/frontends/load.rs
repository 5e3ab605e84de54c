//! From files to a network in one call.

use std::path::{Path, PathBuf};

use hls4rs_ir::Io;
use hls4rs_ir::draft::{Draft, DraftFaults};

use super::{ConfigError, ImportError, Imported, ReadConfig, config_from_file, import, keras};

/// Why files do not become a network.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The model.
    #[error(transparent)]
    Model(#[from] ImportError),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What the two come to.
    #[error("{}: {faults}", path.display())]
    Network {
        /// The model's file.
        path: PathBuf,
        /// Everything that leaves the network without a meaning.
        faults: DraftFaults,
    },
}

/// Reads a model, its weights if they are in a file of their own, and applies a configuration, which may say how
/// tensors travel if `io` does not.
///
/// # Errors
/// What cannot be read, or everything that leaves the network without a meaning.
pub fn load(
    model: &Path,
    weights: Option<&Path>,
    config: Option<&Path>,
    io: Option<Io>,
) -> Result<Imported, LoadError> {
    let mut draft: Draft = match weights {
        Some(weights) => keras::read_with_weights(model, weights)?,
        None => keras::read(model)?,
    };
    let ReadConfig { config, project, warnings } = match config {
        Some(config) => config_from_file(config)?,
        None => ReadConfig::default(),
    };
    draft.name = project.name.clone().unwrap_or(draft.name);
    let io = io.or(project.io).unwrap_or_default();
    let mut imported =
        import(draft, &config, io).map_err(|faults| LoadError::Network { path: model.to_owned(), faults })?;
    imported.project = project;
    imported.warnings.splice(0..0, warnings);
    Ok(imported)
}
