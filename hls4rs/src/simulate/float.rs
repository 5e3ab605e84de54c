//! Conversion of real inputs and outputs, a row at a time.

use hls4rs_fixed::{Cast, Format, FromFloat, Overflow, Rounding, Wide, from_f64, to_f32, to_f64};
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
    /// `2^F`, where a row may be scaled and truncated in single precision.
    scale: Option<f32>,
}

impl FromReal {
    pub(crate) fn new(format: Format) -> Self {
        let bits = format.width + u32::from(!format.signed);
        let truncates = matches!(format.rounding, Rounding::Trn | Rounding::Rnd);
        let simple = matches!(format.overflow, Overflow::Wrap(0) | Overflow::Sat);
        let frac_bits = format.frac_bits();
        let near = bits <= 31 && truncates && simple && (-60..=60).contains(&frac_bits);
        Self {
            format,
            exact: (bits <= 64).then(|| FromFloat::new(format)),
            scale: near.then(|| 2f32.powi(frac_bits)),
        }
    }

    /// Converts one element of up to a block of samples.
    #[inline(always)]
    fn row<T: super::Real>(&self, i: usize, values: &Row<T>, out: &mut Block) {
        if let (Some(scale), Some(values)) = (self.scale, T::single(values)) {
            let mut raw = [0i32; LANES];
            let mut near = true;
            for (raw, value) in raw.iter_mut().zip(values) {
                // A power of two scales exactly; a value for which this or the integer overflows is not near.
                let scaled = value * scale;
                near &= scaled.abs() < 1_073_741_824.0 && (scaled.abs() > 1e-30 || *value == 0.0);
                let toward_zero = scaled as i32;
                let below = scaled - toward_zero as f32;
                let floor = toward_zero.wrapping_sub(i32::from(below < 0.0));
                let up = self.format.rounding == Rounding::Rnd && (scaled - floor as f32) >= 0.5;
                *raw = floor.wrapping_add(i32::from(up));
            }
            if near {
                let source = Format::fixed(32, 32 - self.format.frac_bits());
                assign(&Cast::new(source, self.format), &mut raw);
                return out.store(i, &raw);
            }
        }
        match &self.exact {
            Some(exact) => {
                out.store(i, &std::array::from_fn::<_, LANES, _>(|l| exact.i64(values[l].double())))
            }
            None => out
                .store(i, &std::array::from_fn::<_, LANES, _>(|l| from_f64(values[l].double(), self.format))),
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
