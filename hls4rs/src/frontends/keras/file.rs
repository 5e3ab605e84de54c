//! From a path to the configuration and the weights that a model was saved with.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::archive;
use super::hdf5::{Hdf5, Tree};
use super::weights::{Layout, Weights};
use crate::frontends::ImportError;

/// What a file says, before anything of it is understood.
pub(super) struct Saved {
    /// The model's configuration.
    pub(super) config: Value,
    /// Its weights.
    pub(super) weights: Weights,
    /// Whether Keras 3 wrote it.
    pub(super) keras3: bool,
}

/// What stands before a zip file.
const ZIP_SIGNATURE: &[u8] = b"PK";
/// What stands before an HDF5 file.
const HDF5_SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Bytes in memory for each byte of a configuration; those of Keras take about ten.
const MAX_ROOM: usize = 32;
/// Bytes in memory that are allowed whatever the size of a configuration.
const LEAST_ROOM: usize = 1 << 14;

/// Reads a file of any kind that Keras writes, told by its first bytes.
pub(super) fn load(path: &Path) -> Result<Saved, ImportError> {
    let bytes = read(path)?;
    if is_whole(&bytes) { load_bytes(path, bytes) } else { json(path, &bytes, &beside(path)) }
}

/// Reads an archive or a whole model that is in memory; `path` is what messages call it.
pub(super) fn load_bytes(path: &Path, bytes: Vec<u8>) -> Result<Saved, ImportError> {
    if bytes.starts_with(ZIP_SIGNATURE) { archive(path, &bytes) } else { whole(path, bytes) }
}

fn is_whole(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP_SIGNATURE) || bytes.starts_with(HDF5_SIGNATURE)
}

/// Reads an architecture (`.json`) and the weights of another file.
pub(super) fn load_with(path: &Path, weights: &Path) -> Result<Saved, ImportError> {
    json(path, &read(path)?, weights)
}

fn archive(path: &Path, bytes: &[u8]) -> Result<Saved, ImportError> {
    let wrong = wrong(path, "Keras archive (`.keras`)");
    let archive = archive::read(bytes).map_err(&wrong)?;
    // The file of weights is gone before the configuration takes its room.
    let tree = Hdf5::open(archive.weights).and_then(|mut file| by_position(&mut file));
    let tree = tree.map_err(|e| wrong(format!("`model.weights.h5`: {e}")))?;
    let config = parse(&archive.config).map_err(|e| wrong(format!("`config.json`: {e}")))?;
    // The last versions of Keras 2 write archives, too.
    let metadata = archive.metadata.and_then(|text| parse(&text).ok());
    let version = metadata.as_ref().and_then(|metadata| metadata.get("keras_version")?.as_str());
    let keras3 = version.is_none_or(|version| version.starts_with('3'));
    Ok(Saved { config, weights: Weights::new(tree, Layout::ByPosition), keras3 })
}

fn whole(path: &Path, bytes: Vec<u8>) -> Result<Saved, ImportError> {
    let wrong = wrong(path, "whole Keras model (`.h5`)");
    let mut file = Hdf5::open(bytes).map_err(&wrong)?;
    let text = file.text("model_config").map_err(&wrong)?;
    let text = text.ok_or_else(|| {
        wrong(
            "it has no attribute `model_config`; weights alone are read with the `.json` of the model"
                .to_owned(),
        )
    })?;
    let config = parse(text.as_bytes()).map_err(|e| wrong(format!("`model_config`: {e}")))?;
    let keras3 = file.text("keras_version").map_err(&wrong)?.is_some_and(|version| version.starts_with('3'));
    let tree = file.tree("model_weights").map_err(&wrong)?;
    Ok(Saved { config, weights: Weights::new(tree, Layout::ByName), keras3 })
}

fn json(path: &Path, bytes: &[u8], weights: &Path) -> Result<Saved, ImportError> {
    let config = parse(bytes).map_err(|e| {
        wrong(path, "Keras model (`.keras`, `.h5` or `.json`)")(format!(
            "neither zip nor HDF5, and as JSON: {e}"
        ))
    })?;
    let version = config.get("keras_version").and_then(Value::as_str);
    let keras3 = match version {
        Some(version) => version.starts_with('3'),
        None => config.get("module").is_some(),
    };
    let wrong = wrong(weights, "file of Keras weights (`.h5`)");
    let mut file = Hdf5::open(read(weights)?).map_err(&wrong)?;
    let (tree, layout) = if file.has("model_weights") {
        (file.tree("model_weights"), Layout::ByName)
    } else if file.text_count("layer_names").map_err(&wrong)? == 0 {
        (by_position(&mut file), Layout::ByPosition)
    } else {
        (file.tree(""), Layout::ByName)
    };
    Ok(Saved { config, weights: Weights::new(tree.map_err(&wrong)?, layout), keras3 })
}

