//! What a frontend has read, before the passes: layers as the model file has them.
//!
//! A network from a file goes **file → `Draft` → passes → `Draft` with a type in every slot → `Builder` → `Graph`**.
//! A frontend makes a [`Draft`] with [`Draft::default`] and pushes [`DraftNode`]s, every one after those that it
//! reads. It decides nothing about precision and fuses nothing: what the user's configuration says, what hls4ml's
//! passes change and which formats come out is decided later, in one place for all frontends.
//!
//! A frontend makes the nodes that hls4ml's handlers make, with their names, as configurations name them:
//! - the activation of a layer is a node of its own, `{layer}_{activation}`, the linear one included;
//! - a layer on rows (`Dense` on more than one axis) stays a `Dense`;
//! - a separable convolution is two nodes and a bidirectional layer three, each with its [`Part`];
//! - a layer that only matters in training, and that hls4ml leaves out, is left out.

mod build;
mod config;
mod fault;
mod node;
mod quantizer;
mod shapes;
mod text;
mod ty;

pub use build::{as_written, shifts_exactly};
pub use config::{Asked, Config, Granularity, OutputModes, Section, Setting};
pub use fault::{DraftFault, DraftFaults};
pub use node::{Details, DraftNode, Part, Role};
pub use quantizer::{Alpha, Modes, Quantized, Quantizer};
pub use ty::{Type, TypeError};

/// A network as a frontend has read it: nodes in topological order and the names of its results.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The name of the model in its file; need not be an identifier.
    pub name: String,
    /// The layers, every one after those it reads. Names are unique.
    pub nodes: Vec<DraftNode>,
    /// The nodes whose results leave the network, in order.
    pub outputs: Vec<String>,
    /// Where the network computes something else than the model, because hls4ml does.
    pub warnings: Vec<String>,
}

/// The most layers of a network: far above any firmware, low enough that passes over all pairs of them end.
pub const MAX_NODES: usize = 4096;

impl Draft {
    /// The position of the node called `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name == name)
    }

    /// The positions of what the node at `at` reads, in order; the nearest before it of each name.
    pub fn sources(&self, at: usize) -> Vec<usize> {
        let before = &self.nodes[..at];
        let find = |name: &String| before.iter().rposition(|node| node.name == *name);
        self.nodes[at].inputs.iter().filter_map(find).collect()
    }

    /// The node called `name`.
    pub fn node(&self, name: &str) -> Option<&DraftNode> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The positions of the nodes that read the result of `name`, a node that reads it twice once.
    pub fn readers(&self, name: &str) -> Vec<usize> {
        let reads = |at: &usize| self.nodes[*at].inputs.iter().any(|input| input == name);
        (0..self.nodes.len()).filter(reads).collect()
    }

    /// Whether the result of `name` leaves the network.
    pub fn is_output(&self, name: &str) -> bool {
        self.outputs.iter().any(|output| output == name)
    }

    /// Whether exactly one node reads the result of `name`, and it does not leave the network.
    pub fn has_one_reader(&self, name: &str) -> bool {
        self.readers(name).len() == 1 && !self.is_output(name)
    }

    /// Takes the node at `at` out; whoever read it reads its first input instead.
    ///
    /// # Panics
    /// If there is no such node, or it reads nothing.
    pub fn bypass(&mut self, at: usize) -> DraftNode {
        let node = self.nodes.remove(at);
        let source = node.inputs[0].clone();
        self.redirect(&node.name, &source);
        node
    }

    /// Makes all readers of `from`, outputs included, read `to`.
    pub fn redirect(&mut self, from: &str, to: &str) {
        let inputs = self.nodes.iter_mut().flat_map(|node| &mut node.inputs);
        for name in inputs.chain(&mut self.outputs).filter(|name| *name == from) {
            to.clone_into(name);
        }
    }
}
