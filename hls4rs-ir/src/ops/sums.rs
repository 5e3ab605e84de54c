//! Sums of products: the accumulators of the layers that multiply with matrices.

use hls4rs_fixed::{Format, Rounding, Wide, to_f64};

use crate::fault::Problem;
use crate::hardware::Strategy;
use crate::range::{Interval, Ranges, quantized};
use crate::resolve::{Accumulation, Done, NodeCx, limited, wraps};
use crate::{Place, Precision, RawTensor, Shape, Slot};

/// The bias of a layer without one: zeros in the narrowest format.
pub(super) fn no_bias(units: usize) -> RawTensor {
    let shape = Shape::new(&[units]).expect("the layer has outputs");
    RawTensor { shape, format: Format::uint(1), raw: vec![0; units] }
}

/// The words for the parts of a layer that sums products.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    /// What one sum reads of the input: `output`, `row`, `window`.
    pub(super) part: &'static str,
    /// What has a sum: `unit`, `filter`, `channel`.
    pub(super) unit: &'static str,
}

/// The sums of products of a matrix layer, which are the same at every position.
pub(super) struct Sums<'a> {
    /// What the inputs of a sum can be at any position, `[taps, channels]`.
    pub(super) x: &'a Ranges,
    /// The weights, `[taps, channels / groups, n_out]`.
    pub(super) weight: &'a RawTensor,
    /// One for each output.
    pub(super) bias: &'a RawTensor,
    /// Outputs at a position.
    pub(super) n_out: usize,
    /// Channels of the input.
    pub(super) channels: usize,
    /// The channels are split into so many groups, each with its share of the outputs.
    pub(super) groups: usize,
    /// At how many positions the sums are taken.
    pub(super) positions: usize,
    /// For messages.
    pub(super) words: Words,
}

/// What sums of products can be.
struct Hulls {
    total: Vec<Interval>,
    partial: Vec<Interval>,
    product: Interval,
}

