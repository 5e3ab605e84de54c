//! Layers that treat every element for itself, and the simplest of them: the cast.

use hls4rs_fixed::{Cast, Format, Number};

use super::int::Int;
use super::rows::{Short, any_modes, assign, map, with_modes};
use super::{collect, raw, with_const_container, with_container};

/// The arithmetic of a layer whose result at a position depends on the input at that position alone.
pub trait Elementwise {
    /// The width of the integers that this takes.
    fn container_bits(&self) -> u32;

    /// Turns the inputs at position `i` into the results.
    fn row<C: Int, const L: usize>(&self, i: usize, x: &mut [C; L]);
}

/// An elementwise kernel that also goes from stored integers to stored integers, in 32 bits and in one pass.
pub trait ShortRows: Elementwise {
    /// Whether 32 bits are enough for this kernel as it is.
    fn is_short(&self) -> bool;

    /// The results of all positions.
    fn rows<'a, X: Short, Y: Short, const L: usize>(
        &self,
        x: impl Iterator<Item = &'a [X; L]>,
        y: impl Iterator<Item = &'a mut [Y; L]>,
    );
}

/// The cast of each input, or of 0 if it is greater and `positive`.
#[inline(always)]
pub(crate) fn short_rows<'a, X: Short, Y: Short, const L: usize>(
    cast: &Cast,
    positive: bool,
    x: impl Iterator<Item = &'a [X; L]>,
    y: impl Iterator<Item = &'a mut [Y; L]>,
) {
    let least = if positive { 0 } else { i32::MIN };
    with_modes!(i32, cast, assigned => {
        for (x, y) in x.zip(y) {
            for l in 0..L {
                y[l] = Y::narrow(assigned!(x[l].widen().max(least)));
            }
        }
    }, _ => {
        for (x, y) in x.zip(y) {
            let row = any_modes(cast, &map(x, |x| x.widen().max(least)));
            for l in 0..L {
                y[l] = Y::narrow(row[l]);
            }
        }
    });
}

/// Runs an elementwise kernel on numbers.
#[inline(always)]
pub(crate) fn apply<X: Number, R: Number, const N: usize>(kernel: &impl Elementwise, x: &[X; N]) -> [R; N] {
    with_container!(kernel.container_bits(), C => apply_in::<C, X, R, N>(kernel, x))
}

/// Runs an elementwise kernel on numbers, in integers that are wide enough.
#[inline(always)]
pub(crate) fn apply_in<C: Int, X: Number, R: Number, const N: usize>(
    kernel: &impl Elementwise,
    x: &[X; N],
) -> [R; N] {
    let mut rows = x.map(|x| [raw::<C, X>(x)]);
    for (i, row) in rows.iter_mut().enumerate() {
        kernel.row(i, row);
    }
    collect(&rows)
}

/// `y = x`, cast.
#[derive(Clone, Copy, Debug)]
pub struct LinearKernel {
    cast: Cast,
}

impl LinearKernel {
    /// Prepares the layer for its input and result formats.
    pub const fn new(x: Format, result: Format) -> Self {
        Self { cast: Cast::new(x, result) }
    }

    /// The width of the integers that this takes.
    const fn bits(&self) -> u32 {
        self.cast.container_bits()
    }
}

impl Elementwise for LinearKernel {
    #[inline(always)]
    fn container_bits(&self) -> u32 {
        self.bits()
    }

    #[inline(always)]
    fn row<C: Int, const L: usize>(&self, _: usize, x: &mut [C; L]) {
        assign(&self.cast, x);
    }
}

impl ShortRows for LinearKernel {
    fn is_short(&self) -> bool {
        self.bits() <= 32
    }

    #[inline(always)]
    fn rows<'a, X: Short, Y: Short, const L: usize>(
        &self,
        x: impl Iterator<Item = &'a [X; L]>,
        y: impl Iterator<Item = &'a mut [Y; L]>,
    ) {
        short_rows(&self.cast, false, x, y);
    }
}

/// Casts every element: the layers `linear`, `flatten` and `reshape`.
#[inline]
pub fn linear<X: Number, R: Number, const N: usize>(x: &[X; N]) -> [R; N] {
    let kernel = const { LinearKernel::new(X::FORMAT, R::FORMAT) };
    with_const_container!(LinearKernel::new(X::FORMAT, R::FORMAT).bits(), C => apply_in::<C, X, R, N>(&kernel, x))
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::ops::{Input, Linear, Reshape};

    use crate::hls::{Emit, Function, Index, LayerCx, elementwise};

    impl Emit for Input {
        fn emit(&self, _: &mut LayerCx<'_>) -> Option<Function> {
            None
        }
    }

    impl Emit for Linear {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            cast(cx, "linear, a cast.")
        }
    }

    impl Emit for Reshape {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            cast(cx, "reshape, a cast of values that stay in order.")
        }
    }

    /// Nothing where the format stays.
    fn cast(cx: &LayerCx<'_>, what: &str) -> Option<Function> {
        let value = cx.read_x(Index::var("i"));
        (value.format != cx.result.format).then(|| elementwise(cx, what, &[], Vec::new(), value))
    }
}
