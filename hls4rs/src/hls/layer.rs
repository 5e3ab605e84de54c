//! What a layer sees when it emits itself.

use core::cell::Cell;

use hls4rs_fixed::Format;
use hls4rs_ir::{Facts, Io, Node, RawTensor, Slot};

use super::directive::{LoopHint, Storage};
use super::expr::{Expr, Index};
use super::names::Names;
use super::stmt::Stmt;
use super::substitute::index_in_block;
use super::types::{Carrier, Constant, Function, Param, Stream, Type, TypeAlias};

/// Emits a layer as one function.
pub(crate) trait Emit {
    /// The layer's function; `None` if the array of its first input is the result as it stands.
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function>;

    /// Emits a layer between streams: a process with the functions that it calls before it.
    ///
    /// `None` for a layer that has no better way than what becomes of its array function by itself: word by word where
    /// every word of the result depends on one word of each input, else whole tensors at a time.
    fn emit_stream(&self, _: &mut LayerCx<'_>) -> Option<Vec<Function>> {
        None
    }
}

/// An array that a layer reads.
#[derive(Clone, Debug)]
pub struct Operand<'a> {
    /// The node that makes it.
    pub node: &'a Node,
    /// What is known of that node.
    pub facts: &'a Facts,
    /// The type of an element.
    pub ty: Type,
    /// Words of a sample and channels of a word, if it is a stream.
    pub(crate) stream: Option<(usize, usize)>,
    /// The type of its words, if it is a stream.
    pub(super) word: Option<String>,
}

#[allow(clippy::len_without_is_empty)] // A tensor has an element.
impl Operand<'_> {
    /// The number of elements.
    pub fn len(&self) -> usize {
        self.node.shape.elements()
    }
}

/// A layer's node, and where it leaves its types and constants.
pub struct LayerCx<'a> {
    /// The layer's node.
    pub node: &'a Node,
    /// Its formats, constants and ranges.
    pub facts: &'a Facts,
    /// How tensors travel.
    pub io: Io,
    /// What it reads.
    pub inputs: Vec<Operand<'a>>,
    /// The type of the result.
    pub result: Type,
    /// Words of a sample and channels of a word of the result in a stream.
    pub(super) layout: Cell<(usize, usize)>,
    pub(super) function: String,
    pub(super) names: &'a mut Names,
    pub(super) types: Vec<TypeAlias>,
    pub(super) constants: Vec<Constant>,
    pub(super) helpers: Vec<Function>,
    /// The type of the words of the result, if the layer has named it.
    pub(super) word: Option<String>,
}

