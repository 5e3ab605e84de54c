//! hls4ml's rules for types that nobody has said (`auto`).

mod affine;
mod merge;
mod sums;

pub(super) use sums::ceil_log2;

use hls4rs_fixed::Format;

use super::kinds::{is_stored, slots};
use crate::draft::{Config, Draft, DraftNode, Type};
use crate::ops::PoolOp;
use crate::{Op, Shape, Slot};

/// What the rules see beside the node.
pub(super) struct Around<'a> {
    /// The types of the inputs.
    pub(super) inputs: Vec<Type>,
    /// The shapes of the inputs.
    pub(super) shapes: Vec<&'a Shape>,
    /// The model's default.
    pub(super) default: Type,
    /// The limit.
    pub(super) maximum: Option<Format>,
}

impl Around<'_> {
    /// Width and integer bits limited one by one, as `Model.Precision.maximum` says.
    pub(super) fn limited(&self, format: Format) -> Format {
        let Some(max) = self.maximum else { return format };
        Format { width: format.width.min(max.width), int_bits: format.int_bits.min(max.int_bits), ..format }
    }

    /// The format of an input, if it is a number.
    pub(super) fn number(&self, n: usize) -> Option<Format> {
        self.inputs.get(n)?.format()
    }
}

/// Derives every type that is missing.
///
/// `shapes` are those of [`Draft::shapes`].
pub fn infer(draft: &mut Draft, config: &Config, shapes: &[Shape]) {
    for at in 0..draft.nodes.len() {
        let node = &draft.nodes[at];
        let missing: Vec<_> = slots(node).into_iter().filter(|&s| node.types.get(s).is_none()).collect();
        if missing.is_empty() {
            continue;
        }
        let sources = draft.sources(at);
        let default = config.default_type();
        let around = Around {
            inputs: sources.iter().map(|&at| result(&draft.nodes[at], default)).collect(),
            shapes: sources.iter().map(|&at| &shapes[at]).collect(),
            default,
            maximum: config.maximum(),
        };
        let node = &mut draft.nodes[at];
        stored(node, &missing, &around);
        for slot in missing.into_iter().filter(|&slot| !is_stored(&node.op, slot)) {
            // The default stands in for what is not known.
            if let Some(ty) = of_slot(node, slot, &around) {
                node.types.set(slot, ty);
            }
        }
    }
}

fn result(node: &DraftNode, default: Type) -> Type {
    node.types.get(Slot::Result).copied().unwrap_or(default)
}

/// Trained values come first, because results depend on their types.
fn stored(node: &mut DraftNode, missing: &[Slot], around: &Around<'_>) {
    for &slot in missing.iter().filter(|&&slot| is_stored(&node.op, slot)) {
        let ty = match (&node.op, node.quantizers.get(slot)) {
            (Op::Prelu(_), _) => around.inputs[0],
            (Op::Dense(_) | Op::Conv(_), Some(quantizer)) => quantizer.ty(),
            _ => around.default,
        };
        node.types.set(slot, ty);
    }
}

fn of_slot(node: &DraftNode, slot: Slot, around: &Around<'_>) -> Option<Type> {
    let source = around.inputs.first().copied().unwrap_or(around.default);
    Some(match (&node.op, slot) {
        // Settled by the layer's own rule, from its input.
        (_, Slot::InputNorm) => return None,
        (Op::Dense(_) | Op::Conv(_), Slot::Accum | Slot::Result) => sums::sum(node, around),
        (Op::BatchNorm(_) | Op::LayerNorm(_), Slot::Result) => affine::affine(node, around),
        (Op::Pool(pool), Slot::Accum) => match pool.op {
            PoolOp::Max => source,
            PoolOp::Average => sums::window(pool.pool.iter().product(), around),
        },
        (
            Op::Pool(_) | Op::Reshape(_) | Op::Resize(_) | Op::Transpose(_) | Op::ZeroPadding(_),
            Slot::Result,
        ) => source,
        (Op::Merge(merge), Slot::Result) => merge::merge(merge.op, around),
        (Op::Concatenate(_), Slot::Result) if node.part.is_none() => merge::concatenate(around),
        (Op::Dot(_), Slot::Result) => sums::dot(around),
        (Op::ThresholdedRelu(_), Slot::Alpha) => source,
        (Op::LeakyRelu(op), Slot::Alpha) => affine::constant(op.alpha),
        (Op::Elu(op), Slot::Alpha) => affine::constant(op.alpha),
        _ => around.default,
    })
}
