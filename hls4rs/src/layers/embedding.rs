//! The layer that replaces numbers by vectors.
//!
//! ```
//! use hls4rs::network;
//!
//! network! {
//!     struct Words;
//!     input word: [2] as Uint<2>;
//!     output y = embedding(word, 2) { vocabulary: 3, embeddings: [[0.5, 1.0], [-1.0, 0.0], [0.25, 2.0]] };
//! }
//!
//! let words = [2, 0].map(hls4rs::fixed::Uint::<2>::from_num);
//! assert_eq!(Words::new().predict(&words).map(|y| y.to_num::<f64>()), [0.25, 2.0, 0.5, 1.0]);
//! ```

use hls4rs_fixed::{Cast, Format, Number, TableIndex};

use super::int::{Int, most};
use super::parametrized::{address, index_bits};
use super::rows::{assign, map};
use super::{Constants, Values, collect, raw, with_container};

/// `y[j][i] = embeddings[x[j]][i]`.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddingKernel<V> {
    embeddings: V,
    index: TableIndex,
    cast: Cast,
    units: usize,
}

impl<V: Values> EmbeddingKernel<V> {
    /// Prepares the layer for vectors of `units` and its input, vectors' and result formats.
    pub fn new(units: usize, [x, entry, result]: [Format; 3], embeddings: V) -> Self {
        let index = TableIndex::whole(x, embeddings.count() / units);
        Self { embeddings, index, cast: Cast::new(entry, result), units }
    }

    /// The length of a vector.
    pub const fn units(&self) -> usize {
        self.units
    }

    /// The width of the integers that this takes.
    pub const fn container_bits(&self) -> u32 {
        most(self.cast.container_bits(), index_bits(self.index))
    }

    /// Element `i` of the vectors of one number.
    #[inline(always)]
    pub fn row<C: Int, const L: usize>(&self, x: &[C; L], i: usize) -> [C; L] {
        let mut y = map(x, |x| C::from_i64(self.embeddings.at(address(self.index, x) * self.units + i)));
        assign(&self.cast, &mut y);
        y
    }
}

/// Embedding: `y[j][i] = embeddings[x[j]][i]`, one cast; `M` is `N` times the length of a vector.
#[inline]
pub fn embedding<X, E, R, const N: usize, const M: usize, const S: usize>(
    x: &[X; N],
    embeddings: &Constants<E, S>,
) -> [R; M]
where
    X: Number,
    E: Number,
    R: Number,
{
    const { assert!(M.is_multiple_of(N) && S.is_multiple_of(M / N), "whole vectors") };
    let kernel = EmbeddingKernel::new(M / N, [X::FORMAT, E::FORMAT, R::FORMAT], embeddings);
    with_container!(kernel.container_bits(), C => {
        let row = |j: usize| kernel.row(&[raw::<C, X>(x[j / kernel.units()])], j % kernel.units());
        collect(&core::array::from_fn(row))
    })
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::Slot;
    use hls4rs_ir::ops::Embedding;

    use crate::hls::{Emit, Expr, Function, Index, LayerCx, Stmt, Storage, whole_format};

    impl Emit for Embedding {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let embeddings = cx.constant(Slot::Embeddings, Storage::Rom, "vectors");
            let x = cx.read_x(Index::var("j"));
            let format = whole_format(x.format, x.format.frac_bits().min(0).unsigned_abs());
            let index = Index::clamped(&Expr::var("index", format), self.vocabulary - 1);
            let entry = embeddings.at([index, Index::var("i")]);
            let at = Index::var("j").times(self.units).plus(Index::var("i"));
            let assign = Stmt::assign("y", [at], cx.result.clone(), entry);
            let body = vec![
                Stmt::bind("index", format.into(), x.cast(format)),
                Stmt::unrolled("i", self.units, vec![assign]),
            ];
            let body = vec![Stmt::unrolled("j", cx.x().len(), body)];
            let what = format!("embedding, {} vectors of {}.", self.vocabulary, self.units);
            Some(cx.function(&what, &[&embeddings], body))
        }
    }
}
