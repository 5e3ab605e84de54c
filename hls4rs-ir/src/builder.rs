//! Building a graph, with every check on the way.

use crate::fault::{Fault, Faults, Problem};
use crate::graph::{Graph, Node, NodeId};
use crate::hardware::{Io, Multiplications, Strategy};
use crate::names::is_identifier;
use crate::ops::{Input, MergeOp, Op, Unfit};
use crate::resolve::{Resolved, complete, resolve_nodes};
use crate::{Place, Precision, Shape, Site, Slot, SlotMap, Tensor};

/// A node as it is handed to [`Builder::add`].
#[derive(Clone, Debug)]
pub struct NodeSpec {
    /// The name.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// What it reads.
    pub inputs: Vec<NodeId>,
    /// The formats asked for.
    pub precision: SlotMap<Precision>,
    /// The trained values.
    pub values: SlotMap<Tensor>,
    /// How its multipliers are arranged.
    pub strategy: Strategy,
    /// How often a multiplier is used.
    pub reuse_factor: usize,
    /// Where it stands in the user's source.
    pub site: Site,
}

impl NodeSpec {
    /// A node with everything else at its default.
    pub fn new(name: impl Into<String>, op: impl Into<Op>, inputs: &[NodeId]) -> Self {
        Self {
            name: name.into(),
            op: op.into(),
            inputs: inputs.to_vec(),
            precision: SlotMap::default(),
            values: SlotMap::default(),
            strategy: Strategy::default(),
            reuse_factor: 1,
            site: Site::default(),
        }
    }
}

/// Collects nodes and faults; the way to a [`Graph`].
///
/// A node with a fault stays in place, so that what follows can refer to it; nothing more is reported about
/// nodes that read from it.
#[derive(Debug)]
pub struct Builder {
    graph: Graph,
    sound: Vec<bool>,
    faults: Faults,
}

impl Builder {
    /// An empty network.
    pub fn new(name: impl Into<String>) -> Self {
        let graph = Graph { name: name.into(), io: Io::default(), nodes: Vec::new(), outputs: Vec::new() };
        Self { graph, sound: Vec::new(), faults: Faults::default() }
    }

    /// Adds a node after those it reads.
    ///
    /// # Panics
    /// If an input is a node of another builder with more nodes.
    pub fn add(&mut self, spec: NodeSpec) -> NodeId {
        let readable = spec.inputs.iter().all(|id| self.sound[id.index()]);
        let NodeSpec { name, op, inputs, precision, values, strategy, reuse_factor, site } = spec;
        let shape = Shape::new(&[1]).expect("a valid shape");
        let mut node = Node { name, op, inputs, shape, precision, values, strategy, reuse_factor, site };
        let before = self.faults.iter().count();
        self.check_name(&node);
        self.check_slots(&node, readable);
        let mut sound = readable;
        if readable {
            match self.shape_of(&node) {
                Ok(shape) => node.shape = shape,
                Err(fault) => self.faults.push(*fault),
            }
            if self.faults.iter().count() == before {
                self.check_values(&node);
                self.check_hardware(&node);
            }
            sound = self.faults.iter().count() == before;
        }
        let id = NodeId(u32::try_from(self.graph.nodes.len()).expect("fewer than 2^32 nodes"));
        self.graph.nodes.push(node);
        self.sound.push(sound);
        id
    }

    /// Says how tensors travel between layers.
    pub fn io(&mut self, io: Io) {
        self.graph.io = io;
    }

    /// Makes the result of a node an output of the network.
    pub fn output(&mut self, id: NodeId) {
        self.graph.outputs.push(id);
    }

    /// The shape of a node, if the node and all it reads are sound.
    pub fn shape(&self, id: NodeId) -> Option<&Shape> {
        self.sound[id.index()].then(|| &self.graph.node(id).shape)
    }

    /// Finishes: checks the network as a whole and settles all formats.
    ///
    /// # Errors
    /// Everything that is wrong anywhere.
    pub fn finish(mut self) -> Result<Graph, Faults> {
        self.check_whole();
        let (_, faults) = resolve_nodes(&self.graph, &self.sound);
        self.faults.append(faults);
        if self.faults.is_empty() { Ok(self.graph) } else { Err(self.faults) }
    }

