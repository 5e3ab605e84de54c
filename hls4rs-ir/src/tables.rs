//! Function tables, and how a value addresses them.
//!
//! The tables are computed as the reference does: abscissae in double precision rounded to single, functions of the
//! C library in single precision, intermediate steps in the precision that C gives them.

use hls4rs_fixed::{Format, Wide, to_f64};
use smallvec::SmallVec;

use crate::range::Interval;

#[cfg(test)]
mod tests;

/// The most entries that a table may have.
pub const MAX_SIZE: usize = 1 << 20;

/// A function that is read from a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// `1 / (1 + exp(-x))`, from -8 to 8.
    Sigmoid,
    /// `tanh(x)`, from -4 to 4.
    Tanh,
    /// `ln(exp(x) + 1)`, from -8 to 8.
    Softplus,
    /// `x / (|x| + 1)`, from -8 to 8.
    Softsign,
    /// `1.0507 · 1.6733 · (exp(x) - 1)`, from -8 to 0.
    Selu,
}

impl Function {
    /// The keyword of the layer.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Softplus => "softplus",
            Self::Softsign => "softsign",
            Self::Selu => "selu",
        }
    }

    /// The entries of a table of `size`.
    pub fn table(self, size: usize) -> Vec<f64> {
        match self {
            Self::Sigmoid => centred(size, 16.0, |t| f64::from((1.0 / f64::from(1.0 + (-t).exp())) as f32)),
            Self::Tanh => centred(size, 8.0, |t| f64::from(t.tanh())),
            Self::Softplus => centred(size, 16.0, |t| f64::from((f64::from(t.exp()) + 1.0).ln() as f32)),
            Self::Softsign => {
                centred(size, 16.0, |t| f64::from((f64::from(t) / (f64::from(t.abs()) + 1.0)) as f32))
            }
            Self::Selu => falling(size, |t| {
                const LAMBDA: f64 = 1.050_700_987_355_480_5;
                const ALPHA: f64 = 1.673_263_242_354_377_2;
                f64::from((LAMBDA * (ALPHA * (f64::from(t.exp()) - 1.0))) as f32)
            }),
        }
    }

    /// How a value of format `input` addresses a table of `size`.
    pub fn index(self, input: Format, size: usize) -> TableIndex {
        match self {
            Self::Sigmoid | Self::Softplus | Self::Softsign => TableIndex::centred(input, size, 4),
            Self::Tanh => TableIndex::centred(input, size, 3),
            Self::Selu => TableIndex::falling(input, size),
        }
    }
}

/// `exp(x) - 1` from 0 down to -8; addressed by [`TableIndex::falling`].
pub fn elu(size: usize) -> Vec<f64> {
    falling(size, |t| f64::from((f64::from(t.exp()) - 1.0) as f32))
}

/// `exp(±scale · x)` for the values that address a table bit by bit.
pub fn exponential(index: BitIndex, scale: f64, negative: bool) -> Vec<f64> {
    let scale = if negative { -(scale as f32) } else { scale as f32 };
    (0..index.size()).map(|i| f64::from((index.abscissa(i) * scale).exp())).collect()
}

/// `1 / x` for the values that address a table bit by bit; infinite for zero.
pub fn reciprocal(index: BitIndex) -> Vec<f64> {
    (0..index.size()).map(|i| f64::from(1.0 / index.abscissa(i))).collect()
}

/// `exp(x)` from -8 to 8, of the legacy softmax; addressed by [`TableIndex::centred`] over `2^4`.
pub fn legacy_exponential(size: usize) -> Vec<f64> {
    centred(size, 16.0, |t| f64::from(t.exp()))
}

/// `1 / x` from 0 to 64 with 0 at 0, of the legacy softmax; addressed by [`TableIndex::rising`] over `2^6`.
pub fn legacy_reciprocal(size: usize) -> Vec<f64> {
    let n = f64::from(size as f32);
    (0..size)
        .map(|i| f64::from((64.0 * i as f64 / n) as f32))
        .map(|t| if t > 0.0 { 1.0 / t } else { 0.0 })
        .collect()
}

fn centred(size: usize, span: f64, f: impl Fn(f32) -> f64) -> Vec<f64> {
    let n = f64::from(size as f32);
    (0..size).map(|i| f((span * (i as f64 - n / 2.0) / n) as f32)).collect()
}

fn falling(size: usize, f: impl Fn(f32) -> f64) -> Vec<f64> {
    let n = f64::from(size as f32);
    (0..size).map(|i| f((-8.0 * i as f64 / n) as f32)).collect()
}

