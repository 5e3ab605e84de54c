//! Networks for the tests.

use hls4rs_fixed::{Format, Wide};
use hls4rs_ir::ops::{Cell, Conv, Curve, GateOrder, Implementation, Padding, Recurrent, Reshape};
use hls4rs_ir::{
    Builder, Facts, Graph, NodeId, NodeSpec, Op, Precision, Resolved, Shape, Slot, Strategy, Tensor,
};

/// Values of a slot with their extents.
pub(crate) type Values<'a> = (Slot, &'a [usize], Vec<f64>);

/// A shape.
pub(crate) fn shape(extents: &[usize]) -> Shape {
    Shape::new(extents).expect("a valid shape")
}

/// A tensor.
pub(crate) fn tensor(extents: &[usize], values: Vec<f64>) -> Tensor {
    Tensor::new(shape(extents), values).expect("as many values as elements")
}

/// A format from its text.
#[track_caller]
pub(crate) fn format(text: &str) -> Format {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is not a format"))
}

/// The layer of a keyword.
#[track_caller]
pub(crate) fn layer(keyword: &str) -> Op {
    Op::from_keyword(keyword).unwrap_or_else(|| panic!("`{keyword}` is not a layer"))
}

/// A node `y` with formats and values.
pub(crate) fn spec(
    op: impl Into<Op>,
    inputs: &[NodeId],
    formats: &[(Slot, &str)],
    values: &[Values<'_>],
) -> NodeSpec {
    let mut spec = NodeSpec::new("y", op, inputs);
    for (slot, text) in formats {
        spec.precision.set(*slot, Precision::Checked(format(text)));
    }
    for (slot, extents, values) in values {
        spec.values.set(*slot, tensor(extents, values.clone()));
    }
    spec
}

/// The builder of a network of one layer on inputs `a`, `b`, `c`.
pub(crate) fn build(
    op: impl Into<Op>,
    inputs: &[(&[usize], &str)],
    formats: &[(Slot, &str)],
    values: &[Values<'_>],
) -> Builder {
    let mut net = Builder::new("net");
    let inputs: Vec<NodeId> = inputs
        .iter()
        .zip(["a", "b", "c"])
        .map(|((extents, text), name)| net.input(name, shape(extents), Precision::Checked(format(text))))
        .collect();
    let y = net.add(spec(op, &inputs, formats, values));
    net.output(y);
    net
}

/// A network of one layer with everything settled.
#[track_caller]
pub(crate) fn resolved(
    op: impl Into<Op>,
    inputs: &[(&[usize], &str)],
    formats: &[(Slot, &str)],
    values: &[Values<'_>],
) -> Resolved {
    let graph = build(op, inputs, formats, values).finish().unwrap_or_else(|faults| panic!("{faults}"));
    graph.resolve().unwrap_or_else(|faults| panic!("{faults}"))
}

/// What is known of the last layer.
pub(crate) fn last(net: &Resolved) -> &Facts {
    net.iter().last().expect("a network has nodes").2
}

/// A small generator of numbers, so that a network follows from one seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// A number that eight bits hold.
    fn real(&mut self) -> f64 {
        (self.below(256) as f64 - 128.0) / 32.0
    }

    fn reals(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.real()).collect()
    }

    /// A raw value of a format.
    pub(crate) fn raw(&mut self, format: Format) -> Wide {
        match self.below(6) {
            0 => format.min_raw(),
            1 => format.max_raw(),
            _ => {
                let raw =
                    i64::from((self.next() >> 40) as u32) % (1 << (format.width - u32::from(format.signed)));
                Wide::from_i64(if format.signed && self.chance(2) { -raw } else { raw })
            }
        }
    }

    fn format(&mut self) -> Format {
        let width = 2 + self.below(14) as u32;
        let int_bits = self.below(width as usize + 3) as i32 - 1;
        let format =
            if self.chance(3) { Format::ufixed(width, int_bits) } else { Format::fixed(width, int_bits) };
        use hls4rs_fixed::{Overflow::*, Rounding::*};
        let rounding = self.one_of(&[Trn, Trn, TrnZero, Rnd, RndZero, RndInf, RndMinInf, RndConv]);
        format.with_rounding(rounding).with_overflow(self.one_of(&[Wrap(0), Wrap(0), Sat, SatZero, SatSym]))
    }

    fn precision(&mut self) -> Precision {
        if self.chance(2) { Precision::Auto } else { Precision::MayWrap(self.format()) }
    }
}

/// A network of a few layers, in which nothing is left out that the layers can do.
pub(crate) fn random(seed: u64) -> Graph {
    let dice = &mut Dice::new(seed);
    let mut net = Builder::new("net");
    let extents =
        if dice.chance(2) { vec![1 + dice.below(6)] } else { vec![1 + dice.below(3), 1 + dice.below(4)] };
    let format = dice.format();
    let mut nodes = vec![net.input("x0", shape(&extents), Precision::MayWrap(format))];
    for n in 1..=2 + dice.below(6) {
        let from = nodes[dice.below(nodes.len())];
        let spec = random_layer(dice, &net, &nodes, from, format!("x{n}"));
        nodes.push(net.add(spec));
    }
    nodes.into_iter().for_each(|id| net.output(id));
    let (resolved, _) = net.finish_with_warnings().unwrap_or_else(|faults| panic!("seed {seed}: {faults}"));
    resolved.graph().clone()
}

/// Whether a layer can be made here and computed by `eval`; the others are compared by the tests of the workspace.
fn is_known(op: &Op) -> bool {
    matches!(
        op,
        Op::Dense(_)
            | Op::Conv(_)
            | Op::Linear(_)
            | Op::Reshape(_)
            | Op::Relu(_)
            | Op::LeakyRelu(_)
            | Op::ThresholdedRelu(_)
            | Op::Prelu(_)
            | Op::Elu(_)
            | Op::TableActivation(_)
            | Op::Hard(_)
            | Op::Softmax(_)
            | Op::BatchNorm(_)
            | Op::Merge(_)
            | Op::Concatenate(_)
            | Op::Recurrent(_)
    )
}

fn random_layer(dice: &mut Dice, net: &Builder, nodes: &[NodeId], from: NodeId, name: String) -> NodeSpec {
    let read = net.shape(from).expect("a sound node").clone();
    let known: Vec<&str> = Op::KEYWORDS.iter().copied().filter(|keyword| is_known(&layer(keyword))).collect();
    let keyword = dice.one_of(&known);
    let mut op = layer(keyword);
    let mut inputs = vec![from];
    let like: Vec<NodeId> = nodes.iter().copied().filter(|&id| net.shape(id) == Some(&read)).collect();
    if !op.layer().arity().allows(1) {
        inputs.push(dice.one_of(&like));
    }
    match &mut op {
        Op::Dense(dense) => dense.units = 1 + dice.below(4),
        Op::Conv(conv) if read.rank() == conv.sliding.axes + 1 => random_windows(dice, conv, &read),
        Op::Conv(conv) => {
            let extents = if conv.sliding.axes == 1 { vec![] } else { vec![1] };
            let shape = [extents, vec![read.elements() / read.channels(), read.channels()]].concat();
            op = Op::Reshape(Reshape { shape, ..Reshape::default() });
        }
        Op::Reshape(reshape) if !reshape.flatten => reshape.shape = vec![1, read.elements()],
        Op::Relu(relu) => relu.max = dice.chance(2).then_some(2.0),
        Op::LeakyRelu(leaky) => leaky.alpha = dice.real() + 0.001,
        Op::ThresholdedRelu(relu) => relu.theta = dice.real(),
        Op::Elu(elu) => (elu.alpha, elu.table_size) = (dice.real(), 1 + dice.below(100)),
        Op::TableActivation(table) => table.table_size = 1 + dice.below(100),
        Op::Hard(hard) => (hard.slope, hard.shift) = (dice.real(), dice.real()),
        Op::Concatenate(concatenate) => concatenate.axis = dice.below(read.rank()) as i32,
        Op::Softmax(softmax) => {
            softmax.implementation = dice.one_of(&Implementation::ALL);
            softmax.table_size = dice.one_of(&[16, 64, 1024]);
        }
        Op::Recurrent(_) if read.rank() == 1 => {
            op = Reshape { shape: vec![1, read.elements()], ..Reshape::default() }.into();
        }
        Op::Recurrent(layer) if read.rank() == 2 => random_recurrent(dice, layer),
        Op::Recurrent(_) => op = layer("flatten"),
        _ => {}
    }
    let mut spec = NodeSpec::new(name, op, &inputs);
    spec.precision.set(Slot::Result, dice.precision());
    if matches!(spec.op, Op::Recurrent(_)) {
        // Not every function bounds the states.
        spec.precision.set(Slot::Result, Precision::MayWrap(dice.format()));
    }
    if matches!(spec.op, Op::Dense(_) | Op::Conv(_)) {
        for parameter in spec.op.clone().layer().parameters(&[&read]) {
            if !parameter.optional || dice.chance(2) {
                let values = dice.reals(parameter.shape.elements());
                spec.values.set(parameter.slot, tensor(&parameter.shape, values));
            }
        }
        spec.precision.set(Slot::Weight, Precision::Checked(Format::fixed(8, 3)));
        spec.precision.set(Slot::Accum, dice.precision());
        if dice.chance(2) && spec.op.layer().strategies().contains(&Strategy::Resource) {
            spec.strategy = Strategy::Resource;
        }
    }
    for &slot in spec.op.layer().slots() {
        let per_element = dice.chance(2);
        let extents = if per_element { read.to_vec() } else { vec![read.channels()] };
        match (&spec.op, slot) {
            (Op::BatchNorm(_), _) => {
                let values = dice.reals(extents.iter().product());
                spec.values.set(slot, tensor(&extents, values));
            }
            (Op::Prelu(_), _) => spec.values.set(slot, tensor(&read, dice.reals(read.elements()))),
            (Op::Recurrent(layer), Slot::Weight | Slot::RecurrentWeight) => {
                let rows = if slot == Slot::Weight { read[1] } else { layer.units };
                let extents = [rows, layer.columns()];
                let values = dice.reals(extents.iter().product());
                spec.values.set(slot, tensor(&extents, values));
                spec.precision.set(slot, Precision::MayWrap(Format::fixed(8, 3)));
            }
            (Op::Recurrent(layer), Slot::Bias | Slot::RecurrentBias) if per_element => {
                let columns = layer.columns();
                spec.values.set(slot, tensor(&[columns], dice.reals(columns)));
                spec.precision.set(slot, Precision::MayWrap(Format::fixed(8, 3)));
            }
            (Op::Dense(_) | Op::Conv(_), _) | (Op::Softmax(_), Slot::InputNorm | Slot::InvInput) => {}
            _ => spec.precision.set(slot, dice.precision()),
        }
    }
    if spec.op.layer().keyword() == "softmax" {
        // Addresses have to be as wide as the tables ask for.
        spec.precision.set(Slot::InvInput, if dice.chance(2) { Precision::Auto } else { wide_address(dice) });
    }
    restrict(&mut spec);
    spec
}

fn random_windows(dice: &mut Dice, conv: &mut Conv, read: &Shape) {
    if !conv.depthwise {
        conv.filters = 1 + dice.below(3);
    }
    let sliding = &mut conv.sliding;
    for axis in 0..sliding.axes {
        sliding.kernel[axis] = 1 + dice.below(read[axis].min(3));
        sliding.stride[axis] = 1 + dice.below(2);
    }
    sliding.padding = dice.one_of(&[Padding::Valid, Padding::Same]);
    if sliding.padding == Padding::Valid && dice.chance(2) {
        sliding.pad = (0..2 * sliding.axes).map(|_| dice.below(3)).collect();
    }
}

fn random_recurrent(dice: &mut Dice, layer: &mut Recurrent) {
    layer.units = 1 + dice.below(3);
    layer.activation = dice.one_of(&Curve::ALL);
    if layer.cell != Cell::Simple {
        layer.recurrent_activation = dice.one_of(&Curve::ALL);
    }
    layer.table_size = 1 + dice.below(100);
    layer.return_sequences = dice.chance(2);
    layer.go_backwards = dice.chance(2);
    layer.restore_order = dice.chance(2);
    if let Cell::Gru { reset_after, order } = &mut layer.cell {
        *reset_after = dice.chance(2);
        *order = dice.one_of(&[GateOrder::Keras, GateOrder::Pytorch]);
    }
}

fn wide_address(dice: &mut Dice) -> Precision {
    Precision::MayWrap(Format::ufixed(10 + dice.below(8) as u32, dice.below(8) as i32))
}

/// Takes away the formats that the layer has no slot for.
fn restrict(spec: &mut NodeSpec) {
    let slots = spec.op.layer().slots();
    for &slot in Slot::ALL.iter().filter(|slot| **slot != Slot::Result && !slots.contains(slot)) {
        spec.precision.remove(slot);
    }
}
