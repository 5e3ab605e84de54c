//! Softmax with tables whose formats are trained.

use hls4rs_fixed::Format;
use hls4rs_ir::Slot;
use hls4rs_ir::draft::Type;
use hls4rs_ir::ops::{Implementation, Softmax};

use super::super::super::call::{Call, Value};
use super::quantizer::Internal;

/// The layer `QSoftmax`.
pub(super) fn softmax(call: &mut Call<'_>) -> Option<Value> {
    super::variables(call, 0);
    let attributes = &call.attributes;
    let stable = attributes.flag("stable", true);
    let scale = attributes.optional_real("input_scaler").unwrap_or(1.0);
    let axes = attributes.integers("axes");
    attributes.only("allow_heterogeneous_table", &false.into());
    attributes.ignore(&["exp_iq_conf", "exp_oq_conf", "inv_iq_conf", "inv_oq_conf", "axis"]);
    let exp_input = if stable { Some(format(call, "exp_iq_conf", "exp_table/iq")) } else { None };
    let exp = format(call, "exp_oq_conf", "exp_table/oq");
    let inv_input = format(call, "inv_iq_conf", "inv_table/iq");
    let inv = format(call, "inv_oq_conf", "inv_table/oq");
    for part in ["exp_table", "inv_table"] {
        // What HGQ2 stores of the cost of the tables.
        call.stored.variable(part, 0, "");
        call.stored.variable(part, 1, "");
    }
    let x = call.only_input()?;
    let &[axis] = axes.as_slice() else {
        call.attributes.wrong("axes", format!("one axis is supported, found {axes:?}"));
        return None;
    };
    let axis = call.axis("axes", axis, &x)?;
    let size = |format: Format| 1usize.checked_shl(format.width).filter(|size| *size <= 1 << 24);
    let (exp, inv_input, inv) = (exp?, inv_input?, inv?);
    let Some(inv_table_size) = size(inv_input) else {
        call.attributes.fault(format!("a table for every value of {inv_input}"));
        return None;
    };
    let op = Softmax {
        implementation: if stable { Implementation::Stable } else { Implementation::Latency },
        inv_table_size: Some(inv_table_size),
        exp_table_size: exp_input.flatten().and_then(size),
        exp_scale: scale,
        axis,
        ..Softmax::default()
    };
    let mut node = call.node("Softmax", op, &[&x]);
    let mut types = vec![(Slot::ExpTable, exp), (Slot::InvTable, inv), (Slot::InvInput, inv_input)];
    if let Some(exp_input) = exp_input {
        types.push((Slot::InputNorm, exp_input?));
    }
    for (slot, format) in types {
        node.types.set(slot, Type::Fixed(format));
    }
    node.details.bit_exact = true;
    call.push(node)
}

/// The format of a quantizer with one for all elements.
fn format(call: &Call<'_>, key: &'static str, part: &str) -> Option<Format> {
    let format = Internal::of(call, key, part)?.format();
    if format.is_none() {
        call.attributes.wrong(key, "only one format for all elements is supported");
    }
    format
}
