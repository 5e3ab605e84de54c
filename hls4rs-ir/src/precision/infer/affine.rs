//! Types of affine layers and of single constants.

use hls4rs_fixed::Format;

use super::Around;
use super::sums::plus;
use crate::Slot;
use crate::draft::{DraftNode, Type};
use crate::precision::kif::Kif;

/// The widest type that is made for a constant, without its sign.
const CONSTANT_BITS: i32 = 8;

/// `x · scale + bias`.
pub(super) fn affine(node: &DraftNode, around: &Around<'_>) -> Type {
    let ty = |slot| node.types.get(slot).and_then(|ty| ty.format());
    let (Some(x), Some(scale), Some(bias)) = (around.number(0), ty(Slot::Scale), ty(Slot::Bias)) else {
        return around.default;
    };
    let product = Format {
        signed: x.signed || scale.signed,
        ..Format::fixed(x.width + scale.width, x.int_bits + scale.int_bits)
    };
    Type::Fixed(around.limited(plus(product, bias)))
}

/// The narrowest type of a constant, cut off after some bits.
pub(super) fn constant(value: f64) -> Type {
    if value == 0.0 {
        return Type::Fixed(Format::ufixed(1, 1));
    }
    let Kif { signed, int_bits, frac_bits } = Kif::of_value(value);
    let sign = i32::from(signed);
    let width = (sign + int_bits + frac_bits).min(sign + CONSTANT_BITS);
    Type::Fixed(Format { signed, ..Format::fixed(width.max(1) as u32, sign + int_bits) })
}
