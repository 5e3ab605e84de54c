//! Activations that are read from a table: sigmoid, tanh, softplus, softsign, selu.

use hls4rs_fixed::{Cast, Format, Number, TableIndex, Wide, from_f64};

use super::elementwise::{Elementwise, apply};
use super::int::{Int, most};
use super::parametrized::{address, index_bits};
use super::rows::{assign, assigned, map};
use super::{Constants, Values};

/// `y = table[x]`; for selu, `y = x >= 0 ? λ · x : table[x]`.
#[derive(Clone, Copy, Debug)]
pub struct TableKernel<V> {
    table: V,
    index: TableIndex,
    cast: Cast,
    /// The raw factor of inputs that are not negative, and the cast of the product.
    positive: Option<(Wide, Cast)>,
}

impl<V: Values> TableKernel<V> {
    /// Prepares the layer for its table and result formats.
    pub const fn new(table_format: Format, result: Format, table: V, index: TableIndex) -> Self {
        Self { table, index, cast: Cast::new(table_format, result), positive: None }
    }

    /// The same with a factor for inputs that are not negative.
    #[must_use]
    pub fn with_positive(self, (factor, format): (Wide, Format), x: Format) -> Self {
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
    fn row<C: Int, const L: usize>(&self, _: usize, x: &mut [C; L]) {
        // Addresses first: their arithmetic vectorises, reading the table does not.
        let at = map(x, |x| address(self.index, x) as u32);
        let mut y = map(&at, |at| C::from_i64(self.table.at(at as usize)));
        assign(&self.cast, &mut y);
        if let Some((factor, cast)) = &self.positive {
            let factor = C::from_wide(*factor);
            let positive = assigned(cast, map(x, |x| x.times(factor)));
            for l in 0..L {
                y[l] = if x[l] >= C::default() { positive[l] } else { y[l] };
            }
        }
        *x = y;
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

/// The factor of selu for inputs that are not negative.
const SELU: f64 = 1.050_700_987_355_480_5;

/// The factor of selu and its format: truncated to `ufixed<16,1>`, in streams cast to the format of the input.
pub const fn selu_factor(x: Format, streams: bool) -> (Wide, Format) {
    let format = if streams { x } else { Format::ufixed(16, 1) };
    (from_f64(SELU, format), format)
}

/// Scaled exponential linear unit: a factor for inputs that are not negative, else a table over -8 to 0; one cast.
#[inline]
pub fn selu<X: Number, T: Number, R: Number, const N: usize, const S: usize>(
    x: &[X; N],
    table: &Constants<T, S>,
) -> [R; N] {
    let kernel = TableKernel::new(T::FORMAT, R::FORMAT, table, TableIndex::falling(X::FORMAT, S));
    apply(&kernel.with_positive(const { selu_factor(X::FORMAT, false) }, X::FORMAT), x)
}

/// The same as hls4ml computes it between streams: the factor has the format of the input.
#[inline]
pub fn selu_in_streams<X: Number, T: Number, R: Number, const N: usize, const S: usize>(
    x: &[X; N],
    table: &Constants<T, S>,
) -> [R; N] {
    let kernel = TableKernel::new(T::FORMAT, R::FORMAT, table, TableIndex::falling(X::FORMAT, S));
    apply(&kernel.with_positive(const { selu_factor(X::FORMAT, true) }, X::FORMAT), x)
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::Slot;
    use hls4rs_ir::ops::{Function as Curve, TableActivation, selu_lambda};

    use crate::hls::{
        Comparison, Emit, Expr, Function, Index, LayerCx, Stmt, Storage, elementwise, table_position,
    };

    impl Emit for TableActivation {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let name = self.function.name();
            let format = cx.x().ty.format;
            let x = || Expr::element("x", format, [Index::var("i")]);
            let (lambda, lambda_format) = selu_lambda(format, cx.io);
            let lambda = Expr::constant(lambda, lambda_format);
            let selu = self.function == Curve::Selu;
            if selu && !format.signed {
                let value = lambda.times(x());
                return Some(elementwise(
                    cx,
                    "selu of values that are never negative.",
                    &[],
                    Vec::new(),
                    value,
                ));
            }
            let (span, what) = match self.function {
                Curve::Tanh => (3, format!("{name} from -4 to 4")),
                Curve::Selu => (3, format!("{name} from 0 down to -8")),
                Curve::Sigmoid | Curve::Softplus | Curve::Softsign => (4, format!("{name} from -8 to 8")),
            };
            let index = self.index(format);
            let position = table_position(x(), index, span);
            let table = cx.constant(Slot::Table, Storage::Rom, &what);
            let entry = table.at([Index::clamped(&Expr::var("position", position.format), index.size() - 1)]);
            let value = if selu {
                let at_least = x().compare(Comparison::AtLeast, Expr::whole(0));
                let straight = lambda.times(x());
                Expr::select(cx.result.clone(), at_least, straight, entry)
            } else {
                entry
            };
            let before = vec![Stmt::bind("position", position.format.into(), position)];
            Some(elementwise(cx, &format!("{name} from a table."), &[&table], before, value))
        }
    }
}
