//! Convolutions.
//!
//! ```
//! hls4rs::network! {
//!     struct Edges;
//!     input image: [3, 4, 1] as Uint<4>;
//!     // The filters of Sobel: brightness that grows to the right, and downwards.
//!     output edges = conv2d(image, 2, [3, 3]) {
//!         weight: [
//!             [[[-1, -1]], [[0, -2]], [[1, -1]]],
//!             [[[-2, 0]], [[0, 0]], [[2, 0]]],
//!             [[[-1, 1]], [[0, 2]], [[1, 1]]],
//!         ],
//!     };
//! }
//!
//! let image = [
//!     0, 0, 8, 8, //
//!     0, 0, 8, 8, //
//!     0, 0, 8, 0,
//! ];
//! let edges = Edges::new().predict(&image.map(hls4rs::fixed::Uint::<4>::from_num));
//! // Two positions of two filters: 8 + 16 + 8 and 8 - 8, then 8 + 16 + 0 and 16 - 24.
//! assert_eq!(edges.map(|y| y.to_num::<f64>()), [32.0, 0.0, 24.0, -8.0]);
//! ```

use hls4rs_fixed::Number;
use hls4rs_fixed::window::Convolution;

use super::int::Int;
use super::sums::{Inputs, SumsKernel};
use super::{Accum, Constants, collect, raw, with_const_container};

/// The inputs of one group under a window.
struct Patch<'a, C> {
    x: &'a [[C; 1]],
    geometry: &'a Convolution,
    output: usize,
    group: usize,
}

impl<C: Int> Inputs<C, 1> for Patch<'_, C> {
    #[inline(always)]
    fn count(&self) -> usize {
        self.geometry.rows()
    }

    #[inline(always)]
    fn at(&self, row: usize) -> Option<&[C; 1]> {
        self.geometry.element(self.output, self.group, row).map(|i| &self.x[i])
    }
}

