//! The step of a graph layer.

use hls4rs_fixed::Format;
use hls4rs_ir::Slot;
use hls4rs_ir::ops::{Collapse, Garnet};

use super::{Plan, StepCx};
use crate::layers::garnet::{GarnetFormats, GarnetKernel};
use crate::simulate::step::{GarnetStep, Step, step};

impl Plan for Garnet {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let sizes = self.sizes(&cx.inputs[0].0.shape);
        let stored = |slot, count| match cx.facts.constants.get(slot) {
            Some(values) => (values.format, values.raw.clone()),
            None => (Format::uint(1), vec![0; count]),
        };
        let pairs = sizes.units * sizes.aggregators;
        let (weight, weight_raw) = stored(Slot::Weight, 0);
        let (transform_bias, transform_bias_raw) = stored(Slot::TransformBias, pairs);
        let (distance_weight, distance_weight_raw) = stored(Slot::DistanceWeight, 0);
        let (distance_bias, distance_bias_raw) = stored(Slot::DistanceBias, sizes.aggregators);
        let (bias, bias_raw) = stored(Slot::Bias, sizes.units);
        let (table, table_raw) = stored(Slot::Table, 0);
        let (norm, norm_raw) = stored(Slot::Norm, 1);
        let formats = GarnetFormats {
            x: cx.x(),
            data: cx.inputs[0].1.result(),
            count: cx.input(1),
            weight,
            transform_bias,
            distance_weight,
            distance_bias,
            bias,
            table,
            norm,
            distance: cx.facts.format(Slot::Distance),
            edge_accum: cx.facts.format(Slot::EdgeAccum),
            accum: cx.facts.format(Slot::Accum),
            scaled_bias: cx.facts.formats.get(Slot::ScaledBias).copied().unwrap_or(Format::uint(1)),
            result: cx.result(),
        };
        let flags = [self.collapse == Collapse::Mean, self.mean_by_nvert];
        step(GarnetStep {
            kernel: GarnetKernel::new(sizes, flags, &formats),
            sizes,
            weight: weight_raw,
            transform_bias: transform_bias_raw,
            distance_weight: distance_weight_raw,
            distance_bias: distance_bias_raw,
            bias: bias_raw,
            table: table_raw,
            norm: norm_raw,
        })
    }
}
