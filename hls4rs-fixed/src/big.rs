//! 1024-bit two's complement integers for what exceeds [`Wide`]: far-apart binary points and long products.
//!
//! Rarely reached, so the code is short rather than fast.

use crate::Wide;

const LIMBS: usize = 16;

/// A 1024-bit two's complement integer; operations wrap modulo 2^1024.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Big([u64; LIMBS]);

impl Big {
    pub(crate) const BITS: u32 = 64 * LIMBS as u32;

    pub(crate) const fn from_i128(value: i128) -> Big {
        let mut limbs = [(value >> 127) as u64; LIMBS];
        limbs[0] = value as u64;
        limbs[1] = (value >> 64) as u64;
        Big(limbs)
    }

    pub(crate) const fn from_wide(value: Wide) -> Big {
        let (hi, lo) = value.to_parts();
        let mut limbs = [(hi >> 127) as u64; LIMBS];
        limbs[0] = lo as u64;
        limbs[1] = (lo >> 64) as u64;
        limbs[2] = hi as u64;
        limbs[3] = (hi >> 64) as u64;
        Big(limbs)
    }

    /// The lower 256 bits.
    pub(crate) const fn as_wide_wrapping(self) -> Wide {
        let lo = self.0[0] as u128 | (self.0[1] as u128) << 64;
        let hi = self.0[2] as u128 | (self.0[3] as u128) << 64;
        Wide::from_parts(hi as i128, lo)
    }

    pub(crate) const fn is_negative(self) -> bool {
        (self.0[LIMBS - 1] as i64) < 0
    }

    pub(crate) const fn is_zero(self) -> bool {
        self.eq(Big([0; LIMBS]))
    }

    pub(crate) const fn eq(self, other: Big) -> bool {
        let mut i = 0;
        while i < LIMBS {
            if self.0[i] != other.0[i] {
                return false;
            }
            i += 1;
        }
        true
    }

    pub(crate) const fn lt(self, other: Big) -> bool {
        if self.is_negative() != other.is_negative() {
            return self.is_negative();
        }
        let mut i = LIMBS;
        while i > 0 {
            i -= 1;
            if self.0[i] != other.0[i] {
                return self.0[i] < other.0[i];
            }
        }
        false
    }

    pub(crate) const fn add(self, other: Big) -> Big {
        let mut out = [0; LIMBS];
        let mut carry = 0;
        let mut i = 0;
        while i < LIMBS {
            let sum = self.0[i] as u128 + other.0[i] as u128 + carry;
            out[i] = sum as u64;
            carry = sum >> 64;
            i += 1;
        }
        Big(out)
    }

    pub(crate) const fn not(self) -> Big {
        let mut out = self.0;
        let mut i = 0;
        while i < LIMBS {
            out[i] = !out[i];
            i += 1;
        }
        Big(out)
    }

    pub(crate) const fn neg(self) -> Big {
        self.not().add(Big::from_i128(1))
    }

    pub(crate) const fn and(self, other: Big) -> Big {
        let mut out = self.0;
        let mut i = 0;
        while i < LIMBS {
            out[i] &= other.0[i];
            i += 1;
        }
        Big(out)
    }

    pub(crate) const fn or(self, other: Big) -> Big {
        self.not().and(other.not()).not()
    }

    pub(crate) const fn mul(self, other: Big) -> Big {
        let mut out = [0; LIMBS];
        let mut i = 0;
        while i < LIMBS {
            let mut carry = 0;
            let mut j = 0;
            while i + j < LIMBS {
                let sum = self.0[i] as u128 * other.0[j] as u128 + out[i + j] as u128 + carry;
                out[i + j] = sum as u64;
                carry = sum >> 64;
                j += 1;
            }
            i += 1;
        }
        Big(out)
    }

    /// `self * 2^n`; zero for `n >= BITS`.
    pub(crate) const fn shl(self, n: u32) -> Big {
        let (words, bits) = ((n / 64) as usize, n % 64);
        let mut out = [0; LIMBS];
        let mut i = words;
        while i < LIMBS {
            out[i] = self.0[i - words] << bits;
            if bits > 0 && i > words {
                out[i] |= self.0[i - words - 1] >> (64 - bits);
            }
            i += 1;
        }
        Big(out)
    }

    /// `floor(self / 2^n)`; the sign for `n >= BITS`.
    pub(crate) const fn shr(self, n: u32) -> Big {
        let (words, bits) = ((n / 64) as usize, n % 64);
        let sign = if self.is_negative() { u64::MAX } else { 0 };
        let mut out = [sign; LIMBS];
        let mut i = 0;
        while i + words < LIMBS {
            out[i] = self.0[i + words] >> bits;
            if bits > 0 {
                let above = if i + words + 1 < LIMBS { self.0[i + words + 1] } else { sign };
                out[i] |= above << (64 - bits);
            }
            i += 1;
        }
        Big(out)
    }

    /// The least two's complement width that holds the value, sign included.
    pub(crate) const fn bits(self) -> u32 {
        let folded = if self.is_negative() { self.not() } else { self };
        let mut i = LIMBS;
        while i > 0 {
            i -= 1;
            if folded.0[i] != 0 {
                return 64 * i as u32 + 65 - folded.0[i].leading_zeros();
            }
        }
        1
    }

    /// The number of zero bits below the lowest one; `BITS` for zero.
    pub(crate) const fn trailing_zeros(self) -> u32 {
        let mut i = 0;
        while i < LIMBS && self.0[i] == 0 {
            i += 1;
        }
        64 * i as u32 + if i < LIMBS { self.0[i].trailing_zeros() } else { 0 }
    }

    /// Divides a magnitude (read as unsigned) by ten.
    pub(crate) const fn div_rem_10(self) -> (Big, u8) {
        let mut out = self.0;
        let mut rest = 0u128;
        let mut i = LIMBS;
        while i > 0 {
            i -= 1;
            rest = rest << 64 | out[i] as u128;
            out[i] = (rest / 10) as u64;
            rest %= 10;
        }
        (Big(out), rest as u8)
    }
}
