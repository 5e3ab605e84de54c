//! Recurrent layers.

use hls4rs_fixed::{Cast, Format, Overflow, Wide};
use hls4rs_ir::ops::{Cell as Formulas, Curve, Recurrent};
use hls4rs_ir::range::Interval;
use hls4rs_ir::{RawTensor, Slot};

use super::sums::holding;
use super::{Plan, StepCx, Stored};
use crate::layers::elementwise::LinearKernel;
use crate::layers::recurrent::{Cell, CurveKernel, RecurrentFormats, RecurrentKernel};
use crate::layers::relu::ReluKernel;
use crate::layers::table_activation::TableKernel;
use crate::simulate::matrix::Matrix;
use crate::simulate::step::{Product, Recurrence, RecurrentStep, ShortRecurrentStep, Step, step};

impl Plan for Recurrent {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let accum = cx.facts.format(Slot::Accum);
        let weight = cx.facts.constant(Slot::Weight);
        let recurrent_weight = cx.facts.constant(Slot::RecurrentWeight);
        let columns = self.columns();
        let (bias_format, bias) = stored_or_zeros(cx, Slot::Bias, columns);
        let (recurrent_bias_format, recurrent_bias) = stored_or_zeros(cx, Slot::RecurrentBias, columns);
        let candidate = self.range_of(cx, self.activation, Slot::Table, accum);
        let formats = RecurrentFormats {
            x: cx.x(),
            weight: holding(&weight.raw, weight.format),
            recurrent_weight: holding(&recurrent_weight.raw, recurrent_weight.format),
            bias: bias_format,
            recurrent_bias: recurrent_bias_format,
            accum,
            result: cx.result(),
            gate: self.range_of(cx, self.recurrent_activation, Slot::RecurrentTable, accum),
            candidate,
            state: cx.result(),
        };
        let result = if self.cell == Formulas::Simple { cx.result() } else { accum };
        let curves = (
            self.curve(cx, self.recurrent_activation, Slot::RecurrentTable, [accum, accum]),
            self.curve(cx, self.activation, Slot::Table, [accum, result]),
            self.curve(cx, self.activation, Slot::Table, [cx.result(), accum]),
        );
        let of_state = self.recurrent_multiplications().stride(cx.node.strategy, self.recurrent_reuse_factor);
        let strides = [cx.stride(), of_state];
        let cell = (cell(self.cell), self.units);
        let kernel = RecurrentKernel::new(cell, strides, &formats, curves, bounds(cx, accum));
        let casts = (1..cx.inputs.len()).map(|n| LinearKernel::new(cx.input(n), cx.result())).collect();
        let layer = Recurrence { kernel, sequence: self.sequence(&cx.inputs[0].0.shape), casts };
        let short = layer.bits() <= 32 && [cx.x(), cx.result()].iter().all(|f| f.container_bits() <= 16);
        let (weight, recurrent_weight) = (weight.raw.clone(), recurrent_weight.raw.clone());
        let any = RecurrentStep { layer, weight, recurrent_weight, bias, recurrent_bias };
        match short.then(|| products(&any)).flatten() {
            Some(products) => step(ShortRecurrentStep { layer: any.layer, products }),
            None => Box::new(any),
        }
    }
}

fn cell(formulas: Formulas) -> Cell {
    match formulas {
        Formulas::Simple => Cell::Simple,
        Formulas::Lstm => Cell::Lstm,
        Formulas::Gru { reset_after, order } => {
            let (update, reset) = order.update_and_reset();
            Cell::Gru { reset_after, update, reset }
        }
    }
}

fn stored_or_zeros(cx: &StepCx<'_>, slot: Slot, count: usize) -> (Format, Vec<i64>) {
    match cx.facts.constants.get(slot) {
        Some(bias) => (bias.format, bias.raw.clone()),
        None => (Format::uint(1), vec![0; count]),
    }
}

