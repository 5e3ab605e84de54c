//! A recorded case: `case.json`, `io.npz` and `weights.npz` of one folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hls4rs_ir::Tensor;
use hls4rs_ir::weights::{Arrays, read_npz};
use serde::Deserialize;
use serde_json::Value;

use crate::{Error, host};

/// What `case.json` says, as far as it is needed here.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// The name of the case.
    pub id: String,
    /// Where the model comes from: `keras_v3`, `qkeras`, ….
    #[serde(default)]
    pub frontend: String,
    /// The configuration that was given.
    #[serde(default)]
    pub hls_config: Value,
    /// The other arguments of the conversion.
    #[serde(default)]
    pub kwargs: Value,
    /// The backend whose project was compiled.
    pub backend: String,
    /// `io_parallel` or `io_stream`.
    pub io_type: String,
    /// Whether there are outputs.
    pub simulated: bool,
    /// The inputs of the network, in order.
    pub inputs: Vec<Port>,
    /// The outputs of the network, in order.
    pub outputs: Vec<Port>,
    /// The layers, in order of execution.
    pub layers: Vec<Layer>,
    /// The folder.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// An input or output of the network.
#[derive(Debug, Deserialize)]
pub struct Port {
    /// The name of the C++ variable.
    pub name: String,
    /// The shape of one sample.
    pub shape: Vec<usize>,
    /// The name of the array in `io.npz`, if the case was simulated.
    pub key: Option<String>,
}

/// A layer of the final graph.
#[derive(Debug, Deserialize)]
pub struct Layer {
    /// The name.
    pub name: String,
    /// The class.
    pub class_name: String,
    /// The tensors that it reads.
    pub inputs: Vec<String>,
    /// The tensors that it writes.
    pub outputs: Vec<String>,
    /// The shapes of what it writes.
    pub output_shapes: BTreeMap<String, Vec<usize>>,
    /// The attributes.
    pub attributes: BTreeMap<String, Value>,
    /// The formats.
    pub types: BTreeMap<String, String>,
    /// The C++ types of the formats.
    #[serde(default)]
    pub types_cpp: BTreeMap<String, CppType>,
    /// The stored values.
    pub weights: BTreeMap<String, Weight>,
}

/// What is said of a C++ type.
#[derive(Debug, Deserialize)]
pub struct CppType {
    /// `fixed`, `integer`, `exponent`, `xnor`, `standard_float`, ….
    pub kind: Option<String>,
}

/// What is said of stored values.
#[derive(Debug, Deserialize)]
pub struct Weight {
    /// `fixed`, `integer`, `exponent`, `xnor`, ….
    pub kind: String,
}

impl Case {
    /// Reads the case in `folder`.
    ///
    /// # Errors
    /// If `case.json` is missing or malformed.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("case.json");
        let mut case: Self =
            serde_json::from_slice(&host::read(&path)?).map_err(|e| Error::malformed(path.display(), e))?;
        case.folder = folder.to_owned();
        Ok(case)
    }

    /// The recorded inputs and outputs.
    ///
    /// # Errors
    /// If the file is missing or malformed.
    pub fn io(&self) -> Result<Arrays, Error> {
        arrays(&self.folder.join("io.npz"))
    }

    /// The recorded weights, and those that were added for layers without recorded ones.
    ///
    /// # Errors
    /// If a file is malformed.
    pub fn weights(&self) -> Result<Arrays, Error> {
        let read = |path: &Path| if path.is_file() { arrays(path) } else { Ok(Arrays::new()) };
        let mut all = read(&host::root().join("tests/golden_weights").join(format!("{}.npz", self.id)))?;
        all.extend(read(&self.folder.join("weights.npz"))?);
        Ok(all)
    }
}

fn arrays(path: &Path) -> Result<Arrays, Error> {
    read_npz(&host::read(path)?).map_err(|e| Error::malformed(path.display(), e))
}

impl Layer {
    /// An attribute that is a number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.attributes.get(name).and_then(Value::as_f64)
    }

    /// An attribute that is a size.
    pub fn size(&self, name: &str) -> Option<usize> {
        self.attributes.get(name).and_then(Value::as_u64).map(|n| n as usize)
    }

    /// Whether it sums exactly, with its weights as they were trained.
    pub fn is_distributed(&self) -> bool {
        let strategy = self.word("strategy").unwrap_or_default().to_lowercase();
        matches!(strategy.as_str(), "distributed_arithmetic" | "da")
    }

    /// An attribute that is a word.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).and_then(Value::as_str)
    }
}

/// The values of a layer; with `text` the numbers of the text that the simulation reads, where they differ.
pub fn values<'a>(arrays: &'a Arrays, layer: &str, weight: &str, text: bool) -> Option<&'a Tensor> {
    let key = format!("{layer}/{weight}");
    let of_text = if text { arrays.get(&format!("{key}#text")) } else { None };
    of_text.or_else(|| arrays.get(&key))
}

/// The folders of all cases below `root`, sorted by name.
///
/// # Errors
/// If a folder cannot be read.
pub fn folders(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        if folder.join("case.json").is_file() {
            found.push(folder);
            continue;
        }
        for entry in std::fs::read_dir(&folder).map_err(Error::io(&folder))? {
            let path = entry.map_err(Error::io(&folder))?.path();
            if path.is_dir() {
                open.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
