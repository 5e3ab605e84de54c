//! The fully connected layer.

use hls4rs_fixed::{Format, Wide, to_f64};

use super::{Layer, Parameter, Unfit};
use crate::attr::{Attr, AttrRef};
use crate::fault::Problem;
use crate::hardware::{Multiplications, Strategy};
use crate::range::{Interval, Ranges, quantized};
use crate::resolve::{Accumulation, Done, NodeCx, limited, wraps};
use crate::{Place, Precision, RawTensor, Shape, Slot};

/// Fully connected layer: `y[j] = bias[j] + Σᵢ x[i] · weight[i][j]`.
///
/// # Shapes
/// `x: [n_in]`, `weight: [n_in, units]`, `bias: [units]`, `y: [units]`.
/// # Precision
/// Each product is cast to `accum`; the sum starts from `bias` cast to `accum` and runs over rising `i` (strategy
/// `latency`) or in strides of the reuse factor (strategies `resource` and `resource_unrolled`); one cast to the result
/// at the end. Strategy `distributed_arithmetic` sums exactly, so that there is no `accum` to choose, and casts
/// once.
/// `accum: auto` has the unit of the exact products and room for the largest sum that the weights and the range of
/// `x` allow.
/// # Hardware
/// At most `ceil(n_in · units / reuse_factor)` multipliers; interval `reuse_factor` cycles.
/// # Source
/// hls4ml `nnet_utils/nnet_dense_latency.h`, `nnet_dense_resource.h`; Duarte et al. 2018,
/// doi:10.1088/1748-0221/13/07/P07027.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dense {
    /// The number of outputs.
    pub units: usize,
}

impl Layer for Dense {
    fn keyword(&self) -> &'static str {
        "dense"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![Attr { name: "units", doc: "number of outputs", value: AttrRef::Size(&mut self.units) }]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Weight, Slot::Bias, Slot::Accum]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        if inputs[0].rank() != 1 {
            return Err(Unfit::Input {
                n: 0,
                expected: "a flat input [n_in]".to_owned(),
                help: Some("insert `flatten` before this layer".to_owned()),
            });
        }
        let weight = Shape::new(&[inputs[0].elements(), self.units]);
        weight.and_then(|_| Shape::new(&[self.units])).map_err(|_| Unfit::Attr {
            name: "units",
            expected: "the number of outputs, at least 1 and few enough to store the weights".to_owned(),
            found: self.units.to_string(),
        })
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let parameter = |slot, extents: &[usize], optional| {
            let shape = Shape::new(extents).expect("checked with the input's shape");
            Parameter { slot, shape, alternative: None, optional }
        };
        vec![
            parameter(Slot::Weight, &[inputs[0].elements(), self.units], false),
            parameter(Slot::Bias, &[self.units], true),
        ]
    }

    fn multiplications(&self, inputs: &[&Shape]) -> Option<Multiplications> {
        Some(Multiplications { n_in: inputs[0].elements(), n_out: self.units })
    }

    fn strategies(&self) -> &'static [Strategy] {
        &Strategy::ALL
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        cx.store_values(Slot::Weight)?;
        let bias = match cx.store_values(Slot::Bias) {
            Some(bias) => bias.clone(),
            None => no_bias(self.units),
        };
        let weight = cx.stored(Slot::Weight).clone();
        cx.exact(0, x.result().product(weight.format))?;
        let sums = Sums { x: &x.range, weight: &weight, bias: &bias, n_out: self.units };
        Some(settle_sums(cx, &sums))
    }
}

/// The bias of a layer without one: zeros in the narrowest format.
pub(super) fn no_bias(units: usize) -> RawTensor {
    let shape = Shape::new(&[units]).expect("the layer has outputs");
    RawTensor { shape, format: Format::uint(1), raw: vec![0; units] }
}

/// The sums of products of a matrix layer.
struct Sums<'a> {
    x: &'a Ranges,
    weight: &'a RawTensor,
    bias: &'a RawTensor,
    n_out: usize,
}

