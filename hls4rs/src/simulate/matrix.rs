//! The matrix product of a layer with 16-bit inputs and 32-bit sums, two products at a time.
//!
//! The channels of every position of the input are interleaved in pairs, so that one 32-bit lane holds two neighbouring
//! channels of a sample, and weights are stored as pairs in tiles of four outputs; pairs of zeros are left out. An
//! output position reads the pairs of as many input positions as its window has taps, where they are.
//!
//! A product that is truncated, `floor(x · w / 2^s)` with `0 < s <= 16`, needs no 32-bit shift either: split
//! `w = h · 2^s + l` with `-2^(s-1) <= l < 2^(s-1)`. The first part gives `x · h` exactly; the second is the upper half
//! of the 32-bit product of `x` and `l · 2^(16-s)`, both of which have 16 bits. Trained weights rarely have a first
//! part.

use super::block::{LANES, Line};
use super::lanes::{Lanes, pair};

/// Outputs in a tile.
const TILE: usize = 4;

/// Weights of four outputs for a pair of channels.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Counted from the first pair of the position under the tap.
    pair: u32,
    weights: [i32; TILE],
}

/// Where the entries of a tap end; they begin where those of the tap before it end.
#[derive(Clone, Copy, Debug)]
struct Tap {
    tap: u32,
    whole: u32,
    upper: u32,
}

#[derive(Clone, Debug, Default)]
struct Tile {
    /// The taps that have entries, in order.
    taps: Vec<Tap>,
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
    channels: usize,
}

/// Of a tap that lies in the padding.
pub(crate) const NOWHERE: u32 = u32::MAX;

impl Matrix {
    /// The matrix `weight`, row major `[taps, channels, n_out]`, of products that lose `truncated` bits each; `None` if
    /// it cannot be had in 16 bits.
    pub(crate) fn new(weight: &[i64], channels: usize, n_out: usize, truncated: u32) -> Option<Self> {
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
        let taps = split.chunks(channels * n_out);
        let tile = |start: usize| Tile::new(taps.clone(), channels, n_out, start);
        Some(Self { tiles: (0..n_out).step_by(TILE).map(tile).collect(), n_out, channels })
    }

    /// Pairs of channels at one position.
    pub(crate) fn pairs(&self) -> usize {
        self.channels.div_ceil(2)
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

    /// Neighbouring channels as pairs, position by position; the last is alone if their number is odd.
    #[inline(always)]
    pub(crate) fn interleave(&self, x: &[Line<i16>], pairs: &mut Vec<Line<i32>>) {
        let count = x.len() / self.channels * self.pairs();
        if pairs.len() < count {
            pairs.resize(count, Line([0; LANES]));
        }
        for (x, pairs) in x.chunks_exact(self.channels).zip(pairs.chunks_exact_mut(self.pairs())) {
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
    }

    /// Sums the products of a tile's outputs; `places` has the first pair under each tap, or [`NOWHERE`].
    #[inline(always)]
    pub(crate) fn sums<V: Lanes>(
        &self,
        lanes: V,
        tile: usize,
        pairs: &[Line<i32>],
        places: &[u32],
        sums: &mut [Line<i32>; TILE],
    ) {
        match V::TILE {
            4 => self.tiles[tile].sums::<V, 4>(lanes, pairs, places, sums),
            _ => self.tiles[tile].sums::<V, 2>(lanes, pairs, places, sums),
        }
    }
}

impl Tile {
    /// The weights of the outputs from `start` on.
    fn new<'a>(
        taps: impl Iterator<Item = &'a [(i16, i16)]>,
        channels: usize,
        n_out: usize,
        start: usize,
    ) -> Self {
        let mut tile = Self::default();
        for (tap, weight) in taps.enumerate() {
            let at =
                |i: usize, j: usize| if i < channels && j < n_out { weight[i * n_out + j] } else { (0, 0) };
            let [whole_before, upper_before] = [tile.whole.len() as u32, tile.upper.len() as u32];
            for n in 0..channels.div_ceil(2) {
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
            let tap = Tap { tap: tap as u32, whole: tile.whole.len() as u32, upper: tile.upper.len() as u32 };
            if (tap.whole, tap.upper) != (whole_before, upper_before) {
                tile.taps.push(tap);
            }
        }
        tile
    }

    #[inline(always)]
    fn sums<V: Lanes, const K: usize>(
        &self,
        lanes: V,
        pairs: &[Line<i32>],
        places: &[u32],
        sums: &mut [Line<i32>; TILE],
    ) {
        let ones = lanes.splat(pair(1, 1));
        for start in (0..LANES).step_by(K * V::COUNT) {
            let mut acc = [[lanes.splat(0); K]; TILE];
            let (mut whole, mut upper) = (0, 0);
            for tap in &self.taps {
                let entries =
                    (&self.whole[whole..tap.whole as usize], &self.upper[upper..tap.upper as usize]);
                (whole, upper) = (tap.whole as usize, tap.upper as usize);
                let place = places[tap.tap as usize];
                if place == NOWHERE {
                    continue;
                }
                let pairs = &pairs[place as usize..];
                for entry in entries.0 {
                    let x = row::<V, K>(lanes, &pairs[entry.pair as usize], start);
                    for (acc, &weight) in acc.iter_mut().zip(&entry.weights) {
                        let weight = lanes.splat(weight);
                        for (acc, &x) in acc.iter_mut().zip(&x) {
                            *acc = lanes.multiply_add(*acc, x, weight);
                        }
                    }
                }
                for entry in entries.1 {
                    let x = row::<V, K>(lanes, &pairs[entry.pair as usize], start);
                    for (acc, &weight) in acc.iter_mut().zip(&entry.weights) {
                        let weight = lanes.splat(weight);
                        for (acc, &x) in acc.iter_mut().zip(&x) {
                            *acc = lanes.multiply_add(*acc, lanes.multiply_high(x, weight), ones);
                        }
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
