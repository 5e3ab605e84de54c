//! Declarations: types, arrays, constants, functions, and the module that holds them.

use hls4rs_fixed::Format;

use super::directive::Storage;
use super::expr::{Expr, Index};
use super::stmt::Stmt;

/// A number type: a format, under a name where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// The alias; without one the dialect spells the format.
    pub name: Option<String>,
    /// The format.
    pub format: Format,
}

impl Type {
    /// A type with an alias.
    pub fn named(name: impl Into<String>, format: Format) -> Self {
        Self { name: Some(name.into()), format }
    }
}

impl From<Format> for Type {
    fn from(format: Format) -> Self {
        Self { name: None, format }
    }
}

/// A name for a format.
#[derive(Clone, Debug)]
pub(crate) struct TypeAlias {
    pub(crate) name: String,
    pub(crate) format: Format,
    /// What has this type, one line.
    pub(crate) doc: String,
}

/// A local array.
#[derive(Clone, Debug)]
pub struct Array {
    /// The name.
    pub name: String,
    /// The type of an element.
    pub ty: Type,
    /// The extents.
    pub extents: Vec<usize>,
    /// Where it lives.
    pub storage: Storage,
}

/// A constant array: weights, or the table of a function.
#[derive(Clone, Debug)]
pub struct Constant {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) extents: Vec<usize>,
    /// The values, row major, in units of the format.
    pub(crate) raw: Vec<i64>,
    pub(crate) storage: Storage,
    /// Whether these are trained values, not a table of the layer's own.
    pub(crate) trained: bool,
    /// What it holds, one line.
    pub(crate) doc: String,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub(crate) name: String,
    /// The type of an element.
    pub(crate) ty: Type,
    pub(crate) carrier: Carrier,
    /// Whether the function only reads it.
    pub(crate) input: bool,
}

/// How a parameter brings its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// A single value.
    Value,
    /// An array of so many elements.
    Array(usize),
    /// An array of several dimensions.
    Matrix(Vec<usize>),
    /// Words one after the other.
    Stream(Stream),
}

/// A tensor as words: for each position of its outer axes the elements of the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    /// The type of a word.
    pub(crate) word: String,
    /// Words in a sample.
    pub(crate) words: usize,
    /// Elements in a word.
    pub(crate) channels: usize,
}

/// The type of a word of a stream.
#[derive(Clone, Debug)]
pub(crate) struct WordType {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) channels: usize,
}

/// A function: one for each layer, and the helpers in use.
#[derive(Clone, Debug)]
pub struct Function {
    pub(crate) name: String,
    /// What it computes, one sentence a line.
    pub(crate) doc: Vec<String>,
    pub(crate) params: Vec<Param>,
    /// The type of the value it returns, if it does.
    pub(crate) returns: Option<Type>,
    /// Constants it reads, by name.
    pub(crate) reads: Vec<String>,
    /// Cycles between two starts, for a function that is one pipeline.
    pub(crate) interval: Option<usize>,
    /// The most multipliers it may use.
    pub(crate) multipliers: Option<usize>,
    /// Whether it dissolves into its caller.
    pub(crate) inline: bool,
    pub(crate) body: Vec<Stmt>,
}

/// How the layers of a network overlap in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// One pipeline through all layers that takes a sample every so many cycles.
    Pipeline { interval: usize },
    /// Layers are processes that hand over whole arrays; a sample enters every so many cycles at best.
    Dataflow { interval: usize },
}

/// The top function.
#[derive(Clone, Debug)]
pub(crate) struct Top {
    pub(crate) name: String,
    pub(crate) inputs: Vec<Param>,
    pub(crate) outputs: Vec<Param>,
    /// Trained values that come from outside, each through a parameter of its own.
    pub(crate) weights: Vec<Constant>,
    pub(crate) style: Style,
    pub(crate) body: Vec<Stmt>,
}

/// A whole network.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) types: Vec<TypeAlias>,
    pub(crate) words: Vec<WordType>,
    pub(crate) constants: Vec<Constant>,
    /// Helpers first, then layers in order.
    pub(crate) functions: Vec<Function>,
    pub(crate) top: Top,
}

impl Module {
    /// The constant called `name`.
    ///
    /// # Panics
    /// If there is none: a function reads only constants that were declared.
    pub(crate) fn constant(&self, name: &str) -> &Constant {
        self.constants.iter().find(|c| c.name == name).expect("declared by the layer that reads it")
    }
}

impl Function {
    /// The same function, started anew every so many cycles: one for a layer that is a single pipeline.
    #[must_use]
    pub fn with_interval(self, cycles: usize) -> Self {
        Self { interval: Some(cycles), ..self }
    }

    /// The same function with at most so many multipliers.
    #[must_use]
    pub fn with_multipliers(self, most: usize) -> Self {
        Self { multipliers: Some(most), ..self }
    }

    /// A function that reads no constants and has no hints of its own.
    pub(crate) fn plain(name: String, doc: String, params: Vec<Param>, body: Vec<Stmt>) -> Self {
        let (returns, reads) = (None, Vec::new());
        let (interval, multipliers, inline) = (None, None, false);
        Self { name, doc: vec![doc], params, returns, reads, interval, multipliers, inline, body }
    }
}

impl Param {
    /// The number of elements.
    pub(crate) fn len(&self) -> usize {
        match &self.carrier {
            Carrier::Value => 1,
            Carrier::Array(len) => *len,
            Carrier::Matrix(extents) => extents.iter().product(),
            Carrier::Stream(stream) => stream.words * stream.channels,
        }
    }

    /// The stream, if it is one.
    pub(crate) fn stream(&self) -> Option<&Stream> {
        match &self.carrier {
            Carrier::Stream(stream) => Some(stream),
            _ => None,
        }
    }
}

impl Array {
    /// An array whose elements are all reached at once.
    pub fn registers(name: &str, ty: Type, len: usize) -> Self {
        let storage = Storage::Registers;
        Self { name: name.to_owned(), ty, extents: vec![len], storage }
    }
}

impl Constant {
    /// An element.
    pub fn at(&self, at: impl IntoIterator<Item = Index>) -> Expr {
        Expr::element(&self.name, self.ty.format, at)
    }
}
