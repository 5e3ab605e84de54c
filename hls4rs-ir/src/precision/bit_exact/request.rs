//! What the readers of a tensor make use of.

use hls4rs_fixed::{Overflow, Rounding};

use super::{WIDEST, joined, mask, moved};
use crate::draft::{Draft, DraftNode};
use crate::precision::kif::Kif;
use crate::{Op, Shape, Slot};

/// For every node what is wanted of each element of its result.
pub(super) fn requests(draft: &Draft, shapes: &[Shape]) -> Vec<Vec<Kif>> {
    let mut wanted: Vec<Option<Vec<Kif>>> = vec![None; draft.nodes.len()];
    for at in (0..draft.nodes.len()).rev() {
        let node = &draft.nodes[at];
        let own = wanted[at].clone().unwrap_or_else(|| vec![WIDEST; shapes[at].elements()]);
        let sources = draft.sources(at);
        let inputs: Vec<_> = sources.iter().map(|&source| &shapes[source]).collect();
        let asked = of_inputs(node, &own, &inputs, &shapes[at]);
        wanted[at] = Some(own);
        for (n, &source) in sources.iter().enumerate() {
            // A tensor that is read twice is asked for as the first input.
            let first = sources.iter().position(|&other| other == source).unwrap_or(n);
            let kifs = asked.get(first).cloned().unwrap_or_default();
            wanted[source] = Some(match wanted[source].take() {
                Some(others) => others.into_iter().zip(kifs).map(|(a, b)| a.max(b)).collect(),
                None => kifs,
            });
        }
    }
    wanted.into_iter().map(Option::unwrap_or_default).collect()
}

fn of_inputs(node: &DraftNode, own: &[Kif], inputs: &[&Shape], shape: &Shape) -> Vec<Vec<Kif>> {
    let widest = |shape: &&Shape| vec![WIDEST; shape.elements()];
    let elsewhere = || inputs.iter().map(widest).collect();
    match &node.op {
        Op::Quantize(op) => {
            let each =
                (0..shape.elements()).map(|at| through(mask(node, shape, at), op.rounding, op.overflow));
            vec![each.collect()]
        }
        Op::Reshape(_) | Op::Transpose(_) => match moved(&node.op, inputs[0], shape) {
            Some(sources) => {
                let mut asked = widest(&inputs[0]);
                for (kif, source) in own.iter().zip(sources) {
                    if let Some(source) = source {
                        asked[source] = *kif;
                    }
                }
                vec![asked]
            }
            None => elsewhere(),
        },
        Op::Concatenate(op) => {
            let mut asked: Vec<_> = inputs.iter().map(widest).collect();
            for (kif, (n, at)) in own.iter().zip(joined(op.axis, inputs).unwrap_or_default()) {
                asked[n][at] = *kif;
            }
            asked
        }
        Op::Linear(_) | Op::Relu(_) if node.details.trusted => {
            let format = node.types.get(Slot::Result).and_then(|ty| ty.format());
            let kif = format.map_or(WIDEST, |f| through(Kif::of_format(f), f.rounding, f.overflow));
            let relu = matches!(node.op, Op::Relu(_));
            let kif = if relu { Kif { frac_bits: kif.frac_bits, ..WIDEST } } else { kif };
            vec![vec![kif; shape.elements()]]
        }
        Op::Linear(_) => vec![own.to_vec()],
        Op::Relu(_) => vec![own.iter().map(|kif| Kif { frac_bits: kif.frac_bits, ..WIDEST }).collect()],
        _ => elsewhere(),
    }
}

/// What a cast looks at: with saturation all integer bits, for rounding one fraction bit more or all of them.
fn through(kif: Kif, rounding: Rounding, overflow: Overflow) -> Kif {
    let mut asked = kif;
    if !matches!(overflow, Overflow::Wrap(0)) {
        (asked.signed, asked.int_bits) = (true, WIDEST.int_bits);
    }
    match rounding {
        Rounding::Trn => {}
        Rounding::Rnd => asked.frac_bits += 1,
        _ => asked.frac_bits = WIDEST.frac_bits,
    }
    asked
}
