//! From a resolved network to the tree.

use std::collections::BTreeMap;

use hls4rs_ir::{Facts, Io, Node, NodeId, Op, Resolved, Shape, with_layer};

use super::layer::{Emit, LayerCx, Operand};
use super::names::Names;
use super::process::{has_pipeline, process, repacking};
use super::types::{Carrier, Constant, Function, Module, Param, Stream, Style, Type, TypeAlias, WordType};
use super::{tokens, wires};
use crate::project::PipelineStyle;

/// Emits every layer, and the top function that calls them; the name of a layer of one's own that has no C++ is an
/// error.
pub(crate) fn module(net: &Resolved, style: Option<PipelineStyle>) -> Result<Module, String> {
    let mut emission = Emission {
        net,
        top: String::new(),
        names: Names::default(),
        types: Vec::new(),
        words: Vec::new(),
        constants: Vec::new(),
        functions: Vec::new(),
        layers: Vec::new(),
        results: BTreeMap::new(),
        origins: BTreeMap::new(),
    };
    emission.top = emission.names.unique(net.graph().name());
    for (id, node, facts) in net.iter() {
        emission.node(id, node, facts)?;
    }
    let style = match (style, emission.style()) {
        (None, style) => style,
        (Some(style), Style::Pipeline { interval: usual } | Style::Dataflow { interval: usual }) => {
            match style {
                PipelineStyle::Pipeline { interval } => {
                    Style::Pipeline { interval: interval.unwrap_or(usual) }
                }
                PipelineStyle::Dataflow => Style::Dataflow { interval: usual },
            }
        }
    };
    let mut module = wires::connect(emission, style);
    tokens::set_depths(&mut module);
    Ok(module)
}

/// A layer that has a function.
pub(super) struct Called {
    pub(super) id: NodeId,
    /// The function that the top function calls.
    pub(super) function: String,
}

/// What layers have left behind.
pub(super) struct Emission<'a> {
    pub(super) net: &'a Resolved,
    pub(super) top: String,
    pub(super) names: Names,
    pub(super) types: Vec<TypeAlias>,
    pub(super) words: Vec<WordType>,
    pub(super) constants: Vec<Constant>,
    pub(super) functions: Vec<Function>,
    pub(super) layers: Vec<Called>,
    /// What carries the result of a node that makes one: an input of the top function, or what its layer writes.
    pub(super) results: BTreeMap<NodeId, Param>,
    /// The node whose result is that of another one, where a layer has nothing to do.
    pub(super) origins: BTreeMap<NodeId, NodeId>,
}

impl<'a> Emission<'a> {
    pub(super) fn origin(&self, id: NodeId) -> NodeId {
        self.origins.get(&id).copied().unwrap_or(id)
    }

    pub(super) fn result(&self, id: NodeId) -> &Param {
        &self.results[&self.origin(id)]
    }

    fn node(&mut self, id: NodeId, node: &'a Node, facts: &'a Facts) -> Result<(), String> {
        let function = self.names.unique(&node.name);
        let format = facts.result();
        let result = Type::named(self.names.unique(&format!("{}_t", node.name)), format);
        let role = if matches!(node.op, Op::Input(_)) { "input" } else { "result" };
        let doc = format!("{}: {role}", node.name);
        let alias = TypeAlias { name: result.name.clone().unwrap_or_default(), format, doc };
        if let Op::Input(_) = node.op {
            self.types.push(alias);
            let carrier = self.carrier(&node.name, &result, extents(&node.shape));
            self.results.insert(id, Param { name: function, ty: result, carrier, input: true });
            return Ok(());
        }
        let Some(Emitted { functions, layout, word, types, constants }) =
            self.emit(node, facts, &function, &result)
        else {
            if matches!(node.op, Op::Custom(_)) {
                return Err(node.name.clone());
            }
            self.nothing_to_do(id, node, function, result, alias);
            return Ok(());
        };
        self.types.extend(types);
        self.types.push(alias);
        self.constants.extend(constants);
        let carrier = match word {
            Some(word) => self.stream(word, &result, layout),
            None => self.carrier(&node.name, &result, layout),
        };
        let name = self.names.unique(&format!("{}_out", node.name));
        let made = Param { name, ty: result, carrier, input: false };
        let called = self.between_streams(node, functions, &made);
        self.layers.push(Called { id, function: called });
        self.results.insert(id, made);
        Ok(())
    }

