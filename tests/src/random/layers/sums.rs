//! Layers that sum products.

use hls4rs_fixed::Format;
use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::{Io, Multiplications, NodeSpec, Op, Slot, Strategy};

use super::super::Growing;
use super::{Proposal, ask, node, store};
use crate::ops::{make, size, word};

pub(super) fn dense(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (x, shape) = growing.facts(at);
    if shape.rank() != 1 && growing.rng.chance(50) {
        let op = make("flatten", &[]).ok()?;
        return node(growing, op, vec![at], x);
    }
    let units = growing.rng.between(1, 24) as usize;
    layer(growing, make(keyword, &[("units", size(units))]).ok()?, at)
}

/// A convolution, or a shape that it can have.
pub(super) fn conv(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (x, shape) = growing.facts(at);
    let axes = if keyword.ends_with("1d") { 1 } else { 2 };
    if shape.rank() != axes + 1 {
        let op = make("reshape", &[("shape", split(growing, shape.elements(), axes + 1))]).ok()?;
        return node(growing, op, vec![at], x);
    }
    let rng = &mut growing.rng;
    let mut kernel: Vec<usize> = (0..axes).map(|_| rng.between(1, 3) as usize).collect();
    let mut dilation = vec![1; axes];
    let mut stride = vec![1; axes];
    if rng.chance(25) {
        dilation = (0..axes).map(|_| rng.between(1, 2) as usize).collect();
    }
    if rng.chance(50) {
        stride = (0..axes).map(|_| rng.between(1, 3) as usize).collect();
    }
    let mut attrs = Vec::new();
    let mut pad = vec![0; 2 * axes];
    match rng.below(4) {
        0 => {
            pad = (0..2 * axes).map(|_| rng.below(3)).collect();
            attrs.push(("pad", list(&pad)));
        }
        1 => attrs.push(("padding", word("same"))),
        2 if axes == 1 => attrs.push(("padding", word("causal"))),
        _ => {}
    }
    if attrs.is_empty() || attrs[0].0 == "pad" {
        for axis in 0..axes {
            let padded = shape[axis] + pad[2 * axis] + pad[2 * axis + 1];
            kernel[axis] = kernel[axis].min(padded);
            dilation[axis] = if (kernel[axis] - 1) * dilation[axis] < padded { dilation[axis] } else { 1 };
        }
    }
    for (name, values) in [("kernel", &kernel), ("stride", &stride), ("dilation", &dilation)] {
        attrs.push((name, if axes == 1 { size(values[0]) } else { list(values) }));
    }
    if !keyword.starts_with("depthwise") {
        let groups = divisor(growing, shape.channels(), 80);
        attrs.push(("groups", size(groups)));
        attrs.push(("filters", size(groups * growing.rng.between(1, 4) as usize)));
    }
    let op = make(keyword, &attrs).ok()?;
    let result = op.layer().shape(&[&shape]).ok()?;
    if growing.sketch.io == Io::Parallel {
        let positions = result.elements() / result.channels();
        attrs.push(("parallelization_factor", size(divisor(growing, positions, 60))));
    }
    layer(growing, make(keyword, &attrs).ok()?, at)
}

/// A divisor of `n`, which is 1 in so many cases of a hundred.
fn divisor(growing: &mut Growing<'_>, n: usize, ones: usize) -> usize {
    let divisors: Vec<_> = (1..=n).filter(|d| n.is_multiple_of(*d)).collect();
    if growing.rng.chance(ones) { 1 } else { growing.rng.pick(&divisors) }
}

fn list(values: &[usize]) -> AttrValue {
    AttrValue::List(values.iter().map(|&v| v as f64).collect())
}

/// So many elements in so many axes.
fn split(growing: &mut Growing<'_>, elements: usize, axes: usize) -> AttrValue {
    let mut left = elements;
    let mut extents = Vec::new();
    for _ in 1..axes {
        let extent = divisor(growing, left, 0);
        extents.push(extent);
        left /= extent;
    }
    extents.push(left);
    list(&extents)
}

/// The layer with weights, formats, a strategy and a reuse factor.
fn layer(growing: &mut Growing<'_>, op: Op, at: usize) -> Proposal {
    let (x, shape) = growing.facts(at);
    let parameters = op.layer().parameters(&[&shape]);
    let m = op.layer().multiplications(&[&shape])?;
    let mut spec = NodeSpec::new("", op, &[]);
    for parameter in parameters {
        if !parameter.optional || growing.rng.chance(75) {
            store(growing, &mut spec, parameter.slot, parameter.shape)?;
        }
    }
    let weight = spec.precision.get(Slot::Weight).and_then(|p| p.format());
    let product = x.product(weight.unwrap_or(Format::fixed(6, 2)));
    let sum = Format { int_bits: product.int_bits + 1, width: product.width + 1, signed: true, ..product };
    ask(growing, &mut spec, Slot::Accum, sum);
    let accum = spec.precision.get(Slot::Accum).and_then(|p| p.format()).unwrap_or(sum);
    ask(growing, &mut spec, Slot::Result, accum);
    arrange(growing, &mut spec, m);
    Some((spec, vec![at]))
}

/// The strategy that is wished for, if the layer has it, else one that it has.
pub(super) fn strategy(growing: &mut Growing<'_>, strategies: &[Strategy]) -> Strategy {
    let wished = growing.strategy.filter(|wished| strategies.contains(wished));
    wished.unwrap_or_else(|| growing.rng.pick(strategies))
}

/// Gives a layer with multipliers one of its strategies and a reuse factor that goes with it.
fn arrange(growing: &mut Growing<'_>, spec: &mut NodeSpec, m: Multiplications) {
    spec.strategy = strategy(growing, spec.op.layer().strategies());
    match spec.strategy {
        Strategy::DistributedArithmetic => {
            // Its sums are exact.
            spec.precision.remove(Slot::Accum);
        }
        Strategy::Compressed => {
            spec.reuse_factor = growing.rng.between(1, (m.n_in * m.n_out) as i64) as usize;
        }
        _ => spec.reuse_factor = growing.rng.pick(&m.legal()),
    }
}
