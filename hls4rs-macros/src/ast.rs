//! What a user writes in `network!`, as a tree that keeps every span.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Attribute, LitStr, Path, Visibility};

/// A stretch of the user's source, from its first token to its last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    pub(crate) start: Span,
    pub(crate) end: Span,
}

impl Spot {
    /// From the beginning of `self` to the end of `other`.
    pub(crate) fn to(self, other: Spot) -> Spot {
        Spot { start: self.start, end: other.end }
    }
}

impl From<Span> for Spot {
    fn from(span: Span) -> Self {
        Self { start: span, end: span }
    }
}

impl From<&Ident> for Spot {
    fn from(ident: &Ident) -> Self {
        ident.span().into()
    }
}

/// Two tokens with the spans of the ends: what `syn::Error` needs to underline the stretch.
impl ToTokens for Spot {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend([Ident::new("start", self.start), Ident::new("end", self.end)]);
    }
}

/// The whole of `network! { … }`.
pub(crate) struct Network {
    pub(crate) header: Header,
    pub(crate) statements: Vec<Statement>,
}

/// `pub struct Name { options }`.
pub(crate) struct Header {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    pub(crate) options: Options,
}

/// What holds for the network as a whole.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) krate: Option<Path>,
    pub(crate) weights: Option<LitStr>,
    pub(crate) default: Option<FormatSpec>,
    pub(crate) io: Option<Ident>,
    pub(crate) strategy: Option<Ident>,
    pub(crate) reuse_factor: Option<Number>,
}

/// A line that ends with `;`.
pub(crate) enum Statement {
    /// `input name: [shape] as format in range;`
    Input(InputDecl),
    /// `let name = expression;`
    Let { name: Ident, value: Expr },
    /// `output name = expression;` or `output name;`
    Output { name: Ident, value: Option<Expr> },
}

impl Statement {
    /// The name that is declared.
    pub(crate) fn name(&self) -> &Ident {
        match self {
            Self::Input(InputDecl { name, .. }) | Self::Let { name, .. } | Self::Output { name, .. } => name,
        }
    }
}

/// An input of the network.
pub(crate) struct InputDecl {
    pub(crate) name: Ident,
    pub(crate) shape: List,
    pub(crate) format: Option<FormatSpec>,
    pub(crate) range: Option<RangeSpec>,
}

/// `lo..hi` or `lo..=hi`.
pub(crate) struct RangeSpec {
    pub(crate) lo: Number,
    pub(crate) hi: Number,
    pub(crate) inclusive: bool,
}

/// What stands on the right of `=` or as an input of a layer.
#[derive(Clone)]
pub(crate) enum Expr {
    /// A layer by its name; with a format, a cast of it.
    Name { name: Ident, format: Option<FormatSpec> },
    /// A new layer.
    Call(Call),
}

/// `keyword(arguments) { settings } as format`.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) keyword: Ident,
    pub(crate) args: Vec<Arg>,
    pub(crate) settings: Vec<Setting>,
    pub(crate) format: Option<FormatSpec>,
    /// What is said of a layer that hls4rs does not know.
    pub(crate) own: Option<Box<Own>>,
}

/// The type of a layer of one's own: `path(arguments) { fields, settings } -> [shape] as format`.
#[derive(Clone)]
pub(crate) struct Own {
    pub(crate) path: Path,
    /// The fields of the type, as Rust.
    pub(crate) fields: Vec<(Ident, TokenStream)>,
    /// The shape of the result.
    pub(crate) shape: Option<List>,
}

/// An argument in parentheses.
#[derive(Clone)]
pub(crate) enum Arg {
    /// A layer, or a word if the layer takes one there.
    Expr(Expr),
    /// The value of an attribute.
    Value(Value),
}

/// `key: value` in braces.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) key: Ident,
    pub(crate) value: Option<Value>,
    pub(crate) format: Option<FormatSpec>,
}

/// A value that is not a format.
#[derive(Clone)]
pub(crate) enum Value {
    Number(Number),
    Word(Ident),
    Text(LitStr),
    List(List),
}

impl Value {
    pub(crate) fn spot(&self) -> Spot {
        match self {
            Self::Number(number) => number.spot,
            Self::Word(word) => word.into(),
            Self::Text(text) => text.span().into(),
            Self::List(list) => list.spot,
        }
    }
}

/// A number with its sign.
#[derive(Clone, Copy)]
pub(crate) struct Number {
    pub(crate) value: f64,
    pub(crate) spot: Spot,
}

/// `[a, b, …]` or `[a; n]`.
#[derive(Clone)]
pub(crate) struct List {
    pub(crate) items: Vec<Value>,
    /// How often the only item is repeated.
    pub(crate) repeat: Option<Number>,
    pub(crate) spot: Spot,
}

/// `Fixed<16, 6, Rnd, Sat>` or `auto`.
#[derive(Clone)]
pub(crate) struct FormatSpec {
    pub(crate) name: Ident,
    pub(crate) args: Vec<FormatArg>,
    pub(crate) spot: Spot,
}

/// One of the parameters of a format.
#[derive(Clone)]
pub(crate) enum FormatArg {
    Number(Number),
    /// A mode; `WrapN<3>` has a number of its own.
    Mode(Ident, Option<Number>),
}

impl FormatArg {
    pub(crate) fn spot(&self) -> Spot {
        match self {
            Self::Number(number) => number.spot,
            Self::Mode(name, _) => name.into(),
        }
    }
}