    /// Finishes and settles in one go: what [`finish`](Self::finish) and [`Graph::resolve`] do, with half the work.
    ///
    /// # Errors
    /// Everything that is wrong anywhere.
    pub fn resolve(mut self) -> Result<Resolved, Faults> {
        self.check_whole();
        let (facts, faults) = resolve_nodes(&self.graph, &self.sound);
        self.faults.append(faults);
        match (self.faults.is_empty(), complete(self.graph, facts)) {
            (true, Some(resolved)) => Ok(resolved),
            _ => Err(self.faults),
        }
    }

    /// Finishes like [`finish`](Self::finish), but faults that are only about ranges are given as warnings.
    ///
    /// # Errors
    /// Everything that leaves the network without a meaning.
    pub fn finish_with_warnings(mut self) -> Result<(Resolved, Faults), Faults> {
        self.check_whole();
        if self.faults.is_empty() { self.graph.resolve_with_warnings() } else { Err(self.faults) }
    }

    fn check_whole(&mut self) {
        let name = self.graph.name.clone();
        let whole = |problem| Fault { site: Site::default(), place: Place::Node, problem };
        if !is_identifier(&name) {
            self.faults.push(whole(Problem::BadNetworkName { network: name.clone() }));
        }
        if self.graph.inputs().next().is_none() {
            self.faults.push(whole(Problem::NoInput { network: name.clone() }));
        }
        if self.graph.outputs.is_empty() {
            self.faults.push(whole(Problem::NoOutput { network: name }));
            return;
        }
        let readers = self.graph.readers();
        for (node, _) in self.graph.nodes.iter().zip(readers).filter(|(_, readers)| *readers == 0) {
            self.faults.push(Fault::new(node, Place::Node, Problem::Unused { layer: node.name.clone() }));
        }
    }

    fn shape_of(&self, node: &Node) -> Result<Shape, Box<Fault>> {
        let layer = node.name.clone();
        let op = node.op.layer();
        let fault = |place, problem| Err(Box::new(Fault::new(node, place, problem)));
        if !op.arity().allows(node.inputs.len()) {
            let (expected, found) = (op.arity().words(), node.inputs.len());
            // A mean of means is not the mean of all.
            let joins = matches!(&node.op, Op::Merge(merge) if merge.op != MergeOp::Average);
            let nested = (found > 2 && joins).then(|| op.keyword());
            let problem = Problem::Inputs { layer, expected, found, nested };
            return fault(Place::Node, problem);
        }
        op.shape(&self.input_shapes(node)).or_else(|unfit| match unfit {
            Unfit::Input { n, expected, help } => {
                let input = self.graph.node(node.inputs[n]);
                let (found, from) = (input.shape.clone(), input.name.clone());
                fault(Place::Input(n), Problem::Shape { layer, expected, found, from, help })
            }
            Unfit::Attr { name, expected, found } => {
                fault(Place::Attr(name), Problem::Attribute { layer, attr: name, expected, found })
            }
        })
    }

    fn input_shapes(&self, node: &Node) -> Vec<&Shape> {
        node.inputs.iter().map(|&id| &self.graph.node(id).shape).collect()
    }

    fn check_name(&mut self, node: &Node) {
        let name = &node.name;
        if !is_identifier(name) {
            self.faults.push(Fault::new(node, Place::Node, Problem::BadName { name: name.clone() }));
        } else if self.graph.find(name).is_some() {
            self.faults.push(Fault::new(node, Place::Node, Problem::DuplicateName { name: name.clone() }));
        }
    }

