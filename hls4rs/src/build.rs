//! For build scripts: a trained model becomes Rust and HLS projects whenever it changes.
//!
//! ```no_run
//! // build.rs
//! use hls4rs::{backends::Backend, build};
//!
//! fn main() {
//!     build::Model::from_file("model.keras").config("hls.toml").rust().project(Backend::Vitis).emit();
//! }
//! ```
//!
//! `include!(concat!(env!("OUT_DIR"), "/model.rs"));` then brings the network in, as if it were written there with
//! `network!`; the project is in `OUT_DIR/model_vitis`. `examples/build_script` is a complete crate.

use std::fs;
use std::path::{Path, PathBuf};

use hls4rs_ir::{Faults, Io};

use crate::backends::{Backend, BackendError};
use crate::frontends::{LoadError, load, relative, rust_module};
use crate::project::Project;

/// Why a model does not become Rust or a project.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The model or its configuration.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The network cannot be written as Rust.
    #[error("{}: {faults}", path.display())]
    Rust {
        /// The model's file.
        path: PathBuf,
        /// Everything that leaves a layer without a meaning.
        faults: Faults,
    },
    /// A project.
    #[error(transparent)]
    Project(#[from] BackendError),
    /// A file cannot be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// A trained model and what is to be made of it.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `emit`"]
pub struct Model {
    file: PathBuf,
    weights: Option<PathBuf>,
    config: Option<PathBuf>,
    io: Option<Io>,
    name: Option<String>,
    rust: bool,
    projects: Vec<Backend>,
    part: Option<String>,
    clock_ns: Option<f64>,
}

impl Model {
    /// A model in a file, as [`keras::read`](crate::frontends::keras::read) takes it; paths are relative to the folder of `Cargo.toml`.
    pub fn from_file(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            weights: None,
            config: None,
            io: None,
            name: None,
            rust: false,
            projects: Vec::new(),
            part: None,
            clock_ns: None,
        }
    }

    /// The weights of a model whose file has only its architecture.
    pub fn weights(self, file: impl Into<PathBuf>) -> Self {
        Self { weights: Some(file.into()), ..self }
    }

    /// A configuration in hls4ml's layout: `.yml`, `.json` or `.toml`.
    pub fn config(self, file: impl Into<PathBuf>) -> Self {
        Self { config: Some(file.into()), ..self }
    }

    /// How tensors travel between layers, whatever the configuration says.
    pub fn io(self, io: Io) -> Self {
        Self { io: Some(io), ..self }
    }

    /// The name of the struct; by default that of the model.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Writes the network as Rust: `OUT_DIR/STEM.rs`, where STEM is the name of the model's file.
    pub fn rust(self) -> Self {
        Self { rust: true, ..self }
    }

    /// Writes an HLS project: `OUT_DIR/STEM_BACKEND`.
    pub fn project(mut self, backend: Backend) -> Self {
        self.projects.push(backend);
        self
    }

    /// The part of the projects, as the vendor writes it.
    pub fn part(self, part: impl Into<String>) -> Self {
        Self { part: Some(part.into()), ..self }
    }

    /// The clock period of the projects in nanoseconds.
    pub fn clock_ns(self, clock_ns: f64) -> Self {
        Self { clock_ns: Some(clock_ns), ..self }
    }

    /// Does it, from a build script: the build stops with the error if it cannot be done.
    pub fn emit(self) {
        let folder = |variable| std::env::var_os(variable).map(PathBuf::from);
        let (Some(root), Some(out)) = (folder("CARGO_MANIFEST_DIR"), folder("OUT_DIR")) else {
            eprintln!("`hls4rs::build` is for build scripts: there is no CARGO_MANIFEST_DIR or no OUT_DIR");
            std::process::exit(1);
        };
        let inputs = [Some(&self.file), self.config.as_ref(), self.weights.as_ref()];
        for file in inputs.into_iter().flatten() {
            println!("cargo::rerun-if-changed={}", root.join(file).display());
        }
        match self.emit_into(&root, &out) {
            Ok(warnings) => warnings.iter().for_each(|warning| println!("cargo::warning={}", line(warning))),
            Err(error) => {
                error.to_string().lines().for_each(|words| println!("cargo::error={words}"));
                std::process::exit(1);
            }
        }
    }

    /// Does it with files of the crate in `root`, and gives the warnings.
    ///
    /// # Errors
    /// What cannot be read, what is not understood, or what cannot be written.
    pub fn emit_into(&self, root: &Path, out: &Path) -> Result<Vec<String>, BuildError> {
        let file = root.join(&self.file);
        let in_crate = |file: &Option<PathBuf>| file.as_ref().map(|file| root.join(file));
        let (weights, config) = (in_crate(&self.weights), in_crate(&self.config));
        let imported = load(&file, weights.as_deref(), config.as_deref(), self.io)?;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if self.rust {
            let weights = out.join(format!("{stem}.npz"));
            let path = relative(root, &weights).to_string_lossy().replace('\\', "/");
            let docs = [format!("Imported from `{}`.", self.file.display())];
            let module = rust_module(&imported.network, self.name.as_deref(), &docs, &path)
                .map_err(|faults| BuildError::Rust { path: file.clone(), faults })?;
            write(weights, &module.weights)?;
            write(out.join(format!("{stem}.rs")), module.text.as_bytes())?;
        }
        for &backend in &self.projects {
            let mut project = Project::new(&imported.network, backend).configured(&imported.project);
            if let Some(part) = &self.part {
                project = project.part(part);
            }
            if let Some(clock_ns) = self.clock_ns {
                project = project.clock_ns(clock_ns);
            }
            project.write(out.join(format!("{stem}_{}", backend.name())))?;
        }
        Ok(imported.warnings)
    }
}

fn write(path: PathBuf, content: &[u8]) -> Result<(), BuildError> {
    fs::write(&path, content).map_err(|source| BuildError::Io { path, source })
}

/// A warning on one line, as cargo takes it.
fn line(warning: &str) -> String {
    warning.split_whitespace().collect::<Vec<_>>().join(" ")
}
