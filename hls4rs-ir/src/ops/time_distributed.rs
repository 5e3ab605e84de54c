//! A layer that is applied to every step of the first axis.

use super::{Input, Layer, Linear, Op, Parameter, Unfit, few_elements};
use crate::attr::Attr;
use crate::hardware::{Io, Multiplications, Strategy};
use crate::range::{Interval, Ranges};
use crate::resolve::{Done, NodeCx, Resolved};
use crate::{Facts, Node, Shape, Slot};

/// The layer inside, applied to every step of the first axis: `y[t] = layer(x[t])`, every step with the same weights.
///
/// # Shapes
/// `x: [steps, …]`, `y: [steps, …]`, where the axes behind the first are those of the layer inside.
/// # Precision
/// That of the layer inside, with one set of formats for all steps; `auto` holds the values of every step.
/// # Hardware
/// One copy of the layer, which takes the steps one after the other.
/// # Source
/// hls4ml `model/optimizer/passes/expand_time_distributed.py`.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeDistributed {
    /// The layer that is applied; it reads one tensor and is not time-distributed itself.
    pub layer: Box<Op>,
}

impl Default for TimeDistributed {
    fn default() -> Self {
        Self::new(Linear)
    }
}

impl TimeDistributed {
    /// This layer at every step.
    pub fn new(layer: impl Into<Op>) -> Self {
        Self { layer: Box::new(layer.into()) }
    }

    /// The network of one step: an input, the node 0, and the layer inside, the node 1, with the formats and constants
    /// that hold for all steps.
    ///
    /// `node` has this layer, and reads `input`.
    pub fn step(&self, io: Io, input: (&Node, &Facts), node: (&Node, &Facts)) -> Resolved {
        let nodes = self.nodes(input.0, node.0);
        let steps = input.0.shape[0];
        let first = |facts: &Facts, range| Facts { range, ..facts.clone() };
        let facts =
            vec![first(input.1, joined(&input.1.range, steps)), first(node.1, joined(&node.1.range, steps))];
        Resolved::of_step(io, nodes.into(), facts)
    }

    /// Input and layer of one step.
    fn nodes(&self, input: &Node, node: &Node) -> [Node; 2] {
        let (from, to) = (step_shape(&input.shape), step_shape(&node.shape));
        let (from, to) = (from.expect("the shape was checked"), to.expect("the shape was checked"));
        let source = Input { shape: from.clone(), range: None };
        let mut nodes = [input.alone(source.into(), from, &[]), node.alone((*self.layer).clone(), to, &[0])];
        nodes[0].values = Default::default();
        nodes
    }

    /// What the layer inside says of the shape of a step.
    fn result(&self, input: &Shape) -> Result<Shape, Unfit> {
        let inside = self.layer.layer();
        if !inside.arity().allows(1) {
            return Err(unfit("a layer that reads one tensor", inside.keyword()));
        }
        if matches!(*self.layer, Op::TimeDistributed(_) | Op::Input(_)) {
            return Err(unfit("a layer that is not time-distributed itself", inside.keyword()));
        }
        let Some(step) = step_shape(input) else {
            let expected = "[steps, …], at least two axes".to_owned();
            return Err(Unfit::Input { n: 0, expected, help: Some(RESHAPE.to_owned()) });
        };
        inside.shape(&[&step]).map_err(|unfit| match unfit {
            Unfit::Input { n, expected, help } => {
                let help = help.map(|_| RESHAPE.to_owned());
                Unfit::Input { n, expected: format!("at every step {expected}"), help }
            }
            other => other,
        })
    }

    fn with_step<T>(&self, inputs: &[&Shape], f: impl FnOnce(&dyn Layer, &[&Shape]) -> T) -> T {
        let step = step_shape(inputs[0]).expect("the shape was checked");
        f(self.layer.layer(), &[&step])
    }
}

/// What to do about an input without steps.
const RESHAPE: &str = "insert `reshape(…) { shape: [steps, …] }` before this layer";

fn unfit(expected: &str, found: &str) -> Unfit {
    Unfit::Attr { name: "layer", expected: expected.to_owned(), found: format!("`{found}`") }
}

/// The shape of one step.
fn step_shape(shape: &Shape) -> Option<Shape> {
    Shape::new(shape.get(1..)?).ok()
}

/// What an element can be at any step.
fn joined(ranges: &Ranges, steps: usize) -> Ranges {
    let elements = ranges.elements.len() / steps;
    let hull = |i: usize| ranges.elements[i..].iter().step_by(elements).copied().reduce(Interval::hull);
    let elements = (0..elements).map(|i| hull(i).expect("at least one step")).collect();
    Ranges { frac_bits: ranges.frac_bits, elements }
}

impl Layer for TimeDistributed {
    fn keyword(&self) -> &'static str {
        "time_distributed"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        self.layer.attrs()
    }

    fn slots(&self) -> &'static [Slot] {
        self.layer.layer().slots()
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let result = self.result(inputs[0])?;
        let all: Vec<usize> = inputs[0][..1].iter().chain(result.iter()).copied().collect();
        let expected = || format!("fewer steps, for {}", few_elements());
        Shape::new(&all).map_err(|_| Unfit::Input { n: 0, expected: expected(), help: None })
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        self.with_step(inputs, |layer, step| layer.parameters(step))
    }

    fn takes(&self, parameter: &Parameter, found: &Shape) -> bool {
        self.layer.layer().takes(parameter, found)
    }

    fn multiplications(&self, inputs: &[&Shape]) -> Option<Multiplications> {
        self.with_step(inputs, |layer, step| layer.multiplications(step))
    }

    fn passes(&self, inputs: &[&Shape]) -> usize {
        inputs[0][0] * self.with_step(inputs, |layer, step| layer.passes(step))
    }

    fn strategies(&self) -> &'static [Strategy] {
        self.layer.layer().strategies()
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let steps = cx.input_shape(0)[0];
        let [input, node] = self.nodes(cx.input_node(0), cx.node());
        let facts = Facts { range: joined(&cx.input(0).range, steps), ..cx.input(0).clone() };
        let done = cx.within(&node, (&input, &facts), |cx| self.layer.resolve(cx))?;
        let elements = std::iter::repeat_n(&done.range.elements, steps).flatten().copied().collect();
        Some(Done { range: Ranges { elements, ..done.range }, ..done })
    }
}
