use super::affine::{all_are, is_affine, source, trained, zip};
use super::{Around, first_change};
use crate::Slot;
use crate::draft::{Draft, DraftFaults, DraftNode};
use crate::precision::configure_node;

/// Only where the result of the first is to be derived, nobody else reads it, and no more than one of two factors is
/// quantized. The values are those before their quantizers.
///
/// hls4ml asks whether the offsets are all 1, not 0, when it decides whose quantizer the new offset has; here it is
/// that of the one whose offset is not 0.
pub(super) fn run(draft: &mut Draft, around: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let Some(before) = source(draft, at).filter(|&before| fits(draft, before, at)) else {
            return Ok(false);
        };
        let (first, second) = (&draft.nodes[before], &draft.nodes[at]);
        let [s0, s1] = [first, second].map(|node| trained(node, Slot::Scale, 1.0));
        let [b0, b1] = [first, second].map(|node| trained(node, Slot::Bias, 0.0));
        let scale = zip(&s0, &s1, |a, b| a * b);
        let bias = zip(&s1, &b0, |s, b| s * b).and_then(|scaled| zip(&scaled, &b1, |a, b| a + b));
        let (Some(scale), Some(bias)) = (scale, bias) else { return Ok(false) };
        let quantizer = |slot, neutral| match (all_are(first, slot, neutral), all_are(second, slot, neutral)) {
            (true, _) => second.quantizers.get(slot).cloned(),
            (false, true) => first.quantizers.get(slot).cloned(),
            (false, false) => None,
        };
        let quantizers = [(Slot::Scale, quantizer(Slot::Scale, 1.0)), (Slot::Bias, quantizer(Slot::Bias, 0.0))];
        draft.bypass(before);
        let node = &mut draft.nodes[at - 1];
        node.values.set(Slot::Scale, scale);
        node.values.set(Slot::Bias, bias);
        for (slot, quantizer) in quantizers {
            node.types.remove(slot);
            match quantizer {
                Some(quantizer) => node.quantizers.set(slot, quantizer),
                None => drop(node.quantizers.remove(slot)),
            }
        }
        configure_node(node, around.config, None);
        Ok(true)
    })
}

fn fits(draft: &Draft, before: usize, at: usize) -> bool {
    let (first, second) = (&draft.nodes[before], &draft.nodes[at]);
    let plain = |node: &DraftNode, slot| node.quantizers.get(slot).is_none();
    let compatible = |slot, neutral| {
        plain(first, slot) || plain(second, slot) || all_are(first, slot, neutral) || all_are(second, slot, neutral)
    };
    is_affine(first)
        && is_affine(second)
        && first.types.get(Slot::Result).is_none()
        && draft.has_one_reader(&first.name)
        && compatible(Slot::Scale, 1.0)
        && compatible(Slot::Bias, 0.0)
}
