//! A vendor-neutral tree of HLS C++: what a layer emits, and what a dialect spells.
//!
//! The tree holds numbers with known formats, loops, arrays and hints about hardware as values. It knows no vendor: a
//! dialect spells types, pragmas and attributes.
//!
//! A [layer of one's own](crate::custom) is emitted with it.

mod convert;
mod decimal;
mod directive;
mod expr;
mod layer;
mod line_buffer;
mod names;
mod part;
mod ports;
pub(crate) mod print;
mod process;
mod stmt;
mod substitute;
mod tokens;
mod tree;
mod types;
mod wires;

pub(crate) use convert::{storage, write_out_casts};
pub(crate) use decimal::{Literal, decimal, is_short, literal};
pub use directive::{LoopHint, Storage};
pub use expr::{Comparison, Condition, Expr, Index};
pub(crate) use expr::{table_position, whole_format};
pub(crate) use layer::Emit;
pub use layer::{LayerCx, Operand, each, elementwise, joined_as_tree, repeat};
pub(crate) use line_buffer::LineBuffer;
pub(crate) use ports::{from_outside, parameter};
pub use stmt::Stmt;
pub(crate) use tree::module;
pub use types::{Array, Constant, Function, Type};
pub(crate) use types::{Carrier, Module, Param, Style, TypeAlias, WordType};
