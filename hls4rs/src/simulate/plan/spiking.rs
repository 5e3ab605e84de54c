//! Spiking layers.

use hls4rs_fixed::Format;
use hls4rs_ir::Slot;
use hls4rs_ir::ops::{IntegrateAndFire, MembraneReadout, Reset, SpikeReadout};

use super::{Plan, StepCx, Stored};
use crate::layers::spiking::{CountScore, MembraneScore, NeuronKernel, ReadoutKernel, Score};
use crate::simulate::step::{NeuronStep, ReadoutStep, Step, step};

fn beta(cx: &StepCx<'_>) -> Option<(Stored, Format)> {
    let beta = cx.facts.constants.get(Slot::Beta)?;
    Some((Stored(beta.raw.clone()), beta.format))
}

impl Plan for IntegrateAndFire {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let formats =
            [cx.x(), cx.facts.format(Slot::Threshold), cx.facts.format(Slot::Membrane), cx.result()];
        let to_zero = self.reset_mechanism == Reset::Zero;
        let kernel = NeuronKernel::new(formats, beta(cx), cx.stored(Slot::Threshold), to_zero);
        step(NeuronStep { kernel, neurons: cx.node.shape.channels() })
    }
}

impl Plan for SpikeReadout {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let most = self.most(cx.inputs[0].0.shape[0]);
        readout(cx, CountScore::new(cx.x(), most), self.is_difference())
    }
}

impl Plan for MembraneReadout {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let score = MembraneScore::new([cx.x(), cx.facts.format(Slot::Membrane)], beta(cx));
        readout(cx, score, self.is_difference())
    }
}

fn readout<S: Score + Send + Sync + 'static>(cx: &StepCx<'_>, score: S, difference: bool) -> Box<dyn Step> {
    let shape = &cx.inputs[0].0.shape;
    let window = [shape[0], shape.channels()];
    step(ReadoutStep(ReadoutKernel::new(score, window, difference, cx.result())))
}
