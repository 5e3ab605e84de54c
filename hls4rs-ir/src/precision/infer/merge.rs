//! Types of layers of two inputs.

use hls4rs_fixed::{Format, Overflow, Rounding};

use super::Around;
use super::sums::{plus, width};
use crate::draft::Type;
use crate::ops::MergeOp;

pub(super) fn merge(op: MergeOp, around: &Around<'_>) -> Type {
    if matches!(op, MergeOp::Maximum | MergeOp::Minimum) && around.inputs[0] == around.inputs[1] {
        return around.inputs[0];
    }
    let (Some(a), Some(b)) = (around.number(0), around.number(1)) else { return around.default };
    Type::Fixed(match op {
        MergeOp::Add | MergeOp::Average => around.limited(plus(a, b)),
        MergeOp::Subtract => around.limited(Format { signed: true, ..plus(a, b) }),
        MergeOp::Multiply => around.limited(Format {
            signed: a.signed || b.signed,
            ..Format::fixed(a.width + b.width, a.int_bits + b.int_bits)
        }),
        MergeOp::Maximum | MergeOp::Minimum => either(a, b),
    })
}

/// Both inputs side by side; rounding and overflow of the first unless they are the usual ones.
pub(super) fn concatenate(around: &Around<'_>) -> Type {
    if around.inputs[0] == around.inputs[1] {
        return around.inputs[0];
    }
    let (Some(a), Some(b)) = (around.number(0), around.number(1)) else { return around.default };
    // An integer type truncates toward zero, but hls4ml counts that as truncation.
    let rounding = |format: Format| match format.rounding {
        Rounding::TrnZero if format.int_bits == format.width as i32 => Rounding::Trn,
        rounding => rounding,
    };
    let first_rounds = rounding(a) != Rounding::Trn;
    let first_limits = !matches!(a.overflow, Overflow::Wrap(0));
    Type::Fixed(
        around
            .limited(either(a, b))
            .with_rounding(rounding(if first_rounds { a } else { b }))
            .with_overflow(if first_limits { a.overflow } else { b.overflow }),
    )
}

/// The narrowest format that holds all values of both.
fn either(a: Format, b: Format) -> Format {
    let signed = a.signed || b.signed;
    let int_bits = |format: Format| format.int_bits + i32::from(signed && !format.signed);
    let int_bits = int_bits(a).max(int_bits(b));
    let frac_bits = a.frac_bits().max(b.frac_bits());
    Format { signed, ..Format::fixed(width(int_bits + frac_bits), int_bits) }
}
