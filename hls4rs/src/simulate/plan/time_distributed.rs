//! The step of a layer that is applied along the first axis.

use hls4rs_ir::ops::TimeDistributed;
use hls4rs_ir::with_layer;

use super::{Plan, StepCx};
use crate::simulate::step::{Step, TimeDistributedStep};

impl Plan for TimeDistributed {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let part = Self::step(self, cx.io, cx.inputs[0], (cx.node, cx.facts));
        let inner = part.iter().last().map(|(_, node, facts)| {
            let cx = StepCx::new(&part, node, facts);
            with_layer!(&*self.layer, layer => Plan::step(layer, &cx))
        });
        Box::new(TimeDistributedStep {
            inner: inner.expect("an input and a layer"),
            steps: cx.inputs[0].0.shape[0],
        })
    }
}
