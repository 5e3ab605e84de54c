//! One generator for every kind of layer.

use hls4rs_fixed::Format;
use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::{NodeSpec, Op, Precision, Shape, Slot, Tensor};

mod data;

use super::Growing;
use crate::ops::{make, number, size, word};

mod garnet;
mod lookup;
mod products;
mod recurrent;
mod spiking;
mod sums;
mod time_distributed;

/// A layer and what it reads.
type Proposal = Option<(NodeSpec, Vec<usize>)>;
type Generator = fn(&mut Growing<'_>, &'static str) -> Proposal;

/// How often each layer is proposed, and how it is made.
const LAYERS: &[(&str, usize, Generator)] = &[
    ("dense", 40, sums::dense),
    ("conv1d", 8, sums::conv),
    ("conv2d", 12, sums::conv),
    ("depthwise_conv1d", 4, sums::conv),
    ("depthwise_conv2d", 6, sums::conv),
    ("batch_norm", 8, batch_norm),
    ("relu", 10, relu),
    ("leaky_relu", 4, parametrized),
    ("thresholded_relu", 4, parametrized),
    ("elu", 4, parametrized),
    ("prelu", 4, prelu),
    ("selu", 3, table),
    ("sigmoid", 4, table),
    ("tanh", 4, table),
    ("softplus", 3, table),
    ("softsign", 3, table),
    ("hard_sigmoid", 3, hard),
    ("hard_tanh", 3, hard),
    ("softmax", 10, softmax),
    ("linear", 4, linear),
    ("flatten", 2, linear),
    ("reshape", 3, reshape),
    ("add", 4, merge),
    ("subtract", 3, merge),
    ("multiply", 3, merge),
    ("average", 3, merge),
    ("maximum", 3, merge),
    ("minimum", 3, merge),
    ("concatenate", 4, concatenate),
    ("einsum", 4, products::einsum),
    ("matmul", 4, products::matmul),
    ("layer_norm", 5, products::layer_norm),
    ("einsum_dense", 5, products::einsum_dense),
    ("quantize", 5, lookup::quantize),
    ("unary_lut", 4, lookup::unary_lut),
    ("embedding", 3, lookup::embedding),
    ("binary_tanh", 2, lookup::quantized_tanh),
    ("ternary_tanh", 3, lookup::quantized_tanh),
    ("binary_threshold", 3, lookup::threshold),
    ("ternary_threshold", 3, lookup::threshold),
    ("simple_rnn", 5, recurrent::recurrent),
    ("lstm", 8, recurrent::recurrent),
    ("gru", 8, recurrent::recurrent),
    ("garnet", 5, garnet::garnet),
    ("time_distributed", 10, time_distributed::time_distributed),
    ("integrate_and_fire", 4, spiking::neurons),
    ("leaky_integrate_and_fire", 5, spiking::neurons),
    ("spike_readout", 3, spiking::spike_readout),
    ("membrane_readout", 4, spiking::membrane_readout),
];

/// Every layer of the tables.
fn all() -> impl Iterator<Item = &'static (&'static str, usize, Generator)> {
    LAYERS.iter().chain(data::LAYERS)
}

/// A random layer on top of the network.
pub(super) fn propose(growing: &mut Growing<'_>) -> Proposal {
    let total = all().map(|(_, weight, _)| weight).sum();
    let mut left = growing.rng.below(total);
    for &(keyword, weight, generator) in all() {
        if left < weight {
            return generator(growing, keyword);
        }
        left -= weight;
    }
    None
}

/// A layer of this kind on top of the network, or another one that makes a shape suit.
pub(super) fn propose_kind(growing: &mut Growing<'_>, wanted: &str) -> Proposal {
    let &(keyword, _, generator) = all().find(|(keyword, ..)| *keyword == wanted)?;
    generator(growing, keyword)
}

/// Whether there is a generator for a layer.
pub(super) fn is_known(wanted: &str) -> bool {
    all().any(|(keyword, ..)| *keyword == wanted)
}