/// Addressing by magnitude: `trunc(±x · size / 2^span) + offset`, clipped to the table.
///
/// The division truncates toward zero in units of `x`, then the conversion to an integer truncates toward zero
/// again; for at least zero fraction bits that is one truncation. The index is exact for any input: it does not
/// wrap at 32 bits as an `int` in C does.
///
/// In steps on a raw value `r`: negate if [`negate`](Self::negate), multiply by [`multiplier`](Self::multiplier),
/// shift right by [`right`](Self::right) toward zero, shift left by [`left`](Self::left), add
/// [`offset`](Self::offset), clip to `0..=`[`last`](Self::last).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableIndex {
    multiplier: i64,
    right: u32,
    left: u32,
    offset: i64,
    last: i64,
    negate: bool,
    width: u32,
}

impl TableIndex {
    /// For tables from `-2^(span - 1)` to `2^(span - 1)`.
    pub const fn centred(input: Format, size: usize, span: u32) -> Self {
        Self::new(input, size, span, (size / 2) as i64, false)
    }

    /// For tables from 0 to `2^span`.
    pub const fn rising(input: Format, size: usize, span: u32) -> Self {
        Self::new(input, size, span, 0, false)
    }

    /// For tables from 0 down to -8, addressed by values that are not positive.
    pub const fn falling(input: Format, size: usize) -> Self {
        Self::new(input, size, 3, 0, true)
    }

    const fn new(input: Format, size: usize, span: u32, offset: i64, negate: bool) -> Self {
        assert!(0 < size && size <= MAX_SIZE, "the size of a table is checked before");
        let zeros = size.trailing_zeros() as i32;
        let frac = input.frac_bits();
        let down = span as i32 - zeros + if frac > 0 { frac } else { 0 };
        let up =
            if frac < 0 { frac.unsigned_abs() } else { 0 } + if down < 0 { down.unsigned_abs() } else { 0 };
        Self {
            multiplier: (size >> zeros) as i64,
            right: if down > 0 { down.unsigned_abs() } else { 0 },
            // One step of 2^40 is beyond any table.
            left: if up < 40 { up } else { 40 },
            offset,
            last: size as i64 - 1,
            negate,
            width: input.width + !input.signed as u32,
        }
    }

    /// The number of entries.
    pub const fn size(self) -> usize {
        self.last as usize + 1
    }

    /// The odd part of the size.
    pub const fn multiplier(self) -> i64 {
        self.multiplier
    }

    /// Bits of the shift to the right, which truncates toward zero.
    pub const fn right(self) -> u32 {
        self.right
    }

    /// Bits of the shift to the left that follows.
    pub const fn left(self) -> u32 {
        self.left
    }

    /// The index of zero.
    pub const fn offset(self) -> i64 {
        self.offset
    }

    /// The last index.
    pub const fn last(self) -> i64 {
        self.last
    }

    /// Whether the value is negated first.
    pub const fn negate(self) -> bool {
        self.negate
    }

    /// The width of a two's complement integer in which [`i64`](Self::i64) is exact; at most 63 for it to be so.
    pub const fn container_bits(self) -> u32 {
        self.width + (i64::BITS - self.multiplier.leading_zeros()) + 1
    }

    /// The index of a raw value.
    pub fn wide(self, raw: Wide) -> usize {
        let value = if self.negate { -raw } else { raw } * Wide::from_i64(self.multiplier);
        // A shift of 254 bits leaves nothing of any value.
        let right = self.right.min(254);
        let bias = if value.is_negative() { (Wide::ONE << right) - Wide::ONE } else { Wide::ZERO };
        let beyond = Wide::from_i64(self.last + 1);
        let near = ((value + bias) >> right).max(-beyond).min(beyond);
        let near = near.to_i128().and_then(|v| i64::try_from(v).ok()).expect("at most the size of a table");
        self.clip(near)
    }

    /// The index of a raw value, where [`container_bits`](Self::container_bits) is at most 63.
    #[inline(always)]
    pub const fn i64(self, raw: i64) -> usize {
        let value = if self.negate { raw.wrapping_neg() } else { raw }.wrapping_mul(self.multiplier);
        let right = if self.right < 62 { self.right } else { 62 };
        let bias = (value >> 63) & ((1 << right) - 1);
        let quotient = value.wrapping_add(bias) >> right;
        if self.left == 0 {
            let index = quotient + self.offset;
            return (if index < 0 {
                0
            } else if index > self.last {
                self.last
            } else {
                index
            }) as usize;
        }
        let beyond = self.last + 1;
        self.clip(if quotient < -beyond {
            -beyond
        } else if quotient > beyond {
            beyond
        } else {
            quotient
        })
    }

