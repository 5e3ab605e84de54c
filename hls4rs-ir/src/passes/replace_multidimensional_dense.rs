use super::affine::source;
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults};
use crate::precision::configure_node;
use crate::{Op, Slot};

/// The op stays, as the numbers are the same; but the class is the one whose configuration counts, and quantizers
/// of weights are not taken along.
pub(super) fn run(draft: &mut Draft, around: &Around<'_>) -> Result<bool, DraftFaults> {
    let shapes = draft.shapes()?;
    first_change(draft, |draft, at| {
        let node = &draft.nodes[at];
        let rank = source(draft, at).map_or(1, |before| shapes[before].rank());
        let rank = rank - usize::from(node.details.every_step);
        if node.class != "Dense" || !matches!(node.op, Op::Dense(_)) || !(2..=3).contains(&rank) {
            return Ok(false);
        }
        let node = &mut draft.nodes[at];
        node.class = format!("Conv{}D", rank - 1);
        for slot in [Slot::Weight, Slot::Bias] {
            node.quantizers.remove(slot);
        }
        for slot in [Slot::Weight, Slot::Bias, Slot::Accum, Slot::Result] {
            node.types.remove(slot);
        }
        configure_node(node, around.config, None);
        Ok(true)
    })
}
