//! The fully connected layer.

use hls4rs_fixed::Number;

use super::sums::{CompressedKernel, SumsKernel};
use super::{Accum, Constants, Values, collect, raw, with_const_container};

/// Fully connected layer: `y[j] = bias[j] + Σᵢ x[i] · weight[i][j]`, `weight` row major `[n_in, F]`, on every row of
/// `n_in` inputs.
///
/// Each product and each sum is cast to `A`, the result to `R`. `stride` is 1 for rising `i`, else the reuse factor
/// of strategy `resource`.
///
/// ```
/// use hls4rs::{fixed::Fixed, layers};
/// static WEIGHT: layers::Constants<Fixed<4, 4>, 4> = layers::Constants::new(&[1, 2, 3, 0xff]);
/// static BIAS: layers::Constants<Fixed<4, 4>, 2> = layers::Constants::new(&[0, 1]);
/// let number = |v: i8| Fixed::<8, 8>::from_bits(v);
/// // Two rows of two inputs: [1, 2] and [-1, 0].
/// let y: [Fixed<8, 8>; 4] =
///     layers::dense(&[1, 2, -1, 0].map(number), &WEIGHT, &BIAS, layers::accum::<Fixed<8, 8>>(), 1);
/// assert_eq!(y.map(|v| v.to_bits()), [1 + 6, 1 + 2 - 2, -1, 1 - 2]);
/// ```
#[inline]
pub fn dense<X, W, B, A, R, const N: usize, const M: usize, const NW: usize, const F: usize>(
    x: &[X; N],
    weight: &Constants<W, NW>,
    bias: &Constants<B, F>,
    _: Accum<A>,
    stride: usize,
) -> [R; M]
where
    X: Number,
    W: Number,
    B: Number,
    A: Number,
    R: Number,
{
    const { assert!(NW.is_multiple_of(F) && M.is_multiple_of(F), "whole rows") };
    const { assert!(N * F * F == M * NW, "as many rows of outputs as of inputs") };
    let formats = [X::FORMAT, W::FORMAT, B::FORMAT, A::FORMAT, R::FORMAT];
    let kernel = SumsKernel::new(F, stride, formats, None);
    with_const_container!(SumsKernel::typed::<X, W, B, A, R>().container_bits(), C => {
        let x = x.map(|x| [raw::<C, X>(x)]);
        let mut y = [[C::default()]; M];
        for (x, y) in x.chunks_exact(NW / F).zip(y.chunks_exact_mut(F)) {
            kernel.run::<C, C, _, 1, 4, 1>(x, weight, bias, 0, y);
        }
        collect(&y)
    })
}

/// As [`dense`] with strategy `compressed`: the sums of `steps` steps, of which step `n` takes the weights at places
/// `used[n]`, `used[n + steps]`, … of `weight`, which are sorted by output.
///
/// Each product and each sum of a step, from zero, is cast to `A`, as is the output's sum after each step.
///
/// ```
/// use hls4rs::{fixed::{Fixed, Uint}, layers};
/// static WEIGHT: layers::Constants<Fixed<4, 4>, 4> = layers::Constants::new(&[1, 0, 3, 0xff]);
/// static BIAS: layers::Constants<Fixed<4, 4>, 2> = layers::Constants::new(&[0, 1]);
/// static USED: layers::Constants<Uint<8>, 3> = layers::Constants::new(&[0, 2, 3]);
/// let x = [1, 2].map(Fixed::<8, 8>::from_bits);
/// let y: [Fixed<8, 8>; 2] =
///     layers::compressed_dense(&x, &WEIGHT, &BIAS, layers::accum::<Fixed<8, 8>>(), &USED, 2);
/// assert_eq!(y.map(|v| v.to_bits()), [1 + 6, 1 - 2]);
/// ```
#[inline]
pub fn compressed_dense<X, W, B, A, R, const N: usize, const M: usize, const NW: usize, const F: usize>(
    x: &[X; N],
    weight: &Constants<W, NW>,
    bias: &Constants<B, F>,
    _: Accum<A>,
    used: &impl Values,
    steps: usize,
) -> [R; M]
where
    X: Number,
    W: Number,
    B: Number,
    A: Number,
    R: Number,
{
    const { assert!(NW.is_multiple_of(F) && M.is_multiple_of(F), "whole rows") };
    const { assert!(N * F * F == M * NW, "as many rows of outputs as of inputs") };
    let formats = [X::FORMAT, W::FORMAT, B::FORMAT, A::FORMAT, R::FORMAT];
    let kernel = CompressedKernel::new(SumsKernel::new(F, 1, formats, None), steps);
    with_const_container!(SumsKernel::typed::<X, W, B, A, R>().container_bits(), C => {
        let x = x.map(|x| [raw::<C, X>(x)]);
        let mut y = [[C::default()]; M];
        for (x, y) in x.chunks_exact(NW / F).zip(y.chunks_exact_mut(F)) {
            kernel.run(x, weight, bias, used, y);
        }
        collect(&y)
    })
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::ops::Dense;

    use crate::hls::{Emit, Function, Index, LayerCx, Stmt};
    use crate::layers::sums::emission::{Matrix, Positions};

    impl Emit for Dense {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let matrix =
                Matrix { channels: cx.x().node.shape.channels(), taps: 1, groups: 1, n_out: self.units };
            let rows = cx.len() / self.units;
            let what = matrix.words(cx, "dense");
            if rows == 1 {
                return Some(matrix.whole(cx, &what));
            }
            let n_in = matrix.channels;
            let positions = Positions { rows: 1, columns: rows, parallel: 1 };
            let [_, row] = positions.at();
            let at = row.times(n_in).plus(Index::var("i"));
            let read = Stmt::assign("part", [Index::var("i")], cx.x().ty.clone(), cx.read_x(at));
            let gather = vec![Stmt::unrolled("i", n_in, vec![read])];
            Some(positions.emit(cx, &matrix, &format!("{rows} rows of {what}"), Vec::new(), gather))
        }
    }
}