impl Sums<'_> {
    fn frac_bits(&self) -> i32 {
        self.x.frac_bits + self.weight.format.frac_bits()
    }

    /// For every output the final sum, and the hull of all partial sums in any order, in units of `accum`.
    fn ranges(&self, accum: Format) -> (Ranges, Interval) {
        let product_bits = self.frac_bits();
        let bias_bits = self.bias.format.frac_bits();
        // Where no product loses a bit, sum first and change the unit once.
        let exact = accum.frac_bits() >= product_bits;
        let term = |e: Interval| if exact { e } else { quantized(e, product_bits, accum) };
        let zero = Interval::point(Wide::ZERO);
        let mut total = vec![zero; self.n_out];
        let mut partial = vec![zero; self.n_out];
        for (x, row) in self.x.elements.iter().zip(self.weight.raw.chunks(self.n_out)) {
            for ((&w, total), partial) in row.iter().zip(&mut total).zip(&mut partial) {
                if w != 0 {
                    let p = term(x.scaled(Wide::from_i64(w)));
                    *total = total.sum(p);
                    *partial = partial.sum(p.hull(zero));
                }
            }
        }
        let finish = |e: Interval, b: i64| {
            let e = if exact { quantized(e, product_bits, accum) } else { e };
            e.sum(quantized(Interval::point(Wide::from_i64(b)), bias_bits, accum))
        };
        let mut hull: Option<Interval> = None;
        for ((total, partial), &b) in total.iter_mut().zip(&partial).zip(&self.bias.raw) {
            *total = finish(*total, b);
            let any = finish(*partial, b).hull(finish(zero, b));
            hull = Some(hull.map_or(any, |h| h.hull(any)));
        }
        let hull = hull.expect("the layer has outputs");
        (Ranges { frac_bits: accum.frac_bits(), elements: total }, hull)
    }

    /// The input for which the sum of `unit` is as far out as it can be on one side, as real numbers.
    fn witness(&self, unit: usize, upper: bool) -> Vec<f64> {
        let rows = self.weight.raw.chunks(self.n_out);
        let ends = self.x.elements.iter().zip(rows).map(|(x, row)| {
            if (row[unit] >= 0) == upper { x.hi } else { x.lo }
        });
        ends.map(|raw| to_f64(raw, self.x.frac_bits)).collect()
    }
}

/// Settles accumulator and result of a layer that sums products.
fn settle_sums(cx: &mut NodeCx<'_>, sums: &Sums<'_>) -> Done {
    let exact_bits = sums.frac_bits().max(sums.bias.format.frac_bits());
    let asked = cx.precision(Slot::Accum);
    let width = Format::MAX_WIDTH;
    let like = asked.format().unwrap_or(Format::fixed(width, width as i32 - exact_bits));
    let (total, partial) = sums.ranges(like);
    let tight = total.format();
    let accum = cx.settle(Slot::Accum, tight);
    let saturation_free = partial.fits(accum);
    if wraps(accum) && matches!(asked, Precision::Checked(_)) && !total.hull().fits(accum) {
        let fault = overflow(cx, sums, &total, accum, tight);
        cx.fault(Place::Precision(Slot::Accum), fault);
    }
    let exact = accum.frac_bits() >= exact_bits;
    let reached = if wraps(accum) {
        limited(&total, accum)
    } else if saturation_free {
        total.clone()
    } else {
        total.map(total.frac_bits, |_| Interval::of_format(accum))
    };
    let accumulation = Accumulation { partial, total: total.hull(), exact };
    Done { range: cx.settle_result(&reached), accumulation: Some(accumulation) }
}

fn overflow(cx: &NodeCx<'_>, sums: &Sums<'_>, total: &Ranges, accum: Format, tight: Format) -> Problem {
    let limits = Interval::of_format(accum);
    let excess = |e: &Interval| (limits.lo - e.lo).max(e.hi - limits.hi);
    let (unit, worst) =
        total.elements.iter().enumerate().rev().max_by_key(|(_, e)| excess(e)).expect("the layer has outputs");
    let upper = worst.hi - limits.hi >= limits.lo - worst.lo;
    Problem::AccumOverflow {
        layer: cx.node().name.clone(),
        unit,
        products: sums.x.elements.len(),
        input: cx.input(0).result(),
        weight: sums.weight.format,
        needed: Format { rounding: accum.rounding, overflow: accum.overflow, ..tight },
        found: accum,
        witness: sums.witness(unit, upper),
        from: cx.input_name(0).to_owned(),
        sum: to_f64(if upper { worst.hi } else { worst.lo }, total.frac_bits),
    }
}
