//! A network as a list that can be changed: what random networks grow from and failures shrink in.

use hls4rs_ir::{Builder, Graph, Io, Multiplications, NodeSpec, Op, Resolved, Shape, Tensor};

/// A node of a [`Sketch`]; its inputs are positions in the list.
#[derive(Clone, Debug)]
pub struct Part {
    /// Everything but the inputs.
    pub spec: NodeSpec,
    /// Positions of the nodes that it reads, all before its own.
    pub inputs: Vec<usize>,
}

/// A network in the making.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// The name of the network.
    pub name: String,
    /// How tensors travel.
    pub io: Io,
    /// The nodes, in topological order.
    pub parts: Vec<Part>,
    /// Positions of the nodes that are outputs.
    pub outputs: Vec<usize>,
}

impl Sketch {
    /// A network without nodes.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), io: Io::default(), parts: Vec::new(), outputs: Vec::new() }
    }

    /// The list of a graph.
    pub fn of(graph: &Graph) -> Self {
        let parts = graph.nodes().iter().map(|node| {
            let mut spec = NodeSpec::new(&node.name, node.op.clone(), &[]);
            spec.precision = node.precision.clone();
            spec.values = node.values.clone();
            spec.strategy = node.strategy;
            spec.reuse_factor = node.reuse_factor;
            Part { spec, inputs: node.inputs.iter().map(|id| id.index()).collect() }
        });
        let outputs = graph.outputs().iter().map(|id| id.index()).collect();
        Self { name: graph.name().to_owned(), io: graph.io(), parts: parts.collect(), outputs }
    }

    /// Adds a node and gives its position.
    pub fn push(&mut self, spec: NodeSpec, inputs: &[usize]) -> usize {
        self.parts.push(Part { spec, inputs: inputs.to_vec() });
        self.parts.len() - 1
    }

    /// Positions of the nodes that nothing reads.
    pub fn ends(&self) -> Vec<usize> {
        let read = |at: &usize| self.parts.iter().any(|part| part.inputs.contains(at));
        (0..self.parts.len()).filter(|at| !read(at)).collect()
    }

    /// The network, if it is sound; ranges that leave a format are no obstacle.
    ///
    /// Stored values that are larger than their layer needs are cut to its shape, and a reuse factor that has become
    /// illegal is replaced by 1, so that a network can be made smaller by changing one extent.
    ///
    /// # Errors
    /// Everything that is wrong, in words.
    pub fn build(&self) -> Result<Resolved, String> {
        let mut builder = Builder::new(&self.name);
        builder.io(self.io);
        let mut ids = Vec::new();
        for part in &self.parts {
            let mut spec = part.spec.clone();
            spec.inputs = part.inputs.iter().map(|&at| ids[at]).collect();
            let shapes: Option<Vec<&Shape>> = spec.inputs.iter().map(|&id| builder.shape(id)).collect();
            if let Some(shapes) = shapes {
                fit(&mut spec, &shapes);
            }
            ids.push(builder.add(spec));
        }
        for &at in &self.outputs {
            builder.output(ids[at]);
        }
        builder.finish_with_warnings().map(|(resolved, _)| resolved).map_err(|faults| faults.to_string())
    }

    /// The same without the nodes that no output needs.
    pub fn pruned(&self) -> Self {
        let mut needed = vec![false; self.parts.len()];
        let mut open = self.outputs.clone();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut needed[at], true) {
                open.extend(&self.parts[at].inputs);
            }
        }
        let place: Vec<usize> =
            (0..needed.len()).map(|at| needed[..at].iter().filter(|&&n| n).count()).collect();
        let kept = self.parts.iter().zip(&needed).filter(|(_, needed)| **needed).map(|(part, _)| part);
        let moved = |list: &[usize]| list.iter().map(|&at| place[at]).collect();
        let parts = kept.map(|part| Part { spec: part.spec.clone(), inputs: moved(&part.inputs) }).collect();
        Self { name: self.name.clone(), io: self.io, parts, outputs: moved(&self.outputs) }
    }

    /// The same with whoever reads `at` reading `instead`.
    pub fn redirected(&self, at: usize, instead: usize) -> Self {
        let mut sketch = self.clone();
        let inputs = sketch.parts.iter_mut().flat_map(|part| &mut part.inputs);
        for input in inputs.chain(&mut sketch.outputs).filter(|input| **input == at) {
            *input = instead;
        }
        sketch.outputs.dedup();
        sketch.pruned()
    }
}

/// Cuts stored values and reuse factor to what the layer can have with these inputs.
fn fit(spec: &mut NodeSpec, shapes: &[&Shape]) {
    let layer = spec.op.layer();
    if !layer.arity().allows(shapes.len()) || layer.shape(shapes).is_err() {
        return;
    }
    for parameter in layer.parameters(shapes) {
        let Some(tensor) = spec.values.get(parameter.slot) else { continue };
        let shape = match &parameter.alternative {
            Some(shape) if shape.rank() == tensor.shape().rank() => shape,
            _ => &parameter.shape,
        };
        if let Some(values) = cut(tensor, shape) {
            spec.values.set(parameter.slot, values);
        }
    }
    let legal = |m: Multiplications| m.is_legal(spec.reuse_factor);
    if layer.multiplications(shapes).is_some_and(|m| !legal(m)) {
        spec.reuse_factor = 1;
    }
}

/// The first elements of a tensor along every axis; `None` if it has not that many.
fn cut(tensor: &Tensor, shape: &Shape) -> Option<Tensor> {
    let from = tensor.shape();
    if from.rank() != shape.rank() || from.iter().zip(shape.iter()).any(|(have, want)| have < want) {
        return None;
    }
    let values = (0..shape.elements()).map(|flat| {
        let (mut rest, mut at, mut step) = (flat, 0, 1);
        for (&have, &want) in from.iter().zip(shape.iter()).rev() {
            at += rest % want * step;
            rest /= want;
            step *= have;
        }
        tensor.values()[at]
    });
    Tensor::new(shape.clone(), values.collect()).ok()
}

/// What kind of layer a node is, for tables.
pub fn kind(op: &Op) -> &'static str {
    op.layer().keyword()
}
