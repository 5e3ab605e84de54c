//! Trained Keras models: `.keras`, `.h5`, and `.json` with weights, of Keras 2 and 3.
//!
//! Files are taken as untrusted: nothing panics, and nothing is allocated on the word of a header alone.
//! Every attribute of every layer is understood, or the error lists it.
//!
//! # Source
//! The nodes and their names are those of hls4ml's converters (`converters/keras`, `converters/keras_v3`).

use std::path::Path;

use hls4rs_ir::draft::Draft;

use super::ImportError;

mod archive;
mod attributes;
mod call;
mod file;
mod hdf5;
mod layers;
mod model;
mod quantizers;
mod weights;

/// Reads a trained model: `.keras`, `.h5`, or `.json` with its weights beside it as `NAME_weights.h5`,
/// `NAME.weights.h5` or `NAME.h5`.
///
/// # Errors
/// If the file cannot be read, or everything in it that is not understood.
pub fn read(path: impl AsRef<Path>) -> Result<Draft, ImportError> {
    let path = path.as_ref();
    draft(path, file::load(path)?)
}

/// Reads a trained model, `.keras` or `.h5`, that is in memory; `name` is what messages call it.
///
/// # Errors
/// If it is no such file, or everything in it that is not understood.
pub fn read_bytes(name: &str, bytes: Vec<u8>) -> Result<Draft, ImportError> {
    let path = Path::new(name);
    draft(path, file::load_bytes(path, bytes)?)
}

/// Reads an architecture (`.json`) with the weights of another file (`.h5`).
///
/// # Errors
/// If a file cannot be read, or everything in it that is not understood.
pub fn read_with_weights(path: impl AsRef<Path>, weights: impl AsRef<Path>) -> Result<Draft, ImportError> {
    let path = path.as_ref();
    draft(path, file::load_with(path, weights.as_ref())?)
}

fn draft(path: &Path, saved: file::Saved) -> Result<Draft, ImportError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut reader = model::Reader::new(&name, saved.keras3);
    reader.read(&saved.config, &saved.weights.scope());
    if reader.problems.is_empty() {
        return Ok(reader.draft);
    }
    Err(ImportError::Model { path: path.to_owned(), problems: reader.problems })
}
