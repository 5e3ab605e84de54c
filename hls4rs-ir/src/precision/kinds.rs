//! Which slots a layer of a draft has, and what configurations call them.

use crate::draft::DraftNode;
use crate::{Op, Slot};

/// hls4ml's name of a slot of a layer.
pub fn variable(op: &Op, slot: Slot) -> &'static str {
    match slot {
        slot if matches!(op, Op::Garnet(_)) => of_garnet(slot),
        Slot::Alpha => "param",
        Slot::InvInput => "inv_inp",
        Slot::InputNorm => "inp_norm",
        Slot::RecurrentTable => "table",
        other => other.name(),
    }
}

fn of_garnet(slot: Slot) -> &'static str {
    match slot {
        Slot::Weight => "input_transform_weights",
        Slot::TransformBias => "input_transform_biases",
        Slot::DistanceWeight => "aggregator_distance_weights",
        Slot::DistanceBias => "aggregator_distance_biases",
        Slot::Bias => "output_transform_biases",
        Slot::Table => "edge_weight",
        Slot::EdgeAccum => "edge_weight_aggr",
        Slot::Accum => "aggr",
        other => other.name(),
    }
}

/// The slots of a node that have a type in hls4ml.
pub(crate) fn slots(node: &DraftNode) -> Vec<Slot> {
    let own = node.op.layer().slots().iter().copied();
    // The masks of a quantizer are no numbers of the hardware.
    let masks = [Slot::Width, Slot::IntBits, Slot::Signed];
    let all = own.chain([Slot::Result]).filter(|slot| !masks.contains(slot));
    match &node.op {
        Op::Softmax(softmax) => all.filter(|&slot| is_of_softmax(softmax.implementation, slot)).collect(),
        _ => all.collect(),
    }
}

fn is_of_softmax(implementation: crate::ops::Implementation, slot: Slot) -> bool {
    use crate::ops::Implementation;
    match implementation {
        Implementation::Legacy => matches!(slot, Slot::Table | Slot::Result),
        Implementation::Argmax => slot == Slot::Result,
        Implementation::Latency => !matches!(slot, Slot::Table | Slot::InputNorm),
        Implementation::Stable => slot != Slot::Table,
    }
}

/// Whether the values of a slot are trained and stored, so that a configuration can name their precision.
pub(crate) fn is_stored(op: &Op, slot: Slot) -> bool {
    match slot {
        Slot::Weight | Slot::Bias | Slot::RecurrentWeight | Slot::RecurrentBias => true,
        Slot::Scale | Slot::Embeddings => true,
        Slot::Alpha => matches!(op, Op::Prelu(_)),
        _ => false,
    }
}