    #[inline(always)]
    const fn clip(self, near: i64) -> usize {
        let index = (near << self.left) + self.offset;
        (if index < 0 {
            0
        } else if index > self.last {
            self.last
        } else {
            index
        }) as usize
    }

    /// The first and the last index that values of an interval reach.
    pub fn reach(self, values: Interval) -> (usize, usize) {
        let (a, b) = (self.wide(values.lo), self.wide(values.hi));
        (a.min(b), a.max(b))
    }
}

/// Addressing by pattern: the index is the top bits of the value's pattern, read as an unsigned number.
///
/// For a signed format the upper half of the table belongs to negative values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitIndex {
    format: Format,
    bits: u32,
}

impl BitIndex {
    /// For values of `format` and a table of `size`, a power of two from 2 to `2^width`; otherwise `None`.
    pub const fn new(format: Format, size: usize) -> Option<Self> {
        let bits = size.trailing_zeros();
        if size < 2 || size > MAX_SIZE || !size.is_power_of_two() || bits > format.width {
            return None;
        }
        Some(Self { format, bits })
    }

    /// The number of entries.
    pub const fn size(self) -> usize {
        1 << self.bits
    }

    /// The number of address bits.
    pub const fn bits(self) -> u32 {
        self.bits
    }

    /// The number of low bits that are dropped.
    pub const fn shift(self) -> u32 {
        self.format.width - self.bits
    }

    /// The format of the values.
    pub const fn format(self) -> Format {
        self.format
    }

    /// The index of a raw value.
    pub fn wide(self, raw: Wide) -> usize {
        let low = (raw >> self.shift()).as_i128_wrapping() & (self.size() as i128 - 1);
        usize::try_from(low).expect("at most 20 bits")
    }

    /// The index of a raw value of at most 64 bits.
    #[inline(always)]
    pub const fn i64(self, raw: i64) -> usize {
        let shift = self.shift();
        (raw >> if shift < 63 { shift } else { 63 }) as usize & (self.size() - 1)
    }

    /// The least raw value with index `i`, the dropped bits being zero.
    pub fn raw(self, i: usize) -> Wide {
        let top = i as i64;
        let signed = if self.format.signed && i >= self.size() / 2 { top - self.size() as i64 } else { top };
        Wide::from_i64(signed) << self.shift()
    }

    /// The value that entry `i` is computed for.
    pub fn abscissa(self, i: usize) -> f32 {
        to_f64(self.raw(i), self.format.frac_bits()) as f32
    }

    /// The indices that values of an interval reach: one stretch, or two if the interval has both signs.
    pub fn reach(self, values: Interval) -> SmallVec<[(usize, usize); 2]> {
        let stretch = |lo, hi| (self.wide(lo), self.wide(hi));
        let mut stretches = SmallVec::new();
        if values.lo.is_negative() && !values.hi.is_negative() {
            stretches.push(stretch(Wide::ZERO, values.hi));
            stretches.push(stretch(values.lo, -Wide::ONE));
        } else {
            stretches.push(stretch(values.lo, values.hi));
        }
        stretches
    }
}

/// The least and the greatest entry of any stretch of a table, without going through the stretch.
///
/// Level `k` holds the extremes of all stretches of length `2^k`; a stretch is covered by two of them.
pub(crate) struct Extremes(Vec<Vec<(i64, i64)>>);

impl Extremes {
    pub(crate) fn new(table: &[i64]) -> Self {
        let mut levels = vec![table.iter().map(|&v| (v, v)).collect::<Vec<_>>()];
        let mut half = 1;
        while 2 * half <= table.len() {
            let below = &levels[levels.len() - 1];
            let level = below.iter().zip(&below[half..]).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1))).collect();
            levels.push(level);
            half *= 2;
        }
        Self(levels)
    }

    /// The hull of the entries from `first` to `last`, both included.
    pub(crate) fn between(&self, (first, last): (usize, usize)) -> Interval {
        let level = (last - first + 1).ilog2();
        let of_length = &self.0[level as usize];
        let (a, b) = (of_length[first], of_length[last + 1 - (1 << level)]);
        Interval::new(Wide::from_i64(a.0.min(b.0)), Wide::from_i64(a.1.max(b.1)))
    }
}

/// Which entries of a table are reached.
pub(crate) fn reached(size: usize, stretches: impl Iterator<Item = (usize, usize)>) -> Vec<bool> {
    let mut edges = vec![0i64; size + 1];
    for (first, last) in stretches {
        edges[first] += 1;
        edges[last + 1] -= 1;
    }
    let mut open = 0;
    edges
        .iter()
        .take(size)
        .map(|edge| {
            open += edge;
            open > 0
        })
        .collect()
}
