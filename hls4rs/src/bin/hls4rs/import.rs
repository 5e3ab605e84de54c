//! `hls4rs import`: a network as Rust source.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hls4rs::frontends::{RustModule, relative, rust_module};
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
    let from = args.model.model.file_name().unwrap_or_default().to_string_lossy();
    let docs = [format!("Imported from `{from}`.")];
    let (folder, path) = in_crate(&file);
    let RustModule { name, text, weights } = rust_module(&model.network, args.name.as_deref(), &docs, &path)?;
    model::write(&file, weights)?;
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

/// The folder of the crate that a file is in, and the file's path from there, as `network!` reads it.
fn in_crate(file: &Path) -> (Option<PathBuf>, String) {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let folder = absolute.ancestors().skip(1).find(|folder| folder.join("Cargo.toml").is_file());
    let path =
        folder.map_or_else(|| file.file_name().unwrap_or_default().into(), |root| relative(root, &absolute));
    (folder.map(Path::to_path_buf), path.to_string_lossy().replace('\\', "/"))
}
