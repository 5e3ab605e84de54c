//! One layer as a frontend has read it.

use std::borrow::Cow;

use super::{Quantizer, Type};
use crate::hardware::Strategy;
use crate::ops::TimeDistributed;
use crate::{Op, Slot, SlotMap, Tensor};

/// One layer: hls4ml's name and class for it, what it computes, and what the file says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftNode {
    /// hls4ml's name: that of the file, or one that hls4ml makes up (`{layer}_{activation}`). Unique, need not be an
    /// identifier.
    pub name: String,
    /// hls4ml's class: what configurations call `LayerType` (`Dense`, `Conv2D`, `Activation`, `ApplyAlpha`, ...).
    pub class: String,
    /// What it computes: channels last, with every attribute set. Sizes of tables stay at hls4ml's default of 1024
    /// unless the file says otherwise.
    pub op: Op,
    /// The names of the nodes that it reads.
    pub inputs: Vec<String>,
    /// The trained values, real numbers as in the file, shaped as the op wants them. Statistics of a batch
    /// normalization are already folded into scale and bias. What is missing in the file (no bias) is missing here.
    pub values: SlotMap<Tensor>,
    /// What is applied to the values before they are stored, and with `Slot::Result` to the result.
    pub quantizers: SlotMap<Quantizer>,
    /// Types. A frontend sets those that the file itself fixes, whatever the configuration says; the passes settle
    /// the others. A slot without an entry is `auto`.
    pub types: SlotMap<Type>,
    /// How its multipliers are arranged; set by the configuration.
    pub strategy: Strategy,
    /// How often a multiplier is used; set by the configuration.
    pub reuse_factor: usize,
    /// Whose configuration it has, where one layer of the file became several nodes.
    pub part: Option<Part>,
    /// What no op has a field for, and passes need.
    pub details: Details,
    /// Where it stands in the file, in words for messages, such as ``layer `fc1` of model.keras``.
    pub place: String,
}

/// A node that is one of several parts of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// hls4ml's name of the layer.
    pub layer: String,
    /// hls4ml's class of the layer.
    pub class: String,
    /// Which part.
    pub role: Role,
}

/// Which part of a layer a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The depthwise half of a separable convolution, without bias; named `{layer}_depthwise`.
    Depthwise,
    /// The pointwise half, with the bias; named `{layer}_pointwise`.
    Pointwise,
    /// The forward half of a bidirectional layer.
    Forward,
    /// The backward half.
    Backward,
    /// What puts the halves of a bidirectional layer side by side; has the layer's name.
    Joined,
    /// One of several layers that have all settings in common, so that each has those of the layer.
    Sublayer,
}

/// What only the passes read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// Where a ternary tanh turns to 1, if it is not 0.5.
    pub ternary_threshold: Option<f64>,
    /// Whether formats come from the file and are never derived from neighbours (hls4ml's `trusted`).
    pub trusted: bool,
    /// Whether the file's library is bit-exact itself, so that a softmax computes as HGQ2 does.
    pub bit_exact: bool,
    /// Whether the result's quantizer of a linear activation becomes the type of the layer before it (QONNX).
    pub folds_quantizer: bool,
    /// Whether a softmax is left out (`Skip`); set by the configuration.
    pub skip: bool,
    /// Whether the layer is applied to every step of the first axis; its op and values are those of one step.
    pub every_step: bool,
}

impl DraftNode {
    /// What the node computes from its whole inputs: its op, or its op at every step.
    pub fn whole_op(&self) -> Cow<'_, Op> {
        match self.details.every_step {
            true => Cow::Owned(TimeDistributed::new(self.op.clone()).into()),
            false => Cow::Borrowed(&self.op),
        }
    }

    /// A node with everything else empty.
    pub fn new(
        name: impl Into<String>,
        class: impl Into<String>,
        op: impl Into<Op>,
        inputs: &[&str],
    ) -> Self {
        Self {
            name: name.into(),
            class: class.into(),
            op: op.into(),
            inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
            values: SlotMap::default(),
            quantizers: SlotMap::default(),
            types: SlotMap::default(),
            strategy: Strategy::default(),
            reuse_factor: 1,
            part: None,
            details: Details::default(),
            place: String::new(),
        }
    }

    /// The quantizer that is applied to the trained values of a slot before they are stored.
    ///
    /// hls4ml does so in layers that sum products only; elsewhere a quantizer says no more than a type.
    pub fn quantizer(&self, slot: Slot) -> Option<&Quantizer> {
        let applied = matches!(self.op, Op::Dense(_) | Op::Conv(_)) || self.class == "ApplyAlpha";
        self.quantizers.get(slot).filter(|_| applied)
    }
}
