//! Layers that sum products.

use hls4rs_fixed::window::Convolution;
use hls4rs_fixed::{Format, Overflow, Wide};
use hls4rs_ir::ops::{Conv, Dense};
use hls4rs_ir::{Slot, Strategy, used_weights};

use super::super::matrix::{Matrix, NOWHERE};
use super::super::step::{CompressedStep, MatrixStep, Places, Step, SumsStep, step};
use super::{Plan, StepCx};
use crate::layers::sums::{CompressedKernel, SumsKernel};

impl Plan for Dense {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let channels = cx.inputs[0].0.shape.channels();
        let rows = cx.inputs[0].0.shape.elements() / channels;
        let places = Places { taps: 1, at: (0..rows as u32).collect() };
        sums(cx, Shared { n_out: self.units, channels, groups: 1, own: 1, places })
    }
}

impl Plan for Conv {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let geometry = self.geometry(&cx.inputs[0].0.shape);
        let geometry = geometry.expect("a resolved layer has been checked");
        let Convolution { window, channels, filters, groups } = geometry;
        let taps = window.taps();
        let place = |n: usize| window.position(n / taps, n % taps).map_or(NOWHERE, |at| at as u32);
        let places = Places { taps, at: (0..window.outputs() * taps).map(place).collect() };
        sums(cx, Shared { n_out: filters, channels, groups, own: geometry.own_channels(), places })
    }
}

/// A matrix `[taps, channels / groups, n_out]` that is applied at many positions.
struct Shared {
    n_out: usize,
    channels: usize,
    groups: usize,
    /// Channels with sums of their own, or 1.
    own: usize,
    /// In positions of the input.
    places: Places,
}

fn sums(cx: &StepCx<'_>, shared: Shared) -> Box<dyn Step> {
    let Shared { n_out, channels, groups, own, places } = shared;
    let weight = cx.facts.constant(Slot::Weight);
    let (bias_format, bias) = cx.bias(n_out);
    let accum = cx.facts.format(Slot::Accum);
    let sums = cx.facts.accumulation.expect("the layer sums products");
    // A wrap in between does not change a total that fits.
    let wraps = accum.overflow == Overflow::Wrap(0);
    let spared =
        if wraps { sums.total.fits(accum) } else { sums.partial.fits(accum) && sums.product.fits(accum) };
    let bounds = spared.then(|| Format::holding(sums.total.lo, sums.total.hi, accum.frac_bits()));
    let formats = [cx.x(), holding(&weight.raw, weight.format), bias_format, accum, cx.result()];
    let kernel = SumsKernel::new(n_out, cx.stride(), formats, bounds).dealt(own);
    if kernel.container_bits() <= 32
        && cx.x().container_bits() <= 16
        && let Some(truncated) = kernel.truncated()
        && let Some(matrix) =
            Matrix::new(&block_diagonal(&weight.raw, channels, n_out, groups), channels, n_out, truncated)
    {
        let bias = bias.iter().map(|&b| kernel.bias(b)).collect();
        let places = places.times(matrix.pairs());
        return step(MatrixStep { matrix, finish: kernel.finish::<i32>(), bias, places });
    }
    if cx.node.strategy == Strategy::Compressed && kernel.truncated().is_none() {
        let used = used_weights(&weight.raw, n_out).into_iter().map(|at| at as i64).collect();
        let kernel = CompressedKernel::new(kernel, cx.node.reuse_factor);
        return step(CompressedStep { kernel, weight: weight.raw.clone(), bias, used });
    }
    step(SumsStep {
        kernel,
        weight: weight.raw.clone(),
        bias,
        channels,
        groups,
        places: places.times(channels),
    })
}

/// The weights of all channels, with zeros where a channel belongs to another group.
fn block_diagonal(weight: &[i64], channels: usize, n_out: usize, groups: usize) -> Vec<i64> {
    if groups == 1 {
        return weight.to_vec();
    }
    let (share, filters) = (channels / groups, n_out / groups);
    let at = |tap: &[i64], channel: usize, output: usize| {
        if channel / share == output / filters { tap[channel % share * n_out + output] } else { 0 }
    };
    let taps = weight.chunks(share * n_out);
    taps.flat_map(|tap| (0..channels * n_out).map(move |k| at(tap, k / n_out, k % n_out))).collect()
}

/// The narrowest format that holds these values of a format.
pub(super) fn holding(raw: &[i64], format: Format) -> Format {
    let ends = raw.iter().fold((0, 0), |(lo, hi): (i64, i64), &v| (lo.min(v), hi.max(v)));
    Format::holding(Wide::from_i64(ends.0), Wide::from_i64(ends.1), format.frac_bits())
}
