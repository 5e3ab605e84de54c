use hls4rs_fixed::{Format, Overflow, Rounding};

use super::affine::source;
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults, DraftNode, Type};
use crate::{Op, Slot};

/// Only where nothing else reads the layer before. A layer that moves values passes the rounding on to the one before
/// it.
pub(super) fn run(draft: &mut Draft, around: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let exact = around.asks_for_bit_exact() == Some(true);
        let Some(format) = fusible(&draft.nodes[at], exact) else { return Ok(false) };
        let Some(before) = source(draft, at) else { return Ok(false) };
        if draft.readers(&draft.nodes[before].name).len() != 1 {
            return Ok(false);
        }
        give(draft, before, format);
        draft.bypass(at);
        Ok(true)
    })
}

/// The one format of all elements, rounding and overflow included.
fn fusible(node: &DraftNode, exact: bool) -> Option<Format> {
    let result = node.types.get(Slot::Result)?.format();
    match &node.op {
        Op::Quantize(op) => {
            let [width, int_bits] = [Slot::Width, Slot::IntBits].map(|slot| one(node, slot));
            let (width, int_bits) = (width??, int_bits??);
            let signed = one(node, Slot::Signed).map_or(Some(1.0), |signed| signed)? != 0.0;
            if op.rounding == Rounding::Trn && op.overflow == Overflow::Wrap(0) {
                return result;
            }
            let format = Format { signed, ..Format::fixed((width as u32).max(1), int_bits as i32) };
            Some(format.with_rounding(op.rounding).with_overflow(op.overflow))
        }
        Op::Linear(_) if node.details.trusted && exact => result,
        _ => None,
    }
}

/// The one value of a mask; `Some(None)` if there are several, `None` if there is no mask.
fn one(node: &DraftNode, slot: Slot) -> Option<Option<f64>> {
    let values = node.values.get(slot)?.values();
    Some(values.first().copied().filter(|first| values.iter().all(|v| v == first)))
}

fn give(draft: &mut Draft, at: usize, format: Format) {
    let moves = matches!(draft.nodes[at].op, Op::Reshape(_) | Op::Transpose(_));
    let before = source(draft, at).filter(|&before| moves && draft.readers(&draft.nodes[before].name).len() == 1);
    let plain = Format { rounding: Rounding::Trn, overflow: Overflow::Wrap(0), ..format };
    let own = if before.is_some() { plain } else { format };
    draft.nodes[at].types.set(Slot::Result, Type::Fixed(own));
    if let Some(before) = before {
        give(draft, before, format);
    }
}
