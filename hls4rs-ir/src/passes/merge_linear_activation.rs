use super::affine::source;
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults, DraftNode};
use crate::{Op, Slot};

/// What the activation is configured to be is lost, but for a quantizer of its own, whose type the layer before takes.
pub(super) fn run(draft: &mut Draft, _: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let node = &draft.nodes[at];
        let linear = node.class == "Activation" && matches!(node.op, Op::Linear(_));
        let before = source(draft, at).filter(|&before| {
            let parent = &draft.nodes[before];
            linear && is_safe(parent) && parent.types.get(Slot::Result).is_none()
        });
        let Some(before) = before else { return Ok(false) };
        let node = draft.bypass(at);
        if let Some(quantizer) = node.quantizers.get(Slot::Result)
            && node.details.folds_quantizer
        {
            draft.nodes[before].types.set(Slot::Result, quantizer.ty());
        }
        Ok(true)
    })
}

/// hls4ml does this for layers whose last step is a cast to the result.
fn is_safe(parent: &DraftNode) -> bool {
    let activation = matches!(
        parent.class.as_str(),
        "Activation" | "ParametrizedActivation" | "PReLU" | "Softmax" | "TernaryTanh" | "HardActivation"
    );
    activation || matches!(parent.op, Op::Dense(_) | Op::Conv(_) | Op::BatchNorm(_))
}
