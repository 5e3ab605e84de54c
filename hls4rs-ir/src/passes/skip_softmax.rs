use super::{Around, first_change};
use crate::Op;
use crate::draft::{Draft, DraftFaults};

pub(super) fn run(draft: &mut Draft, around: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let node = &draft.nodes[at];
        let configured = around.config.attribute(node, "skip").is_some_and(|setting| setting.is_set());
        let skip = matches!(node.op, Op::Softmax(_)) && (node.details.skip || configured);
        if skip {
            draft.bypass(at);
        }
        Ok(skip)
    })
}
