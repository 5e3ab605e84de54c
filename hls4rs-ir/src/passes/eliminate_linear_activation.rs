use super::affine::source;
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults};
use crate::{Op, Slot};

/// Two types that are both to be derived count as equal.
pub(super) fn run(draft: &mut Draft, _: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let node = &draft.nodes[at];
        let same = source(draft, at)
            .is_some_and(|before| draft.nodes[before].types.get(Slot::Result) == node.types.get(Slot::Result));
        let nop = node.class == "Activation" && matches!(node.op, Op::Linear(_)) && same;
        if nop {
            draft.bypass(at);
        }
        Ok(nop)
    })
}
