//! A network as Rust source: a call of `network!` and a file of weights.

use std::path::{Path, PathBuf};

use hls4rs_ir::{Faults, Resolved, source, weights};

/// A Rust module and the weights that it reads.
#[derive(Clone, Debug)]
pub struct RustModule {
    /// The name of the struct.
    pub name: String,
    /// The text.
    pub text: String,
    /// The `.npz` file of its weights.
    pub weights: Vec<u8>,
}

/// Writes a network as Rust; `weights` is the file of its weights, relative to the folder of `Cargo.toml`.
///
/// What the network computes stays the same: places whose values may wrap say so.
///
/// # Errors
/// Faults that leave a layer without meaning.
pub fn rust_module(
    network: &Resolved,
    name: Option<&str>,
    docs: &[String],
    weights: &str,
) -> Result<RustModule, Faults> {
    let graph = network.graph().accepting_wraps()?;
    let name = name.map_or_else(|| camel_case(graph.name()), str::to_owned);
    let header = source::Header { name: &name, docs, weights: Some(weights) };
    let text = format!("use hls4rs::prelude::*;\n\n{}", source::network(&graph, header));
    Ok(RustModule { text, weights: arrays(network), name })
}

/// Every trained value as `layer.slot`.
fn arrays(network: &Resolved) -> Vec<u8> {
    let nodes = network.graph().nodes().iter();
    let arrays: Vec<_> = nodes
        .flat_map(|node| node.values.iter().map(|(slot, tensor)| (format!("{}.{slot}", node.name), tensor)))
        .collect();
    let arrays = arrays.iter().map(|(name, tensor)| (name.as_str(), *tensor));
    weights::write_npz(arrays).expect("names of layers are short identifiers")
}

/// `jet_tagger` as `JetTagger`.
fn camel_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('_').map(word).collect()
}

/// The path of a file as it is written in the crate of `folder`; both are absolute.
pub fn relative(folder: &Path, file: &Path) -> PathBuf {
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| std::path::Component::ParentDir);
    up.chain(file.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_from_the_crate_to_the_file() {
        let from = |folder: &str, file: &str| relative(Path::new(folder), Path::new(file));
        assert_eq!(from("/a/b", "/a/b/src/m.npz"), Path::new("src/m.npz"));
        assert_eq!(from("/a/b/c", "/a/target/out/m.npz"), Path::new("../../target/out/m.npz"));
    }

    #[test]
    fn a_struct_has_the_name_of_its_model() {
        assert_eq!(camel_case("jet_tagger_2"), "JetTagger2");
    }
}
