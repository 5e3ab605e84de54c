//! Steps of tensor products and of layer normalization.

use hls4rs_fixed::{Format, Overflow};
use hls4rs_ir::ops::{Axes, Einsum, EinsumDense, LayerNorm};
use hls4rs_ir::{Shape, Slot};

use super::{Plan, StepCx};
use crate::layers::contraction::ContractionKernel;
use crate::layers::layer_norm::{NormCasts, NormFormats};
use crate::simulate::step::{EinsumDenseStep, EinsumStep, Geometry, LayerNormStep, Step, step};

/// A format for every final sum, if the limits of the accumulator change none.
fn bounds(cx: &StepCx<'_>) -> Option<Format> {
    let accum = cx.facts.format(Slot::Accum);
    let sums = cx.facts.accumulation.expect("the layer sums products");
    // A wrap in between does not change a total that fits.
    let spared = match accum.overflow {
        Overflow::Wrap(0) => sums.total.fits(accum),
        _ => sums.partial.fits(accum) && sums.product.fits(accum),
    };
    spared.then(|| Format::holding(sums.total.lo, sums.total.hi, accum.frac_bits()))
}

impl Plan for Einsum {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let shapes: Vec<&Shape> = cx.inputs.iter().map(|(node, _)| &node.shape).collect();
        let axes: Axes = self.axes(&shapes).expect("the shapes were checked");
        let formats = [cx.input(0), cx.input(1), cx.facts.format(Slot::Accum), cx.result()];
        let kernel = ContractionKernel::of_tensors(formats, bounds(cx));
        step(EinsumStep { kernel, geometry: Geometry::new(axes.contraction()) })
    }
}

impl Plan for EinsumDense {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let axes = self.axes(&cx.inputs[0].0.shape).expect("the shape was checked");
        let weight = cx.facts.constant(Slot::Weight);
        let (bias_format, bias) = cx.bias(cx.node.shape.elements());
        let accum = cx.facts.format(Slot::Accum);
        let formats = [cx.x(), weight.format, bias_format, accum, cx.result()];
        let kernel = ContractionKernel::of_weights(formats, bounds(cx));
        let geometry = Geometry::new(axes.contraction());
        step(EinsumDenseStep { kernel, geometry, weight: weight.raw.clone(), bias })
    }
}

impl Plan for LayerNorm {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let (bias_format, bias) = cx.bias(cx.node.shape.channels());
        let formats = NormFormats {
            x: cx.x(),
            accum: cx.facts.format(Slot::Accum),
            table: cx.facts.constant(Slot::Table).format,
            scale: cx.facts.constant(Slot::Scale).format,
            bias: bias_format,
            result: cx.result(),
        };
        step(LayerNormStep {
            casts: NormCasts::new(formats, self.table_size, self.table_range_power2 as u32),
            scale: cx.facts.constant(Slot::Scale).raw.clone(),
            bias,
            table: cx.facts.constant(Slot::Table).raw.clone(),
        })
    }
}