#[allow(clippy::len_without_is_empty)]
impl<'a> LayerCx<'a> {
    /// The first input.
    pub fn x(&self) -> &Operand<'a> {
        &self.inputs[0]
    }

    /// Element `at` of the first input, which the function calls `x`.
    pub fn read_x(&self, at: Index) -> Expr {
        Expr::element("x", self.x().ty.format, [at])
    }

    /// Element `at` of the `n`-th input.
    pub fn read(&self, n: usize, at: Index) -> Expr {
        Expr::element(&self.operand_name(n), self.inputs[n].ty.format, [at])
    }

    /// Sets element `at` of the result, cast to its type.
    pub fn write(&self, at: Index, value: Expr) -> Stmt {
        Stmt::assign("y", [at], self.result.clone(), value)
    }

    /// The number of elements of the result.
    pub fn len(&self) -> usize {
        self.node.shape.elements()
    }

    /// Declares the type of a slot: `fc1_accum_t`.
    pub fn ty(&mut self, slot: Slot, doc: &str) -> Type {
        self.alias(slot, self.facts.format(slot), doc)
    }

    fn alias(&mut self, slot: Slot, format: Format, doc: &str) -> Type {
        let name = self.names.unique(&format!("{}_{slot}_t", self.function));
        let doc = format!("{}: {doc}", self.node.name);
        self.types.push(TypeAlias { name: name.clone(), format, doc });
        Type::named(name, format)
    }

    /// The stored values of a slot, if the layer has some.
    pub fn stored(&self, slot: Slot) -> Option<&'a RawTensor> {
        self.facts.constants.get(slot)
    }

    /// Declares the values of a slot as an array: `fc1_weight`, with its type `fc1_weight_t`.
    pub fn constant(&mut self, slot: Slot, storage: Storage, doc: &str) -> Constant {
        let values = self.facts.constant(slot);
        self.arranged(slot, values.shape.to_vec(), values.raw.clone(), storage, doc)
    }

    /// Declares the values of a slot in another arrangement.
    pub fn arranged(
        &mut self,
        slot: Slot,
        extents: Vec<usize>,
        raw: Vec<i64>,
        storage: Storage,
        doc: &str,
    ) -> Constant {
        let format = self.facts.constant(slot).format;
        let ty = self.alias(slot, format, doc);
        let name = self.names.unique(&format!("{}_{slot}", self.function));
        let doc = format!("{}: {doc}", self.node.name);
        let trained = self.node.values.get(slot).is_some();
        let constant = Constant { name, ty, extents, raw, storage, trained, doc };
        self.constants.push(constant.clone());
        constant
    }

    /// Declares an array of whole numbers, of at most 62 bits, that address other arrays: `fc1_row`.
    pub fn addresses(
        &mut self,
        suffix: &str,
        extents: Vec<usize>,
        addresses: impl IntoIterator<Item = usize>,
        storage: Storage,
        doc: &str,
    ) -> Constant {
        let raw: Vec<i64> = addresses.into_iter().map(|at| at as i64).collect();
        let largest = raw.iter().copied().max().unwrap_or(0);
        let format = Format::uint((64 - largest.leading_zeros()).max(1));
        let doc = format!("{}: {doc}", self.node.name);
        let name = self.names.unique(&format!("{}_{suffix}_t", self.function));
        self.types.push(TypeAlias { name: name.clone(), format, doc: doc.clone() });
        let ty = Type::named(name, format);
        let name = self.names.unique(&format!("{}_{suffix}", self.function));
        let constant = Constant { name, ty, extents, raw, storage, trained: false, doc };
        self.constants.push(constant.clone());
        constant
    }

    /// Declares a function of which the layer's function makes use, and returns its name: `conv1_position`.
    pub fn helper(&mut self, suffix: &str, function: Function) -> String {
        let name = self.names.unique(&format!("{}_{suffix}", self.function));
        self.helpers.push(Function { name: name.clone(), ..function });
        name
    }

    /// The layer's function: inputs `x` (or `a`, `b`, … where there are several), result `y`.
    pub fn function(&self, what: &str, reads: &[&Constant], body: Vec<Stmt>) -> Function {
        let input = |(n, operand): (usize, &Operand<'_>)| Param {
            name: self.operand_name(n),
            ty: operand.ty.clone(),
            carrier: Carrier::Array(operand.len()),
            input: true,
        };
        let mut params: Vec<_> = self.inputs.iter().enumerate().map(input).collect();
        params.push(Param {
            name: "y".to_owned(),
            ty: self.result.clone(),
            carrier: Carrier::Array(self.len()),
            input: false,
        });
        Function {
            name: self.function.clone(),
            doc: vec![format!("{}: {what}", self.node.name)],
            params,
            returns: None,
            reads: reads.iter().map(|c| c.name.clone()).collect(),
            interval: Some(1),
            multipliers: None,
            inline: false,
            body,
        }
    }

    /// Whether the first input and the result are streams with a word for each position of all axes but the last.
    pub(crate) fn goes_by_position(&self) -> bool {
        let words = |shape: &hls4rs_ir::Shape| (shape.elements() / shape.channels(), shape.channels());
        let (x, y) = (words(&self.x().node.shape), words(&self.node.shape));
        self.io == Io::Stream && self.x().stream == Some(x) && self.layout.get() == y
    }

    /// The stream of the first input, which the layer's process calls `x`.
    pub(crate) fn x_stream(&self) -> Option<Stream> {
        let (words, channels) = self.x().stream?;
        Some(Stream { word: self.x().word.clone()?, words, channels })
    }

    /// The stream of the result, which the layer's process calls `y`.
    pub(crate) fn y_stream(&mut self) -> Stream {
        let name = format!("{}_word_t", self.node.name);
        let word = self.word.get_or_insert_with(|| self.names.unique(&name)).clone();
        let (words, channels) = self.layout.get();
        Stream { word, words, channels }
    }

    /// The layer's process between the streams `x` and `y`.
    pub(crate) fn process(&self, what: &str, x: Stream, y: Stream, body: Vec<Stmt>) -> Function {
        let mut function = self.function(what, &[], body);
        for (param, stream) in function.params.iter_mut().zip([x, y]) {
            param.carrier = Carrier::Stream(stream);
        }
        Function { interval: None, ..function }
    }

    /// What the function calls its `n`-th input.
    pub fn operand_name(&self, n: usize) -> String {
        match (self.inputs.len(), n) {
            (1, _) => "x".to_owned(),
            (2, 0) => "a".to_owned(),
            (2, _) => "b".to_owned(),
            _ => format!("x{n}"),
        }
    }
}

