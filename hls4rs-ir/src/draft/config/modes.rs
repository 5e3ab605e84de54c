//! The settings of hls4ml's pass `output_rounding_saturation_mode`.

use hls4rs_fixed::{Overflow, Rounding};

use crate::draft::DraftNode;

/// How the results of some layers round and saturate; their sums then have the type of the result.
///
/// hls4ml has no key for it: a program calls `get_optimizer('output_rounding_saturation_mode').configure(...)`.
/// It compares the modes as they are spelt with those that a type has; here they count as spelt with `AP_`, as in its
/// documentation, and always apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutputModes {
    /// The layers, by name or by class.
    pub layers: Vec<String>,
    /// How they round; without it the results truncate, if they saturate.
    pub rounding: Option<Rounding>,
    /// What happens beyond the range; without it the results wrap, if they round.
    pub overflow: Option<Overflow>,
}

impl OutputModes {
    /// Whether anything is to be changed.
    pub fn asks(&self) -> bool {
        self.rounding.is_some() || self.overflow.is_some()
    }

    /// Whether a layer is listed.
    pub fn concern(&self, node: &DraftNode) -> bool {
        self.layers.iter().any(|layer| *layer == node.name || *layer == node.class)
    }
}
