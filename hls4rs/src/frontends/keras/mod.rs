//! Trained Keras models: `.keras`, `.h5`, and `.json` with weights, of Keras 2 and 3.
//!
//! Files are taken as untrusted: nothing panics, and nothing is allocated on the word of a header alone.
//! Every attribute of every layer is understood, or the error lists it.
//!
//! # Source
//! The nodes and their names are those of hls4ml's converters (`converters/keras`, `converters/keras_v3`).
//!
#![doc = include_str!("LAYERS.md")]

use std::collections::BTreeMap;
use std::path::Path;

use hls4rs_ir::draft::{Draft, DraftNode};
use hls4rs_ir::ops::Curve;
use hls4rs_ir::{Op, Shape, Tensor};

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
    Reader::new().read(path)
}

/// Reads a trained model, `.keras` or `.h5`, that is in memory; `name` is what messages call it.
///
/// # Errors
/// If it is no such file, or everything in it that is not understood.
pub fn read_bytes(name: &str, bytes: Vec<u8>) -> Result<Draft, ImportError> {
    Reader::new().read_bytes(name, bytes)
}

/// Reads an architecture (`.json`) with the weights of another file (`.h5`).
///
/// # Errors
/// If a file cannot be read, or everything in it that is not understood.
pub fn read_with_weights(path: impl AsRef<Path>, weights: impl AsRef<Path>) -> Result<Draft, ImportError> {
    Reader::new().read_with_weights(path, weights)
}

/// Reads models, among them such with layers of one's own.
///
/// ```
/// use hls4rs::frontends::keras::Reader;
/// use hls4rs::ir::{draft::DraftNode, ops::Relu};
///
/// let reader = Reader::new().layer("MyRelu", |layer| {
///     let limit = layer.config.get("limit").and_then(|limit| limit.as_f64());
///     let (x, _) = layer.inputs.first().ok_or("it reads nothing")?;
///     Ok(DraftNode::new(layer.name, "MyRelu", Relu { max: limit }, &[x]))
/// });
/// assert!(reader.read("no such file.keras").is_err());
/// ```
#[derive(Default)]
pub struct Reader {
    importers: Importers,
}

/// What makes a node of a layer of one's own, by the name of its class.
type Importers = BTreeMap<String, Box<Importer>>;
type Importer = dyn Fn(&CustomLayer<'_>) -> Result<DraftNode, String> + Send + Sync;

/// A layer of a class that is not known here, as the file has it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CustomLayer<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its class, without the package it is registered in.
    pub class: &'a str,
    /// Its configuration.
    pub config: &'a serde_json::Map<String, serde_json::Value>,
    /// The nodes that it reads, and the shapes of their results.
    pub inputs: Vec<(&'a str, &'a Shape)>,
    /// Its trained values by their path in the file, in the order of the file.
    pub values: Vec<(&'a str, &'a Tensor)>,
}

impl Reader {
    /// Knows the layers of Keras, QKeras, HGQ and HGQ2.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has layers of a class become what `import` makes of them, whether the class is known or not.
    ///
    /// The node is checked as any other; an error is told with the layer's name.
    pub fn layer(
        mut self,
        class: impl Into<String>,
        import: impl Fn(&CustomLayer<'_>) -> Result<DraftNode, String> + Send + Sync + 'static,
    ) -> Self {
        self.importers.insert(class.into(), Box::new(import));
        self
    }

    /// As [`read`].
    ///
    /// # Errors
    /// As [`read`].
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Draft, ImportError> {
        let path = path.as_ref();
        self.draft(path, file::load(path)?)
    }

    /// As [`read_bytes`].
    ///
    /// # Errors
    /// As [`read_bytes`].
    pub fn read_bytes(&self, name: &str, bytes: Vec<u8>) -> Result<Draft, ImportError> {
        let path = Path::new(name);
        self.draft(path, file::load_bytes(path, bytes)?)
    }

    /// As [`read_with_weights`].
    ///
    /// # Errors
    /// As [`read_with_weights`].
    pub fn read_with_weights(
        &self,
        path: impl AsRef<Path>,
        weights: impl AsRef<Path>,
    ) -> Result<Draft, ImportError> {
        let path = path.as_ref();
        self.draft(path, file::load_with(path, weights.as_ref())?)
    }

    fn draft(&self, path: &Path, saved: file::Saved) -> Result<Draft, ImportError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut reader = model::Reader::new(&name, saved.keras3, &self.importers);
        reader.read(&saved.config, &saved.weights.scope());
        if reader.problems.is_empty() {
            let warnings = if saved.keras3 { steeper(&reader.draft) } else { Vec::new() };
            return Ok(Draft { warnings, ..reader.draft });
        }
        Err(ImportError::Model { path: path.to_owned(), problems: reader.problems })
    }
}

/// Hard sigmoids of Keras 3, which hls4ml computes as those of Keras 2.
fn steeper(draft: &Draft) -> Vec<String> {
    let is_hard = |op: &Op| match op.inside() {
        Op::Hard(hard) => !hard.tanh,
        Op::Recurrent(layer) => [layer.activation, layer.recurrent_activation].contains(&Curve::HardSigmoid),
        _ => false,
    };
    let layers = draft.nodes.iter().filter(|node| is_hard(&node.op)).map(|node| &node.name);
    layers
        .map(|name| {
            format!(
                "layer `{name}`: `hard_sigmoid` has the slope 0.2, as in hls4ml and Keras 2; Keras 3 has 1/6"
            )
        })
        .collect()
}

impl core::fmt::Debug for Reader {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Reader").field("importers", &self.importers.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use hls4rs_ir::ops::Hard;

    use super::*;

    #[test]
    fn hard_sigmoids_are_told_by_layer() {
        let node = |name: &str, op: Op| DraftNode::new(name, "Layer", op, &[]);
        let nodes = vec![node("a", Hard::sigmoid().into()), node("b", Hard::tanh().into())];
        let warnings = steeper(&Draft { nodes, ..Draft::default() });
        assert_eq!(
            warnings,
            ["layer `a`: `hard_sigmoid` has the slope 0.2, as in hls4ml and Keras 2; Keras 3 has 1/6"]
        );
    }
}
