//! One use of a layer, while its nodes are made.

use std::borrow::Cow;
use std::collections::BTreeMap;

use hls4rs_ir::draft::DraftNode;
use hls4rs_ir::ops::{Arity, Transpose, Unfit};
use hls4rs_ir::{Op, Shape, Slot, Tensor};

use super::attributes::{Attributes, Object};
use super::weights::Stored;
use super::{CustomLayer, Importer};

/// What the uses of layers have to know of each other.
#[derive(Debug)]
pub(super) struct Names {
    /// Names of nodes, each given once, with the number that its next use may be tried with.
    taken: BTreeMap<String, usize>,
    /// Images whose channels were brought to the front, by the node that did it, as they were before.
    moved: BTreeMap<String, Value>,
}

impl Names {
    /// No name is taken but those that hls4ml does not give to layers of Keras 3: the letters of the word `input`.
    pub(super) fn new(keras3: bool) -> Self {
        let letters = ["i", "n", "p", "u", "t"].map(|letter| (letter.to_owned(), 0));
        Self { taken: letters.into_iter().filter(|_| keras3).collect(), moved: BTreeMap::new() }
    }

    /// Whether a node does nothing but bring channels to the front.
    pub(super) fn is_moved(&self, node: &str) -> bool {
        self.moved.contains_key(node)
    }

    /// The name, or the name with the first number that is free: what hls4ml calls the further uses of a layer.
    pub(super) fn unique(&mut self, name: &str) -> String {
        let mut free = name.to_owned();
        if let Some(&next) = self.taken.get(name) {
            let mut candidates = (next..).map(|n| (n + 1, format!("{name}_{n}")));
            let found = candidates.find(|(_, candidate)| !self.taken.contains_key(candidate));
            let (next, candidate) = found.expect("numbers do not end");
            self.taken.insert(name.to_owned(), next);
            free = candidate;
        }
        self.taken.insert(free.clone(), 0);
        free
    }
}

/// The result of a node.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// The node.
    pub(super) node: String,
    /// The shape of its result.
    pub(super) shape: Shape,
}

