//! Inputs of the network.

use hls4rs_fixed::{Format, Overflow, Wide, from_f64, to_f64};

use super::{Arity, Layer, Unfit};
use crate::fault::Problem;
use crate::range::{Interval, Ranges, unlimited};
use crate::resolve::{Done, NodeCx, wraps};
use crate::{Place, Precision, Shape, Slot};

/// An input of the network: values from outside, converted to the input's format.
///
/// # Precision
/// `auto` is `fixed<16,6>` without a declared range; with one, the narrowest format of ten fraction bits that
/// holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The shape of one sample.
    pub shape: Shape,
    /// What the values will be, if the user has said so.
    pub range: Option<Range>,
}

/// A declared range of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The least value.
    pub lo: f64,
    /// The greatest value.
    pub hi: f64,
    /// Whether `hi` itself belongs to the range.
    pub inclusive: bool,
}

impl Layer for Input {
    fn keyword(&self) -> &'static str {
        "input"
    }

    fn arity(&self) -> Arity {
        Arity::Exactly(0)
    }

    fn shape(&self, _: &[&Shape]) -> Result<Shape, Unfit> {
        Ok(self.shape.clone())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let asked = cx.precision(Slot::Result);
        let like = asked.format().unwrap_or(Format::fixed(16, 6));
        let Some(range) = self.range else {
            let format = cx.settle(Slot::Result, like);
            return Some(self.everywhere(Interval::of_format(format), format).into());
        };
        if let Some(what) = range.fault() {
            let (layer, Range { lo, hi, .. }) = (cx.node().name.clone(), range);
            cx.fault(Place::Range, Problem::Range { layer, lo, hi, what });
            return None;
        }
        let declared = range.raw(like);
        let tight = Format::holding(declared.lo, declared.hi, like.frac_bits());
        let format = cx.settle(Slot::Result, tight);
        if wraps(format) && !declared.fits(format) && matches!(asked, Precision::Checked(_)) {
            let needed = Format { rounding: format.rounding, overflow: format.overflow, ..tight };
            let (layer, Range { lo, hi, .. }) = (cx.node().name.clone(), range);
            let problem = Problem::InputOverflow { layer, lo, hi, needed, found: format };
            cx.fault(Place::Precision(Slot::Result), problem);
        }
        let all = self.everywhere(declared, format);
        Some(crate::resolve::limited(&all, format).into())
    }
}

impl Input {
    fn everywhere(&self, interval: Interval, format: Format) -> Ranges {
        Ranges { frac_bits: format.frac_bits(), elements: vec![interval; self.shape.elements()] }
    }
}

impl Range {
    fn fault(self) -> Option<&'static str> {
        if !(self.lo.is_finite() && self.hi.is_finite()) {
            Some("not finite")
        } else if self.lo > self.hi || (self.lo == self.hi && !self.inclusive) {
            Some("empty")
        } else {
            None
        }
    }

    /// The raw values that inputs in the range are converted to.
    fn raw(self, format: Format) -> Interval {
        let room = Format { overflow: Overflow::Sat, ..unlimited(format) };
        let (lo, mut hi) = (from_f64(self.lo, room), from_f64(self.hi, room));
        // With an open end that is a multiple of the unit, the end itself is out; a value just below it is rounded
        // down to the next lower multiple where the mode truncates.
        let truncates = format.rounding == hls4rs_fixed::Rounding::Trn;
        if !self.inclusive && truncates && to_f64(hi, format.frac_bits()) == self.hi {
            hi -= Wide::ONE;
        }
        Interval::new(lo, hi)
    }
}
