//! What the elements of a layer's result can be.

mod quantize;
mod sums;

use super::span::Span;
use super::{WIDEST, joined, moved};
use crate::draft::{Draft, DraftNode};
use crate::ops::{Function, MergeOp, PoolOp};
use crate::precision::kif::{Kif, fraction_bits};
use crate::{Op, Shape, Slot, Tensor};

/// The elements, and the masks of a quantizer, which become as narrow as what it reads.
type Produced = (Vec<Kif>, Vec<(Slot, Tensor)>);

/// A node with what its rule needs to know.
struct Place<'a> {
    node: &'a DraftNode,
    /// What each input can be.
    kifs: Vec<&'a [Kif]>,
    inputs: Vec<&'a Shape>,
    shape: &'a Shape,
}

impl Place<'_> {
    /// An element of an input, repeated along missing or short axes.
    fn spread(&self, n: usize, at: usize) -> Kif {
        self.kifs[n][crate::ops::broadcast_index(self.shape, self.inputs[n], at)]
    }

    fn each(&self, f: impl Fn(usize) -> Kif) -> Vec<Kif> {
        (0..self.shape.elements()).map(f).collect()
    }
}

pub(super) fn produce(
    draft: &Draft,
    at: usize,
    shapes: &[Shape],
    produced: &[Vec<Kif>],
) -> Result<Produced, String> {
    let node = &draft.nodes[at];
    let sources = draft.sources(at);
    let place = Place {
        node,
        kifs: sources.iter().map(|&source| &produced[source][..]).collect(),
        inputs: sources.iter().map(|&source| &shapes[source]).collect(),
        shape: &shapes[at],
    };
    if let Op::Quantize(op) = &node.op {
        return Ok(quantize::quantize(op, &place));
    }
    Ok((result(&place)?, Vec::new()))
}

fn result(place: &Place<'_>) -> Result<Vec<Kif>, String> {
    let node = place.node;
    if node.details.every_step {
        return Err("the intervals of a layer at every step are not known; it cannot be bit-exact".to_owned());
    }
    if let Some(sources) = place.inputs.first().and_then(|x| moved(&node.op, x, place.shape)) {
        let zero = Kif::default();
        return Ok(sources.into_iter().map(|at| at.map_or(zero, |at| place.kifs[0][at])).collect());
    }
    let format = node.types.get(Slot::Result).and_then(|ty| ty.format());
    let own = format.map_or(WIDEST, Kif::of_format);
    match &node.op {
        Op::Input(_) if node.details.trusted => Ok(vec![own; place.shape.elements()]),
        Op::Input(_) => Ok(vec![WIDEST; place.shape.elements()]),
        Op::Concatenate(op) => match joined(op.axis, &place.inputs) {
            Some(sources) => Ok(sources.into_iter().map(|(n, at)| place.kifs[n][at]).collect()),
            None => Err("there is no such axis".to_owned()),
        },
        Op::Merge(op) => Ok(place.each(|at| merged(op.op, place.spread(0, at), place.spread(1, at)))),
        Op::Dense(_) | Op::Conv(_) | Op::Einsum(_) | Op::EinsumDense(_) | Op::Dot(_) | Op::BatchNorm(_) => {
            sums::sums(place)
        }
        Op::Pool(op) => {
            let window = op.window(place.inputs[0]).map_err(|unfit| format!("{unfit:?}"))?;
            Ok(sums::pooled(place, &window, op.op == PoolOp::Average, op.count_pad))
        }
        Op::GlobalPool(op) => {
            let window = crate::ops::GlobalPool::window(place.inputs[0]);
            Ok(sums::pooled(place, &window, op.op == PoolOp::Average, false))
        }
        Op::Softmax(_) => softmax(place),
        Op::Linear(_) | Op::Relu(_) | Op::TableActivation(_) if node.details.trusted => {
            Ok(vec![own; place.shape.elements()])
        }
        Op::UnaryLut(_) => {
            let table = node.values.get(Slot::Table).map_or(&[][..], Tensor::values);
            Ok(vec![Kif::of_values(table); place.shape.elements()])
        }
        op => place
            .kifs
            .first()
            .map(|x| x.iter().map(|&x| activation(op, x)).collect::<Option<Vec<_>>>())
            .and_then(|x| x)
            .ok_or_else(|| {
                format!("the intervals of `{}` are not known; it cannot be bit-exact", op.layer().keyword())
            }),
    }
}

/// An activation of one element.
fn activation(op: &Op, x: Kif) -> Option<Kif> {
    let table = |signed| Kif { signed, int_bits: x.int_bits.min(1), frac_bits: WIDEST.frac_bits };
    Some(match op {
        Op::Linear(_) => x,
        Op::Relu(_) => Kif { signed: false, ..x },
        Op::TableActivation(op) => match op.function {
            Function::Tanh => table(x.signed),
            Function::Sigmoid => table(false),
            _ => WIDEST,
        },
        Op::LeakyRelu(op) => {
            let alpha = Kif::of_value(op.alpha);
            Kif {
                signed: x.signed && op.alpha > 0.0,
                int_bits: x.int_bits + (alpha.int_bits - 1).max(0),
                frac_bits: x.frac_bits + alpha.frac_bits.max(0),
            }
        }
        Op::ThresholdedRelu(op) => {
            let theta = Kif::of_value(op.theta);
            Kif { signed: x.signed && theta.signed, ..x.max(theta) }
        }
        Op::Elu(op) => Kif {
            signed: x.signed && op.alpha > 0.0,
            int_bits: x.int_bits.max(Kif::of_value(op.alpha).int_bits),
            frac_bits: WIDEST.frac_bits,
        },
        Op::Hard(_) | Op::QuantizedTanh(_) => WIDEST,
        _ => return None,
    })
}

fn merged(op: MergeOp, a: Kif, b: Kif) -> Kif {
    let (x, y) = (Span::of(a), Span::of(b));
    match op {
        MergeOp::Add => x.plus(y).kif(),
        MergeOp::Subtract => x.minus(y).kif(),
        MergeOp::Multiply => x.times(y).kif(),
        MergeOp::Maximum | MergeOp::Minimum => a.max(b),
        MergeOp::Average => {
            let sum = x.plus(y).kif();
            Kif { int_bits: sum.int_bits - 1, frac_bits: sum.frac_bits + 1, ..sum }
        }
    }
}

fn softmax(place: &Place<'_>) -> Result<Vec<Kif>, String> {
    let format = |slot| place.node.types.get(slot).and_then(|ty| ty.format());
    let (Some(exp), Some(inv)) = (format(Slot::ExpTable), format(Slot::InvTable)) else {
        return Err("only a softmax with tables of exponentials and reciprocals is bit-exact".to_owned());
    };
    let int_bits = exp.int_bits + inv.int_bits;
    let kif = Kif { signed: false, int_bits, frac_bits: exp.frac_bits() + inv.frac_bits() };
    Ok(vec![kif; place.shape.elements()])
}

/// Fraction bits that a mean of so many needs.
fn mean_bits(n: usize) -> i32 {
    fraction_bits(1.0 / n as f64)
}
