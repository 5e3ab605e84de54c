//! A function of one number, given as the table of its values.
//!
//! ```
//! use hls4rs::network;
//!
//! network! {
//!     struct Squares;
//!     input x: [3] as Fixed<3, 3>;
//!     // The squares of 0, 1, 2, 3, -4, -3, -2, -1.
//!     output y = unary_lut(x, 8) { table: [0, 1, 4, 9, 16, 9, 4, 1] };
//! }
//!
//! let x = [2.0, -4.0, -1.0].map(hls4rs::fixed::Fixed::<3, 3>::from_num);
//! assert_eq!(Squares::new().predict(&x).map(|y| y.to_num::<f64>()), [4.0, 16.0, 1.0]);
//! ```

use hls4rs_fixed::{BitIndex, Cast, Format, Number};

use super::elementwise::{Elementwise, apply};
use super::int::{Int, bits, most};
use super::rows::{assign, map};
use super::{Constants, Values};

/// `y = table[bits of x]`.
#[derive(Clone, Copy, Debug)]
pub struct LutKernel<V> {
    table: V,
    index: BitIndex,
    cast: Cast,
}

impl<V: Values> LutKernel<V> {
    /// Prepares the layer for its input, table and result formats.
    ///
    /// # Panics
    /// If the table does not have an entry for every bit pattern of the input.
    pub fn new([x, table_format, result]: [Format; 3], table: V) -> Self {
        let index = BitIndex::new(x, table.count()).expect("an entry for every pattern of the input");
        Self { table, index, cast: Cast::new(table_format, result) }
    }
}

impl<V: Values> Elementwise for LutKernel<V> {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        most(self.cast.container_bits(), bits(self.index.format()))
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, _: usize, x: &mut [C; L]) {
        let mut y = map(x, |x| C::from_i64(self.table.at(self.index.i64(x.to_i64()))));
        assign(&self.cast, &mut y);
        *x = y;
    }
}

/// `y = table[bits of x]`, one cast; the table has an entry for every bit pattern of `X`.
#[inline]
pub fn unary_lut<X: Number, T: Number, R: Number, const N: usize, const S: usize>(
    x: &[X; N],
    table: &Constants<T, S>,
) -> [R; N] {
    apply(&LutKernel::new([X::FORMAT, T::FORMAT, R::FORMAT], table), x)
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::Slot;
    use hls4rs_ir::ops::UnaryLut;

    use crate::hls::{Emit, Function, Index, LayerCx, Storage, elementwise};

    impl Emit for UnaryLut {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let table = cx.constant(Slot::Table, Storage::Rom, "value for every bit pattern");
            let bits = self.table_size.ilog2();
            let entry = table.at([Index::TopBits(bits, Box::new(cx.read_x(Index::var("i"))))]);
            Some(elementwise(cx, "a function from a table of all its values.", &[&table], Vec::new(), entry))
        }
    }
}