/// A node on `inputs` whose result's format is near `like`.
fn node(growing: &mut Growing<'_>, op: Op, inputs: Vec<usize>, like: Format) -> Proposal {
    let mut spec = NodeSpec::new("", op, &[]);
    let result = growing.formats.precision(&mut growing.rng, like);
    spec.precision.set(Slot::Result, result);
    Some((spec, inputs))
}

fn ask(growing: &mut Growing<'_>, spec: &mut NodeSpec, slot: Slot, like: Format) {
    let asked = growing.formats.precision(&mut growing.rng, like);
    spec.precision.set(slot, asked);
}

fn store(growing: &mut Growing<'_>, spec: &mut NodeSpec, slot: Slot, shape: Shape) -> Option<Precision> {
    let (values, precision) = growing.values(shape.elements());
    spec.values.set(slot, Tensor::new(shape, values).ok()?);
    spec.precision.set(slot, precision);
    Some(precision)
}

fn batch_norm(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (x, shape) = growing.facts(at);
    let mut spec = NodeSpec::new("", make(keyword, &[]).ok()?, &[]);
    let per_channel = Shape::new(&[shape.channels()]).ok()?;
    let of = if growing.rng.chance(75) { per_channel } else { shape };
    let scale = store(growing, &mut spec, Slot::Scale, of.clone())?;
    if growing.rng.chance(75) {
        store(growing, &mut spec, Slot::Bias, of)?;
    }
    ask(growing, &mut spec, Slot::Result, x.product(scale.format().unwrap_or(Format::fixed(6, 2))));
    Some((spec, vec![at]))
}

fn relu(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let attrs = match growing.rng.below(4) {
        0 => vec![("max", number(growing.rng.pick(&[1.0, 2.0, 6.0])))],
        _ => vec![],
    };
    let like = growing.facts(at).0;
    node(growing, make(keyword, &attrs).ok()?, vec![at], like)
}

fn parametrized(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let like = growing.facts(at).0;
    let alpha = growing.rng.between(-8, 40) as f64 / 20.0;
    let name = if keyword == "thresholded_relu" { "theta" } else { "alpha" };
    let mut attrs = vec![(name, number(alpha))];
    if keyword == "elu" {
        attrs.push(("table_size", table_size(growing)));
    }
    let (mut spec, inputs) = node(growing, make(keyword, &attrs).ok()?, vec![at], like)?;
    if keyword == "elu" {
        ask(growing, &mut spec, Slot::Table, TABLE);
    }
    ask(growing, &mut spec, Slot::Alpha, Format::fixed(8, 3));
    Some((spec, inputs))
}

fn prelu(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (like, shape) = growing.facts(at);
    let (mut spec, inputs) = node(growing, make(keyword, &[]).ok()?, vec![at], like)?;
    store(growing, &mut spec, Slot::Alpha, shape)?;
    Some((spec, inputs))
}

/// The usual format of a function table.
const TABLE: Format = Format::fixed(18, 8);

fn table_size(growing: &mut Growing<'_>) -> AttrValue {
    size(growing.rng.pick(&[16, 64, 100, 256, 1024, 1024, 1024]))
}

fn table(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let attrs = [("table_size", table_size(growing))];
    let (mut spec, inputs) = node(growing, make(keyword, &attrs).ok()?, vec![at], Format::fixed(14, 4))?;
    ask(growing, &mut spec, Slot::Table, TABLE);
    Some((spec, inputs))
}

fn hard(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let tenth = |n: i64| number(n as f64 / 10.0);
    let attrs = [("slope", tenth(growing.rng.between(1, 9))), ("shift", tenth(growing.rng.between(0, 9)))];
    let (mut spec, inputs) = node(growing, make(keyword, &attrs).ok()?, vec![at], Format::fixed(12, 2))?;
    ask(growing, &mut spec, Slot::Slope, Format::ufixed(16, 0));
    ask(growing, &mut spec, Slot::Shift, Format::ufixed(8, 0));
    Some((spec, inputs))
}

