//! Function tables, and how a value addresses them.
//!
//! The tables are computed as the reference does: abscissae in double precision rounded to single, functions of the
//! C library in single precision, intermediate steps in the precision that C gives them.

use hls4rs_fixed::{Format, Wide, to_f64};
use smallvec::SmallVec;

use crate::range::Interval;

#[cfg(test)]
mod tests;

pub use hls4rs_fixed::{BitIndex, MAX_TABLE_SIZE as MAX_SIZE, TableIndex};

/// The entries of a table that the values of an interval reach.
pub(crate) trait Reach {
    /// Stretches from a first to a last index.
    type Stretches;

    /// The stretches that are reached.
    fn reach(self, values: Interval) -> Self::Stretches;
}

impl Reach for TableIndex {
    type Stretches = (usize, usize);

    fn reach(self, values: Interval) -> (usize, usize) {
        let (a, b) = (self.wide(values.lo), self.wide(values.hi));
        (a.min(b), a.max(b))
    }
}

/// One stretch, or two if the interval has both signs.
impl Reach for BitIndex {
    type Stretches = SmallVec<[(usize, usize); 2]>;

    fn reach(self, values: Interval) -> Self::Stretches {
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

/// `1 / sqrt(10^power + t)` from `t = 0` up to `2^-range`, of a layer normalization; addressed by
/// [`TableIndex::fraction`].
pub fn inverse_root(size: usize, power: i32, range: usize) -> Vec<f64> {
    let (epsilon, step) = (10f64.powi(power) as f32, ((-(range as f64)).exp2() / size as f64) as f32);
    (0..size).map(|i| 1.0 / f64::from((epsilon + step * i as f32).sqrt())).collect()
}

/// `exp(-d²)` for the distances that address a table bit by bit, of edge weights of so many bits: 0 has the weight just
/// below 1, and the others are floored to the unit of `d²`.
pub fn edge_weights(index: BitIndex, width: u32) -> Vec<f64> {
    let frac_bits = index.format().frac_bits();
    let unit = (-2.0 * f64::from(frac_bits)).exp2();
    let weight = |i| {
        let distance = to_f64(index.raw(i), frac_bits);
        if i == 0 {
            1.0 - (-f64::from(width)).exp2()
        } else {
            ((-distance * distance).exp() / unit).floor() * unit
        }
    };
    (0..index.size()).map(weight).collect()
}

fn centred(size: usize, span: f64, f: impl Fn(f32) -> f64) -> Vec<f64> {
    let n = f64::from(size as f32);
    (0..size).map(|i| f((span * (i as f64 - n / 2.0) / n) as f32)).collect()
}

fn falling(size: usize, f: impl Fn(f32) -> f64) -> Vec<f64> {
    let n = f64::from(size as f32);
    (0..size).map(|i| f((-8.0 * i as f64 / n) as f32)).collect()
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