/// The values of the layers; beside them a file may have those of the optimizer.
fn by_position(file: &mut Hdf5) -> Result<Tree, String> {
    let group = ["layers", "_layer_checkpoint_dependencies"].into_iter().find(|group| file.has(group));
    group.map_or_else(|| Ok(Tree::default()), |group| file.tree(group))
}

/// The file of weights that goes with an architecture: what hls4ml's example models and Keras call it.
fn beside(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let names = [format!("{stem}_weights.h5"), format!("{stem}.weights.h5"), format!("{stem}.h5")];
    let mut candidates = names.iter().map(|name| path.with_file_name(name));
    candidates.find(|candidate| candidate.is_file()).unwrap_or_else(|| path.with_file_name(&names[0]))
}

fn read(path: &Path) -> Result<Vec<u8>, ImportError> {
    fs::read(path).map_err(|source| ImportError::Io { path: path.to_owned(), source })
}

fn parse(bytes: &[u8]) -> Result<Value, String> {
    let room = room(bytes);
    if room > MAX_ROOM.saturating_mul(bytes.len()).max(LEAST_ROOM) {
        return Err(format!(
            "as values it takes {room} bytes of memory, too many for {} of text",
            bytes.len()
        ));
    }
    serde_json::from_slice(&quoted(bytes)).map_err(|e| e.to_string())
}

/// How many bytes the values of a text take in memory, roughly.
///
/// A value alone has [`VALUE`] bytes; a list grows by half of what it has, and an object makes room for eleven entries
/// however few it has.
fn room(bytes: &[u8]) -> usize {
    const VALUE: usize = size_of::<Value>();
    const OBJECT: usize = 11 * (size_of::<String>() + VALUE) + 16;
    let (mut room, mut at, mut in_text) = (VALUE, 0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => in_text = !in_text,
            b'\\' if in_text => at += 1,
            b'{' if !in_text => room += OBJECT,
            b',' | b'[' if !in_text => room += VALUE + VALUE / 2,
            _ => {}
        }
        at += 1;
    }
    room
}

/// Python writes numbers that JSON does not have, such as `Infinity`: they become texts.
fn quoted(bytes: &[u8]) -> Cow<'_, [u8]> {
    const WORDS: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];
    let mut out = Vec::new();
    let (mut at, mut copied, mut in_text) = (0, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => in_text = !in_text,
            b'\\' if in_text => at += 1,
            _ if in_text => {}
            _ => {
                if let Some(word) = WORDS.iter().find(|word| bytes[at..].starts_with(word)) {
                    out.extend_from_slice(&bytes[copied..at]);
                    out.extend([b"\"", *word, b"\""].concat());
                    at += word.len();
                    copied = at;
                    continue;
                }
            }
        }
        at += 1;
    }
    if copied == 0 {
        return Cow::Borrowed(bytes);
    }
    out.extend_from_slice(&bytes[copied..]);
    Cow::Owned(out)
}

fn wrong(path: &Path, format: &'static str) -> impl Fn(String) -> ImportError {
    let path = path.to_owned();
    move |reason| ImportError::File { path: path.clone(), format, reason }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn numbers_of_python_become_texts() {
        let value = parse(br#"{"a": [Infinity, -Infinity, NaN, 1], "b": "NaN \" Infinity"}"#).expect("sound");
        assert_eq!(value.to_string(), r#"{"a":["Infinity","-Infinity","NaN",1],"b":"NaN \" Infinity"}"#);
        assert!(parse(b"[Infinite]").is_err());
        assert!(parse(b"\"\\").is_err());
    }

    #[test]
    fn many_small_objects_are_refused() {
        let texts = |count: usize| format!("[{}]", vec![r#"{"a":"{{{"}"#; count].join(","));
        assert_eq!(parse(texts(16).as_bytes()).expect("few").as_array().map(Vec::len), Some(16));
        let error = parse(texts(1000).as_bytes()).expect_err("many");
        assert!(error.contains("too many for 12001 of text"), "{error}");
        assert!(parse(format!("[{}]", vec!["0"; 1000].join(", ")).as_bytes()).is_ok());
    }
}
