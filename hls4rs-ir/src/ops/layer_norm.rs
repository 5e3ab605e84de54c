//! Normalization of rows.

use hls4rs_fixed::{Format, Overflow, Rounding, TableIndex, Wide, from_f64};

use super::{Layer, Parameter, Unfit, check_table_size};
use crate::attr::{Attr, AttrRef};
use crate::constants::rounded_format;
use crate::range::{Interval, Ranges, quantized};
use crate::resolve::{Done, NodeCx, limited};
use crate::tables::{Extremes, Reach, inverse_root, reached};
use crate::{RawTensor, Shape, Slot};

/// Layer normalization: each row, the last axis, is shifted to mean 0 and scaled to variance 1, then
/// `y[i] = normal[i] · scale[i] + bias[i]`.
///
/// # Shapes
/// `x: […, n]`, `scale: [n]`, `bias: [n]` or none, `y` as `x`.
/// # Precision
/// In this order, everything cast to `accum`: `1/n`; each `x`; their running sum; `mean = sum · 1/n`;
/// `d[i] = x[i] - mean`; `d[i]²`; their running sum; `variance = sum · 1/n`. Then `d[i] · root · scale[i] + bias[i]`
/// exactly, one cast to the result. `root` is the entry of a table of `1 / sqrt(epsilon + t)` for `t` from 0 to
/// `2^-table_range_power2`, at `variance` truncated to its steps and limited to its ends; a greater variance has the
/// root of the last entry. Epsilon is rounded to a power of ten, as in the reference.
/// `auto` of `accum` rounds and saturates, with 16 to 32 fraction bits and room for the sum of squares; of the table it
/// is 18 bits, rounded and saturated; of the result the narrowest format, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_layernorm.h`; Ba et al. 2016, arXiv:1607.06450.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerNorm {
    /// What is added to the variance.
    pub epsilon: f64,
    /// The number of table entries.
    pub table_size: usize,
    /// The table goes up to two to the minus this.
    pub table_range_power2: usize,
}

impl Default for LayerNorm {
    fn default() -> Self {
        Self { epsilon: 1e-3, table_size: 4096, table_range_power2: 0 }
    }
}

impl LayerNorm {
    /// How the variance addresses the table.
    pub const fn index(&self, accum: Format) -> TableIndex {
        TableIndex::fraction(accum, self.table_size, self.table_range_power2 as u32)
    }

    /// The exact format of the result before its cast.
    pub const fn exact([accum, table, scale, bias]: [Format; 4]) -> Format {
        accum.product(table).product(scale).sum(bias)
    }

    /// The power of ten that epsilon is rounded to.
    fn power_of_ten(&self) -> i32 {
        self.epsilon.log10().round() as i32
    }
}

/// An accumulator for any row whose elements are in `x`.
fn accumulator(x: &Ranges, row: usize) -> Format {
    let bits = row.next_power_of_two().trailing_zeros() as i32;
    let frac_bits = (x.frac_bits.max(0) + bits).clamp(16, 32);
    let hull = quantized(x.hull(), x.frac_bits, Format::fixed(1, 1 - frac_bits));
    let spread = (hull.hi - hull.lo).max(hull.hi.abs()).max(hull.lo.abs()) + Wide::ONE;
    // Squares count in units of their own: the upper half of the bits is left.
    let squares = ((spread * spread) >> frac_bits.unsigned_abs()) + Wide::ONE;
    let most = (squares.max(spread)) * Wide::from_i64(row as i64);
    let format = Format::holding(-most, most, frac_bits);
    format.with_rounding(Rounding::Rnd).with_overflow(Overflow::Sat)
}

/// Ranges of the values that are cast to the accumulator, and the hull of what they were before.
struct Accumulating {
    accum: Format,
    before: Interval,
}

impl Accumulating {
    fn cast(&mut self, e: Interval, frac_bits: i32) -> Interval {
        let rounded = quantized(e, frac_bits, self.accum);
        self.before = self.before.hull(rounded);
        limited(&Ranges { frac_bits: self.accum.frac_bits(), elements: vec![rounded] }, self.accum).elements[0]
    }

    /// The deviations from the mean of a row, and its variance.
    fn row(&mut self, x: &[Interval], frac_bits: i32, inverse: Wide) -> (Vec<Interval>, Interval) {
        let unit = self.accum.frac_bits();
        let x: Vec<Interval> = x.iter().map(|&e| self.cast(e, frac_bits)).collect();
        let zero = Interval::point(Wide::ZERO);
        let sum = x.iter().fold(zero, |sum, &e| self.cast(sum.sum(e), unit));
        let mean = self.cast(sum.scaled(inverse), 2 * unit);
        let deviations: Vec<Interval> = x.iter().map(|e| self.cast(e.difference(mean), unit)).collect();
        let squares = deviations.iter().fold(zero, |sum, &d| {
            let square = self.cast(square(d), 2 * unit);
            self.cast(sum.sum(square), unit)
        });
        let variance = self.cast(squares.scaled(inverse), 2 * unit);
        (deviations, variance)
    }
}

