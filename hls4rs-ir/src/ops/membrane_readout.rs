//! Answers of neurons that do not fire.

use super::answer::{answer, settle_answer};
use super::membrane::{Membranes, per_neuron};
use super::{Layer, Parameter, Unfit};
use crate::attr::{Attr, AttrRef};
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

/// How membranes become an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MembraneRule {
    /// The first of the neurons with the largest membrane.
    #[default]
    ArgmaxMembrane,
    /// The difference of the second neuron's membrane to the first one's.
    BinaryLogit,
}

impl MembraneRule {
    const ALL: [Self; 2] = [Self::ArgmaxMembrane, Self::BinaryLogit];
    const NAMES: &'static [&'static str] = &["argmax_membrane", "binary_logit"];
}

/// The answer of neurons that add their input up over time and do not fire: the number of one of them, or a difference.
///
/// # Shapes
/// `x: [steps, neurons]`, `beta: [neurons]`, or one value for all, `y: [1]`; `binary_logit` takes two neurons.
/// # Precision
/// The membranes are 0 before the first step; in every step `v = M(M(beta · v) + M(x))`, where `M` stands for the cast
/// to `membrane`, whose `auto` is that of [`IntegrateAndFire`](super::IntegrateAndFire). Without `beta` there is no
/// leak; in the reference it has the format of the membrane. One cast of the number or of the exact difference to the
/// result; `auto` is exact.
/// # Source
/// hls4ml `nnet_utils/nnet_snn.h` (after 1.3.0), `SNNReadout` with `output_mode: membrane`, in the last step of the
/// window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MembraneReadout {
    /// How the answer is found.
    pub decision_rule: MembraneRule,
}

impl MembraneReadout {
    /// Whether the answer is a difference.
    pub fn is_difference(&self) -> bool {
        self.decision_rule == MembraneRule::BinaryLogit
    }
}

impl Layer for MembraneReadout {
    fn keyword(&self) -> &'static str {
        "membrane_readout"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let rule = &mut self.decision_rule;
        let index = *rule as usize;
        let set = Box::new(move |n| *rule = MembraneRule::ALL[n]);
        let value = AttrRef::Choice { allowed: MembraneRule::NAMES, index, set };
        vec![Attr { name: "decision_rule", doc: "how membranes become an answer", value }]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Beta, Slot::Membrane]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        answer(inputs[0], self.is_difference())
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        vec![per_neuron(Slot::Beta, inputs[0], true)]
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let stored = cx.node().values.get(Slot::Beta).is_some();
        let beta = if stored { Some(cx.store_values(Slot::Beta)?.clone()) } else { None };
        let neurons = cx.input_shape(0).channels();
        let membranes = Membranes { x: &cx.input(0).range, neurons, beta, threshold: None };
        let course = membranes.settle(cx)?;
        Some(settle_answer(cx, &course.last, self.is_difference()))
    }
}
