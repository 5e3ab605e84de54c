//! Statements.

use super::directive::LoopHint;
use super::expr::{Condition, Expr, Index};
use super::types::{Array, Type};

/// A statement.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // The line of each says what its fields are.
pub enum Stmt {
    /// A named value.
    Let { name: String, ty: Type, value: Expr },
    /// A variable with its first value.
    Var { name: String, ty: Type, value: Expr },
    /// A counter with its first value.
    Counter { name: String, value: usize },
    /// A local array.
    Array(Array),
    /// `name[at…] = value`, converted to the type on the left.
    Assign { name: String, at: Vec<Index>, ty: Type, value: Expr },
    /// `name = value` for a counter.
    Count { name: String, value: Index },
    /// A loop over `from, from + step, …` below `to`.
    For { var: String, from: usize, to: usize, step: usize, hint: Option<LoopHint>, body: Vec<Stmt> },
    /// A branch.
    If { condition: Condition, body: Vec<Stmt> },
    /// A stream between processes that holds at most `depth` words.
    Stream { name: String, word: String, depth: usize },
    /// `const word name = stream.read();`; its elements are those of the array `name.data`.
    ReadWord { stream: String, word: String, name: String },
    /// A word to be filled; its elements are those of the array `name.data`.
    Word { word: String, name: String },
    /// `stream.write(name);`
    WriteWord { stream: String, name: String },
    /// A call of a layer.
    Call { function: String, args: Vec<String> },
    /// The value of the function.
    Return(Type, Expr),
}

impl Stmt {
    /// `y[at] = value`.
    pub fn assign(name: &str, at: impl IntoIterator<Item = Index>, ty: Type, value: Expr) -> Self {
        Self::Assign { name: name.to_owned(), at: at.into_iter().collect(), ty, value }
    }

    /// A named value.
    pub fn bind(name: &str, ty: Type, value: Expr) -> Self {
        Self::Let { name: name.to_owned(), ty, value }
    }

    /// A loop from 0 without a hint, or with one.
    pub fn repeated(var: &str, to: usize, hint: Option<LoopHint>, body: Vec<Stmt>) -> Self {
        Self::For { var: var.to_owned(), from: 0, to, step: 1, hint, body }
    }

    /// A loop from 0 whose steps are all built.
    pub fn unrolled(var: &str, to: usize, body: Vec<Stmt>) -> Self {
        Self::For { var: var.to_owned(), from: 0, to, step: 1, hint: Some(LoopHint::Unroll), body }
    }
}
