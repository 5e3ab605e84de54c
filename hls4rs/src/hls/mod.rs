//! A vendor-neutral tree of HLS C++: what a layer emits, and what a dialect spells.
//!
//! The tree holds numbers with known formats, loops, arrays and hints about hardware as values. It knows no vendor:
//! [`Dialect`](crate::backends::Dialect) spells types, pragmas and attributes, [`print`] does the rest.

pub(crate) mod convert;
pub(crate) mod decimal;
pub(crate) mod directive;
pub(crate) mod expr;
pub(crate) mod layer;
pub(crate) mod names;
pub(crate) mod print;
pub(crate) mod stmt;
pub(crate) mod tree;
pub(crate) mod types;

pub(crate) use directive::{ArrayHint, LoopHint, Storage};
pub(crate) use expr::{Comparison, Condition, Expr, Index};
pub(crate) use layer::{Emit, Emitted, LayerCx};
pub(crate) use stmt::Stmt;
pub(crate) use types::{Array, Constant, Function, Module, Param, Top, Type, TypeAlias};
