//! Layers of one's own: their arithmetic.
//!
//! [`hls4rs::custom`](crate::custom) says how to write one, `examples/delta_r2` is a complete one.

use hls4rs_fixed::{Format, Number};

use super::Values;

/// The arithmetic of a layer that is defined outside of hls4rs.
///
/// It computes with raw values: multiples of the unit of their format. An implementation rounds with
/// [`Cast`](hls4rs_fixed::Cast), as every layer does.
pub trait Kernel {
    /// Computes the result `y` from the inputs `x`, for several samples at once.
    ///
    /// Every value of `y` must be one that the format of the result can hold.
    fn compute(&self, cx: &KernelCx<'_>, x: &[Rows<'_>], y: &mut RowsMut<'_>);
}

/// Shape and format of a tensor.
#[derive(Clone, Copy, Debug)]
pub struct Port<'a> {
    /// The extents, outermost first.
    pub shape: &'a [usize],
    /// The format.
    pub format: Format,
}

/// What a kernel knows of its layer.
#[derive(Clone, Copy)]
pub struct KernelCx<'a> {
    /// The inputs.
    pub inputs: &'a [Port<'a>],
    /// The result.
    pub result: Port<'a>,
    /// Formats that were given for further places, by their keywords, such as `accum`.
    pub formats: &'a [(&'a str, Format)],
    /// Stored values, by their keywords, such as `weight`, in the formats of these places.
    pub values: &'a [(&'a str, &'a dyn Values)],
}

impl<'a> KernelCx<'a> {
    /// The format of a place, if one was given or if values are stored there.
    pub fn format(&self, slot: &str) -> Option<Format> {
        self.formats.iter().find(|(name, _)| *name == slot).map(|(_, format)| *format)
    }

    /// The values that are stored in a place, if there are any.
    pub fn values(&self, slot: &str) -> Option<&'a dyn Values> {
        self.values.iter().find(|(name, _)| *name == slot).map(|(_, values)| *values)
    }
}

/// The raw values of a tensor: a row for each element, in it a value for each sample.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    raw: &'a [i64],
    samples: usize,
}

impl<'a> Rows<'a> {
    /// Rows that lie one after the other, each with a value for every sample.
    ///
    /// # Panics
    /// If there are no samples.
    pub const fn new(raw: &'a [i64], samples: usize) -> Self {
        assert!(samples > 0, "a row has a value");
        Self { raw, samples }
    }

    /// The number of elements.
    pub const fn len(&self) -> usize {
        self.raw.len() / self.samples
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// An element of every sample.
    #[inline]
    pub fn row(&self, element: usize) -> &'a [i64] {
        &self.raw[element * self.samples..][..self.samples]
    }
}

/// The raw values of a tensor that is computed.
#[derive(Debug)]
pub struct RowsMut<'a> {
    raw: &'a mut [i64],
    samples: usize,
}

impl<'a> RowsMut<'a> {
    /// Rows that lie one after the other, each with a value for every sample.
    ///
    /// # Panics
    /// If there are no samples.
    pub const fn new(raw: &'a mut [i64], samples: usize) -> Self {
        assert!(samples > 0, "a row has a value");
        Self { raw, samples }
    }

    /// An element of every sample.
    #[inline]
    pub fn row_mut(&mut self, element: usize) -> &mut [i64] {
        &mut self.raw[element * self.samples..][..self.samples]
    }
}

/// Runs a kernel and checks that its result fits; `layer` is its name.
///
/// # Panics
/// If a value of the result does not fit its format.
pub(crate) fn compute(
    kernel: &(impl Kernel + ?Sized),
    layer: &str,
    cx: &KernelCx<'_>,
    x: &[Rows<'_>],
    y: &mut [i64],
    samples: usize,
) {
    kernel.compute(cx, x, &mut RowsMut::new(y, samples));
    let format = cx.result.format;
    // A layer of one's own has at most 63 bits.
    let limits = (format.min_raw().as_i128_wrapping() as i64)..=(format.max_raw().as_i128_wrapping() as i64);
    if let Some(at) = y.iter().position(|raw| !limits.contains(raw)) {
        let (element, raw) = (at / samples, y[at]);
        panic!("`{layer}`: element {element} of its result is {raw}, which {format} cannot hold: cast it");
    }
}

/// The raw values of numbers.
#[inline]
pub fn raws<X: Number, const N: usize>(x: &[X; N]) -> [i64; N] {
    x.map(X::to_i64)
}

/// The result of a layer of one's own, for one sample.
///
/// # Panics
/// If a value of the result does not fit its format.
#[inline]
pub fn custom<R: Number, const M: usize>(
    kernel: &impl Kernel,
    layer: &str,
    cx: &KernelCx<'_>,
    x: &[Rows<'_>],
) -> [R; M] {
    let mut y = [0; M];
    compute(kernel, layer, cx, x, &mut y, 1);
    y.map(R::from_i64)
}

#[cfg(feature = "backends")]
mod emission {
    use hls4rs_ir::ops::Custom;

    use crate::hls::{Emit, Function, LayerCx};

    impl Emit for Custom {
        fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
            crate::custom::object(self)?.emit(cx)
        }
    }
}
