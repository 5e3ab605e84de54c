//! Graph layers with aggregators.
//!
//! ```
//! use hls4rs::prelude::*;
//!
//! network! {
//!     pub struct Graph;
//!     input x: [2, 1] as Fixed<8, 4>;
//!     input n: [1] as Uint<2>;
//!     output y = garnet(x, n, 1, 1) {
//!         weight: 1, distance_weight: 1, bias: 0.25, transform_bias: 1,
//!     };
//! }
//!
//! let x = [0.0, 1.0].map(Fixed::from_num);
//! // One vertex: its edge has the weight 1023/1024, half of which is the mean over two vertices, that of its feature is
//! // 0. The aggregator hands on 511/1024, the mean in the unit of the weights: y = 1/4 + 1023/1024 · 511/1024.
//! let y = Graph::new().predict(&x, &[1u8].map(Uint::from_num));
//! assert_eq!(y.map(|y| y.to_num::<f64>()), [0.25 + 1023.0 * 511.0 / 1048576.0, 0.0]);
//! // Two: the other edge has the weight floor(1024 · exp(-1)) = 376. Means: of the edges floor(1399 / 2) = 699, of the
//! // features (0 + floor(16 · 376/1024)/16) / 2 = 5/32. The aggregator hands on 699/1024 + 5/32 = 859/1024.
//! let y = Graph::new().predict(&x, &[2u8].map(Uint::from_num));
//! assert_eq!(y.map(|y| (y.to_num::<f64>() - 0.25) * 1048576.0), [1023.0 * 859.0, 376.0 * 859.0]);
//! ```

use core::marker::PhantomData;

use hls4rs_fixed::Number;
use hls4rs_fixed::vertices::Vertices;

use super::{Constants, collect, raw, with_container};

#[cfg(feature = "backends")]
mod emission;
mod kernel;

pub use kernel::{GarnetFormats, GarnetKernel, GarnetValues, GarnetWork};

/// Names the types of a graph layer's distances, edge sums, feature sums and scaled bias.
#[derive(Clone, Copy, Debug)]
pub struct GarnetTypes<D, E, A, S>(PhantomData<(D, E, A, S)>);

impl<D, E, A, S> GarnetTypes<D, E, A, S> {
    /// The names.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// What a graph layer stores.
#[derive(Clone, Copy, Debug)]
pub struct GarnetConstants<
    'a,
    W,
    TB,
    DW,
    DB,
    B,
    T,
    Q,
    const NW: usize,
    const NT: usize,
    const ND: usize,
    const NA: usize,
    const NU: usize,
    const NE: usize,
    const NQ: usize,
> {
    /// Row major `[units, aggregators, features]`.
    pub weight: &'a Constants<W, NW>,
    /// Row major `[units, aggregators]`.
    pub transform_bias: &'a Constants<TB, NT>,
    /// Row major `[aggregators, features]`.
    pub distance_weight: &'a Constants<DW, ND>,
    /// `[aggregators]`.
    pub distance_bias: &'a Constants<DB, NA>,
    /// `[units]`.
    pub bias: &'a Constants<B, NU>,
    /// An edge weight for every bit pattern of a distance.
    pub table: &'a Constants<T, NE>,
    /// A factor for every number of vertices, where means are over those that there are.
    pub norm: &'a Constants<Q, NQ>,
}

/// Graph layer with aggregators on the first `count` vertices of `x`, `at_once` of them in a round; the result is
/// `[vertices, units]`, or `[units]` with the first of the flags, and means are over the vertices that there are with the
/// second.
///
/// The casts are those of `Garnet` in `hls4rs_ir::ops`, in the formats of the constants and of [`GarnetTypes`].
#[inline]
pub fn garnet<
    X,
    V,
    W,
    TB,
    DW,
    DB,
    B,
    T,
    Q,
    D,
    E,
    A,
    S,
    R,
    const N: usize,
    const NW: usize,
    const NT: usize,
    const ND: usize,
    const NA: usize,
    const NU: usize,
    const NE: usize,
    const NQ: usize,
    const M: usize,
>(
    x: &[X; N],
    count: &[V; 1],
    stored: &GarnetConstants<'_, W, TB, DW, DB, B, T, Q, NW, NT, ND, NA, NU, NE, NQ>,
    _: GarnetTypes<D, E, A, S>,
    at_once: usize,
    flags: [bool; 2],
) -> [R; M]
where
    X: Number,
    V: Number,
    W: Number,
    TB: Number,
    DW: Number,
    DB: Number,
    B: Number,
    T: Number,
    Q: Number,
    D: Number,
    E: Number,
    A: Number,
    S: Number,
    R: Number,
{
    const { assert!(ND.is_multiple_of(NA) && N.is_multiple_of(ND / NA), "whole rows") };
    const { assert!(NT == NU * NA && NW == NU * ND, "weights of every unit") };
    let features = const { ND / NA };
    let sizes = Vertices { vertices: N / features, features, aggregators: NA, units: NU, at_once };
    let formats = GarnetFormats {
        x: X::FORMAT,
        data: X::FORMAT,
        count: V::FORMAT,
        weight: W::FORMAT,
        transform_bias: TB::FORMAT,
        distance_weight: DW::FORMAT,
        distance_bias: DB::FORMAT,
        bias: B::FORMAT,
        table: T::FORMAT,
        norm: Q::FORMAT,
        distance: D::FORMAT,
        edge_accum: E::FORMAT,
        accum: A::FORMAT,
        scaled_bias: S::FORMAT,
        result: R::FORMAT,
    };
    let kernel = GarnetKernel::new(sizes, flags, &formats);
    let GarnetConstants { weight, transform_bias, distance_weight, distance_bias, bias, table, norm } =
        *stored;
    let values = GarnetValues { weight, transform_bias, distance_weight, distance_bias, bias, table, norm };
    with_container!(kernel.container_bits(), C => {
        let zero = [C::default()];
        let x = x.map(|x| [raw::<C, X>(x)]);
        let count = [raw::<C, V>(count[0])];
        let (mut edge, mut features, mut handed) = ([[zero; NA]; 2], [[zero; ND]; 2], [zero; NT]);
        let [edge_round, edge] = &mut edge;
        let [feature_round, features] = &mut features;
        let work = GarnetWork {
            edge: [edge_round, edge],
            features: [feature_round, features],
            handed: &mut handed,
        };
        let mut y = [zero; M];
        kernel.run(&values, (&x, &count), work, &mut y);
        collect(&y)
    })
}
