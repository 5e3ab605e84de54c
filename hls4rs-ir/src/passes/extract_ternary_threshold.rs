use super::affine::source;
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults, DraftNode};
use crate::ops::BatchNorm;
use crate::precision::configure_node;
use crate::{Shape, Slot, Tensor};

/// The input is scaled so that the threshold is one half.
pub(super) fn run(draft: &mut Draft, around: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let Some(threshold) = draft.nodes[at].details.ternary_threshold.take().filter(|&t| t != 0.5) else {
            return Ok(false);
        };
        let node = &draft.nodes[at];
        let mut scale = DraftNode::new(format!("{}_scale", node.name), "ApplyAlpha", BatchNorm, &[]);
        scale.inputs.clone_from(&node.inputs);
        scale.place.clone_from(&node.place);
        let channels = draft.shapes()?[source(draft, at).unwrap_or(0)].channels();
        let shape = Shape::new(&[channels]).expect("an extent of a shape");
        for (slot, value) in [(Slot::Scale, 0.5 / threshold), (Slot::Bias, 0.0)] {
            let tensor = Tensor::new(shape.clone(), vec![value; channels]).expect("one for each channel");
            scale.values.set(slot, tensor);
        }
        configure_node(&mut scale, around.config, None);
        draft.nodes[at].inputs = vec![scale.name.clone()];
        draft.nodes.insert(at, scale);
        Ok(true)
    })
}
