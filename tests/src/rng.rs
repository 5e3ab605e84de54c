//! A small random number generator: the same seed gives the same numbers on every machine, for ever.

/// SplitMix64.
///
/// # Source
/// Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", doi:10.1145/2660193.2660195.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The generator of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The generator of one of several things that are made from a seed, independent of the others.
    pub fn of(seed: u64, n: u64) -> Self {
        let mut rng = Self(seed);
        let start = rng.bits() ^ n.wrapping_mul(0xd1b5_4a32_d192_ed03);
        let mut rng = Self(start);
        rng.bits();
        rng
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which must not be 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// A number from `lo` to `hi`, both included.
    pub fn between(&mut self, lo: i64, hi: i64) -> i64 {
        let span = hi.abs_diff(lo) as usize;
        lo + self.below(span.saturating_add(1)) as i64
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several things.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// A number in `0.0..1.0`, in steps of 2⁻³².
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 32) as f64 / 4_294_967_296.0
    }

    /// Near to a normal distribution of mean 0 and deviation 1: the sum of twelve uniform numbers.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn numbers_stay_in_their_limits_and_depend_on_the_seed() {
        let mut rng = Rng::of(1, 2);
        assert!((0..1000).map(|_| rng.between(-3, 4)).all(|n| (-3..=4).contains(&n)));
        assert_ne!(Rng::of(1, 2).bits(), Rng::of(1, 3).bits());
        assert_eq!(Rng::of(1, 2).bits(), Rng::of(1, 2).bits());
    }
}
