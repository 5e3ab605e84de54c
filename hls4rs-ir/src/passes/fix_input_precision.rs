use hls4rs_fixed::{Format, Overflow, Rounding};

use super::Around;
use crate::draft::{Draft, DraftFault, DraftFaults, Type};
use crate::ops::Quantize;
use crate::precision::bit_exact::{needs, register};
use crate::precision::kif::Kif;
use crate::{Op, Slot};

/// A type that no input has: what is left where nobody has said one.
const UNKNOWN: u32 = 100;
/// Fraction bits of an input whose rounding needs all of them.
const MOST_FRAC_BITS: i32 = 24;

/// An input of unknown type takes the type of the quantizers that read it.
pub(super) fn run(draft: &mut Draft, _: &Around<'_>) -> Result<bool, DraftFaults> {
    for at in 0..draft.nodes.len() {
        let format = draft.nodes[at].types.get(Slot::Result).and_then(|ty| ty.format());
        if let Some(format) = format.filter(|f| matches!(draft.nodes[at].op, Op::Input(_)) && f.width > UNKNOWN) {
            fix(draft, at, format)?;
        }
    }
    Ok(false)
}

fn fix(draft: &mut Draft, at: usize, format: Format) -> Result<(), DraftFaults> {
    let (mut moves, mut quantizers) = (Vec::new(), Vec::new());
    readers(draft, at, &mut moves, &mut quantizers)?;
    let shapes = draft.shapes()?;
    let modes: Vec<Quantize> = quantizers
        .iter()
        .filter_map(|&at| match draft.nodes[at].op {
            Op::Quantize(op) => Some(op),
            _ => None,
        })
        .collect();
    let masks = quantizers.iter().flat_map(|&at| {
        let (node, shape) = (&draft.nodes[at], &shapes[at]);
        (0..shape.elements()).map(move |n| crate::precision::bit_exact::mask(node, shape, n))
    });
    let used: Vec<_> = masks.filter(|kif| kif.width() > 0).collect();
    let exact = modes.iter().all(|op| matches!(op.rounding, Rounding::Trn | Rounding::Rnd));
    let frac_bits = if exact { format.frac_bits() } else { MOST_FRAC_BITS };
    let saturates = modes.iter().all(|op| matches!(op.overflow, Overflow::Sat | Overflow::SatSym | Overflow::SatZero));
    let overflow = if saturates { Overflow::Sat } else { Overflow::Wrap(0) };
    // An input whose every element is 0 still has a type.
    let nothing = Kif { frac_bits: 1, ..Kif::default() };
    let kif = if used.is_empty() { nothing } else { Kif { frac_bits, ..Kif::greatest(&used) } };
    let node = &mut draft.nodes[at];
    node.types.set(Slot::Result, Type::Fixed(kif.format().with_overflow(overflow)));
    node.details.trusted = true;
    let needs = needs(draft, &shapes)?;
    for at in moves {
        register(draft, at, &needs, &shapes);
    }
    Ok(())
}

/// The quantizers that read a node, be it behind layers that move values.
fn readers(
    draft: &Draft,
    at: usize,
    moves: &mut Vec<usize>,
    quantizers: &mut Vec<usize>,
) -> Result<(), DraftFaults> {
    for reader in draft.readers(&draft.nodes[at].name) {
        match draft.nodes[reader].op {
            Op::Quantize(_) => quantizers.push(reader),
            Op::Reshape(_) | Op::Transpose(_) | Op::Concatenate(_) => {
                moves.push(reader);
                readers(draft, reader, moves, quantizers)?;
            }
            _ => {
                let problem = "reads an input of unknown type; quantize the input first".to_owned();
                return Err(DraftFault::new(&draft.nodes[reader], problem).into());
            }
        }
    }
    Ok(())
}
