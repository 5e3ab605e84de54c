//! The functions of gates and candidates.

use hls4rs_fixed::{Format, Number, TableIndex};

use crate::layers::elementwise::{Elementwise, LinearKernel};
use crate::layers::hard::HardKernel;
use crate::layers::int::Int;
use crate::layers::relu::ReluKernel;
use crate::layers::table_activation::TableKernel;
use crate::layers::{Constants, Values};

/// The slope of a hard sigmoid, 0.2 truncated, and its format.
pub const HARD_SLOPE: (i64, Format) = (13107, Format::ufixed(16, 0));
/// The value of a hard sigmoid at zero, 0.5, and its format.
pub const HARD_SHIFT: (i64, Format) = (2, Format::ufixed(2, 0));

/// A function with its formats settled.
#[derive(Clone, Copy, Debug)]
pub enum CurveKernel<V> {
    /// From a table.
    Table(TableKernel<V>),
    /// A straight line with limits.
    Hard(HardKernel),
    /// At least zero.
    Relu(ReluKernel),
    /// The value itself.
    Linear(LinearKernel),
}

impl<V> CurveKernel<V> {
    /// A hard sigmoid of slope 0.2.
    pub const fn hard(x: Format, result: Format) -> Self {
        let ((slope, slope_format), (shift, shift_format)) = (HARD_SLOPE, HARD_SHIFT);
        Self::Hard(HardKernel::new([x, slope_format, shift_format, result], (slope, shift), false))
    }
}

impl<V: Values> Elementwise for CurveKernel<V> {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        match self {
            Self::Table(kernel) => kernel.container_bits(),
            Self::Hard(kernel) => kernel.container_bits(),
            Self::Relu(kernel) => kernel.container_bits(),
            Self::Linear(kernel) => kernel.container_bits(),
        }
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, i: usize, x: &mut [C; L]) {
        match self {
            Self::Table(kernel) => kernel.row(i, x),
            Self::Hard(kernel) => kernel.row(i, x),
            Self::Relu(kernel) => kernel.row(i, x),
            Self::Linear(kernel) => kernel.row(i, x),
        }
    }
}

/// A function as it is handed to a typed layer.
pub trait Curve: Copy {
    /// Its table.
    type Table: Values + Copy;

    /// The function between two formats.
    fn kernel(&self, x: Format, result: Format) -> CurveKernel<Self::Table>;
}

/// A function from a table, over `2^span` around zero.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a, T, const S: usize> {
    table: &'a Constants<T, S>,
    span: u32,
}

impl<'a, T: Number, const S: usize> Curve for Table<'a, T, S> {
    type Table = &'a Constants<T, S>;

    #[inline(always)]
    fn kernel(&self, x: Format, result: Format) -> CurveKernel<Self::Table> {
        let index = TableIndex::centred(x, S, self.span);
        CurveKernel::Table(TableKernel::new(T::FORMAT, result, self.table, index))
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $span:literal;)+) => { $(
        $(#[$doc])*
        pub const fn $name<T: Number, const S: usize>(table: &Constants<T, S>) -> Table<'_, T, S> {
            Table { table, span: $span }
        }
    )+ };
}

tables! {
    /// The logistic function from a table over -8 to 8.
    sigmoid = 4;
    /// The hyperbolic tangent from a table over -4 to 4.
    tanh = 3;
    /// `ln(exp(x) + 1)` from a table over -8 to 8.
    softplus = 4;
    /// `x / (|x| + 1)` from a table over -8 to 8.
    softsign = 4;
}

macro_rules! straight {
    ($($(#[$doc:meta])* $name:ident, |$x:ident, $result:ident| $kernel:expr;)+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Curve for $name {
            type Table = &'static [i64];

            #[inline(always)]
            fn kernel(&self, $x: Format, $result: Format) -> CurveKernel<Self::Table> {
                $kernel
            }
        }
    )+ };
}

straight! {
    /// `0.2 · x + 0.5`, at least 0 and at most 1.
    HardSigmoid, |x, result| CurveKernel::hard(x, result);
    /// `x`, at least 0.
    Relu, |x, result| CurveKernel::Relu(ReluKernel::new(x, result, None));
    /// `x`.
    Linear, |x, result| CurveKernel::Linear(LinearKernel::new(x, result));
}
