//! The types that intervals lead to.

use hls4rs_fixed::{Format, Overflow, Rounding};

use super::{Needs, WIDEST};
use crate::draft::{Draft, DraftNode, Type};
use crate::ops::{Function, Implementation, PoolOp};
use crate::precision::infer::ceil_log2;
use crate::precision::kif::Kif;
use crate::precision::kinds::{is_stored, slots};
use crate::precision::stored_values;
use crate::{Op, Shape, Slot};

/// Sets the types of one node.
pub(crate) fn register(draft: &mut Draft, at: usize, needs: &Needs, shapes: &[Shape]) {
    if draft.nodes[at].details.trusted {
        return;
    }
    let (produced, requested) = (&needs.produced[at], &needs.requested[at]);
    let wraps = asked_by_wrapping(draft, &draft.nodes[at].name);
    let used = produced.iter().zip(requested).map(|(&produced, &requested)| {
        let least = produced.min(requested);
        // What wraps later needs the sign of its reader.
        Kif { signed: if wraps { requested.signed } else { least.signed }, ..least }
    });
    let result = Kif::greatest(&used.collect::<Vec<_>>());
    let source = draft.sources(at).first().copied();
    let x = source.map(|source| Kif::greatest(&needs.produced[source]));
    let node = &mut draft.nodes[at];
    for slot in slots(node).into_iter().filter(|&slot| is_stored(&node.op, slot)).collect::<Vec<_>>() {
        node.types.set(slot, Type::Fixed(stored(node, slot)));
    }
    if let Op::UnaryLut(_) = node.op {
        node.types.set(Slot::Table, Type::Fixed(stored(node, Slot::Table)));
    }
    let accum = accumulator(node, Kif::greatest(produced), source.map(|source| &shapes[source]));
    if let Some(accum) = accum {
        node.types.set(Slot::Accum, Type::Fixed(accum));
    }
    node.types.set(Slot::Result, Type::Fixed(result.format()));
    attributes(node, x.unwrap_or(WIDEST));
}

/// The narrowest format of all values of a slot.
fn stored(node: &DraftNode, slot: Slot) -> Format {
    Kif::of_values(&stored_values(node, slot)).format()
}

/// Whether some reader, be it behind a reshape, is a quantizer that wraps.
fn asked_by_wrapping(draft: &Draft, name: &str) -> bool {
    for at in draft.readers(name) {
        let reader = &draft.nodes[at];
        match &reader.op {
            Op::Quantize(op) if !matches!(op.overflow, Overflow::Sat | Overflow::SatSym) => return true,
            Op::Reshape(_) => return asked_by_wrapping(draft, &reader.name),
            _ => {}
        }
    }
    false
}

fn accumulator(node: &DraftNode, produced: Kif, x: Option<&Shape>) -> Option<Format> {
    if !node.op.layer().slots().contains(&Slot::Accum) {
        return None;
    }
    let format = produced.format();
    let wider = |n: usize| {
        let extra = ceil_log2(n);
        Format { width: format.width + extra, int_bits: format.int_bits + extra as i32, ..format }
    };
    Some(match &node.op {
        Op::Pool(op) if op.op == PoolOp::Average => wider(op.window(x?).map_or(1, |window| window.taps())),
        Op::GlobalPool(op) if op.op == PoolOp::Average => wider(x?.elements() / x?.channels()),
        Op::Softmax(_) => return softmax_sum(node, x?),
        _ => format,
    })
}

/// The sum of exponentials of HGQ2; other libraries' softmax keeps what is configured.
fn softmax_sum(node: &DraftNode, x: &Shape) -> Option<Format> {
    let format = |slot| node.types.get(slot).and_then(|ty| ty.format());
    if !node.details.bit_exact {
        return format(Slot::Accum);
    }
    let (Op::Softmax(op), Some(sum), Some(exp)) = (&node.op, format(Slot::InvInput), format(Slot::ExpTable))
    else {
        return None;
    };
    let n = crate::ops::axis_of(op.axis, x.rank()).map_or(1, |axis| x[axis]);
    let carries = ceil_log2(n) as i32;
    let mut accum = sum.with_rounding(Rounding::Trn);
    let mut width = exp.frac_bits() + carries + sum.int_bits + carries;
    if !matches!(sum.overflow, Overflow::Wrap(_)) {
        width += carries;
        accum.int_bits += carries;
        accum.overflow = Overflow::Wrap(0);
    }
    Some(Format { width: width.max(1) as u32, ..accum })
}

/// Tables that have an entry for every value of the input, and parameters as they are.
fn attributes(node: &mut DraftNode, x: Kif) {
    let entries = |bits: i32| 1usize << bits.clamp(0, 24);
    let constant = match &mut node.op {
        Op::TableActivation(op) => {
            op.table_size = match op.function {
                Function::Tanh => entries(3 + x.frac_bits),
                Function::Sigmoid => entries(4 + x.frac_bits),
                _ => entries(x.width()),
            };
            return;
        }
        Op::Softmax(op) if node.details.bit_exact => {
            let norm = node.types.get(Slot::InputNorm).and_then(|ty| ty.format());
            op.exp_table_size = match op.implementation {
                Implementation::Latency => Some(entries(x.width())),
                _ => norm.map(|norm| entries(norm.width as i32)).or(op.exp_table_size),
            };
            return;
        }
        Op::LeakyRelu(op) => op.alpha,
        Op::ThresholdedRelu(op) => op.theta,
        Op::Elu(op) => op.alpha,
        _ => return,
    };
    node.types.set(Slot::Alpha, Type::Fixed(Kif::of_value(constant).format()));
}
