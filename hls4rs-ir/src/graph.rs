//! The graph: a list of nodes in topological order.

use crate::hardware::{Io, Strategy};
use crate::ops::Op;
use crate::{Precision, Shape, Site, Slot, SlotMap, Tensor};

/// A node of a [`Graph`], by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The position in [`Graph::nodes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One layer: what it computes, from what, and how the user wants it built.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The name, unique in the graph, an identifier in Rust and in C++.
    pub name: String,
    /// What it computes, with its attributes.
    pub op: Op,
    /// The nodes whose results it reads.
    pub inputs: Vec<NodeId>,
    /// The shape of its result.
    pub shape: Shape,
    /// The formats that were asked for; a slot without an entry is [`Precision::Auto`].
    pub precision: SlotMap<Precision>,
    /// The trained values.
    pub values: SlotMap<Tensor>,
    /// How its multipliers are arranged.
    pub strategy: Strategy,
    /// How often a multiplier is used for one inference.
    pub reuse_factor: usize,
    /// Where it stands in the user's source.
    pub site: Site,
}

impl Node {
    /// The precision asked for in `slot`.
    pub fn precision(&self, slot: Slot) -> Precision {
        self.precision.get(slot).copied().unwrap_or_default()
    }

    /// The node with another layer, in a graph of its own.
    pub(crate) fn alone(&self, op: Op, shape: Shape, inputs: &[u32]) -> Self {
        Self { op, shape, inputs: inputs.iter().copied().map(NodeId).collect(), ..self.clone() }
    }
}

/// A network: nodes in topological order and the names of its results.
///
/// Made by [`Builder`](crate::Builder), which is the only way in and checks everything.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    pub(crate) name: String,
    pub(crate) io: Io,
    pub(crate) nodes: Vec<Node>,
    pub(crate) outputs: Vec<NodeId>,
}

impl Graph {
    /// The name of the network, an identifier.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How tensors travel between layers.
    pub fn io(&self) -> Io {
        self.io
    }

    /// The nodes, every one after those it reads.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// One node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The nodes with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(at, node)| (NodeId(at as u32), node))
    }

    /// The id of the node called `name`.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.iter().find(|(_, node)| node.name == name).map(|(id, _)| id)
    }

    /// The input nodes, in order of declaration.
    pub fn inputs(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.iter().filter(|(_, node)| matches!(node.op, Op::Input(_)))
    }

    /// The nodes whose results leave the network, in order.
    pub fn outputs(&self) -> &[NodeId] {
        &self.outputs
    }

    /// How often each node's result is read, outputs of the network counted as one reader each.
    pub fn readers(&self) -> Vec<usize> {
        let mut readers = vec![0; self.nodes.len()];
        for id in self.nodes.iter().flat_map(|node| &node.inputs).chain(&self.outputs) {
            readers[id.index()] += 1;
        }
        readers
    }
}