    fn check_slots(&mut self, node: &Node, readable: bool) {
        let rules = node.op.layer();
        let slots = rules.slots();
        let has_values = |slot: Slot| {
            let known = readable && self.shape_of(node).is_ok();
            known && rules.parameters(&self.input_shapes(node)).iter().any(|p| p.slot == slot)
        };
        let mut faults = Vec::new();
        for (slot, precision) in node.precision.iter() {
            let place = Place::Precision(slot);
            if slot != Slot::Result && !slots.contains(&slot) {
                let (layer, op) = (node.name.clone(), node.op.inside().layer().keyword());
                let problem = if has_values(slot) {
                    Problem::NotAFormat { layer, op, slot }
                } else {
                    let slots = slots.iter().copied().chain([Slot::Result]).collect();
                    Problem::NoSuchSlot { layer, op, slot, slots }
                };
                faults.push(Fault::new(node, place.clone(), problem));
            }
            if let Some(Err(reason)) = precision.format().map(|f| f.check()) {
                let reason = reason.to_string();
                let problem = Problem::Format { layer: node.name.clone(), slot, reason };
                faults.push(Fault::new(node, place, problem));
            }
        }
        faults.into_iter().for_each(|fault| self.faults.push(fault));
    }

    fn check_values(&mut self, node: &Node) {
        let mut faults = Vec::new();
        let rules = node.op.layer();
        let parameters = rules.parameters(&self.input_shapes(node));
        for (slot, _) in node.values.iter().filter(|(slot, _)| parameters.iter().all(|p| p.slot != *slot)) {
            let (layer, op) = (node.name.clone(), node.op.inside().layer().keyword());
            let slots = parameters.iter().map(|p| p.slot).collect();
            faults.push(Fault::new(
                node,
                Place::Values(slot),
                Problem::NoSuchValues { layer, op, slot, slots },
            ));
        }
        for parameter in parameters {
            let (layer, slot, expected) = (node.name.clone(), parameter.slot, parameter.shape.clone());
            let problem = match node.values.get(slot) {
                None if parameter.optional => continue,
                None => Problem::MissingValues { layer, slot, expected },
                Some(found)
                    if *found.shape() != expected
                        && Some(found.shape()) != parameter.alternative.as_ref()
                        && !rules.takes(&parameter, found.shape()) =>
                {
                    let found = found.shape().clone();
                    let transposed = found.rank() == 2
                        && expected.rank() == 2
                        && found[0] == expected[1]
                        && found[1] == expected[0];
                    let alternative = parameter.alternative.clone();
                    let ones = Shape::new(&vec![1; expected.rank()]).expect("extents of 1");
                    let spread = rules.takes(&parameter, &ones);
                    Problem::ValuesShape { layer, slot, expected, alternative, found, transposed, spread }
                }
                Some(found) if found.values().iter().any(|v| !v.is_finite()) => {
                    Problem::NotFinite { layer, slot }
                }
                Some(_) => continue,
            };
            faults.push(Fault::new(node, Place::Values(slot), problem));
        }
        faults.into_iter().for_each(|fault| self.faults.push(fault));
    }

    fn check_hardware(&mut self, node: &Node) {
        let op = node.op.layer();
        let layer = node.name.clone();
        let available = op.strategies();
        if !available.contains(&node.strategy) {
            let problem = Problem::NoSuchStrategy {
                layer,
                op: match node.op.inside() {
                    Op::Conv(conv) if conv.groups > 1 => format!("`{}` with `groups`", op.keyword()),
                    inside => format!("`{}`", inside.layer().keyword()),
                },
                found: node.strategy,
                available: available.to_vec(),
            };
            self.faults.push(Fault::new(node, Place::Strategy, problem));
        } else if let Some(m) = op.multiplications(&self.input_shapes(node))
            && !m.allows(node.strategy, node.reuse_factor)
        {
            let (below, above) = m.neighbours(node.strategy, node.reuse_factor);
            let (strategy, found) = (node.strategy, node.reuse_factor);
            let Multiplications { n_in, n_out, .. } = m;
            let problem = Problem::ReuseFactor { layer, strategy, found, n_in, n_out, below, above };
            self.faults.push(Fault::new(node, Place::ReuseFactor, problem));
        } else if node.strategy == Strategy::DistributedArithmetic
            && node.precision(Slot::Accum) != Precision::Auto
        {
            let place = Place::Precision(Slot::Accum);
            self.faults.push(Fault::new(node, place, Problem::ExactSum { layer }));
        }
    }

    /// Adds an input node.
    pub fn input(&mut self, name: impl Into<String>, shape: Shape, precision: Precision) -> NodeId {
        let mut spec = NodeSpec::new(name, Input { shape, range: None }, &[]);
        spec.precision.set(Slot::Result, precision);
        self.add(spec)
    }
}
