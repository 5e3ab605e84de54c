use super::{Around, first_change};
use crate::Op;
use crate::draft::{Draft, DraftFaults};
use crate::precision::bit_exact::propagate;

/// Where the configuration asks for it, and without a word of it, where there are quantizers.
///
/// Linear activations are left out before, as quantizers say what is rounded.
pub(super) fn run(draft: &mut Draft, around: &Around<'_>) -> Result<bool, DraftFaults> {
    let quantized = draft.nodes.iter().any(|node| matches!(node.op, Op::Quantize(_)));
    if !around.asks_for_bit_exact().unwrap_or(quantized) {
        return Ok(false);
    }
    while quantized
        && first_change(draft, |draft, at| {
            let node = &draft.nodes[at];
            let linear = node.class == "Activation" && matches!(node.op, Op::Linear(_));
            if linear {
                draft.bypass(at);
            }
            Ok(linear)
        })?
    {}
    propagate(draft)?;
    Ok(true)
}
