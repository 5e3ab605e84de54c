//! Where the network comes from.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use hls4rs::frontends::{self, ProjectConfig};
use hls4rs::ir::{Graph, Io, Resolved};

use crate::print;

/// A network and how it is to be built.
#[derive(clap::Args)]
pub(crate) struct Source {
    /// A trained model (`.keras`, `.h5`, `.json` with its weights) or a network that hls4rs has saved (`.json`).
    pub(crate) model: PathBuf,
    /// A configuration in hls4ml's layout: `.yml`, `.json` or `.toml`.
    #[arg(short, long)]
    pub(crate) config: Option<PathBuf>,
    /// The weights (`.h5`) of a `.json` model, if they do not lie beside it.
    #[arg(long)]
    pub(crate) weights: Option<PathBuf>,
    /// How tensors travel between layers: `parallel`, unless the configuration says otherwise, or `stream`.
    #[arg(long, value_parser = io)]
    pub(crate) io: Option<Io>,
}

/// A network that was read.
pub(crate) struct Model {
    pub(crate) network: Resolved,
    /// What the configuration says of the project.
    pub(crate) project: ProjectConfig,
    /// What of the configuration has no effect.
    pub(crate) warnings: Vec<String>,
}

/// hls4ml's names are taken as well.
fn io(word: &str) -> Result<Io, String> {
    let name = word.strip_prefix("io_").unwrap_or(word);
    Io::from_name(name).ok_or_else(|| "expected `parallel` or `stream`".to_owned())
}

impl Source {
    /// Reads the model and its configuration.
    pub(crate) fn read(&self) -> Result<Model, Box<dyn Error>> {
        let bar = print::progress(format!("reading {}", self.model.display()));
        if let Some(text) = saved(&self.model)? {
            if self.config.is_some() {
                return Err("a saved network has all its formats: `--config` is for trained models".into());
            }
            let graph = Graph::from_json(&text).map_err(|e| format!("{}: {e}", self.model.display()))?;
            let (network, _) = graph.resolve_with_warnings()?;
            return Ok(Model { network, project: ProjectConfig::default(), warnings: Vec::new() });
        }
        let (weights, config) = (self.weights.as_deref(), self.config.as_deref());
        let imported = frontends::load(&self.model, weights, config, self.io)?;
        drop(bar);
        Ok(Model { network: imported.network, project: imported.project, warnings: imported.warnings })
    }
}

impl Model {
    /// Prints the warnings.
    pub(crate) fn warn(&self) {
        self.warnings.iter().for_each(|warning| print::warning(warning));
    }
}

/// The text of a network that hls4rs has saved, if the file is one.
fn saved(path: &Path) -> Result<Option<String>, Box<dyn Error>> {
    if path.extension().is_none_or(|extension| extension != "json") {
        return Ok(None);
    }
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(Some(text).filter(|text| text.contains("\"hls4rs_graph\"")))
}

/// Writes a file, the folders above it made if need be.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Box<dyn Error>> {
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    // Beside its place first, so that it is there whole or not at all.
    let name = path.file_name().ok_or_else(|| format!("{}: not the name of a file", path.display()))?;
    let beside = path.with_file_name(format!(".{}.part", name.to_string_lossy()));
    fs::write(&beside, content).and_then(|()| fs::rename(&beside, path)).map_err(failed)?;
    Ok(())
}
