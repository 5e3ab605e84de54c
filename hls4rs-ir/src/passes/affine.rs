//! What passes over affine layers share.

use crate::draft::{Draft, DraftNode};
use crate::{Op, Shape, Slot, Tensor};

/// Whether a node is a batch normalization or a plain factor.
pub(super) fn is_affine(node: &DraftNode) -> bool {
    matches!(node.op, Op::BatchNorm(_))
}

/// The position of the node that `at` reads first.
pub(super) fn source(draft: &Draft, at: usize) -> Option<usize> {
    let name = draft.nodes[at].inputs.first()?;
    draft.nodes[..at].iter().rposition(|node| node.name == *name)
}

/// The trained values of a slot; where there are none, `usual` once.
pub(super) fn trained(node: &DraftNode, slot: Slot, usual: f64) -> Tensor {
    let one = || Tensor::new(Shape::new(&[1]).expect("a valid shape"), vec![usual]).expect("one value");
    node.values.get(slot).cloned().unwrap_or_else(one)
}

/// The values of a slot as they are after their quantizer, if that is known.
pub(super) fn quantized(node: &DraftNode, slot: Slot, usual: f64) -> Tensor {
    let tensor = trained(node, slot, usual);
    let Some(quantized) = node.quantizer(slot).and_then(|q| q.apply(&tensor)) else { return tensor };
    Tensor::new(tensor.shape().clone(), quantized.values).unwrap_or(tensor)
}

/// Whether all values of a slot are `value` (which is what missing ones are).
pub(super) fn all_are(node: &DraftNode, slot: Slot, value: f64) -> bool {
    node.values.get(slot).is_none_or(|tensor| tensor.values().iter().all(|&v| v == value))
}

/// Combines two tensors, the shorter one repeated along the leading axes, in the precision of the file.
pub(super) fn zip(a: &Tensor, b: &Tensor, f: impl Fn(f32, f32) -> f32) -> Option<Tensor> {
    let (long, short) = if a.values().len() >= b.values().len() { (a, b) } else { (b, a) };
    if !long.values().len().is_multiple_of(short.values().len()) {
        return None;
    }
    let n = long.values().len();
    let at = |tensor: &Tensor, i: usize| tensor.values()[i % tensor.values().len()] as f32;
    let values = (0..n).map(|i| f64::from(f(at(a, i), at(b, i)))).collect();
    Tensor::new(long.shape().clone(), values).ok()
}
