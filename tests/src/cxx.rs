//! Emitted C++: written, compiled by the Makefile that a user gets, and run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use hls4rs::backends::Backend;
use hls4rs::project::Project;
use hls4rs_fixed::{Format, Overflow, Rounding};
use hls4rs_ir::ops::Linear;
use hls4rs_ir::{Builder, NodeSpec, Precision, Resolved, Shape, Slot};
use sha2::{Digest, Sha256};

use crate::random::Raw;
use crate::simulate::Simulation;
use crate::{Error, headers, host};

/// The most saturated bits that make a difference for what can be spelled.
const MAX_KEPT: u32 = 2;

/// A backend with everything that its C++ needs on this machine.
pub struct Cxx {
    backend: Backend,
    make: String,
    compiler: String,
    headers: PathBuf,
    /// The modes that the backend can spell.
    modes: Vec<(Rounding, Overflow)>,
}

impl Cxx {
    /// Finds the tools for the backend of this name.
    ///
    /// # Errors
    /// If there is no such backend, or a tool is missing.
    pub fn new(name: &str) -> Result<Self, Error> {
        let backend = Backend::from_name(name).ok_or_else(|| {
            let known: Vec<_> = Backend::ALL.iter().map(|backend| backend.name()).collect();
            Error::malformed(format!("backend `{name}`"), format!("expected one of {}", known.join(", ")))
        })?;
        let folder = if backend == Backend::Quartus { "ac_types" } else { "ap_types" };
        let modes =
            Rounding::ALL.iter().flat_map(|&rounding| overflows().map(move |overflow| (rounding, overflow)));
        let spelled = |&(rounding, overflow): &(Rounding, Overflow)| {
            probe(Format::fixed(8, 4).with_rounding(rounding).with_overflow(overflow))
                .is_some_and(|network| Project::new(&network, backend).files().is_ok())
        };
        Ok(Self {
            backend,
            make: host::make()?,
            compiler: host::cxx()?,
            headers: headers::folder()?.join(folder),
            modes: modes.filter(spelled).collect(),
        })
    }

    /// Whether the backend can stream tensors.
    pub fn streams(&self) -> bool {
        self.backend.streams()
    }

    /// Whether the backend can spell a format.
    pub fn spells(&self, format: Format) -> bool {
        let overflow = match format.overflow {
            Overflow::Wrap(n) => Overflow::Wrap(n.min(MAX_KEPT)),
            Overflow::WrapSm(n) => Overflow::WrapSm(n.min(MAX_KEPT)),
            other => other,
        };
        self.modes.contains(&(format.rounding, overflow))
    }

    /// The raw outputs of the C++ for raw inputs.
    ///
    /// What was compiled once is found again under the target folder.
    ///
    /// # Errors
    /// If the project cannot be made, compiled or run.
    pub fn outputs(&self, network: &Resolved, inputs: &[Vec<Raw>]) -> Result<Vec<Vec<Raw>>, Error> {
        let files = self.files(network, inputs)?;
        let folder = host::target().join("cxx").join(digest(&files));
        self.run(network, &files, &folder)
    }

    /// Writes the project for somebody to look at.
    ///
    /// # Errors
    /// If it cannot be made or written.
    pub fn write(&self, network: &Resolved, inputs: &[Vec<Raw>], folder: &Path) -> Result<(), Error> {
        let files = self.files(network, inputs)?;
        files.iter().try_for_each(|(path, content)| host::write(&folder.join(path), content))
    }

    /// The files of the project; the test bench expects what the engine computes.
    fn files(&self, network: &Resolved, inputs: &[Vec<Raw>]) -> Result<BTreeMap<PathBuf, Vec<u8>>, Error> {
        let flat = |samples: &[Vec<Raw>]| samples.iter().map(|sample| sample.concat()).collect::<Vec<_>>();
        let expected = Simulation::new(network).raw(inputs);
        let project = Project::new(network, self.backend).vectors(flat(inputs), flat(&expected));
        project.files().map_err(|e| Error::refused(network.graph().name(), e))
    }

    fn run(
        &self,
        network: &Resolved,
        files: &BTreeMap<PathBuf, Vec<u8>>,
        folder: &Path,
    ) -> Result<Vec<Vec<Raw>>, Error> {
        files.iter().try_for_each(|(path, content)| host::write(&folder.join(path), content))?;
        let log = folder.join("tb_data/csim_results.log");
        if log.exists() {
            std::fs::remove_file(&log).map_err(Error::io(&log))?;
        }
        let mut make = Command::new(&self.make);
        make.current_dir(folder)
            .arg("csim")
            .arg(format!("HEADERS={}", self.headers.display()))
            .arg(format!("CXX={}", self.compiler))
            // The jobs of a make around us are not ours to share.
            .env_remove("MAKEFLAGS");
        let outcome = host::run(&format!("`make csim` in {}", folder.display()), &mut make);
        // The test bench fails if the outputs are not as expected; they are in its log all the same.
        match (outcome, host::read(&log)) {
            (_, Ok(text)) => parse(network, &String::from_utf8_lossy(&text)),
            (Err(error), Err(_)) => Err(error),
            (Ok(_), Err(error)) => Err(error),
        }
    }
}

fn overflows() -> impl Iterator<Item = Overflow> {
    let kept = (0..=MAX_KEPT).flat_map(|n| [Overflow::Wrap(n), Overflow::WrapSm(n)]);
    kept.chain([Overflow::Sat, Overflow::SatZero, Overflow::SatSym])
}

/// A network that does nothing but cast to a format.
fn probe(format: Format) -> Option<Resolved> {
    let mut net = Builder::new("probe");
    let x = net.input("x", Shape::new(&[1]).ok()?, Precision::MayWrap(Format::fixed(12, 6)));
    let mut spec = NodeSpec::new("y", Linear, &[x]);
    spec.precision.set(Slot::Result, Precision::MayWrap(format));
    let y = net.add(spec);
    net.output(y);
    net.finish_with_warnings().ok().map(|(resolved, _)| resolved)
}

/// A name for a project: the same for the same program, whatever it is run with.
fn digest(files: &BTreeMap<PathBuf, Vec<u8>>) -> String {
    let mut hash = Sha256::new();
    for (path, content) in files.iter().filter(|(path, _)| !path.starts_with("tb_data")) {
        hash.update(path.to_string_lossy().as_bytes());
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(content);
    }
    hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// The outputs of every sample from the lines of the log.
fn parse(network: &Resolved, log: &str) -> Result<Vec<Vec<Raw>>, Error> {
    let graph = network.graph();
    let sizes: Vec<_> = graph.outputs().iter().map(|&id| graph.node(id).shape.elements()).collect();
    let bad = |line: &str| Error::malformed("the log of the test bench", format!("`{line}`"));
    let sample = |line: &str| -> Result<Vec<Raw>, Error> {
        let words = line.split_whitespace().map(|word| word.parse::<i128>());
        let all: Vec<i128> = words.collect::<Result<_, _>>().map_err(|_| bad(line))?;
        if all.len() != sizes.iter().sum::<usize>() {
            return Err(bad(line));
        }
        let mut rest = all.as_slice();
        let tensors = sizes.iter().map(|&size| {
            let (tensor, tail) = rest.split_at(size);
            rest = tail;
            tensor.to_vec()
        });
        Ok(tensors.collect())
    };
    log.lines().map(sample).collect()
}
