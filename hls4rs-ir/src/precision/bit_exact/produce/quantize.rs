//! Quantizers: no wider than what they are asked to be, nor than what they read.

use hls4rs_fixed::{Overflow, Rounding};

use super::super::span::power;
use super::{Place, Produced};
use crate::ops::Quantize;
use crate::precision::kif::Kif;
use crate::{Slot, Tensor};

pub(super) fn quantize(op: &Quantize, place: &Place<'_>) -> Produced {
    let own = |at| super::super::mask(place.node, place.shape, at);
    let kifs = place.each(|at| narrowed(op, own(at), place.kifs[0][at]));
    let masks = place.node.values.get(Slot::Width).map(|width| {
        let contracted = |f: &dyn Fn(Kif) -> i32| {
            let mut values = vec![f64::NEG_INFINITY; width.values().len()];
            for (at, &kif) in kifs.iter().enumerate() {
                let to = &mut values[crate::ops::broadcast_index(place.shape, width.shape(), at)];
                *to = to.max(f64::from(f(kif)));
            }
            Tensor::new(width.shape().clone(), values).unwrap_or_else(|_| width.clone())
        };
        vec![
            (Slot::Signed, contracted(&|kif| i32::from(kif.signed))),
            (Slot::Width, contracted(&Kif::width)),
            (Slot::IntBits, contracted(&|kif| kif.int_bits + i32::from(kif.signed))),
        ]
    });
    (kifs, masks.unwrap_or_default())
}

fn narrowed(op: &Quantize, own: Kif, x: Kif) -> Kif {
    let mut least = own.min(x);
    // Rounding up may need one bit more than the input has.
    let rounds = x.frac_bits > own.frac_bits && own.int_bits > x.int_bits;
    if rounds && (op.rounding != Rounding::Trn || own.signed) {
        least.int_bits += 1;
    }
    let top = |kif: Kif| power(kif.int_bits) - power(-kif.frac_bits);
    // What wraps must wrap at the same place, unless it never does.
    let never = top(own) >= top(x) && (own.signed || !x.signed);
    let kif = if op.overflow == Overflow::Sat || never { least } else { own };
    if kif.width() <= 0 { Kif::default() } else { kif }
}