fn softmax(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let implementation = growing.rng.pick(&["stable", "stable", "latency", "legacy", "argmax"]);
    let mut attrs = vec![("implementation", word(implementation))];
    if growing.rng.chance(50) {
        let rank = growing.facts(at).1.rank();
        attrs.push(("axis", data::axis(growing, rank)));
    }
    if growing.rng.chance(60) {
        for name in ["exp_table_size", "inv_table_size"] {
            attrs.push((name, size(growing.rng.pick(&[16, 64, 256, 1024]))));
        }
    }
    let op = make(keyword, &attrs).ok()?;
    let slots = op.layer().slots();
    let (mut spec, inputs) = node(growing, op, vec![at], Format::fixed(14, 2))?;
    let (x, _) = growing.facts(at);
    for &slot in slots {
        let like = match slot {
            Slot::InputNorm => Format::ufixed(x.width.max(2) - 1, x.int_bits - 1),
            _ => TABLE,
        };
        ask(growing, &mut spec, slot, like);
    }
    Some((spec, inputs))
}

fn linear(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let like = growing.facts(at).0;
    node(growing, make(keyword, &[]).ok()?, vec![at], like)
}

fn reshape(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let at = growing.source();
    let (like, shape) = growing.facts(at);
    let all = shape.elements();
    let divisors: Vec<_> = (1..=all).filter(|n| all % n == 0).collect();
    let rows = growing.rng.pick(&divisors);
    let list = AttrValue::List(vec![rows as f64, (all / rows) as f64]);
    node(growing, make(keyword, &[("shape", list)]).ok()?, vec![at], like)
}

/// Two nodes, of equal shape if `equal`; the second may be the first again.
fn pair(growing: &mut Growing<'_>, equal: bool) -> (usize, usize) {
    let a = growing.source();
    let (_, shape) = growing.facts(a);
    let fits = |at: &usize| {
        let (_, other) = growing.facts(*at);
        if equal { other == shape } else { other.rank() == 1 && shape.rank() == 1 }
    };
    let mut others: Vec<_> = (0..growing.sketch.parts.len()).filter(fits).collect();
    if others.len() > 1 {
        others.retain(|&at| at != a);
    }
    if others.is_empty() {
        return (a, a);
    }
    (a, growing.rng.pick(&others))
}

fn merge(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let (a, b) = if growing.rng.chance(50) { pair(growing, true) } else { spread(growing) };
    let (fa, fb) = (growing.facts(a).0, growing.facts(b).0);
    let like = if keyword == "multiply" { fa.product(fb) } else { fa.sum(fb) };
    node(growing, make(keyword, &[]).ok()?, vec![a, b], like)
}

fn concatenate(growing: &mut Growing<'_>, keyword: &'static str) -> Proposal {
    let (a, b) = pair(growing, false);
    let (like, shape) = growing.facts(a);
    let axis = number(-growing.rng.between(1, shape.rank() as i64) as f64);
    let inputs = if growing.rng.chance(20) { vec![a, b, a] } else { vec![a, b] };
    node(growing, make(keyword, &[("axis", axis)]).ok()?, inputs, like)
}

/// Two nodes, one of which can be spread over the shape of the other.
fn spread(growing: &mut Growing<'_>) -> (usize, usize) {
    let a = growing.source();
    let op = make("add", &[]).expect("a layer without attributes");
    let shape = growing.facts(a).1;
    let fits = |at: &usize| op.layer().shape(&[&shape, &growing.facts(*at).1]).is_ok();
    let mut others: Vec<_> = (0..growing.sketch.parts.len()).filter(fits).collect();
    if others.iter().any(|&at| growing.facts(at).1 != shape) {
        others.retain(|&at| growing.facts(at).1 != shape);
    }
    (a, growing.rng.pick(&others))
}
