//! Answers of neurons that have fired.

use hls4rs_fixed::Wide;

use super::answer::{answer, settle_answer};
use super::{Layer, Unfit};
use crate::Shape;
use crate::attr::{Attr, AttrRef};
use crate::range::{Interval, Ranges};
use crate::resolve::{Done, NodeCx};

/// How spikes become an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpikeRule {
    /// The first of the neurons with the most spikes.
    #[default]
    ArgmaxSpikeCount,
    /// The first neuron whose count has reached the threshold; if none has, the first with the most spikes.
    FirstToThreshold,
    /// The same: hls4ml has two words for this rule.
    ThresholdThenArgmax,
    /// The difference of the second neuron's count to the first one's.
    BinaryLogit,
}

impl SpikeRule {
    const ALL: [Self; 4] =
        [Self::ArgmaxSpikeCount, Self::FirstToThreshold, Self::ThresholdThenArgmax, Self::BinaryLogit];
    const NAMES: &'static [&'static str] =
        &["argmax_spike_count", "first_to_threshold", "threshold_then_argmax", "binary_logit"];

    /// Whether the rule knows a threshold.
    const fn has_threshold(self) -> bool {
        matches!(self, Self::FirstToThreshold | Self::ThresholdThenArgmax)
    }
}

/// The answer of the neurons that have fired: the number of one of them, or a difference of two counts.
///
/// A value other than 0 is a spike. "First" is meant in the order of the neurons, not in time: the counts are compared
/// at the end of the window.
///
/// # Shapes
/// `x: [steps, neurons]`, `y: [1]`; `binary_logit` takes two neurons.
/// # Precision
/// Exact; one cast of the number or of the difference to the result. `auto` is the narrowest format for what can come
/// out.
/// # Source
/// hls4ml `nnet_utils/nnet_snn.h` (after 1.3.0), `SNNReadout` with `output_mode: spike`, in the last step of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpikeReadout {
    /// How the answer is found.
    pub decision_rule: SpikeRule,
    /// How many spikes are enough, 1 if nothing is said.
    pub class_threshold: Option<usize>,
}

impl SpikeReadout {
    /// How far spikes are counted in a window of so many steps: beyond the threshold it makes no difference.
    pub fn most(&self, steps: usize) -> usize {
        if self.decision_rule.has_threshold() { self.class_threshold.unwrap_or(1).min(steps) } else { steps }
    }

    /// Whether the answer is a difference.
    pub fn is_difference(&self) -> bool {
        self.decision_rule == SpikeRule::BinaryLogit
    }
}

impl Layer for SpikeReadout {
    fn keyword(&self) -> &'static str {
        "spike_readout"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let Self { decision_rule, class_threshold } = self;
        let index = *decision_rule as usize;
        let set = Box::new(move |n| *decision_rule = SpikeRule::ALL[n]);
        vec![
            Attr {
                name: "decision_rule",
                doc: "how spikes become an answer",
                value: AttrRef::Choice { allowed: SpikeRule::NAMES, index, set },
            },
            Attr {
                name: "class_threshold",
                doc: "how many spikes are enough",
                value: AttrRef::OptionalSize(class_threshold),
            },
        ]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        if let Some(found) = self.class_threshold.filter(|_| !self.decision_rule.has_threshold()) {
            let expected =
                "none, or `decision_rule: first_to_threshold` or `threshold_then_argmax` to go with it".to_owned();
            return Err(Unfit::Attr { name: "class_threshold", expected, found: found.to_string() });
        }
        answer(inputs[0], self.is_difference())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let (x, n) = (&cx.input(0).range.elements, cx.input_shape(0).channels());
        let most = Wide::from_i64(self.most(x.len() / n) as i64);
        let count = |neuron: usize| {
            let steps = || x.iter().skip(neuron).step_by(n);
            let none = Interval::point(Wide::ZERO);
            let always = steps().filter(|e| e.lo > Wide::ZERO || e.hi.is_negative()).count();
            let ever = steps().filter(|&&e| e != none).count();
            let counted = |count: usize| Wide::from_i64(count as i64).min(most);
            Interval { lo: counted(always), hi: counted(ever) }
        };
        let counts = Ranges { frac_bits: 0, elements: (0..n).map(count).collect() };
        Some(settle_answer(cx, &counts, self.is_difference()))
    }
}
