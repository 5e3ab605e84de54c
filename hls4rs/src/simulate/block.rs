//! Values of a block of samples: one row per element, one lane per sample.

use std::ops::{Deref, DerefMut};

use hls4rs_fixed::Wide;

use crate::layers::Int;
use crate::layers::rows::map;

/// Samples in a block.
pub(crate) const LANES: usize = 64;

/// One element for every sample of a block.
pub(crate) type Row<T> = [T; LANES];

/// A row at an address that suits the widest vectors.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Line<T>(pub(crate) Row<T>);

impl<T> Deref for Line<T> {
    type Target = Row<T>;

    #[inline(always)]
    fn deref(&self) -> &Row<T> {
        &self.0
    }
}

impl<T> DerefMut for Line<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Row<T> {
        &mut self.0
    }
}

/// A tensor for a block of samples, in the narrowest integers that hold what it can be.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    I16(Vec<Line<i16>>),
    I32(Vec<Line<i32>>),
    I64(Vec<Line<i64>>),
    Wide(Vec<Line<Wide>>),
}

impl Block {
    /// A block for `elements` values that take `bits` bits, sign included.
    pub(crate) fn new(elements: usize, bits: u32) -> Self {
        match bits {
            0..=16 => Self::I16(vec![Line([0; LANES]); elements]),
            17..=32 => Self::I32(vec![Line([0; LANES]); elements]),
            33..=64 => Self::I64(vec![Line([0; LANES]); elements]),
            _ => Self::Wide(vec![Line([Wide::ZERO; LANES]); elements]),
        }
    }

    /// The number of elements.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::I16(rows) => rows.len(),
            Self::I32(rows) => rows.len(),
            Self::I64(rows) => rows.len(),
            Self::Wide(rows) => rows.len(),
        }
    }

    /// Makes this a block of `elements` values in the integers of another one.
    pub(crate) fn make_like(&mut self, other: &Self, elements: usize) {
        match (&mut *self, other) {
            (Self::I16(rows), Self::I16(_)) => rows.resize(elements, Line([0; LANES])),
            (Self::I32(rows), Self::I32(_)) => rows.resize(elements, Line([0; LANES])),
            (Self::I64(rows), Self::I64(_)) => rows.resize(elements, Line([0; LANES])),
            (Self::Wide(rows), Self::Wide(_)) => rows.resize(elements, Line([Wide::ZERO; LANES])),
            (_, Self::I16(_)) => *self = Self::new(elements, 16),
            (_, Self::I32(_)) => *self = Self::new(elements, 32),
            (_, Self::I64(_)) => *self = Self::new(elements, 64),
            (_, Self::Wide(_)) => *self = Self::new(elements, u32::MAX),
        }
    }

    /// Copies `count` elements of a block with the same integers.
    pub(crate) fn copy_from(&mut self, at: usize, from: &Self, first: usize, count: usize) {
        let (to, from_rows) = (at..at + count, first..first + count);
        match (self, from) {
            (Self::I16(rows), Self::I16(from)) => rows[to].copy_from_slice(&from[from_rows]),
            (Self::I32(rows), Self::I32(from)) => rows[to].copy_from_slice(&from[from_rows]),
            (Self::I64(rows), Self::I64(from)) => rows[to].copy_from_slice(&from[from_rows]),
            (Self::Wide(rows), Self::Wide(from)) => rows[to].copy_from_slice(&from[from_rows]),
            _ => unreachable!("made like the other one"),
        }
    }

    /// The row of element `i`.
    #[inline(always)]
    pub(crate) fn load<C: Int>(&self, i: usize) -> Row<C> {
        match self {
            Self::I16(rows) => map(&rows[i], |v| C::from_i64(i64::from(v))),
            Self::I32(rows) => map(&rows[i], |v| C::from_i64(i64::from(v))),
            Self::I64(rows) => map(&rows[i], C::from_i64),
            Self::Wide(rows) => map(&rows[i], C::from_wide),
        }
    }

    /// Sets the row of element `i`, whose values fit.
    #[inline(always)]
    pub(crate) fn store<C: Int>(&mut self, i: usize, row: &Row<C>) {
        match self {
            Self::I16(rows) => *rows[i] = map(row, |v| v.to_i64() as i16),
            Self::I32(rows) => *rows[i] = map(row, |v| v.to_i64() as i32),
            Self::I64(rows) => *rows[i] = map(row, C::to_i64),
            Self::Wide(rows) => *rows[i] = map(row, C::to_wide),
        }
    }

    /// The value of element `i` for one sample.
    pub(crate) fn get(&self, i: usize, lane: usize) -> Wide {
        match self {
            Self::I16(rows) => Wide::from_i64(rows[i][lane].into()),
            Self::I32(rows) => Wide::from_i64(rows[i][lane].into()),
            Self::I64(rows) => Wide::from_i64(rows[i][lane]),
            Self::Wide(rows) => rows[i][lane],
        }
    }

    /// Sets the value of element `i` for one sample.
    pub(crate) fn set(&mut self, i: usize, lane: usize, value: Wide) {
        let low = value.as_i128_wrapping();
        match self {
            Self::I16(rows) => rows[i][lane] = low as i16,
            Self::I32(rows) => rows[i][lane] = low as i32,
            Self::I64(rows) => rows[i][lane] = low as i64,
            Self::Wide(rows) => rows[i][lane] = value,
        }
    }
}
