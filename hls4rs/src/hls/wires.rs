//! The top function: arrays and streams between layers.

use std::collections::BTreeMap;

use hls4rs_ir::{NodeId, Op};

use super::directive::LoopHint;
use super::expr::{Expr, Index};
use super::stmt::Stmt;
use super::tree::Emission;
use super::types::{Array, Carrier, Function, Module, Param, Style, Top};

/// Calls every layer in order.
pub(super) fn connect(emission: Emission<'_>, style: Style) -> Module {
    let mut wires = Wires { emission, style, body: Vec::new(), copies: BTreeMap::new() };
    let mut inputs = Vec::new();
    for (id, node) in wires.emission.net.graph().iter() {
        if let Op::Input(_) = node.op {
            inputs.push(wires.emission.results[&id].clone());
            wires.made(id);
        }
    }
    for at in 0..wires.emission.layers.len() {
        wires.layer(at);
    }
    let outputs = wires.outputs();
    let Wires { emission, body, .. } = wires;
    let Emission { top, types, words, constants, functions, .. } = emission;
    Module {
        types,
        words,
        constants,
        functions,
        top: Top { name: top, inputs, outputs, weights: Vec::new(), style, body },
    }
}

struct Wires<'a> {
    emission: Emission<'a>,
    style: Style,
    body: Vec<Stmt>,
    /// Copies of a node's result that no reader has taken yet.
    copies: BTreeMap<NodeId, Vec<String>>,
}

impl Wires<'_> {
    fn layer(&mut self, at: usize) {
        let (id, function) = (self.emission.layers[at].id, self.emission.layers[at].function.clone());
        let inputs = self.emission.net.graph().node(id).inputs.clone();
        let mut args: Vec<_> = inputs.into_iter().map(|input| self.take(input)).collect();
        let made = self.emission.results[&id].clone();
        if !self.is_port(id) {
            self.declare(&made.name, &made);
        }
        args.push(made.name);
        self.body.push(Stmt::Call { function, args });
        self.made(id);
    }

    fn declare(&mut self, name: &str, like: &Param) {
        self.body.push(match &like.carrier {
            // Depths are found when everything is connected.
            Carrier::Stream(stream) => {
                Stmt::Stream { name: name.to_owned(), word: stream.word.clone(), depth: 0 }
            }
            _ => Stmt::Array(Array::registers(name, like.ty.clone(), like.len())),
        });
    }

    /// Layers that read the result of `id`, and outputs of the network that have its values.
    fn readers(&self, id: NodeId) -> usize {
        let graph = self.emission.net.graph();
        let layers = self.emission.layers.iter().flat_map(|layer| &graph.node(layer.id).inputs);
        layers.chain(graph.outputs()).filter(|&&read| self.emission.origin(read) == id).count()
    }

    /// Whether the result of `id` is an output of the network and read by nobody else.
    fn is_port(&self, id: NodeId) -> bool {
        let graph = self.emission.net.graph();
        graph.outputs().contains(&id) && self.readers(id) == 1 && !matches!(graph.node(id).op, Op::Input(_))
    }

    /// Where several processes read the result of `id`, each gets a copy.
    fn made(&mut self, id: NodeId) {
        let readers = self.readers(id);
        if !matches!(self.style, Style::Dataflow { .. }) || readers < 2 {
            return;
        }
        let made = self.emission.results[&id].clone();
        let names: Vec<_> =
            (0..readers).map(|n| self.emission.names.unique(&format!("{}_copy{n}", made.name))).collect();
        for name in &names {
            self.declare(name, &made);
        }
        let function = self.emission.names.unique(&format!("copy_{}", made.name));
        let targets: Vec<_> = (0..readers).map(|n| format!("y{n}")).collect();
        self.emission.functions.push(copying(&function, &made, &targets));
        let args = core::iter::once(made.name).chain(names.iter().cloned()).collect();
        self.body.push(Stmt::Call { function, args });
        self.copies.insert(id, names.into_iter().rev().collect());
    }

    /// What the next reader of `id` reads.
    fn take(&mut self, id: NodeId) -> String {
        let origin = self.emission.origin(id);
        let copy = self.copies.get_mut(&origin).and_then(Vec::pop);
        copy.unwrap_or_else(|| self.emission.results[&origin].name.clone())
    }

    /// The outputs of the top function: what layers have written, and copies of inputs and of what is read elsewhere.
    fn outputs(&mut self) -> Vec<Param> {
        let graph = self.emission.net.graph();
        let mut ports = Vec::new();
        for &id in graph.outputs() {
            if self.is_port(id) && self.emission.origin(id) == id {
                ports.push(self.emission.results[&id].clone());
                continue;
            }
            let name = self.emission.names.unique(&format!("{}_port", graph.node(id).name));
            let (from, made) = (self.take(id), self.emission.result(id).clone());
            let port = Param { name: name.clone(), input: false, ..made.clone() };
            let function = self.emission.names.unique(&format!("copy_to_{name}"));
            self.emission.functions.push(copying(&function, &made, &["y".to_owned()]));
            self.body.push(Stmt::Call { function, args: vec![from, name] });
            ports.push(port);
        }
        ports
    }
}

/// A function that hands the same values to several readers.
fn copying(name: &str, made: &Param, targets: &[String]) -> Function {
    let param = |name: &str, input| Param { name: name.to_owned(), input, ..made.clone() };
    let mut params = vec![param("x", true)];
    params.extend(targets.iter().map(|y| param(y, false)));
    let (body, interval) = match &made.carrier {
        Carrier::Stream(stream) => {
            let read = Stmt::ReadWord {
                stream: "x".to_owned(),
                word: stream.word.clone(),
                name: "x_word".to_owned(),
            };
            let write = |y: &String| Stmt::WriteWord { stream: y.clone(), name: "x_word".to_owned() };
            let body = core::iter::once(read).chain(targets.iter().map(write)).collect();
            (Stmt::repeated("word", stream.words, Some(LoopHint::Flush { ii: 1 }), body), None)
        }
        _ => {
            let x = Expr::element("x", made.ty.format, [Index::var("i")]);
            let assign = |y: &String| Stmt::assign(y, [Index::var("i")], made.ty.clone(), x.clone());
            (Stmt::unrolled("i", made.len(), targets.iter().map(assign).collect()), Some(1))
        }
    };
    let doc = format!("{}: the same values for each of its readers.", made.name);
    Function { interval, ..Function::plain(name.to_owned(), doc, params, vec![body]) }
}
