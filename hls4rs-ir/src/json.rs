//! Networks as JSON: [`Graph::to_json`] and [`Graph::from_json`].
//!
//! ```json
//! {
//!   "hls4rs_graph": 1,
//!   "name": "sum",
//!   "nodes": [
//!     {
//!       "name": "x",
//!       "op": "input",
//!       "shape": [3],
//!       "range": { "lo": -8, "hi": 8, "inclusive": false },
//!       "precision": { "result": "fixed<8,4>" }
//!     },
//!     {
//!       "name": "y",
//!       "op": "dense",
//!       "inputs": ["x"],
//!       "attributes": { "units": 1 },
//!       "precision": { "accum": "fixed<12,8> may wrap" },
//!       "values": {
//!         "weight": { "shape": [3, 1], "values": [1, 0.5, -1] }
//!       },
//!       "strategy": "resource",
//!       "reuse_factor": 3
//!     }
//!   ],
//!   "outputs": ["y"]
//! }
//! ```
//!
//! `op` and `attributes` are the keywords of the layers. A slot without a precision is `auto`; a strategy that is not
//! given is `latency`, a reuse factor 1, an `io` of the network `parallel`. More than 64 values are written as the base64 of their little-endian bytes,
//! under `f32_base64` if single precision holds every value exactly, else under `f64_base64`; both are read for any
//! number of values. A layer of one's own has the `op` `custom` and in `layer` its keyword; such a network is read with
//! [`Graph::from_json_with`]. What a [`Site`](crate::Site) stands for is not part of a file.

mod read;
mod write;

use crate::ops::Definitions;
pub use crate::shape::MAX_TOTAL_ELEMENTS;
use crate::{Faults, Graph};

/// The version of the format that is written, and the only one that is read.
pub const VERSION: u64 = 1;

/// The most nodes of a file that is read.
pub const MAX_NODES: usize = 1 << 14;

/// The most values that are written as numbers.
const MAX_NUMBERS: usize = 64;

/// Why a text is not a network.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text is not JSON.
    #[error("this is not JSON")]
    Syntax(#[from] serde_json::Error),
    /// The text is not a network of this version.
    #[error("expected a network, `\"hls4rs_graph\": {VERSION}`, found {found}")]
    Version {
        /// What is there instead.
        found: String,
    },
    /// A field is missing, unknown or has the wrong contents.
    #[error("{at}: `{field}`: {what}")]
    Field {
        /// The node, or the network.
        at: String,
        /// The field.
        field: String,
        /// What is wrong with it.
        what: String,
    },
    /// The network is larger than a file may make it.
    #[error("{at}: more than {limit} {what} in the network")]
    TooLarge {
        /// The node that is too much.
        at: String,
        /// Of what there are too many.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// The network is wrong in itself.
    #[error("{0}")]
    Network(Faults),
}

impl Graph {
    /// The network as JSON, in the form that the [module](self) describes.
    pub fn to_json(&self) -> String {
        write::graph(self)
    }

    /// Reads a network through [`Builder`](crate::Builder), with all its checks.
    ///
    /// Values that may wrap are no error here; [`Graph::resolve`] says so.
    ///
    /// # Errors
    /// The first field that cannot be read, or everything that is wrong with the network.
    pub fn from_json(text: &str) -> Result<Self, JsonError> {
        Self::from_json_with(text, &mut |_, _| None)
    }

    /// Reads a network like [`from_json`](Self::from_json) that has layers of one's own: `definitions` is asked for
    /// each of them, with the name of the node and of the layer.
    ///
    /// # Errors
    /// As for [`from_json`](Self::from_json), and a layer of which there is no definition.
    pub fn from_json_with(text: &str, definitions: &mut Definitions<'_>) -> Result<Self, JsonError> {
        read::graph(text, definitions)
    }
}
