//! `hls4rs import`: a network as Rust source.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hls4rs::ir::{Resolved, source, weights};
use serde_json::json;

use crate::{Done, model, print};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: model::Source,
    /// The Rust file; its weights lie beside it as `.npz`.
    #[arg(short, long)]
    output: PathBuf,
    /// The name of the struct; by default that of the model.
    #[arg(long)]
    name: Option<String>,
}

pub(crate) fn run(args: &Args, as_json: bool) -> Done {
    let model = args.model.read()?;
    let file = args.output.with_extension("npz");
    let graph = model.network.graph().accepting_wraps()?;
    let name = args.name.clone().unwrap_or_else(|| camel_case(graph.name()));
    let from = args.model.model.file_name().unwrap_or_default().to_string_lossy();
    let docs = [format!("Imported from `{from}`.")];
    let (folder, path) = in_crate(&file);
    let header = source::Header { name: &name, docs: &docs, weights: Some(&path) };
    let text = format!("use hls4rs::prelude::*;\n\n{}", source::network(&graph, header));
    model::write(&file, arrays(&model.network)?)?;
    model::write(&args.output, text)?;
    if as_json {
        println!(
            "{}",
            json!({ "source": args.output, "weights": file, "struct": name, "warnings": model.warnings })
        );
        return Ok(ExitCode::SUCCESS);
    }
    model.warn();
    println!("{}: `{name}`, with its weights in {}", args.output.display(), file.display());
    if folder.is_none() {
        print::warning("the file is in no crate: the path of its weights is that of the file alone");
    }
    Ok(ExitCode::SUCCESS)
}

/// Every trained value as `layer.slot`.
fn arrays(network: &Resolved) -> Result<Vec<u8>, weights::WeightsError> {
    let nodes = network.graph().nodes().iter();
    let arrays: Vec<_> = nodes
        .flat_map(|node| node.values.iter().map(|(slot, tensor)| (format!("{}.{slot}", node.name), tensor)))
        .collect();
    weights::write_npz(arrays.iter().map(|(name, tensor)| (name.as_str(), *tensor)))
}

/// The folder of the crate that a file is in, and the file's path from there, as `network!` reads it.
fn in_crate(file: &Path) -> (Option<PathBuf>, String) {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let folder = absolute.ancestors().skip(1).find(|folder| folder.join("Cargo.toml").is_file());
    let inside = folder.and_then(|folder| absolute.strip_prefix(folder).ok());
    let path = inside.map_or_else(|| file.file_name().unwrap_or_default().into(), Path::to_path_buf);
    (folder.map(Path::to_path_buf), path.to_string_lossy().replace('\\', "/"))
}

/// `jet_tagger` as `JetTagger`.
fn camel_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('_').map(word).collect()
}
