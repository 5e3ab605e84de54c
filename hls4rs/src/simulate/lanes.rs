//! Vectors of integers: the few instructions that plain loops do not become.
//!
//! The multiply-add of pairs of 16-bit integers does the work of a matrix layer in a quarter of the instructions, on
//! every x86-64 (on plain SSE2, which has no multiplication of 32-bit integers, it is twelve times as fast), and the
//! compiler does not find it by itself.

/// The instructions of a set, on vectors of 32-bit lanes that may each hold a pair of 16-bit integers.
///
/// A value of the type is the proof that the processor has the set.
pub(crate) trait Lanes: Copy {
    /// Several 32-bit integers.
    type Vector: Copy;
    /// How many.
    const COUNT: usize;
    /// How many vectors of lanes a tile of four outputs has, so that its sums fill the registers.
    const TILE: usize;

    /// The same integer in every lane.
    fn splat(self, value: i32) -> Self::Vector;
    /// The first lanes of a slice.
    fn load(self, from: &[i32]) -> Self::Vector;
    /// Writes the first lanes of a slice.
    fn store(self, value: Self::Vector, to: &mut [i32]);
    /// `sum + a₀ · b₀ + a₁ · b₁` of the pairs in each lane, modulo 2^32.
    fn multiply_add(self, sum: Self::Vector, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The upper halves `floor(a · b / 2^16)` of the products, pair by pair.
    fn multiply_high(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
}

/// A pair of 16-bit integers as one lane.
#[inline(always)]
pub(crate) const fn pair(low: i16, high: i16) -> i32 {
    (low as u16 as u32 | (high as u16 as u32) << 16) as i32
}

/// What needs no instruction set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

impl Portable {
    fn halves(lane: i32) -> [i32; 2] {
        [i32::from(lane as i16), lane >> 16]
    }
}

impl Lanes for Portable {
    type Vector = [i32; 8];
    const COUNT: usize = 8;
    const TILE: usize = 2;

    #[inline(always)]
    fn splat(self, value: i32) -> [i32; 8] {
        [value; 8]
    }

    #[inline(always)]
    fn load(self, from: &[i32]) -> [i32; 8] {
        std::array::from_fn(|lane| from[lane])
    }

    #[inline(always)]
    fn store(self, value: [i32; 8], to: &mut [i32]) {
        to[..8].copy_from_slice(&value);
    }

    #[inline(always)]
    fn multiply_add(self, sum: [i32; 8], a: [i32; 8], b: [i32; 8]) -> [i32; 8] {
        std::array::from_fn(|lane| {
            let ([a0, a1], [b0, b1]) = (Self::halves(a[lane]), Self::halves(b[lane]));
            sum[lane].wrapping_add(a0 * b0).wrapping_add(a1 * b1)
        })
    }

    #[inline(always)]
    fn multiply_high(self, a: [i32; 8], b: [i32; 8]) -> [i32; 8] {
        std::array::from_fn(|lane| {
            let ([a0, a1], [b0, b1]) = (Self::halves(a[lane]), Self::halves(b[lane]));
            pair(((a0 * b0) >> 16) as i16, ((a1 * b1) >> 16) as i16)
        })
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512, Sse2};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::mem::transmute;

    use super::Lanes;

    macro_rules! instructions {
        (
            $(#[$doc:meta])* $name:ident[$($feature:tt)*], $vector:ident of $count:literal in tiles of $tile:literal:
            $splat:ident, |$sum:ident, $a:ident, $b:ident| $multiply_add:expr, $multiply_high:ident
        ) => {
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub(crate) struct $name(());

            impl $name {
                /// The instructions, if the processor has them.
                pub(crate) fn detect() -> Option<Self> {
                    let found = true $(&& is_x86_feature_detected!($feature))*;
                    found.then_some(Self(()))
                }
            }

            // SAFETY of every block here: the conversions are between an array of integers and a vector of the same
            // size, of which all bit patterns are valid; the instructions are there, because `detect` is the only
            // place that makes a value of this type.
            impl Lanes for $name {
                type Vector = $vector;
                const COUNT: usize = $count;
                const TILE: usize = $tile;

                #[inline(always)]
                fn splat(self, value: i32) -> $vector {
                    unsafe { $splat(value) }
                }

                #[inline(always)]
                fn load(self, from: &[i32]) -> $vector {
                    let lanes: [i32; $count] = from[..$count].try_into().expect("as many as the lanes");
                    unsafe { transmute(lanes) }
                }

                #[inline(always)]
                fn store(self, value: $vector, to: &mut [i32]) {
                    let lanes: [i32; $count] = unsafe { transmute(value) };
                    to[..$count].copy_from_slice(&lanes);
                }

                #[inline(always)]
                fn multiply_add(self, $sum: $vector, $a: $vector, $b: $vector) -> $vector {
                    unsafe { $multiply_add }
                }

                #[inline(always)]
                fn multiply_high(self, a: $vector, b: $vector) -> $vector {
                    unsafe { $multiply_high(a, b) }
                }
            }
        };
    }

    instructions! {
        /// What every x86-64 has.
        Sse2["sse2"], __m128i of 4 in tiles of 2:
        _mm_set1_epi32, |sum, a, b| _mm_add_epi32(sum, _mm_madd_epi16(a, b)), _mm_mulhi_epi16
    }
    instructions! {
        /// AVX2.
        Avx2["avx2"], __m256i of 8 in tiles of 2:
        _mm256_set1_epi32, |sum, a, b| _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)), _mm256_mulhi_epi16
    }
    instructions! {
        /// AVX-512 with VNNI: Ice Lake and Zen 4, and what came after them.
        Avx512["avx512f" "avx512bw" "avx512dq" "avx512vl" "avx512vnni"], __m512i of 16 in tiles of 4:
        _mm512_set1_epi32, |sum, a, b| _mm512_dpwssd_epi32(sum, a, b), _mm512_mulhi_epi16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<V: Lanes>(lanes: V) {
        let at = |seed: i32| -> Vec<i32> {
            let values = [0, 1, -1, 2, i16::MIN, i16::MAX, 1234, -4321];
            (0..V::COUNT as i32)
                .map(|n| {
                    pair(values[((n * 7 + seed) % 8) as usize], values[((n * 3 + seed / 8) % 8) as usize])
                })
                .collect()
        };
        for seed in 0..256 {
            let (a, b, c) = (at(seed), at(seed / 3), at(seed * 5));
            let mut found = vec![0; V::COUNT];
            let real = |v: &[i32]| lanes.load(v);
            lanes.store(lanes.multiply_add(real(&c), real(&a), real(&b)), &mut found);
            let half = |v: i32, n: u32| i64::from((v >> (16 * n)) as i16);
            for lane in 0..V::COUNT {
                let product = |n| half(a[lane], n) * half(b[lane], n);
                let expected = i64::from(c[lane]) + product(0) + product(1);
                assert_eq!(found[lane], expected as i32);
            }
            lanes.store(lanes.multiply_high(real(&a), real(&b)), &mut found);
            for lane in 0..V::COUNT {
                let high = |n| ((half(a[lane], n) * half(b[lane], n)) >> 16) as i16;
                assert_eq!(found[lane], pair(high(0), high(1)));
            }
        }
    }

    #[test]
    fn instructions_do_what_they_are_said_to() {
        check(Portable);
        #[cfg(target_arch = "x86_64")]
        {
            Sse2::detect().into_iter().for_each(check);
            Avx2::detect().into_iter().for_each(check);
            Avx512::detect().into_iter().for_each(check);
        }
    }
}