/// Convolution: at every output position the sums of the products of a window with the filters.
///
/// Each product and each sum is cast to `A`, the result to `R`. The weights are row major
/// `[taps, channels / groups, F]`; `stride` is 1 for products in that order, else the reuse factor of strategy
/// `resource`; where every channel has a filter of its own, the products of all are dealt out in so many steps.
///
/// ```
/// use hls4rs::fixed::{Fixed, window::{Convolution, Window}};
/// use hls4rs::layers;
/// // y[p] = x[p + 1] - x[p - 1], with zeros beyond the ends.
/// static WEIGHT: layers::Constants<Fixed<2, 2>, 3> = layers::Constants::new(&[0xff, 0, 1]);
/// static BIAS: layers::Constants<Fixed<2, 2>, 1> = layers::Constants::new(&[0]);
/// let window =
///     Window { input: [1, 4], kernel: [1, 3], stride: [1, 1], dilation: [1, 1], before: [0, 1], output: [1, 4] };
/// let slope = Convolution { window, channels: 1, filters: 1, groups: 1 };
/// let x = [1, 3, 4, 4].map(Fixed::<8, 8>::from_bits);
/// let y: [Fixed<8, 8>; 4] =
///     layers::conv(&x, &WEIGHT, &BIAS, layers::accum::<Fixed<8, 8>>(), 1, &slope);
/// assert_eq!(y.map(|v| v.to_bits()), [3, 3, 1, -4]);
/// ```
///
/// # Panics
/// If the geometry is not that of arrays of these sizes.
#[inline]
pub fn conv<X, W, B, A, R, const N: usize, const M: usize, const NW: usize, const F: usize>(
    x: &[X; N],
    weight: &Constants<W, NW>,
    bias: &Constants<B, F>,
    _: Accum<A>,
    stride: usize,
    geometry: &Convolution,
) -> [R; M]
where
    X: Number,
    W: Number,
    B: Number,
    A: Number,
    R: Number,
{
    let Convolution { window, channels, filters, groups } = *geometry;
    assert!(
        N == window.input[0] * window.input[1] * channels
            && M == window.outputs() * F
            && F == filters
            && NW == geometry.rows() * F,
        "the geometry of the arrays"
    );
    let formats = [X::FORMAT, W::FORMAT, B::FORMAT, A::FORMAT, R::FORMAT];
    let kernel = SumsKernel::new(F, stride, formats, None).dealt(geometry.own_channels());
    with_const_container!(SumsKernel::typed::<X, W, B, A, R>().container_bits(), C => {
        let x = x.map(|x| [raw::<C, X>(x)]);
        let mut y = [[C::default()]; M];
        for (n, y) in y.chunks_exact_mut(F / groups).enumerate() {
            let (output, group) = (n / groups, n % groups);
            let patch = Patch { x: &x, geometry, output, group };
            kernel.run::<C, C, _, 1, 4, 1>(&patch, weight, bias, group * (F / groups), y);
        }
        collect(&y)
    })
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_fixed::window::Convolution;
    use hls4rs_ir::ops::Conv;

    use crate::hls::{Array, Emit, Expr, Function, Index, LayerCx, LineBuffer, Stmt};
    use crate::layers::sums::emission::{Matrix, Positions};

    impl Emit for Conv {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            let geometry = self.geometry(&cx.x().node.shape).ok()?;
            let Convolution { window, channels, filters, groups } = geometry;
            let matrix = Matrix { taps: window.taps(), channels, groups, n_out: filters };
            let [rows, columns] = window.output;
            let positions = Positions { rows, columns, parallel: self.parallelization_factor };
            let what = matrix.words(cx, kind(self));
            let padded = Padded::new(&geometry);
            let before = padded.copy(cx);
            let gather = padded.gather(cx, positions.at());
            Some(positions.emit(cx, &matrix, &what, before, gather))
        }

        fn emit_stream(&self, cx: &mut LayerCx<'_>) -> Option<Vec<Function>> {
            Some(vec![streamed(self, cx)?])
        }
    }

    fn kind(conv: &Conv) -> &'static str {
        if conv.depthwise { "depthwise convolution" } else { "convolution" }
    }

    /// The filters at every window that a line buffer completes.
    fn streamed(conv: &Conv, cx: &mut LayerCx<'_>) -> Option<Function> {
        let x = cx.x_stream()?;
        let geometry = conv.geometry(&cx.x().node.shape).ok()?;
        let Convolution { window, channels, filters, groups } = geometry;
        if (x.words, x.channels) != (window.input[0] * window.input[1], channels) {
            return None;
        }
        let matrix = Matrix { taps: window.taps(), channels, groups, n_out: filters };
        let what = matrix.words(cx, kind(conv));
        let helper = matrix.helper(cx, &format!("{what} At one position."));
        let y = cx.y_stream();
        let complete = vec![
            Stmt::Word { word: y.word.clone(), name: "y_word".to_owned() },
            Stmt::Call { function: helper, args: vec!["part".to_owned(), "y_word.data".to_owned()] },
            Stmt::WriteWord { stream: "y".to_owned(), name: "y_word".to_owned() },
        ];
        let interval = if cx.node.reuse_factor == 1 { Some(1) } else { Matrix::interval(cx) };
        let buffer = LineBuffer { window, stream: &x, ty: cx.x().ty.clone(), interval };
        let body = buffer.emit(complete);
        let multipliers = matrix.multipliers(cx);
        let process = cx.process(&format!("{what} Rows in line buffers."), x, y, body);
        Some(Function { multipliers, ..process })
    }

    /// The input with the zeros around it that windows reach: wires, not a memory.
    struct Padded {
        geometry: Convolution,
        /// Rows and columns.
        size: [usize; 2],
        name: &'static str,
    }

    impl Padded {
        fn new(geometry: &Convolution) -> Self {
            let window = &geometry.window;
            let size = [0, 1].map(|axis| window.before[axis] + window.input[axis] + window.after(axis));
            let name = if size == window.input { "x" } else { "padded" };
            Self { geometry: *geometry, size, name }
        }

        fn copy(&self, cx: &LayerCx<'_>) -> Vec<Stmt> {
            let Convolution { window, channels, .. } = self.geometry;
            if self.name == "x" {
                return Vec::new();
            }
            let ([rows, columns], [top, left]) = (window.input, window.before);
            let ty = || cx.x().ty.clone();
            let all = self.size[0] * self.size[1] * channels;
            let zero = Stmt::assign(self.name, [Index::var("i")], ty(), Expr::whole(0));
            // A row of the image is a run of elements of the padded image.
            let run = columns * channels;
            let from = Index::var("row").times(run).plus(Index::var("i"));
            let to = Index::var("row").times(self.size[1] * channels).plus(Index::var("i"));
            let to = to.plus(Index::At((top * self.size[1] + left) * channels));
            let assign = |from, to| Stmt::assign(self.name, [to], ty(), cx.read_x(from));
            let copy = match rows {
                1 => {
                    let offset = Index::At((top * self.size[1] + left) * channels);
                    let i = Index::var("i");
                    Stmt::unrolled("i", run, vec![assign(i.clone(), i.plus(offset))])
                }
                _ => Stmt::unrolled("row", rows, vec![Stmt::unrolled("i", run, vec![assign(from, to)])]),
            };
            vec![
                Stmt::Array(Array::registers(self.name, ty(), all)),
                Stmt::unrolled("i", all, vec![zero]),
                copy,
            ]
        }

        /// `part` is the window at a position.
        fn gather(&self, cx: &LayerCx<'_>, [row, column]: [Index; 2]) -> Vec<Stmt> {
            let Convolution { window, channels, .. } = self.geometry;
            let along = |axis: usize, position: Index, tap: &str| {
                let tap = if window.kernel[axis] == 1 { Index::At(0) } else { Index::var(tap) };
                position.times(window.stride[axis]).plus(tap.times(window.dilation[axis]))
            };
            let (at_row, at_column) = (along(0, row, "tap_row"), along(1, column, "tap"));
            let channel = if channels == 1 { Index::At(0) } else { Index::var("channel") };
            let from = at_row.times(self.size[1]).plus(at_column).times(channels).plus(channel.clone());
            let tap = |axis: usize, name: &str| match window.kernel[axis] {
                1 => Index::At(0),
                _ => Index::var(name),
            };
            let taps = tap(0, "tap_row").times(window.kernel[1]).plus(tap(1, "tap"));
            let to = taps.times(channels).plus(channel);
            let x = Expr::element(self.name, cx.x().ty.format, [from]);
            let mut body = vec![Stmt::assign("part", [to], cx.x().ty.clone(), x)];
            for (name, count) in
                [("channel", channels), ("tap", window.kernel[1]), ("tap_row", window.kernel[0])]
            {
                if count > 1 {
                    body = vec![Stmt::unrolled(name, count, body)];
                }
            }
            body
        }
    }
}