/// The matrix products of a step in pairs of 16 bits, if both can be had.
fn products(step: &RecurrentStep) -> Option<Vec<Product>> {
    let (input, recurrent) = (&step.layer.kernel.input, &step.layer.kernel.recurrent);
    let (direct, after_reset) = step.layer.kernel.columns();
    let all = direct + after_reset;
    let part = |first: usize, count: usize| -> Option<Product> {
        let rows = step.recurrent_weight.chunks(all);
        let weight: Vec<i64> = rows.flat_map(|row| row[first..first + count].iter().copied()).collect();
        let bias = step.recurrent_bias[first..first + count].iter().map(|&b| recurrent.bias(b)).collect();
        let matrix = Matrix::new(&weight, step.layer.kernel.units(), count, recurrent.truncated()?)?;
        Some(Product { matrix, finish: recurrent.finish::<i32>(), bias })
    };
    let of_x = Product {
        matrix: Matrix::new(&step.weight, step.weight.len() / all, all, input.truncated()?)?,
        finish: input.finish::<i32>(),
        bias: step.bias.iter().map(|&b| input.bias(b)).collect(),
    };
    let mut products = vec![of_x, part(0, direct)?];
    if after_reset > 0 {
        products.push(part(direct, after_reset)?);
    }
    Some(products)
}

trait Functions {
    /// The narrowest format for what a function gives, cast to the accumulator.
    fn range_of(&self, cx: &StepCx<'_>, curve: Curve, slot: Slot, accum: Format) -> Format;

    fn curve(&self, cx: &StepCx<'_>, curve: Curve, slot: Slot, formats: [Format; 2]) -> CurveKernel<Stored>;
}

impl Functions for Recurrent {
    fn range_of(&self, cx: &StepCx<'_>, curve: Curve, slot: Slot, accum: Format) -> Format {
        let (from, raw) = match (cx.facts.constants.get(slot), curve) {
            (Some(RawTensor { format, raw, .. }), _) => (*format, &raw[..]),
            // What lies between is cast to something between, unless 1 wraps.
            (None, Curve::HardSigmoid) => (Format::uint(1), &[0, 1][..]),
            (None, _) => return accum,
        };
        let cast = Cast::new(from, accum);
        let values = raw.iter().map(|&raw| cast.wide(Wide::from_i64(raw)));
        let hull = values.fold(Interval::point(Wide::ZERO), |hull, v| hull.hull(Interval::point(v)));
        let wraps = curve == Curve::HardSigmoid && accum.int_bits < 1 + i32::from(accum.signed);
        if wraps { accum } else { Format::holding(hull.lo, hull.hi, accum.frac_bits()) }
    }

    fn curve(&self, cx: &StepCx<'_>, curve: Curve, slot: Slot, [x, to]: [Format; 2]) -> CurveKernel<Stored> {
        match (curve.function(), cx.facts.constants.get(slot)) {
            (Some(function), Some(table)) => {
                let index = function.index(x, self.table_size);
                CurveKernel::Table(TableKernel::new(table.format, to, Stored(table.raw.clone()), index))
            }
            _ => match curve {
                Curve::HardSigmoid => CurveKernel::hard(x, to),
                Curve::Relu => CurveKernel::Relu(ReluKernel::new(x, to, None)),
                _ => CurveKernel::Linear(LinearKernel::new(x, to)),
            },
        }
    }
}

/// A format that holds every sum, if the limits of the accumulator change none.
fn bounds(cx: &StepCx<'_>, accum: Format) -> Option<Format> {
    let sums = cx.facts.accumulation?;
    let spared = match accum.overflow {
        Overflow::Wrap(0) => sums.total.fits(accum),
        _ => sums.partial.fits(accum) && sums.total.fits(accum) && sums.product.fits(accum),
    };
    spared.then(|| Format::holding(sums.total.lo, sums.total.hi, accum.frac_bits()))
}
