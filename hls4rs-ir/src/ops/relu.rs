//! The rectified linear unit.

use hls4rs_fixed::{Format, Wide};

use super::{Layer, Unfit};
use crate::Shape;
use crate::attr::{Attr, AttrRef};
use crate::range::aligned;
use crate::resolve::{Done, NodeCx};

/// Rectified linear unit: `y = x > 0 ? x : 0`, at most `max` where one is given.
///
/// # Shapes
/// Any; the result has the input's shape.
/// # Precision
/// One cast of `x` (or of the limit) to the result. `auto` is the narrowest format for the range.
/// # Source
/// hls4ml `nnet_utils/nnet_activation.h`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Relu {
    /// The upper limit, a whole number such as 1 or 6.
    pub max: Option<f64>,
}

impl Relu {
    /// The limit in units of `2^-frac_bits`.
    pub fn limit(&self, frac_bits: i32) -> Option<Wide> {
        let format = Format::fixed(200, 200 - frac_bits);
        self.max.map(|max| hls4rs_fixed::from_f64(max, format))
    }
}

impl Layer for Relu {
    fn keyword(&self) -> &'static str {
        "relu"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![Attr { name: "max", doc: "upper limit of the result", value: AttrRef::OptionalReal(&mut self.max) }]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        if self.max.is_some_and(|max| max <= 0.0 || max.fract() != 0.0 || max > 1e9) {
            return Err(Unfit::Attr {
                name: "max",
                expected: "a whole number above 0".to_owned(),
                found: self.max.map(|m| m.to_string()).unwrap_or_default(),
            });
        }
        Ok(inputs[0].clone())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        // The limit is a whole number: with at least zero fraction bits it is exact.
        let compared = aligned(cx.input(0).result(), Format::ufixed(32, 32));
        let frac_bits = if self.max.is_some() { cx.exact(0, compared)?.frac_bits() } else { cx.input(0).range.frac_bits };
        let x = cx.input(0).range.align(frac_bits);
        let limit = self.limit(x.frac_bits);
        let clamp = |raw: Wide| {
            let raw = raw.max(Wide::ZERO);
            limit.map_or(raw, |limit| raw.min(limit))
        };
        Some(cx.settle_result(&x.map(x.frac_bits, |e| e.map(clamp))).into())
    }
}
