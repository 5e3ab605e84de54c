//! Softmax with tables whose formats are trained.

use hls4rs_fixed::Format;
use hls4rs_ir::Slot;
use hls4rs_ir::draft::Type;
use hls4rs_ir::ops::{Implementation, Reshape, Softmax};

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
    let shape = x.shape.clone();
    let (x, axis) = along_one_axis(call, &axes, x)?;
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
    let y = call.push(node)?;
    match y.shape == shape {
        true => Some(y),
        false => reshaped(call, "back", shape.to_vec(), &y),
    }
}

/// Several axes behind each other become one; which one the softmax goes along.
fn along_one_axis(call: &mut Call<'_>, axes: &[i64], x: Value) -> Option<(Value, i32)> {
    if let &[axis] = axes {
        return Some((x.clone(), call.axis("axes", axis, &x)?));
    }
    let rank = x.shape.rank();
    // Counted from 1, as 0 are the samples.
    let count = |&axis: &i64| usize::try_from(if axis < 0 { axis + rank as i64 + 1 } else { axis }).ok();
    let mut counted: Vec<usize> = axes.iter().filter_map(count).collect();
    counted.sort_unstable();
    let first = counted.first().copied().unwrap_or(0);
    if first == 0 || counted.len() != axes.len() || !counted.iter().copied().eq(first..first + axes.len()) {
        call.attributes.wrong("axes", format!("expected axes behind each other, found {axes:?}"));
        return None;
    }
    let behind = first - 1 + axes.len();
    let Some(joined) = x.shape.get(first - 1..behind) else {
        call.attributes.wrong("axes", format!("{axes:?} are not axes of {}", x.shape));
        return None;
    };
    let extents = [&x.shape[..first - 1], &[joined.iter().product()], &x.shape[behind..]].concat();
    let axis = if behind == rank { -1 } else { i32::try_from(first - 1).ok()? };
    Some((reshaped(call, "joined", extents, &x)?, axis))
}

fn reshaped(call: &mut Call<'_>, suffix: &str, shape: Vec<usize>, x: &Value) -> Option<Value> {
    let mut node = call.node("Reshape", Reshape { shape, flatten: false }, &[x]);
    node.name = format!("{}_{suffix}", call.attributes.layer());
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
