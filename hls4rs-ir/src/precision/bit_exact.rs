//! Types from intervals: what every element can be, forward through the network, and what of it is used, backward.
//!
//! hls4ml does this for networks with quantizers of their own (HGQ, HGQ2). The rules are those of
//! `reference/types.md`, section 7, in double precision as there.

mod produce;
mod register;
mod request;
mod span;

use crate::draft::{Draft, DraftFault, DraftFaults};
use crate::precision::kif::Kif;
use crate::{Op, Shape, Slot};

pub(crate) use register::register;

/// What is wanted of a tensor that nobody limits, and what an input of unknown type may be.
pub(super) const WIDEST: Kif = Kif { signed: true, int_bits: 126, frac_bits: 126 };

/// No mask says more bits than this, either way.
const MOST: f64 = 1024.0;

/// What every element of every node's result needs.
pub(crate) struct Needs {
    /// What the node can produce.
    pub(crate) produced: Vec<Vec<Kif>>,
    /// What those that read it make use of.
    pub(crate) requested: Vec<Vec<Kif>>,
}

/// Settles all types of a draft by intervals; quantizers become as narrow as what they read.
pub(crate) fn propagate(draft: &mut Draft) -> Result<(), DraftFaults> {
    let shapes = draft.shapes()?;
    let needs = needs(draft, &shapes)?;
    for at in 0..draft.nodes.len() {
        register(draft, at, &needs, &shapes);
    }
    Ok(())
}

/// Both directions over the whole draft.
pub(crate) fn needs(draft: &mut Draft, shapes: &[Shape]) -> Result<Needs, DraftFaults> {
    let mut faults = DraftFaults::default();
    let mut produced: Vec<Vec<Kif>> = Vec::with_capacity(shapes.len());
    for at in 0..draft.nodes.len() {
        let kifs = match produce::produce(draft, at, shapes, &produced) {
            Ok((kifs, masks)) => {
                masks.into_iter().for_each(|(slot, mask)| draft.nodes[at].values.set(slot, mask));
                kifs
            }
            Err(problem) => {
                faults.push(DraftFault::new(&draft.nodes[at], problem));
                vec![WIDEST; shapes[at].elements()]
            }
        };
        produced.push(kifs);
    }
    match faults.is_empty() {
        true => Ok(Needs { requested: request::requests(draft, shapes), produced }),
        false => Err(faults),
    }
}

/// What an element of a quantizer is asked to be.
pub(crate) fn mask(node: &crate::draft::DraftNode, shape: &Shape, at: usize) -> Kif {
    let value = |slot, usual| {
        let of = |tensor: &crate::Tensor| {
            tensor.values().get(crate::ops::broadcast_index(shape, tensor.shape(), at)).copied()
        };
        node.values.get(slot).and_then(of).unwrap_or(usual).clamp(-MOST, MOST) as i32
    };
    let [signed, width, int_bits] =
        [value(Slot::Signed, 1.0), value(Slot::Width, 0.0), value(Slot::IntBits, 0.0)];
    Kif { signed: signed != 0, int_bits: int_bits - signed, frac_bits: width - int_bits }
}

/// The input element that each element of the result is, for layers that move values and change none.
pub(super) fn moved(op: &Op, x: &Shape, result: &Shape) -> Option<Vec<Option<usize>>> {
    use hls4rs_fixed::view::source;

    use crate::ops::Move;
    let axes = match op {
        Op::Reshape(_) => return Some((0..result.elements()).map(Some).collect()),
        Op::Transpose(op) => op.axes(x),
        Op::ZeroPadding(op) => op.axes(x),
        Op::Cropping(op) => op.axes(x),
        Op::Resize(op) => op.axes(x),
        Op::RepeatVector(op) => op.axes(x),
        Op::Broadcast(op) => op.axes(x),
        _ => return None,
    };
    Some((0..result.elements()).map(|at| source(&axes, at)).collect())
}

/// Where each element of a concatenation comes from: which input, which of its elements.
pub(super) fn joined(axis: i32, inputs: &[&Shape]) -> Option<Vec<(usize, usize)>> {
    let axis = crate::ops::axis_of(axis, inputs.first()?.rank())?;
    let chunk = |shape: &Shape| shape[axis..].iter().product::<usize>();
    let outer: usize = inputs[0][..axis].iter().product();
    let row = |row: usize| {
        inputs.iter().enumerate().flat_map(move |(n, shape)| {
            let chunk = chunk(shape);
            (0..chunk).map(move |i| (n, row * chunk + i))
        })
    };
    Some((0..outer).flat_map(row).collect())
}
