//! C++ projects: from a resolved network to a directory that a vendor's tools build.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hls4rs_fixed::Wide;
use hls4rs_ir::{Resolved, Slot};

use crate::backends::{Backend, BackendError};
use crate::hls;

mod digest;
mod write;

/// Files by their path in the project.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What the files of a project say about it.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) backend: Backend,
    pub(crate) network: String,
    pub(crate) digest: String,
    pub(crate) part: String,
    pub(crate) clock_ns: f64,
    /// In percent of the period.
    pub(crate) clock_uncertainty: f64,
}

/// A C++ project of one network for one backend.
///
/// The same network, settings and vectors give the same bytes.
#[derive(Clone, Debug)]
pub struct Project {
    net: Resolved,
    settings: Settings,
    inputs: Vec<Vec<Wide>>,
    expected: Vec<Vec<Wide>>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectReport {
    /// The directory.
    pub path: PathBuf,
    /// The number of files in it.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: usize,
    /// Samples for the test bench.
    pub samples: usize,
    /// The digest of the network that stands in every file.
    pub digest: String,
}

impl Project {
    /// A project with the backend's usual part, a clock of 5 ns, and no test vectors.
    pub fn new(net: &Resolved, backend: Backend) -> Self {
        let defaults = backend.dialect().defaults();
        let settings = Settings {
            backend,
            network: net.graph().name().to_owned(),
            digest: digest::of(net),
            part: defaults.part.to_owned(),
            clock_ns: 5.0,
            clock_uncertainty: defaults.clock_uncertainty,
        };
        Self { net: net.clone(), settings, inputs: Vec::new(), expected: Vec::new() }
    }

    /// Sets the part, as the vendor writes it.
    #[must_use]
    pub fn part(mut self, part: impl Into<String>) -> Self {
        self.settings.part = part.into();
        self
    }

    /// Sets the clock period in nanoseconds.
    #[must_use]
    pub fn clock_ns(mut self, clock_ns: f64) -> Self {
        self.settings.clock_ns = clock_ns;
        self
    }

    /// Sets the clock uncertainty in percent of the period.
    #[must_use]
    pub fn clock_uncertainty(mut self, percent: f64) -> Self {
        self.settings.clock_uncertainty = percent;
        self
    }

    /// Sets what the test bench feeds to the network, and what it expects.
    ///
    /// A sample is the raw values (the number times `2^frac_bits`) of all inputs of the network one after the other in
    /// order of declaration, or of all outputs in their order.
    #[must_use]
    pub fn vectors<T: Into<Wide>>(mut self, inputs: Vec<Vec<T>>, expected: Vec<Vec<T>>) -> Self {
        let wide = |samples: Vec<Vec<T>>| {
            samples.into_iter().map(|sample| sample.into_iter().map(Into::into).collect()).collect()
        };
        (self.inputs, self.expected) = (wide(inputs), wide(expected));
        self
    }

    /// Checks that the backend can build the network as it is configured, without making a file.
    ///
    /// # Errors
    /// The first thing that cannot be built, see [`BackendError`].
    pub fn validate(&self) -> Result<(), BackendError> {
        let Settings { part, clock_ns, clock_uncertainty, .. } = &self.settings;
        if !(clock_ns.is_finite() && *clock_ns > 0.0) {
            return Err(BackendError::Clock { found: *clock_ns });
        }
        if !(0.0..=100.0).contains(clock_uncertainty) {
            return Err(BackendError::ClockUncertainty { found: *clock_uncertainty });
        }
        if part.is_empty() || !part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
            return Err(BackendError::Part { found: part.clone() });
        }
        self.validate_vectors()
    }

    fn validate_vectors(&self) -> Result<(), BackendError> {
        let graph = self.net.graph();
        if self.inputs.len() != self.expected.len() {
            let (inputs, expected) = (self.inputs.len(), self.expected.len());
            return Err(BackendError::VectorCount { inputs, expected });
        }
        let formats = |ids: Vec<_>| {
            let element = |&id: &_| vec![self.net.facts(id).result(); graph.node(id).shape.elements()];
            ids.iter().flat_map(element).collect::<Vec<_>>()
        };
        let sides = [
            ("inputs", &self.inputs, formats(graph.inputs().map(|(id, _)| id).collect())),
            ("outputs", &self.expected, formats(graph.outputs().to_vec())),
        ];
        for (side, samples, formats) in sides {
            for (sample, values) in samples.iter().enumerate() {
                let outside = values.iter().zip(&formats).find(|(raw, format)| !format.contains_raw(**raw));
                let found = match outside {
                    _ if values.len() != formats.len() => values.len().to_string(),
                    Some((raw, format)) => format!("{raw} for {format}"),
                    None => continue,
                };
                return Err(BackendError::Vector { side, sample, expected: formats.len(), found });
            }
        }
        Ok(())
    }

    /// All files of the project, by their path in it.
    ///
    /// # Errors
    /// What [`validate`](Self::validate) finds, and a format that the vendor's types do not have.
    pub fn files(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>, BackendError> {
        self.validate()?;
        let dialect = self.settings.backend.dialect();
        let mut module = hls::module(&self.net);
        hls::write_out_casts(&mut module, |format| dialect.spells(format)).map_err(|format| self.unspelled(format))?;
        let mut files = dialect.files(&module, &self.settings);
        files.insert("tb_data/inputs.dat".into(), crate::backends::vectors(&self.inputs));
        files.insert("tb_data/expected.dat".into(), crate::backends::vectors(&self.expected));
        files.insert(write::MARKER.into(), write::marker(&self.settings));
        Ok(files)
    }

    /// The error that names where a format is used.
    fn unspelled(&self, format: hls4rs_fixed::Format) -> BackendError {
        let uses = self.net.iter().flat_map(|(_, node, facts)| {
            facts.formats.iter().map(move |(slot, &used)| (node.name.clone(), slot, used))
        });
        let place = uses.into_iter().find(|(_, _, used)| *used == format);
        let (layer, slot, format) = place.unwrap_or((self.settings.network.clone(), Slot::Result, format));
        BackendError::Format { backend: self.settings.backend, layer, slot, format }
    }

    /// Writes the project, whole or not at all.
    ///
    /// The files are written beside `path` first and take its place when they are complete. A project that hls4rs has
    /// made before is replaced, with everything that tools have put into it; an empty directory is, too.
    ///
    /// # Errors
    /// What [`files`](Self::files) finds; a directory at `path` that hls4rs has not made; a failure of the file system.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<ProjectReport, BackendError> {
        let path = path.as_ref();
        let files = self.files()?;
        write::replace(path, &files)?;
        Ok(ProjectReport {
            path: path.to_owned(),
            files: files.len(),
            bytes: files.values().map(Vec::len).sum(),
            samples: self.inputs.len(),
            digest: self.settings.digest.clone(),
        })
    }
}
