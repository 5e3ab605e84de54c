use super::affine::{is_affine, quantized, source, zip};
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults, DraftNode, Type};
use crate::ops::Threshold;
use crate::{Op, Slot};

/// The result is one bit, or -1, 0 and 1 in two.
///
/// hls4ml does not turn the comparison around for a negative factor; here such a pair is left as it is, and so is one
/// with a factor of 0, which has no threshold.
pub(super) fn run(draft: &mut Draft, _: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let Op::QuantizedTanh(tanh) = &draft.nodes[at].op else { return Ok(false) };
        let ternary = tanh.ternary;
        let Some(before) = source(draft, at).filter(|&before| is_affine(&draft.nodes[before])) else {
            return Ok(false);
        };
        let affine = &draft.nodes[before];
        let x = source(draft, before).and_then(|x| draft.nodes[x].types.get(Slot::Result)?.format());
        let scale = quantized(affine, Slot::Scale, 1.0);
        let rising = scale.values().iter().all(|&s| s > 0.0);
        let Some(x) = x.filter(|_| rising && draft.has_one_reader(&affine.name)) else { return Ok(false) };
        let offset = quantized(affine, Slot::Bias, 0.0);
        let unit = f64::from(x.frac_bits()).exp2();
        let threshold = |at: f32| {
            let exact = zip(&scale, &offset, |s, b| at / s - b / s)?;
            let floored = exact.values().iter().map(|v| (v * unit).floor() / unit).collect();
            crate::Tensor::new(exact.shape().clone(), floored).ok()
        };
        let op = Threshold { ternary };
        let mut node = DraftNode::new(
            format!("bnbt_{}", affine.name),
            "BatchNormalizationQuantizedTanh",
            op,
            &[affine.inputs[0].as_str()],
        );
        let limits = if ternary { [(Slot::Upper, 0.5), (Slot::Lower, -0.5)] } else { [(Slot::Threshold, 0.0); 2] };
        for (slot, at) in limits {
            let Some(tensor) = threshold(at) else { return Ok(false) };
            node.values.set(slot, tensor);
            node.types.set(slot, Type::Fixed(x));
        }
        let result = if ternary { Type::Fixed(hls4rs_fixed::Format::int(2)) } else { Type::Xnor };
        node.types.set(Slot::Result, result);
        node.place.clone_from(&draft.nodes[at].place);
        replace(draft, before, at, node);
        Ok(true)
    })
}

/// Puts one node where two were.
fn replace(draft: &mut Draft, first: usize, second: usize, node: DraftNode) {
    let old = draft.nodes[second].name.clone();
    draft.redirect(&old, &node.name);
    draft.nodes[second] = node;
    draft.nodes.remove(first);
}
