//! Vendors: how each spells the HLS tree, and which files it wants around it.
//!
//! A backend is one file with a `Dialect`, and one row in the table of [`Backend`]. Layers know nothing of it.

use hls4rs_fixed::Format;
use hls4rs_ir::Slot;

use crate::hls::{Constant, Function, LoopHint, Module, Storage};
use crate::project::{Files, Settings};

mod quartus;
mod shared;
mod vitis;

/// One table of backends: the enum, the look-up by name and the dispatch come from it.
macro_rules! backends {
    ($($(#[doc = $doc:literal])+ $variant:ident($module:ident) => $name:literal,)+) => {
        /// A vendor's tool chain.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Backend { $($(#[doc = $doc])+ $variant,)+ }

        impl Backend {
            /// Every backend, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the command line and in configurations.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            pub(crate) fn dialect(self) -> &'static dyn Dialect {
                match self { $(Self::$variant => &$module::Spelling),+ }
            }
        }
    };
}

backends! {
    /// AMD Vitis HLS.
    Vitis(vitis) => "vitis",
    /// Intel HLS, which comes with Quartus.
    Quartus(quartus) => "quartus",
}

impl Backend {
    /// Whether its projects can stream tensors between layers.
    pub fn streams(self) -> bool {
        self.dialect().streams()
    }

    /// Finds a backend by its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|backend| backend.name() == name)
    }
}

impl core::fmt::Display for Backend {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// How a vendor spells the tree.
pub(crate) trait Dialect: Sync {
    /// The part and the clock uncertainty where the user has said nothing.
    fn defaults(&self) -> Defaults;

    /// The number type of a format whose modes it [`spells`](Self::spells).
    fn number(&self, format: Format) -> String;

    /// Whether the number types convert to `format` by themselves.
    fn spells(&self, format: Format) -> bool;

    /// A wider format with the same unit for the source of a conversion that the number types get wrong.
    fn widened(&self, _from: Format, _to: Format) -> Option<Format> {
        None
    }

    /// The uppermost bits of a number's pattern as an `unsigned`.
    fn top_bits(&self, number: &str, format: Format, bits: u32) -> String;

    /// What stands before the type of a local array.
    fn local_prefix(&self, storage: Storage) -> &'static str;

    /// Lines after the declaration of an array, or at the start of a function that reads a constant one.
    fn array_pragmas(&self, name: &str, rank: usize, storage: Storage) -> Vec<String>;

    /// Lines at the start of a function.
    fn function_pragmas(&self, function: &Function, reads: &[&Constant]) -> Vec<String>;

    /// The line before a loop.
    fn before_loop(&self, hint: LoopHint) -> Option<String>;

    /// The first line in a loop.
    fn in_loop(&self, hint: LoopHint) -> Option<String>;

    /// The type of a stream of words.
    fn stream(&self, word: &str) -> String;

    /// The lines that declare a stream between processes.
    fn stream_declaration(&self, name: &str, word: &str, depth: usize) -> Vec<String>;

    /// Whether trained values can come through ports.
    fn weight_ports(&self) -> bool;

    /// Whether tensors can be streamed between layers.
    fn streams(&self) -> bool;

    /// The files of a project, without its test vectors.
    fn files(&self, module: &Module, settings: &Settings) -> Files;
}

/// What a backend takes where the user has said nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defaults {
    pub(crate) part: &'static str,
    /// A share of the clock period, in percent.
    pub(crate) clock_uncertainty: f64,
}

/// Why a project cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// A format has modes that the vendor's number types do not have, and that are not written out either.
    #[error(
        "{backend}: layer `{layer}`, slot `{slot}`: the vendor's types do not have {format}\n  help: use another overflow mode, such as `SAT` or plain `WRAP`"
    )]
    Format {
        /// The backend.
        backend: Backend,
        /// The layer.
        layer: String,
        /// The slot.
        slot: Slot,
        /// Its format.
        format: Format,
    },
    /// The network streams its tensors, and projects for this vendor cannot.
    #[error(
        "{backend}: projects with `io: stream` are not supported yet\n  help: use `io: parallel`, or the backend `vitis`"
    )]
    Stream {
        /// The backend.
        backend: Backend,
    },
    /// Trained values are to come through ports, which projects for this vendor cannot have.
    #[error(
        "{backend}: weights from outside are not supported yet\n  help: raise `bram_factor`, or use the backend `vitis`"
    )]
    WeightPorts {
        /// The backend.
        backend: Backend,
    },
    /// A layer of one's own has no C++.
    #[error("{backend}: layer `{layer}` has no C++\n  help: write `CustomLayer::emit` for it")]
    NoEmission {
        /// The backend.
        backend: Backend,
        /// The layer.
        layer: String,
    },
    /// The interval of the pipeline is zero.
    #[error("expected a pipeline interval of at least 1 cycle, found 0")]
    Interval,
    /// A network in streams cannot be one pipeline.
    #[error(
        "a network with `io: stream` is a dataflow of processes\n  help: use `io: parallel`, or leave the pipeline style out"
    )]
    StreamInPipeline,
    /// The clock period is not a positive number.
    #[error("expected a clock period above 0 ns, found {found}")]
    Clock {
        /// What was asked for.
        found: f64,
    },
    /// The clock uncertainty is not a share of the period.
    #[error("expected a clock uncertainty from 0 to 100 percent of the period, found {found}")]
    ClockUncertainty {
        /// What was asked for.
        found: f64,
    },
    /// The part is not a word.
    #[error("expected a part such as `xcvu13p-flga2577-2-e`, found `{found}`")]
    Part {
        /// What was asked for.
        found: String,
    },
    /// There are not as many results as inputs.
    #[error("expected as many expected outputs as inputs, {inputs}, found {expected}")]
    VectorCount {
        /// Samples of inputs.
        inputs: usize,
        /// Samples of expected outputs.
        expected: usize,
    },
    /// A test vector does not fit the network.
    #[error(
        "{side} of sample {sample}: expected {expected} values in the range of their formats, found {found}"
    )]
    Vector {
        /// Inputs or outputs.
        side: &'static str,
        /// Which sample.
        sample: usize,
        /// How many values the network has.
        expected: usize,
        /// How many there are, or the first that is out of range.
        found: String,
    },
    /// There is something at the place of the project that this tool has not made.
    #[error(
        "`{path}` exists and is not a project of hls4rs; nothing was written\n  help: remove it, or choose another directory"
    )]
    NotOurs {
        /// The directory.
        path: std::path::PathBuf,
    },
    /// The project could not be written.
    #[error("writing `{path}` failed")]
    Io {
        /// What was written.
        path: std::path::PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
