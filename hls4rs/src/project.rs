//! C++ projects: from a resolved network to a directory that a vendor's tools build.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hls4rs_fixed::Wide;
use hls4rs_ir::{Io, Resolved, Slot};

use crate::backends::{Backend, BackendError};
#[cfg(feature = "import")]
use crate::frontends::{Pipeline, ProjectConfig, Uncertainty};
use crate::hls;
use crate::simulate::{Real, SimulateError};

mod digest;
mod vectors;
mod write;

use vectors::Vectors;

/// The number of random samples in a project for which nobody has given any.
pub const SAMPLES: usize = 100;

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
    /// The most elements of trained values that are part of the firmware.
    pub(crate) bram_factor: usize,
    /// How layers overlap in time, where the user has said so.
    pub(crate) style: Option<PipelineStyle>,
}

/// How the layers of a network overlap in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipelineStyle {
    /// One pipeline through all layers that takes a sample every so many cycles.
    Pipeline {
        /// The initiation interval in cycles; by default the greatest reuse factor.
        interval: Option<usize>,
    },
    /// Every layer is a process of its own that hands over its result.
    Dataflow,
}

/// Trained values of more elements than this come through ports, unless the user says otherwise: practically none.
const BRAM_FACTOR: usize = 1_000_000_000;

/// A C++ project of one network for one backend.
///
/// The same network, settings and vectors give the same bytes.
///
/// ```no_run
/// use hls4rs::backends::Backend;
/// use hls4rs::project::Project;
/// # fn write(network: &hls4rs::ir::Resolved) -> Result<(), hls4rs::backends::BackendError> {
/// let project = Project::new(network, Backend::Vitis).part("xcvu13p-flga2577-2-e").clock_ns(5.0);
/// let report = project.write("target/hls")?;
/// println!("{} files in {}", report.files, report.path.display());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Project {
    net: Resolved,
    settings: Settings,
    vectors: Option<Vectors>,
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
    /// A project with the backend's usual part, a clock of 5 ns, and [`SAMPLES`] random test vectors.
    pub fn new(net: &Resolved, backend: Backend) -> Self {
        let defaults = backend.dialect().defaults();
        let settings = Settings {
            backend,
            network: file_name(net.graph().name()),
            digest: digest::of(net),
            part: defaults.part.to_owned(),
            clock_ns: 5.0,
            clock_uncertainty: defaults.clock_uncertainty,
            bram_factor: BRAM_FACTOR,
            style: None,
        };
        Self { net: net.clone(), settings, vectors: None }
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

    /// Lets trained values of more than `elements` elements come through ports of the top function, from memories
    /// outside of it, instead of being part of the firmware.
    ///
    /// hls4ml calls this number `BramFactor`.
    #[must_use]
    pub fn bram_factor(mut self, elements: usize) -> Self {
        self.settings.bram_factor = elements;
        self
    }

    /// Sets how layers overlap in time.
    ///
    /// Without it, a network in streams or with a layer that shares multipliers in a loop is a dataflow of processes,
    /// every other one a single pipeline whose interval is the greatest reuse factor.
    #[must_use]
    pub fn pipeline_style(mut self, style: PipelineStyle) -> Self {
        self.settings.style = Some(style);
        self
    }

    /// Takes over what a configuration's file says of the project; the backend is that of [`new`](Self::new).
    #[cfg(feature = "import")]
    #[must_use]
    pub fn configured(mut self, config: &ProjectConfig) -> Self {
        let settings = &mut self.settings;
        settings.part = config.part.clone().unwrap_or_else(|| settings.part.clone());
        settings.clock_ns = config.clock_ns.unwrap_or(settings.clock_ns);
        settings.clock_uncertainty = match config.clock_uncertainty {
            Some(Uncertainty::Percent(percent)) => percent,
            Some(Uncertainty::Nanoseconds(ns)) => 100.0 * ns / settings.clock_ns,
            None => settings.clock_uncertainty,
        };
        settings.bram_factor = config.bram_factor.unwrap_or(settings.bram_factor);
        settings.style = match config.pipeline {
            Some(Pipeline::Whole(interval)) => Some(PipelineStyle::Pipeline { interval }),
            Some(Pipeline::Dataflow) => Some(PipelineStyle::Dataflow),
            None => settings.style,
        };
        self
    }

    /// Sets what the test bench feeds to the network, and what it expects.
    ///
    /// A sample is the raw values (the number times `2^frac_bits`) of all inputs of the network one after the other in
    /// order of declaration, or of all outputs in their order.
    #[must_use]
    pub fn vectors<T: Into<Wide>>(mut self, inputs: Vec<Vec<T>>, expected: Vec<Vec<T>>) -> Self {
        self.vectors = Some(Vectors::new(inputs, expected));
        self
    }

    /// Lets the test bench feed random numbers to the network and expect what the simulation computes.
    #[must_use]
    pub fn random_vectors(mut self, samples: usize, seed: u64) -> Self {
        self.vectors = Some(Vectors::random(&self.net, samples, seed));
        self
    }

    /// Lets the test bench feed these samples to the network and expect what the simulation computes.
    ///
    /// There is a slice for each input, with whole samples one after the other, row major.
    ///
    /// # Errors
    /// As [`Engine::run`](crate::simulate::Engine::run).
    pub fn samples<T: Real + Into<f64>>(mut self, inputs: &[&[T]]) -> Result<Self, SimulateError> {
        self.vectors = Some(Vectors::simulated(&self.net, inputs)?);
        Ok(self)
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
        if self.net.graph().io() == Io::Stream && !self.settings.backend.dialect().streams() {
            return Err(BackendError::Stream { backend: self.settings.backend });
        }
        match self.settings.style {
            Some(PipelineStyle::Pipeline { interval: Some(0) }) => return Err(BackendError::Interval),
            Some(PipelineStyle::Pipeline { .. }) if self.net.graph().io() == Io::Stream => {
                return Err(BackendError::StreamInPipeline);
            }
            _ => {}
        }
        self.vectors.as_ref().map_or(Ok(()), |vectors| vectors.check(&self.net))
    }

    /// All files of the project, by their path in it.
    ///
    /// # Errors
    /// What [`validate`](Self::validate) finds, and a format that the vendor's types do not have.
    pub fn files(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>, BackendError> {
        self.validate()?;
        let dialect = self.settings.backend.dialect();
        let mut module = hls::module(&self.net, self.settings.style)
            .map_err(|layer| BackendError::NoEmission { backend: self.settings.backend, layer })?;
        hls::from_outside(&mut module, self.settings.bram_factor);
        if !module.top.weights.is_empty() && !dialect.weight_ports() {
            return Err(BackendError::WeightPorts { backend: self.settings.backend });
        }
        hls::write_out_casts(&mut module, dialect).map_err(|format| self.unspelled(format))?;
        let mut files = dialect.files(&module, &self.settings);
        let random = || Cow::Owned(Vectors::random(&self.net, SAMPLES, 1));
        let vectors = self.vectors.as_ref().map_or_else(random, Cow::Borrowed);
        files.insert("tb_data/inputs.dat".into(), vectors::lines(&vectors.inputs));
        files.insert("tb_data/expected.dat".into(), vectors::lines(&vectors.expected));
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
            samples: self.vectors.as_ref().map_or(SAMPLES, |vectors| vectors.inputs.len()),
            digest: self.settings.digest.clone(),
        })
    }
}

/// The name of the network as files carry it; one name is that of another file.
fn file_name(network: &str) -> String {
    if network == "defines" { "defines_net".to_owned() } else { network.to_owned() }
}
