//! Steps of quantizers, tables and activations with few values.

use hls4rs_ir::Slot;
use hls4rs_ir::ops::{Embedding, Quantize, QuantizedTanh, Threshold, UnaryLut};

use super::{Plan, StepCx};
use crate::layers::embedding::EmbeddingKernel;
use crate::layers::quantize::{QuantizeKernel, Quantizer};
use crate::layers::steps::{StepsKernel, tanh_kernel};
use crate::layers::unary_lut::LutKernel;
use crate::simulate::step::{ElementwiseStep, EmbeddingStep, Step, step};

impl Plan for Quantize {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let kernel = QuantizeKernel::<Vec<Quantizer>>::of(cx.x(), self.formats(cx.facts), cx.result());
        step(ElementwiseStep(kernel))
    }
}

impl Plan for UnaryLut {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        // All bits of the declared format are the address.
        let formats = [cx.inputs[0].1.result(), cx.facts.constant(Slot::Table).format, cx.result()];
        step(ElementwiseStep(LutKernel::new(formats, cx.stored(Slot::Table))))
    }
}

impl Plan for Embedding {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let formats = [cx.x(), cx.facts.constant(Slot::Embeddings).format, cx.result()];
        step(EmbeddingStep(EmbeddingKernel::new(self.units, formats, cx.stored(Slot::Embeddings))))
    }
}

impl Plan for QuantizedTanh {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        // What wraps depends on the declared format.
        let x = cx.inputs[0].1.result();
        let kernel = tanh_kernel(x, cx.result(), self.limits());
        match self.compared(x, cx.io) {
            _ if !self.ternary => step(ElementwiseStep(kernel.from_the_limit())),
            Some(cast) => step(ElementwiseStep(kernel.after(cast))),
            None => step(ElementwiseStep(kernel)),
        }
    }
}

impl Plan for Threshold {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let [upper, lower] = self.thresholds();
        let format = |slot| cx.facts.constant(slot).format;
        let formats = [cx.x(), format(upper), format(lower), cx.result()];
        let kernel = StepsKernel::new(formats, cx.stored(upper), cx.stored(lower));
        step(ElementwiseStep(if self.ternary { kernel } else { kernel.from_the_limit() }))
    }
}
