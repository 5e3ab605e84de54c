//! From a resolved network to the tree.

use std::collections::BTreeMap;

use hls4rs_ir::{NodeId, Op, Resolved, with_layer};

use super::expr::{Expr, Index};
use super::layer::{Emit, LayerCx, Operand};
use super::names::Names;
use super::stmt::Stmt;
use super::types::{Array, Function, Module, Param, Style, Top, Type, TypeAlias};

/// Emits every layer, and the top function that calls them.
pub(crate) fn module(net: &Resolved) -> Module {
    let graph = net.graph();
    let mut names = Names::default();
    let top_name = names.unique(graph.name());
    let style = style(net);
    let mut wires = Wires::new(net, style);
    let mut module = Module {
        types: Vec::new(),
        constants: Vec::new(),
        functions: Vec::new(),
        top: Top { name: top_name, inputs: Vec::new(), outputs: Vec::new(), style, body: Vec::new() },
    };
    for (id, node, facts) in net.iter() {
        let function = names.unique(&node.name);
        let format = facts.result();
        let result = Type::named(names.unique(&format!("{}_t", node.name)), format);
        let role = if matches!(node.op, Op::Input(_)) { "input" } else { "result" };
        let doc = format!("{}: {role}", node.name);
        let alias = TypeAlias { name: result.name.clone().unwrap_or_default(), format, doc };
        if let Op::Input(_) = node.op {
            module.types.push(alias);
            let param =
                Param { name: function.clone(), ty: result, len: Some(node.shape.elements()), input: true };
            module.top.inputs.push(param.clone());
            wires.made(id, param, &mut names, &mut module);
            continue;
        }
        let inputs =
            node.inputs.iter().map(|&input| Operand { node: graph.node(input), ty: wires.ty(input) });
        let inputs = inputs.collect();
        let mut cx = LayerCx {
            node,
            facts,
            inputs,
            result: result.clone(),
            function: function.clone(),
            names: &mut names,
            types: Vec::new(),
            constants: Vec::new(),
        };
        let Some(emitted) = with_layer!(&node.op, layer => layer.emit(&mut cx)) else {
            wires.forwarded(id, node.inputs[0]);
            continue;
        };
        let LayerCx { types, constants, .. } = cx;
        module.types.extend(types);
        module.types.push(alias);
        module.constants.extend(constants);
        module.functions.push(emitted);
        let mut args: Vec<_> = node.inputs.iter().map(|&input| wires.take(input)).collect();
        let array = names.unique(&format!("{}_out", node.name));
        let made = Param { name: array.clone(), ty: result, len: Some(node.shape.elements()), input: false };
        if wires.is_port(id) {
            module.top.outputs.push(made.clone());
        } else {
            let len = node.shape.elements();
            module.top.body.push(Stmt::Array(Array::registers(&array, made.ty.clone(), len)));
        }
        args.push(array);
        module.top.body.push(Stmt::Call { function, args });
        wires.made(id, made, &mut names, &mut module);
    }
    wires.outputs(graph.outputs(), &mut names, &mut module);
    module
}

/// A pipeline through everything, unless a layer shares its multipliers in a loop of its own.
fn style(net: &Resolved) -> Style {
    let nodes = || {
        net.graph().nodes().iter().filter(|node| {
            let shapes: Vec<_> = node.inputs.iter().map(|&id| &net.graph().node(id).shape).collect();
            node.op.layer().multiplications(&shapes).is_some()
        })
    };
    let interval = nodes().map(|node| node.reuse_factor).max().unwrap_or(1);
    if nodes().any(|node| node.strategy.shares_multipliers()) {
        Style::Dataflow { interval }
    } else {
        Style::Pipeline { interval }
    }
}

/// The arrays between layers.
struct Wires<'a> {
    net: &'a Resolved,
    style: Style,
    /// Who made the array that a node stands for: another node, where a layer has nothing to do.
    source: BTreeMap<NodeId, NodeId>,
    /// The array of a node, and the copies that are still free.
    arrays: BTreeMap<NodeId, (Param, Vec<String>)>,
}

impl<'a> Wires<'a> {
    fn new(net: &'a Resolved, style: Style) -> Self {
        Self { net, style, source: BTreeMap::new(), arrays: BTreeMap::new() }
    }

    fn origin(&self, id: NodeId) -> NodeId {
        self.source.get(&id).copied().unwrap_or(id)
    }

    fn ty(&self, id: NodeId) -> Type {
        self.arrays[&self.origin(id)].0.ty.clone()
    }

