use hls4rs_fixed::Format;

use super::affine::source;
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults, Type};
use crate::ops::{Implementation, Softmax};
use crate::{Op, Slot};

/// Also settles the type of the distance to the maximum: that of the input without its sign.
pub(super) fn run(draft: &mut Draft, _: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let x = source(draft, at).and_then(|before| draft.nodes[before].types.get(Slot::Result)?.format());
        let node = &mut draft.nodes[at];
        let inv_table = node.types.get(Slot::InvTable).and_then(|ty| ty.format());
        let norm = node.types.get(Slot::InputNorm).is_some();
        let (Op::Softmax(softmax), Some(x)) = (&mut node.op, x) else { return Ok(false) };
        if softmax.inv_table_size.is_some() && (norm || softmax.implementation != Implementation::Stable) {
            return Ok(false);
        }
        if softmax.inv_table_size.is_none() {
            let address = x.width.min(inv_table.map_or(18, |format| format.width)).min(40);
            softmax.table_size = (softmax.table_size as u64).min(1 << address) as usize;
            sizes(softmax, x, norm);
        }
        if softmax.implementation == Implementation::Stable && !norm {
            let sign = u32::from(x.signed);
            let distance = Format::ufixed((x.width - sign).max(1), x.int_bits - sign as i32);
            node.types.set(Slot::InputNorm, Type::Fixed(distance));
        }
        Ok(true)
    })
}

/// With a signed input the table of exponentials has no more entries than the distance has values.
fn sizes(softmax: &mut Softmax, x: Format, norm: bool) {
    let size = softmax.table_size;
    let stable = softmax.implementation == Implementation::Stable;
    let distances = if stable && x.signed && !norm { 1 << (x.width - 1).min(40) } else { u64::MAX };
    softmax.exp_table_size.get_or_insert((size as u64).min(distances) as usize);
    softmax.inv_table_size = Some(size);
}
