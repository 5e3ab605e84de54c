//! The network graph of hls4rs: layers with their shape, precision and range rules, and every check on them.
//!
//! This crate does no I/O and knows no tokens, no files and no vendor: `network!`, the importers and the command
//! line build the same [`Graph`] through the same [`Builder`] and get the same [`Faults`].
//!
//! ```
//! use hls4rs_ir::{Builder, NodeSpec, Precision, Shape, Slot, Tensor, ops::Dense};
//! use hls4rs_fixed::Format;
//!
//! let mut net = Builder::new("sum");
//! let shape = |extents: &[usize]| Shape::new(extents).expect("a valid shape");
//! let x = net.input("x", shape(&[3]), Precision::Checked(Format::fixed(8, 4)));
//! let mut dense = NodeSpec::new("y", Dense { units: 1 }, &[x]);
//! dense.values.set(Slot::Weight, Tensor::new(shape(&[3, 1]), vec![1.0, 0.5, -1.0]).expect("three values"));
//! let y = net.add(dense);
//! net.output(y);
//! let resolved = net.finish().expect("nothing wrong").resolve().expect("nothing wrong");
//! // 1 · [-8, 7.94] + 0.5 · [-8, 7.94] - 1 · [-8, 7.94] lies within ±20: six integer bits.
//! assert_eq!(resolved.facts(y).result().to_string(), "fixed<11,6>");
//! ```
#![forbid(unsafe_code)]

mod accept;
pub mod attr;
mod builder;
mod constants;
#[cfg(feature = "draft")]
pub mod draft;
pub mod fault;
mod graph;
mod hardware;
#[cfg(feature = "json")]
pub mod json;
mod names;
pub mod ops;
#[cfg(feature = "draft")]
pub mod passes;
#[cfg(feature = "draft")]
pub mod precision;
pub mod range;
pub mod resolve;
pub mod shape;
mod site;
mod slot;
pub mod source;
pub mod tables;
mod tensor;
#[cfg(any(feature = "npz", feature = "safetensors"))]
pub mod weights;

pub use builder::{Builder, NodeSpec};
pub use fault::{Fault, Faults, Problem};
pub use graph::{Graph, Node, NodeId};
pub use hardware::{Io, Multiplications, Strategy, used_weights};
pub use ops::Op;
pub use resolve::{Facts, Resolved};
pub use shape::{Shape, ShapeError};
pub use site::{Place, Site};
pub use slot::{Precision, Slot, SlotMap};
pub use tensor::{RawTensor, Tensor};
