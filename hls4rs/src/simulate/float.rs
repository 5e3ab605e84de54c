//! Conversion of real inputs and outputs, a row at a time.

use hls4rs_fixed::{Cast, Format, FromFloat, Overflow, Wide, from_f64, to_f32, to_f64};
use multiversion::multiversion;

use super::block::{Block, LANES, Row};
use super::dispatch::Isa;
use crate::layers::rows::{assign, map};

/// Elements that are transposed together: a line of memory of single numbers.
const TILE: usize = 16;

/// Converts inputs to a format as the vendors' headers do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FromReal {
    format: Format,
    exact: Option<FromFloat>,
    near: Option<Near>,
}

/// The conversion of values of ordinary size: scaled to halves of the last bit, which is exact, then rounded down with
/// one bit more that says whether anything is below; the rest is a cast.
#[derive(Clone, Copy, Debug)]
struct Near {
    /// `2^(F + 1)`.
    scale: f64,
    /// Whether values within the format are small enough for single precision.
    single: bool,
    cast: Cast,
}

impl Near {
    fn new(format: Format) -> Option<Self> {
        let frac_bits = format.frac_bits();
        // WRAP_SM looks at a bit of the number before it is rounded; a coarser unit could underflow.
        let plain = !matches!(format.overflow, Overflow::WrapSm(_)) && (0..=60).contains(&frac_bits);
        let source = Format::fixed(32, 32 - (frac_bits + 2));
        (plain && format.container_bits() <= 31).then(|| Self {
            scale: 2f64.powi(frac_bits + 1),
            single: format.width <= 22,
            cast: Cast::new(source, format),
        })
    }
}

macro_rules! floors {
    ($name:ident, $T:ident, $magic:literal, $limit:literal) => {
        /// Twice the floor of every value, and one more where that is not exact; `false` if a value is too large.
        #[inline(always)]
        fn $name(values: &Row<$T>, scale: $T, floors: &mut Row<i32>) -> bool {
            // Added to this, a number of magnitude up to the limit loses its fraction and leaves its integer in the
            // low bits.
            const MAGIC: $T = $magic;
            let mut near = 0;
            for lane in 0..LANES {
                let value = values[lane] * scale;
                near += u32::from(value.abs() < $limit);
                let nearest = (value + MAGIC) - MAGIC;
                let floor = if nearest > value { nearest - 1.0 } else { nearest };
                let integer = (floor + MAGIC).to_bits().wrapping_sub(MAGIC.to_bits()) as i32;
                floors[lane] = integer << 1 | i32::from(floor != value);
            }
            near as usize == LANES
        }
    };
}

floors!(floors_single, f32, 12_582_912.0, 4_194_304.0);
floors!(floors_double, f64, 6_755_399_441_055_744.0, 1_073_741_824.0);

impl FromReal {
    pub(crate) fn new(format: Format) -> Self {
        let exact = (format.container_bits() <= 64).then(|| FromFloat::new(format));
        Self { format, exact, near: Near::new(format) }
    }

    /// Converts one element of up to a block of samples.
    #[inline(always)]
    fn row<T: super::Real>(&self, i: usize, values: &Row<T>, out: &mut Block) {
        if let Some(near) = &self.near {
            let mut floors = [0; LANES];
            let done = match T::single(values) {
                Some(values) if near.single => floors_single(values, near.scale as f32, &mut floors),
                _ => floors_double(&map(values, T::double), near.scale, &mut floors),
            };
            if done {
                assign(&near.cast, &mut floors);
                return out.store(i, &floors);
            }
        }
        self.row_exactly(i, values, out);
    }

    #[inline(never)]
    fn row_exactly<T: super::Real>(&self, i: usize, values: &Row<T>, out: &mut Block) {
        match &self.exact {
            Some(exact) => out.store(i, &map(values, |v| exact.i64(v.double()))),
            None => out.store(i, &map(values, |v| from_f64(v.double(), self.format))),
        }
    }

