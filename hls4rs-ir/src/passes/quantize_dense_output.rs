use hls4rs_fixed::Format;

use super::affine::source;
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults, Quantizer, Type};
use crate::{Op, Slot, Tensor};

/// hls4ml drops the bias of such a layer and floors the thresholds that read it; here the bias stays, and thresholds
/// are compared as they are.
pub(super) fn run(draft: &mut Draft, _: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let node = &draft.nodes[at];
        let one_bit = match node.quantizers.get(Slot::Weight) {
            Some(Quantizer::Sign) => true,
            Some(Quantizer::Thirds) => false,
            _ => return Ok(false),
        };
        let after_threshold =
            source(draft, at).is_some_and(|before| matches!(draft.nodes[before].op, Op::Threshold(_)));
        let no_bias = node.values.get(Slot::Bias).is_none_or(|bias| bias.values().iter().all(|&v| v == 0.0));
        if !matches!(node.op, Op::Dense(_)) || !after_threshold || !no_bias {
            return Ok(false);
        }
        let n_in = node.values.get(Slot::Weight).map_or(1, |weight: &Tensor| weight.shape()[0]);
        let sum = Type::Fixed(Format::int(n_in.next_power_of_two().trailing_zeros() + 2));
        let weight = if one_bit { Type::Xnor } else { Type::Fixed(Format::int(2)) };
        let wanted = [(Slot::Accum, sum), (Slot::Result, sum), (Slot::Weight, weight)];
        let node = &mut draft.nodes[at];
        let done = wanted.iter().all(|(slot, ty)| node.types.get(*slot) == Some(ty));
        wanted.into_iter().for_each(|(slot, ty)| node.types.set(slot, ty));
        Ok(!done)
    })
}