impl Sums<'_> {
    fn frac_bits(&self) -> i32 {
        self.x.frac_bits + self.weight.format.frac_bits()
    }

    /// What multiplies the weight in a row for an output.
    fn input(&self, row: usize, output: usize) -> Interval {
        let share = self.channels / self.groups;
        let group = output / (self.n_out / self.groups);
        self.x.elements[row / share * self.channels + group * share + row % share]
    }

    /// The weights that are not zero, row by row: their output, the position of the input that they multiply, and the
    /// weight itself.
    fn weights(&self) -> impl Iterator<Item = (usize, usize, i64)> {
        let (share, filters) = (self.channels / self.groups, self.n_out / self.groups);
        self.weight.raw.chunks(self.n_out).enumerate().flat_map(move |(row, weights)| {
            let first = row / share * self.channels + row % share;
            weights.chunks(filters).enumerate().flat_map(move |(group, weights)| {
                let used = weights.iter().enumerate().filter(|(_, w)| **w != 0);
                used.map(move |(n, &w)| (group * filters + n, first + group * share, w))
            })
        })
    }

    /// For every output the sum and the hull of all partial sums, and the hull of all products; each product becomes
    /// `term` of it.
    fn hulls(&self, term: impl Fn(Interval) -> Interval) -> Hulls {
        let zero = Interval::point(Wide::ZERO);
        let mut hulls =
            Hulls { total: vec![zero; self.n_out], partial: vec![zero; self.n_out], product: zero };
        for (output, at, w) in self.weights() {
            let p = term(self.x.elements[at].scaled(Wide::from_i64(w)));
            hulls.total[output] = hulls.total[output].sum(p);
            hulls.partial[output] = hulls.partial[output].sum(p.hull(zero));
            hulls.product = hulls.product.hull(p);
        }
        hulls
    }

    /// The same for products that lose `floor` bits, in 128 bits; `None` if these may not be enough.
    ///
    /// There can be millions of weights, and 256 bits take ten times as long.
    fn short_hulls(&self, floor: u32) -> Option<Hulls> {
        // With weights of 63 bits and 2^22 of them, sums stay below 2^126.
        let short = |raw: Wide| raw.to_i64().filter(|v| v.unsigned_abs() < 1 << 40).map(i128::from);
        let x = self.x.elements.iter().map(|e| Some((short(e.lo)?, short(e.hi)?)));
        let x: Vec<(i128, i128)> = x.collect::<Option<_>>()?;
        let mut total = vec![(0i128, 0i128); self.n_out];
        let mut partial = total.clone();
        let mut product = (0, 0);
        for (output, at, w) in self.weights() {
            let (a, b) = ((x[at].0 * i128::from(w)) >> floor, (x[at].1 * i128::from(w)) >> floor);
            let (lo, hi) = if w < 0 { (b, a) } else { (a, b) };
            total[output] = (total[output].0 + lo, total[output].1 + hi);
            partial[output] = (partial[output].0 + lo.min(0), partial[output].1 + hi.max(0));
            product = (product.0.min(lo), product.1.max(hi));
        }
        let wide = |(lo, hi): (i128, i128)| Interval { lo: Wide::from_i128(lo), hi: Wide::from_i128(hi) };
        let all = |list: Vec<(i128, i128)>| list.into_iter().map(wide).collect();
        Some(Hulls { total: all(total), partial: all(partial), product: wide(product) })
    }

    /// For every output the final sum, and the hulls of all partial sums in any order and of all products, in units of
    /// `accum`.
    pub(super) fn ranges(&self, accum: Format) -> (Ranges, Interval, Interval) {
        let product_bits = self.frac_bits();
        let bias_bits = self.bias.format.frac_bits();
        // Where no product loses a bit, sum first and change the unit once.
        let lost = u32::try_from(product_bits - accum.frac_bits()).unwrap_or(0);
        let exact = lost == 0;
        let in_accum = |e: Interval| if exact { quantized(e, product_bits, accum) } else { e };
        let zero = Interval::point(Wide::ZERO);
        let floors = exact || accum.rounding == Rounding::Trn;
        let short = if floors && lost < 120 { self.short_hulls(lost) } else { None };
        let hulls = short
            .unwrap_or_else(|| self.hulls(|e| if exact { e } else { quantized(e, product_bits, accum) }));
        let Hulls { mut total, partial, product } = hulls;
        let finish = |e: Interval, b: i64| {
            in_accum(e).sum(quantized(Interval::point(Wide::from_i64(b)), bias_bits, accum))
        };
        let mut hull: Option<Interval> = None;
        for ((total, partial), &b) in total.iter_mut().zip(&partial).zip(&self.bias.raw) {
            *total = finish(*total, b);
            let any = finish(*partial, b).hull(finish(zero, b));
            hull = Some(hull.map_or(any, |h| h.hull(any)));
        }
        let hull = hull.expect("the layer has outputs");
        (Ranges { frac_bits: accum.frac_bits(), elements: total }, hull, in_accum(product))
    }

    /// The hull of all partial sums that do not start from the bias, in units of `accum`.
    fn without_bias(&self, accum: Format) -> Interval {
        let zeros = no_bias(self.n_out);
        let sums: &Sums<'_> = self;
        Sums { bias: &zeros, ..*sums }.ranges(accum).1
    }

    /// The input for which the sum of `unit` is as far out as it can be on one side, as real numbers.
    fn witness(&self, unit: usize, upper: bool) -> Vec<f64> {
        let column = self.weight.raw.iter().skip(unit).step_by(self.n_out).enumerate();
        let ends = column.map(|(row, &w)| {
            let x = self.input(row, unit);
            if (w >= 0) == upper { x.hi } else { x.lo }
        });
        ends.map(|raw| to_f64(raw, self.x.frac_bits)).collect()
    }

    /// Settles accumulator and result of the layer.
    pub(super) fn settle(&self, cx: &mut NodeCx<'_>) -> Done {
        let exact_bits = self.frac_bits().max(self.bias.format.frac_bits());
        let asked = cx.precision(Slot::Accum);
        let width = Format::MAX_WIDTH;
        let like = asked.format().unwrap_or(Format::fixed(width, width as i32 - exact_bits));
        let (total, mut partial, product) = self.ranges(like);
        if cx.node().strategy == Strategy::Compressed {
            // Every step sums on its own what it adds to an output.
            partial = partial.hull(self.without_bias(like));
        }
        let tight = total.format();
        let accum = cx.settle(Slot::Accum, tight);
        let saturation_free = partial.fits(accum);
        if wraps(accum) && matches!(asked, Precision::Checked(_)) && !total.hull().fits(accum) {
            let fault = self.overflow(cx, &total, accum, tight);
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
        let accumulation = Accumulation { partial, total: total.hull(), product, exact };
        let row = cx.settle_result(&reached);
        let elements = row.elements.iter().copied().cycle().take(self.n_out * self.positions).collect();
        Done { range: Ranges { elements, ..row }, accumulation: Some(accumulation) }
    }

    fn overflow(&self, cx: &NodeCx<'_>, total: &Ranges, accum: Format, tight: Format) -> Problem {
        let limits = Interval::of_format(accum);
        let excess = |e: &Interval| (limits.lo - e.lo).max(e.hi - limits.hi);
        let (unit, worst) = total
            .elements
            .iter()
            .enumerate()
            .rev()
            .max_by_key(|(_, e)| excess(e))
            .expect("the layer has outputs");
        let upper = worst.hi - limits.hi >= limits.lo - worst.lo;
        Problem::AccumOverflow {
            layer: cx.node().name.clone(),
            part: self.words.part,
            kind: self.words.unit,
            unit,
            products: self.weight.raw.len() / self.n_out,
            input: cx.input(0).result(),
            weight: self.weight.format,
            needed: Format { rounding: accum.rounding, overflow: accum.overflow, ..tight },
            found: accum,
            witness: self.witness(unit, upper),
            from: cx.input_name(0).to_owned(),
            sum: to_f64(if upper { worst.hi } else { worst.lo }, total.frac_bits),
        }
    }
}

/// The hull of each channel over all positions of a tensor.
pub(super) fn channel_hulls(x: &Ranges, channels: usize) -> Vec<Interval> {
    let mut hulls = x.elements[..channels].to_vec();
    for position in x.elements[channels..].chunks(channels) {
        for (hull, e) in hulls.iter_mut().zip(position) {
            *hull = hull.hull(*e);
        }
    }
    hulls
}
