use super::affine::{all_are, is_affine, quantized, source, zip};
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults, DraftNode, Type};
use crate::precision::configure_node;
use crate::{Op, Slot};

/// Only where the result of the layer before is to be derived, nobody else reads it, and no more than one of two
/// factors is quantized.
pub(super) fn run(draft: &mut Draft, around: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let Some(before) = source(draft, at).filter(|&before| fits(draft, before, at)) else {
            return Ok(false);
        };
        let (affine, parent) = (&draft.nodes[at], &draft.nodes[before]);
        let scale = quantized(affine, Slot::Scale, 1.0);
        let weight = zip(&scale, &quantized(parent, Slot::Weight, 0.0), |s, w| s * w);
        let scaled = zip(&scale, &quantized(parent, Slot::Bias, 0.0), |s, b| s * b);
        let bias = scaled.and_then(|scaled| zip(&scaled, &quantized(affine, Slot::Bias, 0.0), |a, b| a + b));
        let (Some(weight), Some(bias)) = (weight, bias) else { return Ok(false) };
        let affine = draft.bypass(at);
        let parent = &mut draft.nodes[before];
        for (own, theirs, values) in [(Slot::Weight, Slot::Scale, weight), (Slot::Bias, Slot::Bias, bias)] {
            if let Some(quantizer) = affine.quantizers.get(theirs) {
                parent.quantizers.set(own, quantizer.clone());
            }
            parent.values.set(own, values);
            parent.types.remove(own);
        }
        configure_node(parent, around.config, None);
        Ok(true)
    })
}

fn fits(draft: &Draft, before: usize, at: usize) -> bool {
    let (affine, parent) = (&draft.nodes[at], &draft.nodes[before]);
    let plain = |node: &DraftNode, slot| node.quantizers.get(slot).is_none();
    let compatible = |own: Slot, theirs: Slot, neutral: f64| {
        (plain(parent, own) && plain(affine, theirs))
            || (plain(parent, own) && all_are(parent, own, neutral))
            || (plain(affine, theirs) && all_are(affine, theirs, neutral))
    };
    let number = |node: &DraftNode, slot| {
        node.types.get(slot).is_none_or(|ty| matches!(ty, Type::Fixed(_)))
    };
    is_affine(affine)
        && matches!(parent.op, Op::Dense(_) | Op::Conv(_))
        && parent.types.get(Slot::Result).is_none()
        && draft.has_one_reader(&parent.name)
        && compatible(Slot::Weight, Slot::Scale, 1.0)
        && compatible(Slot::Bias, Slot::Bias, 0.0)
        && number(parent, Slot::Weight)
        && number(parent, Slot::Bias)
        && number(affine, Slot::Scale)
        && number(affine, Slot::Bias)
}