/// The squares of the values of an interval.
fn square(e: Interval) -> Interval {
    let (lo, hi) = (e.lo * e.lo, e.hi * e.hi);
    if e.lo.is_negative() && !e.hi.is_negative() {
        Interval { lo: Wide::ZERO, hi: lo.max(hi) }
    } else {
        Interval::new(lo, hi)
    }
}

impl Layer for LayerNorm {
    fn keyword(&self) -> &'static str {
        "layer_norm"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let range = AttrRef::Count(&mut self.table_range_power2);
        vec![
            Attr {
                name: "epsilon",
                doc: "what is added to the variance, rounded to a power of ten",
                value: AttrRef::Real(&mut self.epsilon),
            },
            Attr {
                name: "table_size",
                doc: "number of table entries",
                value: AttrRef::Size(&mut self.table_size),
            },
            Attr {
                name: "table_range_power2",
                doc: "the table goes up to a variance of two to the minus this",
                value: range,
            },
        ]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Scale, Slot::Bias, Slot::Accum, Slot::Table]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        check_table_size("table_size", self.table_size)?;
        let attr = |name, expected: &str, found: String| {
            Err(Unfit::Attr { name, expected: expected.to_owned(), found })
        };
        if !(1e-12..=1.0).contains(&self.epsilon) {
            return attr("epsilon", "a number from 1e-12 to 1", self.epsilon.to_string());
        }
        if self.table_range_power2 > 24 {
            return attr("table_range_power2", "0 to 24", self.table_range_power2.to_string());
        }
        Ok(inputs[0].clone())
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let shape = Shape::new(&[inputs[0].channels()]).expect("an extent of a shape");
        let parameter =
            |slot, optional| Parameter { slot, shape: shape.clone(), alternative: None, optional };
        vec![parameter(Slot::Scale, false), parameter(Slot::Bias, true)]
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = &cx.input(0).range;
        let row = cx.input_shape(0).channels();
        let scale = cx.store_values(Slot::Scale)?.clone();
        let bias = match cx.node().values.get(Slot::Bias) {
            Some(_) => cx.store_values(Slot::Bias)?.clone(),
            None => super::sums::no_bias(row),
        };
        let accum = cx.precision(Slot::Accum).format().unwrap_or_else(|| accumulator(x, row));
        cx.exact(0, accum.product(accum))?;
        let mut inside = Accumulating { accum, before: Interval::point(Wide::ZERO) };
        let inverse = from_f64(1.0 / row as f64, accum);
        let rows: Vec<_> =
            x.elements.chunks(row).map(|e| inside.row(e, x.frac_bits, inverse)).collect();
        let before = Ranges { frac_bits: accum.frac_bits(), elements: vec![inside.before] };
        cx.settle_cast_to(Slot::Accum, accum, &before);
        let index = self.index(accum);
        let values = inverse_root(self.table_size, self.power_of_ten(), self.table_range_power2);
        let auto = rounded_format(values.iter().copied(), 18, 18);
        let reach = reached(self.table_size, rows.iter().map(|(_, variance)| index.reach(*variance)));
        let table = cx.store_table(Slot::Table, auto, values, &|i| reach[i])?.clone();
        let formats = [accum, table.format, scale.format, bias.format];
        let exact = cx.exact(0, Self::exact(formats))?;
        let roots = Extremes::new(&table.raw);
        let elements = rows.iter().flat_map(|(deviations, variance)| {
            let root = roots.between(index.reach(*variance));
            affine(deviations, root, [&scale, &bias], formats, exact.frac_bits())
        });
        let elements = elements.collect();
        Some(cx.settle_result(&Ranges { frac_bits: exact.frac_bits(), elements }).into())
    }
}

/// `d · root · scale + bias` for a row.
fn affine(
    deviations: &[Interval],
    root: Interval,
    [scale, bias]: [&RawTensor; 2],
    [accum, table, ..]: [Format; 4],
    frac_bits: i32,
) -> Vec<Interval> {
    let product_bits = accum.frac_bits() + table.frac_bits() + scale.format.frac_bits();
    let up = (frac_bits - product_bits).unsigned_abs();
    let bias_up = (frac_bits - bias.format.frac_bits()).unsigned_abs();
    let element = |(i, d): (usize, &Interval)| {
        let product = d.product(root).scaled(Wide::from_i64(scale.raw[i])).finer(up);
        product.sum(Interval::point(Wide::from_i64(bias.raw[i])).finer(bias_up))
    };
    deviations.iter().enumerate().map(element).collect()
}
