use super::affine::{all_are, source, trained, zip};
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults, DraftNode};
use crate::precision::configure_node;
use crate::{Op, Slot};

/// Only where nobody else reads what is before it, and where a quantizer concerns no more than one of two biases.
/// A node `BiasAdd` is a `batch_norm` whose factors are 1, with a bias for every channel.
///
/// hls4ml, whose frontends make no such node any more, takes the bias in place of that of the layer before, and leaves
/// its type, which is one bit if there was none; here it is added, and has the type that is configured.
pub(super) fn run(draft: &mut Draft, around: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let Some(before) = source(draft, at).filter(|&before| fits(draft, before, at)) else {
            return Ok(false);
        };
        let [added, own] = [at, before].map(|at| trained(&draft.nodes[at], Slot::Bias, 0.0));
        let Some(bias) = zip(&added, &own, |a, b| a + b) else { return Ok(false) };
        let mut added = draft.bypass(at);
        let parent = &mut draft.nodes[before];
        parent.values.set(Slot::Bias, bias);
        if let Some(quantizer) = added.quantizers.remove(Slot::Bias) {
            parent.quantizers.set(Slot::Bias, quantizer);
        }
        parent.types.remove(Slot::Bias);
        configure_node(parent, around.config, None);
        Ok(true)
    })
}

fn fits(draft: &Draft, before: usize, at: usize) -> bool {
    let (node, parent) = (&draft.nodes[at], &draft.nodes[before]);
    let quantized = |node: &DraftNode| node.quantizers.get(Slot::Bias).is_some();
    node.class == "BiasAdd"
        && matches!(node.op, Op::BatchNorm(_))
        && all_are(node, Slot::Scale, 1.0)
        && node.values.get(Slot::Bias).is_some_and(|bias| bias.shape().rank() == 1)
        && matches!(parent.op, Op::Dense(_) | Op::Conv(_))
        && draft.has_one_reader(&parent.name)
        && (parent.values.get(Slot::Bias).is_none() || !quantized(node) && !quantized(parent))
}
