use super::affine::{all_are, is_affine};
use super::{Around, first_change};
use crate::Slot;
use crate::draft::{Draft, DraftFaults};

pub(super) fn run(draft: &mut Draft, _: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let node = &draft.nodes[at];
        let nop = is_affine(node) && all_are(node, Slot::Scale, 1.0) && all_are(node, Slot::Bias, 0.0);
        if nop {
            draft.bypass(at);
        }
        Ok(nop)
    })
}
