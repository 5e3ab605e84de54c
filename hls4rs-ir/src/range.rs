//! Intervals of raw values, and lists of them for the elements of a tensor.

use hls4rs_fixed::{Cast, Format, Overflow, Wide};

/// All raw values from `lo` to `hi`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The least value.
    pub lo: Wide,
    /// The greatest value; never less than `lo`.
    pub hi: Wide,
}

impl Interval {
    /// The interval with these ends, in whatever order they are given.
    pub fn new(a: Wide, b: Wide) -> Self {
        if a <= b { Self { lo: a, hi: b } } else { Self { lo: b, hi: a } }
    }

    /// A single value.
    pub fn point(value: Wide) -> Self {
        Self { lo: value, hi: value }
    }

    /// Every value that `format` can hold.
    pub fn of_format(format: Format) -> Self {
        Self { lo: format.min_raw(), hi: format.max_raw() }
    }

    /// The smallest interval around both.
    pub fn hull(self, other: Self) -> Self {
        Self { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// Sums of a value from each.
    pub fn sum(self, other: Self) -> Self {
        Self { lo: self.lo + other.lo, hi: self.hi + other.hi }
    }

    /// Differences of a value from each.
    pub fn difference(self, other: Self) -> Self {
        Self { lo: self.lo - other.hi, hi: self.hi - other.lo }
    }

    /// Products of a value from each.
    pub fn product(self, other: Self) -> Self {
        let corners = [self.lo * other.lo, self.lo * other.hi, self.hi * other.lo, self.hi * other.hi];
        Self {
            lo: corners.into_iter().min().expect("four corners"),
            hi: corners.into_iter().max().expect("four corners"),
        }
    }

    /// Squares of the values.
    pub fn square(self) -> Self {
        let (lo, hi) = (self.lo * self.lo, self.hi * self.hi);
        if self.lo.is_negative() && !self.hi.is_negative() {
            Self { lo: Wide::ZERO, hi: lo.max(hi) }
        } else {
            Self::new(lo, hi)
        }
    }

    /// Products with one factor.
    pub fn scaled(self, factor: Wide) -> Self {
        Self::new(self.lo * factor, self.hi * factor)
    }

    /// The interval in units that are `2^bits` times finer.
    pub fn finer(self, bits: u32) -> Self {
        Self { lo: self.lo << bits, hi: self.hi << bits }
    }

    /// Maps both ends through a function that never decreases.
    pub fn map(self, f: impl Fn(Wide) -> Wide) -> Self {
        Self { lo: f(self.lo), hi: f(self.hi) }
    }

    /// Whether every value is one that a cast to `format` leaves as it is.
    pub fn fits(self, format: Format) -> bool {
        // A symmetric saturation takes the least value of the format away.
        let symmetric = format.signed && format.width > 1 && format.overflow == Overflow::SatSym;
        let least = !symmetric || self.lo != format.min_raw();
        least && format.contains_raw(self.lo) && format.contains_raw(self.hi)
    }
}

/// One interval for each element of a tensor; all count units of `2^-frac_bits`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranges {
    /// Fraction bits of the raw values.
    pub frac_bits: i32,
    /// The elements' intervals, row major.
    pub elements: Vec<Interval>,
}

impl Ranges {
    /// The smallest interval around all elements.
    ///
    /// # Panics
    /// Never: a shape has at least one element.
    pub fn hull(&self) -> Interval {
        self.elements.iter().copied().reduce(Interval::hull).expect("a shape has an element")
    }

    /// The narrowest format that holds every element.
    pub fn format(&self) -> Format {
        let hull = self.hull();
        Format::holding(hull.lo, hull.hi, self.frac_bits)
    }

    /// Applies `f` to every interval; the fraction bits become `frac_bits`.
    pub fn map(&self, frac_bits: i32, f: impl Fn(Interval) -> Interval) -> Self {
        Self { frac_bits, elements: self.elements.iter().map(|&e| f(e)).collect() }
    }

    /// The same values in units of `2^-frac_bits`, which must not be coarser.
    pub fn align(&self, frac_bits: i32) -> Self {
        let bits = u32::try_from(frac_bits - self.frac_bits).expect("alignment is never coarser");
        self.map(frac_bits, |e| e.finer(bits))
    }
}

/// The narrowest format that holds every value of either format.
pub const fn aligned(a: Format, b: Format) -> Format {
    let a_bits = a.int_bits + (b.signed && !a.signed) as i32;
    let b_bits = b.int_bits + (a.signed && !b.signed) as i32;
    let int_bits = if a_bits > b_bits { a_bits } else { b_bits };
    let (a_frac, b_frac) = (a.frac_bits(), b.frac_bits());
    let width = int_bits + if a_frac > b_frac { a_frac } else { b_frac };
    let format = Format::fixed(width.unsigned_abs(), int_bits);
    Format { signed: a.signed || b.signed, ..format }
}

/// `format` without its limits: same unit, same rounding, room for any sum that is met here.
pub fn unlimited(format: Format) -> Format {
    let width = Format::MAX_WIDTH;
    Format::fixed(width, width as i32 - format.frac_bits()).with_rounding(format.rounding)
}

/// Rounds values of `frac_bits` to the unit of `format`, without its limits.
pub fn quantized(interval: Interval, frac_bits: i32, format: Format) -> Interval {
    let width = Format::MAX_WIDTH;
    let source = Format::fixed(width, width as i32 - frac_bits);
    let cast = Cast::new(source, unlimited(format));
    interval.map(|raw| cast.wide(raw))
}