    /// The result of `id` is that of `input`.
    fn forwarded(&mut self, id: NodeId, input: NodeId) {
        self.source.insert(id, self.origin(input));
    }

    /// Layers that will read the array of `id`, also through layers that may pass it on, and outputs of the network.
    fn readers(&self, id: NodeId) -> usize {
        let graph = self.net.graph();
        let direct = graph.iter().filter(|(_, node)| node.inputs.contains(&id)).map(|(at, node)| {
            let times = node.inputs.iter().filter(|&&input| input == id).count();
            if self.passes_on(at) { self.readers(at) } else { times }
        });
        direct.sum::<usize>() + graph.outputs().iter().filter(|&&out| out == id).count()
    }

    /// Whether a layer only changes the shape.
    fn passes_on(&self, id: NodeId) -> bool {
        let node = self.net.graph().node(id);
        matches!(node.op, Op::Reshape(_) | Op::Linear(_))
            && self.net.facts(id).result() == self.net.facts(node.inputs[0]).result()
    }

    /// Whether the array of `id` is an output of the network and read by nobody else.
    fn is_port(&self, id: NodeId) -> bool {
        self.net.graph().outputs().contains(&id) && self.readers(id) == 1
    }

    /// Notes the array of a node; where several processes read it, each gets a copy.
    fn made(&mut self, id: NodeId, array: Param, names: &mut Names, module: &mut Module) {
        let readers = self.readers(id);
        let mut copies = Vec::new();
        if matches!(self.style, Style::Dataflow { .. }) && readers > 1 {
            copies = (0..readers).map(|n| names.unique(&format!("{}_copy{n}", array.name))).collect();
            copy(&array, &copies, names, module);
            copies.reverse();
        }
        self.arrays.insert(id, (array, copies));
    }

    /// The array that the next reader of `id` reads.
    fn take(&mut self, id: NodeId) -> String {
        let origin = self.origin(id);
        let (array, copies) = self.arrays.get_mut(&origin).expect("nodes come after those they read");
        copies.pop().unwrap_or_else(|| array.name.clone())
    }

    /// Outputs that are not written by their layer: inputs, and results that are read elsewhere, too.
    fn outputs(&mut self, outputs: &[NodeId], names: &mut Names, module: &mut Module) {
        let mut ports = Vec::new();
        for &id in outputs {
            let origin = self.origin(id);
            if origin == id && self.is_port(id) && !matches!(self.net.graph().node(id).op, Op::Input(_)) {
                ports.push(self.arrays[&origin].0.clone());
                continue;
            }
            let name = names.unique(&format!("{}_port", self.net.graph().node(id).name));
            let (from, param) = (self.take(id), self.arrays[&origin].0.clone());
            let port = Param { name: name.clone(), input: false, ..param.clone() };
            let function = names.unique(&format!("copy_to_{name}"));
            module.functions.push(copying(&function, &param, &["y".to_owned()]));
            module.top.body.push(Stmt::Call { function, args: vec![from, name] });
            ports.push(port);
        }
        module.top.outputs = ports;
    }
}

/// Declares copies of an array and calls the function that fills them.
fn copy(array: &Param, copies: &[String], names: &mut Names, module: &mut Module) {
    let len = array.len.unwrap_or(1);
    for name in copies {
        module.top.body.push(Stmt::Array(Array::registers(name, array.ty.clone(), len)));
    }
    let function = names.unique(&format!("copy_{}", array.name));
    let params: Vec<_> = (0..copies.len()).map(|n| format!("y{n}")).collect();
    module.functions.push(copying(&function, array, &params));
    let args = core::iter::once(array.name.clone()).chain(copies.iter().cloned()).collect();
    module.top.body.push(Stmt::Call { function, args });
}

fn copying(name: &str, array: &Param, targets: &[String]) -> Function {
    let x = Expr::element("x", array.ty.format, [Index::var("i")]);
    let assign = |y: &String| Stmt::assign(y, [Index::var("i")], array.ty.clone(), x.clone());
    let param = |name: &str, input| Param { name: name.to_owned(), input, ..array.clone() };
    let mut params = vec![param("x", true)];
    params.extend(targets.iter().map(|y| param(y, false)));
    Function {
        name: name.to_owned(),
        doc: vec![format!("{}: the same values for each of its readers.", array.name)],
        params,
        returns: None,
        reads: Vec::new(),
        interval: Some(1),
        multipliers: None,
        inline: false,
        body: vec![Stmt::unrolled("i", array.len.unwrap_or(1), targets.iter().map(assign).collect())],
    }
}
