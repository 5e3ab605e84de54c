use super::{Around, first_change};
use crate::draft::{Alpha, Draft, DraftFaults, DraftNode, Quantizer};
use crate::ops::BatchNorm;
use crate::precision::stored_values;
use crate::{Op, Shape, Slot, Tensor};

/// The types of the new layer are derived, but for those of its quantizers.
pub(super) fn run(draft: &mut Draft, _: &Around<'_>) -> Result<bool, DraftFaults> {
    let shapes = draft.shapes()?;
    first_change(draft, |draft, at| {
        let node = &draft.nodes[at];
        if !matches!(node.op, Op::Dense(_) | Op::Conv(_)) || !has_factor(node) {
            return Ok(false);
        }
        let (Some(weight), Some(quantizer)) = (node.values.get(Slot::Weight), node.quantizers.get(Slot::Weight))
        else {
            return Ok(false);
        };
        let Some(quantized) = quantizer.apply(weight) else { return Ok(false) };
        let channels = shapes[at].channels();
        let scale: Vec<f64> = (0..channels).map(|n| quantized.scale[n % quantized.scale.len()]).collect();
        let unscaled = quantized.values.iter().enumerate();
        let unscaled = unscaled.map(|(n, &v)| f64::from(1.0 / scale[n % channels] as f32 * v as f32)).collect();
        let Ok(unscaled) = Tensor::new(weight.shape().clone(), unscaled) else { return Ok(false) };
        let plain = quantizer.without_alpha();
        let stored = plain.apply(&unscaled).map_or_else(|| unscaled.values().to_vec(), |q| q.values);
        let Ok(stored) = Tensor::new(unscaled.shape().clone(), stored) else { return Ok(false) };
        let factor = factor(node, &scale);
        let node = &mut draft.nodes[at];
        node.values.set(Slot::Weight, stored);
        node.quantizers.set(Slot::Weight, plain);
        node.quantizers.remove(Slot::Bias);
        if let Some(bias) = node.values.get(Slot::Bias) {
            let zeros = Tensor::new(bias.shape().clone(), vec![0.0; bias.values().len()]);
            node.values.set(Slot::Bias, zeros.expect("as many as there were"));
        }
        let name = node.name.clone();
        draft.redirect(&name, &factor.name);
        draft.nodes.insert(at + 1, factor);
        Ok(true)
    })
}

fn has_factor(node: &DraftNode) -> bool {
    let other = |slot| match node.quantizers.get(slot).and_then(Quantizer::alpha) {
        None | Some(Alpha::None) => false,
        Some(Alpha::Value(v)) => *v != 1.0,
        Some(_) => true,
    };
    other(Slot::Weight) || other(Slot::Bias)
}

/// The layer that applies the factor, and adds the bias.
fn factor(node: &DraftNode, scale: &[f64]) -> DraftNode {
    let mut factor = DraftNode::new(format!("{}_alpha", node.name), "ApplyAlpha", BatchNorm, &[&node.name]);
    factor.place.clone_from(&node.place);
    let shape = Shape::new(&[scale.len()]).expect("an extent of a shape");
    let tensor = |values: Vec<f64>| Tensor::new(shape.clone(), values).ok();
    let bias = match stored_values(node, Slot::Bias) {
        none if none.is_empty() => vec![0.0; scale.len()],
        bias => bias,
    };
    for (slot, values) in [(Slot::Scale, scale.to_vec()), (Slot::Bias, bias)] {
        if let Some(tensor) = tensor(values) {
            factor.values.set(slot, tensor);
        }
    }
    if let Some(Alpha::AutoPo2) = node.quantizers.get(Slot::Weight).and_then(Quantizer::alpha) {
        let greatest = scale.iter().map(|s| (*s as f32).log2().abs()).fold(0.0, f32::max).min(62.0);
        let quantizer = Quantizer::PowerOfTwo { bits: (greatest as u32 + 1).max(2), max_value: None };
        factor.types.set(Slot::Scale, quantizer.ty());
        factor.quantizers.set(Slot::Scale, quantizer);
    }
    if let Some(quantizer) = node.quantizers.get(Slot::Bias).filter(|_| node.values.get(Slot::Bias).is_some()) {
        let quantizer = quantizer.without_alpha();
        factor.types.set(Slot::Bias, quantizer.ty());
        factor.quantizers.set(Slot::Bias, quantizer);
    }
    factor
}
