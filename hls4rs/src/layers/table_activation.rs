//! Activations that are read from a table: sigmoid, tanh, softplus, softsign, selu.

use hls4rs_fixed::{Cast, Format, Number, TableIndex};

use super::elementwise::{Elementwise, apply};
use super::int::{Int, most};
use super::parametrized::{address, index_bits};
use super::rows::{assigned, map};
use super::{Constants, Values};

/// `y = table[x]`; for selu, `y = x >= 0 ? λ · x : table[x]`.
#[derive(Clone, Copy, Debug)]
pub struct TableKernel<V> {
    table: V,
    index: TableIndex,
    cast: Cast,
    /// The raw factor of inputs that are not negative, and the cast of the product.
    positive: Option<(i64, Cast)>,
}

impl<V: Values> TableKernel<V> {
    /// Prepares the layer for its table and result formats.
    pub const fn new(table_format: Format, result: Format, table: V, index: TableIndex) -> Self {
        Self { table, index, cast: Cast::new(table_format, result), positive: None }
    }

    /// The same with a factor for inputs that are not negative.
    #[must_use]
    pub fn with_positive(self, factor: i64, format: Format, x: Format) -> Self {
        let result = self.cast.dst();
        Self { positive: Some((factor, Cast::new(format.product(x), result))), ..self }
    }
}

impl<V: Values> Elementwise for TableKernel<V> {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        let positive = match &self.positive {
            Some((_, cast)) => cast.container_bits(),
            None => 1,
        };
        most(most(self.cast.container_bits(), positive), index_bits(self.index))
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, _: usize, x: [C; L]) -> [C; L] {
        let y = map(x, |x| C::from_i64(self.table.at(address(self.index, x))));
        let mut y = assigned(&self.cast, y);
        if let Some((factor, cast)) = &self.positive {
            let factor = C::from_i64(*factor);
            let positive = assigned(cast, map(x, |x| x.times(factor)));
            for ((y, x), positive) in y.iter_mut().zip(&x).zip(&positive) {
                *y = if *x >= C::default() { *positive } else { *y };
            }
        }
        y
    }
}

macro_rules! activations {
    ($($(#[$doc:meta])* $name:ident = $span:literal;)+) => { $(
        $(#[$doc])*
        #[inline]
        pub fn $name<X: Number, T: Number, R: Number, const N: usize, const S: usize>(
            x: &[X; N],
            table: &Constants<T, S>,
        ) -> [R; N] {
            apply(&TableKernel::new(T::FORMAT, R::FORMAT, table, TableIndex::centred(X::FORMAT, S, $span)), x)
        }
    )+ };
}

activations! {
    /// Logistic function from a table over -8 to 8, one cast.
    sigmoid = 4;
    /// Hyperbolic tangent from a table over -4 to 4, one cast.
    tanh = 3;
    /// `ln(exp(x) + 1)` from a table over -8 to 8, one cast.
    softplus = 4;
    /// `x / (|x| + 1)` from a table over -8 to 8, one cast.
    softsign = 4;
}

/// The factor of selu for inputs that are not negative: 1.0507 truncated to `ufixed<16,1>`.
pub const SELU_FACTOR: (i64, Format) = (34429, Format::ufixed(16, 1));

/// Scaled exponential linear unit: a factor for inputs that are not negative, else a table over -8 to 0; one cast.
#[inline]
pub fn selu<X: Number, T: Number, R: Number, const N: usize, const S: usize>(
    x: &[X; N],
    table: &Constants<T, S>,
) -> [R; N] {
    let (factor, format) = SELU_FACTOR;
    let kernel = TableKernel::new(T::FORMAT, R::FORMAT, table, TableIndex::falling(X::FORMAT, S));
    apply(&kernel.with_positive(factor, format, X::FORMAT), x)
}
