//! The matrix product of a fully connected layer with 16-bit inputs and 32-bit sums, two products at a time.
//!
//! Inputs are interleaved in pairs, so that one 32-bit lane holds two neighbouring inputs of a sample, and weights are
//! stored as pairs in tiles of four outputs; pairs of zeros are left out.
//!
//! A product that is truncated, `floor(x · w / 2^s)` with `0 < s <= 16`, needs no 32-bit shift either: split
//! `w = h · 2^s + l` with `-2^(s-1) <= l < 2^(s-1)`. The first part gives `x · h` exactly; the second is the upper half
//! of the 32-bit product of `x` and `l · 2^(16-s)`, both of which have 16 bits. Trained weights rarely have a first
//! part.

use super::block::{LANES, Line};
use super::lanes::{Lanes, pair};

/// Outputs in a tile.
const TILE: usize = 4;

/// Weights of four outputs for a pair of inputs.
#[derive(Clone, Copy, Debug)]
struct Entry {
    pair: u32,
    weights: [i32; TILE],
}

#[derive(Clone, Debug, Default)]
struct Tile {
    /// Terms whose products count as they are.
    whole: Vec<Entry>,
    /// Terms of whose products the upper half counts.
    upper: Vec<Entry>,
}

/// A matrix in tiles.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    tiles: Vec<Tile>,
    n_out: usize,
}

impl Matrix {
    /// The matrix `weight`, row major `[n_in, n_out]`, of products that lose `truncated` bits each; `None` if it cannot
    /// be had in 16 bits.
    pub(crate) fn new(weight: &[i64], n_out: usize, truncated: u32) -> Option<Self> {
        if truncated > 16 {
            return None;
        }
        let split = |w: i64| -> Option<(i16, i16)> {
            if truncated == 0 {
                return Some((i16::try_from(w).ok()?, 0));
            }
            let half = 1 << (truncated - 1);
            let whole = (w + half) >> truncated;
            let rest = (w - (whole << truncated)) << (16 - truncated);
            Some((i16::try_from(whole).ok()?, i16::try_from(rest).expect("at least -2^15, less than 2^15")))
        };
        let split: Vec<(i16, i16)> = weight.iter().map(|&w| split(w)).collect::<Option<_>>()?;
        let n_in = weight.len() / n_out;
        let at = |i: usize, j: usize| if i < n_in && j < n_out { split[i * n_out + j] } else { (0, 0) };
        let tile = |start: usize| {
            let mut tile = Tile::default();
            for n in 0..n_in.div_ceil(2) {
                let (mut whole, mut upper) = ([0; TILE], [0; TILE]);
                for j in 0..TILE {
                    let (a, b) = (at(2 * n, start + j), at(2 * n + 1, start + j));
                    (whole[j], upper[j]) = (pair(a.0, b.0), pair(a.1, b.1));
                }
                for (weights, entries) in [(whole, &mut tile.whole), (upper, &mut tile.upper)] {
                    if weights != [0; TILE] {
                        entries.push(Entry { pair: n as u32, weights });
                    }
                }
            }
            tile
        };
        Some(Self { tiles: (0..n_out).step_by(TILE).map(tile).collect(), n_out })
    }

    /// The number of tiles.
    pub(crate) fn tiles(&self) -> usize {
        self.tiles.len()
    }

    /// The outputs of a tile.
    pub(crate) fn outputs(&self, tile: usize) -> std::ops::Range<usize> {
        tile * TILE..self.n_out.min((tile + 1) * TILE)
    }

    /// Room for the sums of a tile.
    pub(crate) const TILE_OF_ZEROS: [Line<i32>; TILE] = [Line([0; LANES]); TILE];

    /// Neighbouring inputs as pairs; the last is alone if their number is odd.
    #[inline(always)]
    pub(crate) fn interleave(&self, x: &[Line<i16>], pairs: &mut Vec<Line<i32>>) {
        pairs.resize(x.len().div_ceil(2), Line([0; LANES]));
        let mut two = x.chunks_exact(2);
        for (x, pairs) in (&mut two).zip(pairs.iter_mut()) {
            for lane in 0..LANES {
                pairs[lane] = pair(x[0][lane], x[1][lane]);
            }
        }
        if let ([x], Some(pairs)) = (two.remainder(), pairs.last_mut()) {
            for lane in 0..LANES {
                pairs[lane] = pair(x[lane], 0);
            }
        }
    }

    /// Sums the products of a tile's outputs.
    #[inline(always)]
    pub(crate) fn sums<V: Lanes>(
        &self,
        lanes: V,
        tile: usize,
        pairs: &[Line<i32>],
        sums: &mut [Line<i32>; TILE],
    ) {
        match V::TILE {
            4 => self.tiles[tile].sums::<V, 4>(lanes, pairs, sums),
            _ => self.tiles[tile].sums::<V, 2>(lanes, pairs, sums),
        }
    }
}

impl Tile {
    #[inline(always)]
    fn sums<V: Lanes, const K: usize>(&self, lanes: V, pairs: &[Line<i32>], sums: &mut [Line<i32>; TILE]) {
        let ones = lanes.splat(pair(1, 1));
        for start in (0..LANES).step_by(K * V::COUNT) {
            let mut acc = [[lanes.splat(0); K]; TILE];
            for entry in &self.whole {
                let x = row::<V, K>(lanes, &pairs[entry.pair as usize], start);
                for (acc, &weight) in acc.iter_mut().zip(&entry.weights) {
                    let weight = lanes.splat(weight);
                    for (acc, &x) in acc.iter_mut().zip(&x) {
                        *acc = lanes.multiply_add(*acc, x, weight);
                    }
                }
            }
            for entry in &self.upper {
                let x = row::<V, K>(lanes, &pairs[entry.pair as usize], start);
                for (acc, &weight) in acc.iter_mut().zip(&entry.weights) {
                    let weight = lanes.splat(weight);
                    for (acc, &x) in acc.iter_mut().zip(&x) {
                        *acc = lanes.multiply_add(*acc, lanes.multiply_high(x, weight), ones);
                    }
                }
            }
            for (acc, sums) in acc.iter().zip(sums.iter_mut()) {
                for (k, &acc) in acc.iter().enumerate() {
                    lanes.store(acc, &mut sums[start + k * V::COUNT..]);
                }
            }
        }
    }
}

#[inline(always)]
fn row<V: Lanes, const K: usize>(lanes: V, row: &Line<i32>, start: usize) -> [V::Vector; K] {
    let mut x = [lanes.splat(0); K];
    for (k, x) in x.iter_mut().enumerate() {
        *x = lanes.load(&row[start + k * V::COUNT..]);
    }
    x
}
