//! A vendor-neutral tree of HLS C++: what a layer emits, and what a dialect spells.
//!
//! The tree holds numbers with known formats, loops, arrays and hints about hardware as values. It knows no vendor: a
//! [`Dialect`](crate::backends::Dialect) spells types, pragmas and attributes, [`print`] does the rest.

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
pub(crate) use directive::{LoopHint, Storage};
pub(crate) use expr::{Comparison, Condition, Expr, Index, table_position, whole_format};
pub(crate) use layer::{Emit, LayerCx, each, elementwise, joined_as_tree, repeat};
pub(crate) use line_buffer::LineBuffer;
pub(crate) use ports::{from_outside, parameter};
pub(crate) use stmt::Stmt;
pub(crate) use tree::module;
pub(crate) use types::{Array, Carrier, Constant, Function, Module, Param, Style, Type, TypeAlias, WordType};