    fn emit(&mut self, node: &'a Node, facts: &'a Facts, function: &str, result: &Type) -> Option<Emitted> {
        let operand = |&input: &NodeId| {
            let carried = &self.results[&self.origins.get(&input).copied().unwrap_or(input)];
            let stream = carried.stream().map(|stream| (stream.words, stream.channels));
            let word = carried.stream().map(|stream| stream.word.clone());
            let (node, facts) = (self.net.graph().node(input), self.net.facts(input));
            Operand { node, facts, ty: carried.ty.clone(), stream, word }
        };
        let inputs = node.inputs.iter().map(operand).collect();
        let mut cx = LayerCx {
            node,
            facts,
            io: self.net.graph().io(),
            inputs,
            result: result.clone(),
            layout: extents(&node.shape).into(),
            function: function.to_owned(),
            names: &mut self.names,
            types: Vec::new(),
            constants: Vec::new(),
            helpers: Vec::new(),
            word: None,
        };
        let process = match cx.io {
            Io::Stream => with_layer!(&node.op, layer => layer.emit_stream(&mut cx)),
            Io::Parallel => None,
        };
        let emitted = match process {
            Some(functions) => functions,
            None => vec![with_layer!(&node.op, layer => layer.emit(&mut cx))?],
        };
        let LayerCx { types, constants, layout, helpers: mut functions, word, .. } = cx;
        functions.extend(emitted);
        Some(Emitted { functions, layout: layout.get(), word, types, constants })
    }

    /// Adds the functions of a layer; gives the name of the one that the top function calls.
    fn between_streams(&mut self, node: &Node, mut functions: Vec<Function>, made: &Param) -> String {
        let streams: Option<Vec<Stream>> =
            node.inputs.iter().map(|&input| self.result(input).stream().cloned()).collect();
        let last = functions.pop().expect("a layer that does something has a function");
        if let (Some(inputs), Some(result), true) =
            (streams, made.stream(), last.params.iter().all(|param| param.stream().is_none()))
        {
            let name = self.names.unique(&format!("{}_process", last.name));
            functions.extend(process(last, name, &inputs, result));
        } else {
            functions.push(last);
        }
        self.functions.extend(functions);
        self.functions.last().expect("added just now").name.clone()
    }

    /// A layer whose result has the values of its input: with words of another length it has to be repacked.
    fn nothing_to_do(&mut self, id: NodeId, node: &Node, function: String, result: Type, alias: TypeAlias) {
        let x = self.result(node.inputs[0]).clone();
        let same = match x.stream() {
            None => true,
            // A flat tensor has words of any length.
            Some(stream) => node.shape.rank() == 1 || (stream.words, stream.channels) == extents(&node.shape),
        };
        if same {
            self.origins.insert(id, self.origin(node.inputs[0]));
            return;
        }
        self.types.push(alias);
        let carrier = self.carrier(&node.name, &result, extents(&node.shape));
        let name = self.names.unique(&format!("{}_out", node.name));
        let made = Param { name, ty: result, carrier, input: false };
        self.functions.push(repacking(function.clone(), Param { input: true, ..x }, made.clone()));
        self.layers.push(Called { id, function });
        self.results.insert(id, made);
    }

    /// How the result of a node travels: words of `layout`, or all at once.
    fn carrier(&mut self, name: &str, ty: &Type, (words, channels): (usize, usize)) -> Carrier {
        if self.net.graph().io() == Io::Parallel {
            return Carrier::Array(words * channels);
        }
        let word = self.names.unique(&format!("{name}_word_t"));
        self.stream(word, ty, (words, channels))
    }

    fn stream(&mut self, word: String, ty: &Type, (words, channels): (usize, usize)) -> Carrier {
        self.words.push(WordType { name: word.clone(), ty: ty.clone(), channels });
        Carrier::Stream(Stream { word, words, channels })
    }

    /// A pipeline through everything, unless tensors are streamed or a layer has a loop of its own.
    fn style(&self) -> Style {
        let graph = self.net.graph();
        let interval = |node: &Node| {
            let shapes: Vec<_> = node.inputs.iter().map(|&id| &graph.node(id).shape).collect();
            let layer = node.op.layer();
            layer.multiplications(&shapes).map(|_| node.reuse_factor * layer.passes(&shapes))
        };
        let interval = graph.nodes().iter().filter_map(interval).max().unwrap_or(1);
        let loops = self.functions.iter().any(|function| has_pipeline(&function.body));
        if graph.io() == Io::Stream || loops {
            Style::Dataflow { interval }
        } else {
            Style::Pipeline { interval }
        }
    }
}

struct Emitted {
    functions: Vec<Function>,
    /// Words and channels of the result.
    layout: (usize, usize),
    /// The type of its words, if the layer has named it.
    word: Option<String>,
    types: Vec<TypeAlias>,
    constants: Vec<Constant>,
}

/// Positions of all axes but the last, and the extent of the last.
pub(super) fn extents(shape: &Shape) -> (usize, usize) {
    let channels = shape.channels();
    (shape.elements() / channels, channels)
}