/// The function of a layer whose result at a position depends on the inputs at that position alone: `y[i] = value`
/// after the statements before it.
pub fn elementwise(
    cx: &LayerCx<'_>,
    what: &str,
    reads: &[&Constant],
    before: Vec<Stmt>,
    value: Expr,
) -> Function {
    let mut body = before;
    body.push(Stmt::assign("y", [Index::var("i")], cx.result.clone(), value));
    // The words of the result are those of the inputs.
    let words = cx.x().stream.filter(|words| cx.inputs.iter().all(|input| input.stream == Some(*words)));
    if let Some((words, channels)) = words {
        cx.layout.set((words, channels));
        if words > 1 {
            let element = Index::var("word").times(channels).plus(Index::var("i"));
            index_in_block(&mut body, "i", &element);
            let inner = Stmt::unrolled("i", channels, body);
            return cx.function(what, reads, vec![Stmt::unrolled("word", words, vec![inner])]);
        }
    }
    cx.function(what, reads, vec![Stmt::unrolled("i", cx.len(), body)])
}

/// Joins neighbours in an array of `n` values until one is left, `array[0]`, as a tree.
pub fn joined_as_tree(array: &str, ty: &Type, n: usize, join: impl Fn(Expr, Expr) -> Expr) -> Vec<Stmt> {
    let read = |at: Index| Expr::element(array, ty.format, [at]);
    let level = |half: usize| {
        let joined = join(read(Index::var("i")), read(Index::var("i").plus(Index::At(half))));
        Stmt::For {
            var: "i".to_owned(),
            from: 0,
            to: n - half,
            step: 2 * half,
            hint: Some(LoopHint::Unroll),
            body: vec![Stmt::assign(array, [Index::var("i")], ty.clone(), joined)],
        }
    };
    core::iter::successors(Some(1), |half| Some(2 * half)).take_while(|&half| half < n).map(level).collect()
}

/// A loop in time around others, or its body alone where there is one step.
pub fn repeat(var: &str, count: usize, body: impl FnOnce(Index) -> Vec<Stmt>) -> Vec<Stmt> {
    if count == 1 {
        return body(Index::At(0));
    }
    let body = body(Index::var(var));
    // The innermost of them takes a step every cycle.
    let outer = |stmt: &Stmt| matches!(stmt, Stmt::For { hint: None | Some(LoopHint::Flush { .. }), .. });
    let hint = (!body.iter().any(outer)).then_some(LoopHint::Flush { ii: 1 });
    vec![Stmt::repeated(var, count, hint, body)]
}

/// A loop whose steps are all built, or its body alone where there is one step.
pub fn each(var: &str, count: usize, body: impl FnOnce(Index) -> Vec<Stmt>) -> Vec<Stmt> {
    if count == 1 {
        return body(Index::At(0));
    }
    vec![Stmt::unrolled(var, count, body(Index::var(var)))]
}
