//! How a raw value addresses a table.

use crate::{Format, Wide, to_f64};

/// The most entries that a table may have.
pub const MAX_TABLE_SIZE: usize = 1 << 20;

/// Addressing by magnitude: `trunc(±x · size / 2^span) + offset`, clipped to the table.
///
/// The division truncates toward zero in units of `x`, then the conversion to an integer truncates toward
/// zero again; for at least zero fraction bits that is one truncation. The index is exact for any input: it
/// does not wrap at 32 bits as an `int` in C does.
///
/// In steps on a raw value `r`: negate if [`negate`](Self::negate), multiply by
/// [`multiplier`](Self::multiplier), shift right by [`right`](Self::right) toward zero, shift left by
/// [`left`](Self::left), add [`offset`](Self::offset), clip to `0..=`[`last`](Self::last).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableIndex {
    multiplier: i64,
    right: u32,
    left: u32,
    offset: i64,
    last: i64,
    negate: bool,
    width: u32,
}

impl TableIndex {
    /// For tables from `-2^(span - 1)` to `2^(span - 1)`.
    pub const fn centred(input: Format, size: usize, span: u32) -> Self {
        Self::new(input, size, span as i32, (size / 2) as i64, false)
    }

    /// For tables from 0 to `2^span`.
    pub const fn rising(input: Format, size: usize, span: u32) -> Self {
        Self::new(input, size, span as i32, 0, false)
    }

    /// For tables from 0 down to -8, addressed by values that are not positive.
    pub const fn falling(input: Format, size: usize) -> Self {
        Self::new(input, size, 3, 0, true)
    }

    /// For tables from 0 to `2^-power`.
    pub const fn fraction(input: Format, size: usize, power: u32) -> Self {
        Self::new(input, size, -(power as i32), 0, false)
    }

    /// For lists of any size whose entry `x` is addressed by the value `x`.
    pub const fn whole(input: Format, size: usize) -> Self {
        assert!(size <= MAX_TABLE_SIZE, "the size of a list is checked before");
        Self { last: size as i64 - 1, ..Self::new(input, 1, 0, 0, false) }
    }

    const fn new(input: Format, size: usize, span: i32, offset: i64, negate: bool) -> Self {
        assert!(0 < size && size <= MAX_TABLE_SIZE, "the size of a table is checked before");
        let zeros = size.trailing_zeros() as i32;
        let frac = input.frac_bits();
        let down = span - zeros + if frac > 0 { frac } else { 0 };
        let up =
            if frac < 0 { frac.unsigned_abs() } else { 0 } + if down < 0 { down.unsigned_abs() } else { 0 };
        Self {
            multiplier: (size >> zeros) as i64,
            right: if down > 0 { down.unsigned_abs() } else { 0 },
            // One step of 2^40 is beyond any table.
            left: if up < 40 { up } else { 40 },
            offset,
            last: size as i64 - 1,
            negate,
            width: input.width + !input.signed as u32,
        }
    }

    /// The number of entries.
    pub const fn size(self) -> usize {
        self.last as usize + 1
    }

    /// The odd part of the size.
    pub const fn multiplier(self) -> i64 {
        self.multiplier
    }

    /// Bits of the shift to the right, which truncates toward zero.
    pub const fn right(self) -> u32 {
        self.right
    }

    /// Bits of the shift to the left that follows.
    pub const fn left(self) -> u32 {
        self.left
    }

    /// The index of zero.
    pub const fn offset(self) -> i64 {
        self.offset
    }

    /// The last index.
    pub const fn last(self) -> i64 {
        self.last
    }

    /// Whether the value is negated first.
    pub const fn negate(self) -> bool {
        self.negate
    }

    /// The width of a two's complement integer in which [`i64`](Self::i64) is exact; at most 63 for it to be
    /// so.
    pub const fn container_bits(self) -> u32 {
        self.width + (i64::BITS - self.multiplier.leading_zeros()) + 1
    }

    /// The index of a raw value.
    pub fn wide(self, raw: Wide) -> usize {
        let value = if self.negate { -raw } else { raw } * Wide::from_i64(self.multiplier);
        // A shift of 254 bits leaves nothing of any value.
        let right = self.right.min(254);
        let bias = if value.is_negative() { (Wide::ONE << right) - Wide::ONE } else { Wide::ZERO };
        let beyond = Wide::from_i64(self.last + 1);
        let near = ((value + bias) >> right).max(-beyond).min(beyond);
        let near = near.to_i128().and_then(|v| i64::try_from(v).ok()).expect("at most the size of a table");
        self.clip(near)
    }

    /// The index of a raw value, where [`container_bits`](Self::container_bits) is at most 63.
    #[inline(always)]
    pub const fn i64(self, raw: i64) -> usize {
        let value = if self.negate { raw.wrapping_neg() } else { raw }.wrapping_mul(self.multiplier);
        let right = if self.right < 62 { self.right } else { 62 };
        let bias = (value >> 63) & ((1 << right) - 1);
        let quotient = value.wrapping_add(bias) >> right;
        if self.left == 0 {
            let index = quotient + self.offset;
            return (if index < 0 {
                0
            } else if index > self.last {
                self.last
            } else {
                index
            }) as usize;
        }
        let beyond = self.last + 1;
        self.clip(if quotient < -beyond {
            -beyond
        } else if quotient > beyond {
            beyond
        } else {
            quotient
        })
    }

    #[inline(always)]
    const fn clip(self, near: i64) -> usize {
        let index = (near << self.left) + self.offset;
        (if index < 0 {
            0
        } else if index > self.last {
            self.last
        } else {
            index
        }) as usize
    }
}

/// Addressing by pattern: the index is the top bits of the value's pattern, read as an unsigned number.
///
/// For a signed format the upper half of the table belongs to negative values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitIndex {
    format: Format,
    bits: u32,
}

impl BitIndex {
    /// For values of `format` and a table of `size`, a power of two from 2 to `2^width`; otherwise `None`.
    pub const fn new(format: Format, size: usize) -> Option<Self> {
        let bits = size.trailing_zeros();
        if size < 2 || size > MAX_TABLE_SIZE || !size.is_power_of_two() || bits > format.width {
            return None;
        }
        Some(Self { format, bits })
    }

    /// The number of entries.
    pub const fn size(self) -> usize {
        1 << self.bits
    }

    /// The number of address bits.
    pub const fn bits(self) -> u32 {
        self.bits
    }

    /// The number of low bits that are dropped.
    pub const fn shift(self) -> u32 {
        self.format.width - self.bits
    }

    /// The format of the values.
    pub const fn format(self) -> Format {
        self.format
    }

    /// The index of a raw value.
    pub fn wide(self, raw: Wide) -> usize {
        let low = (raw >> self.shift()).as_i128_wrapping() & (self.size() as i128 - 1);
        usize::try_from(low).expect("at most 20 bits")
    }

    /// The index of a raw value of at most 64 bits.
    #[inline(always)]
    pub const fn i64(self, raw: i64) -> usize {
        let shift = self.shift();
        (raw >> if shift < 63 { shift } else { 63 }) as usize & (self.size() - 1)
    }

    /// The least raw value with index `i`, the dropped bits being zero.
    pub fn raw(self, i: usize) -> Wide {
        let top = i as i64;
        let signed = if self.format.signed && i >= self.size() / 2 { top - self.size() as i64 } else { top };
        Wide::from_i64(signed) << self.shift()
    }

    /// The value that entry `i` is computed for.
    pub fn abscissa(self, i: usize) -> f32 {
        to_f64(self.raw(i), self.format.frac_bits()) as f32
    }
}
