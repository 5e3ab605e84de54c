//! The printer: from the tree to C++, with what differs between vendors asked from the dialect.

use core::fmt::Write as _;

use genco::fmt as gfmt;
use hls4rs_fixed::{Format, Wide};

use super::decimal::{Literal, literal};
use super::expr::{Condition, Expr, Index, Node, Operator};
use super::stmt::Stmt;
use super::types::{Constant, Function, Module, Param, Top, Type};
use super::{LoopHint, storage};
use crate::backends::Dialect;

/// C++ as genco prints it: lines, indentation, and includes that travel with what needs them.
pub(crate) type Tokens = genco::Tokens<Cpp>;

genco::impl_lang! {
    /// C++ with sorted and unique includes at the top.
    pub(crate) Cpp {
        type Config = ();
        type Format = ();
        type Item = Any;

        fn default_indentation() -> gfmt::Indentation {
            gfmt::Indentation::Space(4)
        }

        fn format_file(tokens: &Tokens, out: &mut gfmt::Formatter<'_>, config: &()) -> gfmt::Result {
            tokens.format(out, config, &())
        }
    }

    Include(Include) {
        fn format(&self, out: &mut gfmt::Formatter<'_>, _: &(), _: &()) -> gfmt::Result {
            out.write_str("")
        }
    }
}