    #[inline(always)]
    fn block_body<T: super::Real>(&self, samples: &[T], elements: usize, out: &mut Block) {
        // Some elements of all samples at a time, so that a column is read from few lines of memory.
        let mut tile = [[T::default(); TILE]; LANES];
        for start in (0..elements).step_by(TILE) {
            let count = TILE.min(elements - start);
            for (tile, sample) in tile.iter_mut().zip(samples.chunks_exact(elements)) {
                if count == TILE {
                    tile.copy_from_slice(&sample[start..start + TILE]);
                } else {
                    tile[..count].copy_from_slice(&sample[start..]);
                }
            }
            for n in 0..count {
                let mut row = [T::default(); LANES];
                for (value, sample) in row.iter_mut().zip(&tile) {
                    *value = sample[n];
                }
                self.row(start + n, &row, out);
            }
        }
    }

    /// Converts up to a block of samples, each of `elements` values; missing samples are zero.
    pub(crate) fn block<T: super::Real>(&self, isa: Isa, samples: &[T], elements: usize, out: &mut Block) {
        match isa {
            Isa::Avx512 => from_avx512(self, samples, elements, out),
            Isa::Avx2 => from_avx2(self, samples, elements, out),
            Isa::Baseline => self.block_body(samples, elements, out),
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl"))]
fn from_avx512<T: super::Real>(from: &FromReal, samples: &[T], elements: usize, out: &mut Block) {
    from.block_body(samples, elements, out);
}

#[multiversion(targets("x86_64+avx2"))]
fn from_avx2<T: super::Real>(from: &FromReal, samples: &[T], elements: usize, out: &mut Block) {
    from.block_body(samples, elements, out);
}

/// Converts raw values to real numbers, to the nearest where they are not exact.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToReal {
    frac_bits: i32,
    /// `2^-F`, where scaling in double precision is exact.
    scale: Option<f64>,
}

impl ToReal {
    pub(crate) fn new(format: Format) -> Self {
        let simple = format.width <= 53 && (-60..=60).contains(&format.frac_bits());
        Self { frac_bits: format.frac_bits(), scale: simple.then(|| 2f64.powi(-format.frac_bits())) }
    }

    /// Writes up to a block of samples, each of as many values as the block has rows.
    pub(crate) fn block<T: super::Real>(&self, isa: Isa, block: &Block, samples: &mut [T]) {
        match isa {
            Isa::Avx512 => to_avx512(self, block, samples),
            Isa::Avx2 => to_avx2(self, block, samples),
            Isa::Baseline => self.block_body(block, samples),
        }
    }

    #[inline(always)]
    fn block_body<T: super::Real>(&self, block: &Block, samples: &mut [T]) {
        let elements = block.len();
        for i in 0..elements {
            match self.scale {
                Some(scale) => {
                    let row: Row<T> = if matches!(block, Block::I16(_) | Block::I32(_)) {
                        map(&block.load::<i32>(i), |raw| T::of_double(f64::from(raw) * scale))
                    } else {
                        map(&block.load::<i64>(i), |raw| T::of_double(raw as f64 * scale))
                    };
                    for (sample, value) in samples.chunks_exact_mut(elements).zip(row) {
                        sample[i] = value;
                    }
                }
                None => {
                    let row: Row<Wide> = block.load(i);
                    for (sample, raw) in samples.chunks_exact_mut(elements).zip(row) {
                        sample[i] = T::of_raw(raw, self.frac_bits);
                    }
                }
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl"))]
fn to_avx512<T: super::Real>(to: &ToReal, block: &Block, samples: &mut [T]) {
    to.block_body(block, samples);
}

#[multiversion(targets("x86_64+avx2"))]
fn to_avx2<T: super::Real>(to: &ToReal, block: &Block, samples: &mut [T]) {
    to.block_body(block, samples);
}

impl super::Real for f32 {
    #[inline(always)]
    fn double(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn single(row: &[Self; LANES]) -> Option<&[f32; LANES]> {
        Some(row)
    }
    #[inline(always)]
    fn of_double(value: f64) -> Self {
        value as f32
    }
    fn of_raw(raw: Wide, frac_bits: i32) -> Self {
        to_f32(raw, frac_bits)
    }
}

impl super::Real for f64 {
    #[inline(always)]
    fn double(self) -> f64 {
        self
    }
    #[inline(always)]
    fn single(_: &[Self; LANES]) -> Option<&[f32; LANES]> {
        None
    }
    #[inline(always)]
    fn of_double(value: f64) -> Self {
        value
    }
    fn of_raw(raw: Wide, frac_bits: i32) -> Self {
        to_f64(raw, frac_bits)
    }
}