/// One use of a layer: its configuration, its stored values and what it reads; collects the nodes that it becomes.
///
/// A handler reads all attributes before it asks for an input, so that everything that is wrong with them is told even
/// if an earlier layer is not understood.
pub(super) struct Call<'a> {
    /// The configuration.
    pub(super) attributes: Attributes<'a>,
    /// The stored values.
    pub(super) stored: Cow<'a, Stored>,
    /// Whether Keras 3 wrote the file.
    pub(super) keras3: bool,
    /// Whether the layer is applied to every step of a sequence, of which it sees one.
    every_step: bool,
    /// What the names of all nodes begin with.
    prefix: String,
    inputs: Vec<Option<Value>>,
    names: &'a mut Names,
    shapes: BTreeMap<String, Shape>,
    nodes: Vec<DraftNode>,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        attributes: Attributes<'a>,
        stored: &'a Stored,
        keras3: bool,
        inputs: Vec<Option<Value>>,
        names: &'a mut Names,
    ) -> Self {
        let shapes = inputs.iter().flatten().map(|value| (value.node.clone(), value.shape.clone())).collect();
        let stored = Cow::Borrowed(stored);
        Self {
            attributes,
            stored,
            keras3,
            every_step: false,
            prefix: String::new(),
            inputs,
            names,
            shapes,
            nodes: Vec::new(),
        }
    }

    /// Says that the layer is applied to every step of a sequence.
    pub(super) fn at_every_step(&mut self) {
        self.every_step = true;
    }

    /// How many tensors the layer reads.
    pub(super) fn arity(&self) -> usize {
        self.inputs.len()
    }

    /// The n-th tensor that the layer reads; `None` if what makes it is not understood.
    pub(super) fn input(&self, n: usize) -> Option<Value> {
        if n >= self.inputs.len() {
            self.attributes.fault(format!(
                "reads {} tensors, at least {} expected",
                self.inputs.len(),
                n + 1
            ));
        }
        self.inputs.get(n).cloned().flatten()
    }

    /// Has the layer read another tensor instead.
    pub(super) fn set_input(&mut self, n: usize, value: Value) {
        self.inputs[n] = Some(value);
    }

    /// The only tensor that the layer reads.
    pub(super) fn only_input(&self) -> Option<Value> {
        if self.inputs.len() > 1 {
            self.attributes.fault(format!("reads {} tensors, only one is supported", self.inputs.len()));
            return None;
        }
        self.input(0)
    }

    /// Adds a node and finds its shape; the name is made unique.
    pub(super) fn push(&mut self, mut node: DraftNode) -> Option<Value> {
        if !self.attributes.is_sound() {
            return None;
        }
        let inputs: Vec<_> = node.inputs.iter().filter_map(|name| self.shapes.get(name)).collect();
        let rules = node.op.layer();
        if inputs.len() != node.inputs.len() || !rules.arity().allows(inputs.len()) {
            let expected = rules.arity();
            self.attributes.fault(format!(
                "reads {}; expected {}",
                tensors(node.inputs.len()),
                expected.words()
            ));
            return None;
        }
        let shape = match rules.shape(&inputs) {
            Ok(shape) => shape,
            Err(Unfit::Input { n, expected, .. }) => {
                self.attributes.fault(format!("expected {expected}, found {}", inputs[n]));
                return None;
            }
            Err(Unfit::Attr { name, expected, found }) => {
                self.attributes.fault(format!("{name}: expected {expected}, found {found}"));
                return None;
            }
        };
        for parameter in rules.parameters(&inputs) {
            let found = node.values.get(parameter.slot).map(Tensor::shape);
            let fits = |found: &Shape| {
                *found == parameter.shape
                    || parameter.alternative.as_ref() == Some(found)
                    || rules.takes(&parameter, found)
            };
            match found {
                None if parameter.optional => {}
                None => self.attributes.fault(format!("the file has no values for `{}`", parameter.slot)),
                Some(found) if fits(found) => {}
                Some(found) => {
                    let (slot, expected) = (parameter.slot, parameter.shape);
                    self.attributes.fault(format!("values of `{slot}`: expected {expected}, found {found}"));
                }
            }
        }
        if !self.attributes.is_sound() {
            return None;
        }
        if self.every_step && !self.set_every_step(&mut node) {
            self.attributes.fault("reads several tensors at every step, which is not supported");
            return None;
        }
        node.name = self.names.unique(&format!("{}{}", self.prefix, node.name));
        self.shapes.insert(node.name.clone(), shape.clone());
        let value = Value { node: node.name.clone(), shape };
        self.nodes.push(node);
        Some(value)
    }

    /// Has a node do at every step what it does; whether that is possible.
    ///
    /// What puts several tensors together element by element does the same with all steps at once.
    fn set_every_step(&self, node: &mut DraftNode) -> bool {
        node.details.every_step = node.inputs.len() == 1;
        let ranks = node.inputs.iter().filter_map(|name| self.shapes.get(name)).map(|shape| shape.rank());
        let alike = ranks.clone().max() == ranks.min();
        match &mut node.op {
            _ if node.details.every_step => true,
            Op::Merge(_) => alike,
            Op::Concatenate(op) if alike => {
                op.axis += i32::from(op.axis >= 0);
                true
            }
            _ => false,
        }
    }

    /// Makes a part of this layer that is a layer itself; the names of its nodes get a prefix.
    ///
    /// Returns its result and what is wrong with it, in terms of the part.
    pub(super) fn inner(
        &mut self,
        name: &str,
        object: Object<'_>,
        stored: &Stored,
        prefix: &str,
        inputs: Vec<Value>,
        handle: impl FnOnce(&mut Call<'_>) -> Option<Value>,
    ) -> (Option<Value>, Vec<crate::frontends::Problem>) {
        let inputs = inputs.into_iter().map(Some).collect();
        let attributes = Attributes::new(name, object);
        let mut call = Call::new(attributes, stored, self.keras3, inputs, self.names);
        call.every_step = self.every_step;
        call.prefix = format!("{}{prefix}", self.prefix);
        let result = handle(&mut call);
        let (nodes, problems) = call.finish();
        self.nodes.extend(nodes);
        self.shapes.extend(result.iter().map(|value| (value.node.clone(), value.shape.clone())));
        (result, problems)
    }

    /// Adds the node that an importer makes.
    pub(super) fn custom(&mut self, import: &Importer) -> Option<Value> {
        self.attributes.all_understood();
        let inputs: Vec<_> = self.inputs.iter().cloned().collect::<Option<_>>()?;
        let made = import(&CustomLayer {
            name: self.attributes.layer(),
            class: self.attributes.class(),
            config: self.attributes.config(),
            inputs: inputs.iter().map(|value| (value.node.as_str(), &value.shape)).collect(),
            values: self.stored.all(),
        });
        match made {
            Ok(node) => self.push(node),
            Err(reason) => {
                self.attributes.fault(reason);
                None
            }
        }
    }

    /// Changes the node that was added last.
    pub(super) fn last(&mut self) -> Option<&mut DraftNode> {
        self.nodes.last_mut()
    }

    /// An axis of `x` that the file counts with the one of samples as the first; the last one is -1.
    pub(super) fn axis(&self, key: &str, axis: i64, x: &Value) -> Option<i32> {
        let rank = x.shape.rank() as i64;
        match axis {
            axis if axis == rank => Some(-1),
            axis if (1..rank).contains(&axis) => i32::try_from(axis - 1).ok(),
            axis if (-rank..0).contains(&axis) => i32::try_from(axis).ok(),
            _ => {
                let expected = format!("1 to {rank} or -{rank} to -1, as 0 are the samples");
                self.attributes
                    .wrong(key, format!("{axis} is not an axis of {}; expected {expected}", x.shape));
                None
            }
        }
    }

    /// Brings an image whose channels come first into the order of this crate.
    pub(super) fn channels_last(&mut self, x: Value, first: bool) -> Option<Value> {
        if let Some(before) = self.before_moving(&x).filter(|_| first) {
            return Some(before);
        }
        let rank = x.shape.rank() as i32;
        let axes = (1..rank).chain([0]).collect();
        self.transposed(x, first, "channels_last", axes)
    }

    /// An image as it was before its channels were brought to the front, if that has just been done.
    pub(super) fn before_moving(&mut self, x: &Value) -> Option<Value> {
        let before = self.names.moved.get(&x.node)?.clone();
        self.shapes.insert(before.node.clone(), before.shape.clone());
        Some(before)
    }

    /// Brings an image whose channels come last into the order of the file.
    pub(super) fn channels_back(&mut self, y: Value, first: bool) -> Option<Value> {
        let rank = y.shape.rank() as i32;
        let axes = [rank - 1].into_iter().chain(0..rank - 1).collect();
        let before = y.clone();
        let moved = self.transposed(y, first, "channels_first", axes)?;
        if moved.node != before.node {
            self.names.moved.insert(moved.node.clone(), before);
        }
        Some(moved)
    }

    fn transposed(&mut self, x: Value, first: bool, suffix: &str, axes: Vec<i32>) -> Option<Value> {
        if !first || x.shape.rank() < 2 {
            return Some(x);
        }
        let name = format!("{}_{suffix}", self.attributes.layer());
        self.push(DraftNode::new(name, "Transpose", Transpose { axes }, &[&x.node]))
    }

    /// Values that the file must have.
    pub(super) fn needed(&self, name: &str, tensor: Option<Tensor>) -> Option<Tensor> {
        if tensor.is_none() {
            self.attributes.fault(format!("the file has no values for `{name}`"));
        }
        tensor
    }

    /// A node of the layer's name.
    pub(super) fn node(&self, class: &str, op: impl Into<hls4rs_ir::Op>, inputs: &[&Value]) -> DraftNode {
        let inputs: Vec<_> = inputs.iter().map(|value| value.node.as_str()).collect();
        DraftNode::new(self.attributes.layer(), class, op, &inputs)
    }

    /// The nodes, and everything that was wrong.
    pub(super) fn finish(self) -> (Vec<DraftNode>, Vec<crate::frontends::Problem>) {
        if self.attributes.is_sound() && self.inputs.iter().all(Option::is_some) {
            for path in self.stored.left() {
                self.attributes.fault(format!("the stored values `{path}` are not understood"));
            }
        }
        (self.nodes, self.attributes.finish())
    }
}

fn tensors(n: usize) -> String {
    Arity::Exactly(n).words().replace("input", "tensor")
}

/// Sets the values of a slot, if there are any.
pub(super) fn set(node: &mut DraftNode, slot: Slot, values: Option<Tensor>) {
    if let Some(values) = values {
        node.values.set(slot, values);
    }
}

/// The same values in another shape; unchanged if their number is another one, so that the check tells.
pub(super) fn reshaped(tensor: Tensor, extents: &[usize]) -> Tensor {
    let shape = Shape::new(extents).ok().filter(|shape| shape.elements() == tensor.shape().elements());
    match shape {
        Some(shape) => Tensor::new(shape, tensor.values().to_vec()).expect("as many values"),
        None => tensor,
    }
}
