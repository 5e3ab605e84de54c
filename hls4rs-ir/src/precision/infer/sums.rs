//! Types of sums of products.

use hls4rs_fixed::Format;

use super::Around;
use crate::Slot;
use crate::draft::{DraftNode, Type};

/// `ceil(log2 n)`.
pub(in crate::precision) fn ceil_log2(n: usize) -> u32 {
    n.max(1).next_power_of_two().trailing_zeros()
}

/// A sum of `n` products and a bias: room for the greatest of each type, whatever the weights are.
pub(super) fn sum(node: &DraftNode, around: &Around<'_>) -> Type {
    let ty = |slot| node.types.get(slot).and_then(|ty| ty.format());
    let (Some(x), Some(weight), Some(bias)) = (around.number(0), ty(Slot::Weight), ty(Slot::Bias)) else {
        return around.default;
    };
    let terms = node.whole_op().layer().multiplications(&around.shapes).map_or(1, |m| m.n_in);
    let product = product(x, weight, terms);
    Type::Fixed(around.limited(plus(product, bias)))
}

/// Room for a sum of `n` products, without bias.
fn product(a: Format, b: Format, n: usize) -> Format {
    let carries = ceil_log2(n);
    let width = a.width + b.width + carries;
    let int_bits = a.int_bits + b.int_bits + carries as i32;
    Format { signed: a.signed || b.signed, ..Format::fixed(width, int_bits) }
}

/// Room for a sum of two numbers, where an unsigned one needs a bit more beside a signed one.
pub(super) fn plus(a: Format, b: Format) -> Format {
    let beside = |a: Format, b: Format| a.int_bits + i32::from(b.signed && !a.signed);
    let int_bits = beside(a, b).max(beside(b, a)) + 1;
    let frac_bits = a.frac_bits().max(b.frac_bits());
    Format { signed: a.signed || b.signed, ..Format::fixed(width(int_bits + frac_bits), int_bits) }
}

/// A width of at least one bit.
pub(super) fn width(bits: i32) -> u32 {
    bits.max(1) as u32
}

/// The sum of the window of an average: room for the sum and for the digits of the quotient.
pub(super) fn window(n: usize, around: &Around<'_>) -> Type {
    let Some(x) = around.number(0) else { return around.default };
    let extra = ceil_log2(n);
    let format = Format::fixed(x.width + 2 * extra, x.int_bits + extra as i32);
    Type::Fixed(Format { signed: x.signed, ..format })
}

/// The sum of a product of two tensors.
pub(super) fn dot(around: &Around<'_>) -> Type {
    let (Some(a), Some(b)) = (around.number(0), around.number(1)) else { return around.default };
    Type::Fixed(around.limited(product(a, b, around.shapes[0][0])))
}
