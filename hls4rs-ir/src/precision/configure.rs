//! The types that a configuration, the file and hls4ml's defaults fix before any rule.

use hls4rs_fixed::{Format, Overflow, Rounding};

use super::attributes::set_attributes;
use super::garnet;
use super::kinds::{is_stored, slots, variable};
use crate::draft::{Config, Draft, DraftFaults, DraftNode, Type};
use crate::{Op, Slot};

/// Sets the attributes that are configured, and every type of every node that does not have to be derived.
///
/// # Errors
/// Values that attributes cannot have.
pub fn configure(draft: &mut Draft, config: &Config) -> Result<(), DraftFaults> {
    let mut faults = DraftFaults::default();
    garnet::configure(draft, config, &mut faults)?;
    for at in 0..draft.nodes.len() {
        if let Err(fault) = set_attributes(&mut draft.nodes[at], config) {
            faults.push(fault);
        }
        let source =
            draft.sources(at).first().and_then(|&at| draft.nodes[at].types.get(Slot::Result)).copied();
        configure_node(&mut draft.nodes[at], config, source);
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Sets the types of one node; `source` is the type of what it reads, if that is settled.
pub(crate) fn configure_node(node: &mut DraftNode, config: &Config, source: Option<Type>) {
    for slot in slots(node) {
        let asked = match node.types.get(slot).copied().filter(|_| !is_overridden(node, config, slot)) {
            Some(ty) => Some(ty),
            None => of_slot(node, config, slot, source),
        };
        match asked {
            Some(ty) => node.types.set(slot, ty),
            None => drop(node.types.remove(slot)),
        }
    }
}

fn is_overridden(node: &DraftNode, config: &Config, slot: Slot) -> bool {
    config.attribute_type(node, variable(&node.op, slot)).is_some()
}

fn of_slot(node: &DraftNode, config: &Config, slot: Slot, source: Option<Type>) -> Option<Type> {
    if let Some(asked) = config.attribute_type(node, variable(&node.op, slot)) {
        return asked.ty();
    }
    let asked = |variable| config.precision(node, variable).ty();
    match slot {
        Slot::Result => match node.op {
            Op::ZeroPadding(_) | Op::Cropping(_) => source,
            _ => asked("result"),
        },
        Slot::Bias if has_no_bias(node) => Some(Type::Fixed(Format::uint(1))),
        slot if is_stored(&node.op, slot) => match node.quantizer(slot) {
            Some(quantizer) => Some(quantizer.ty()),
            None => asked(variable(&node.op, slot)),
        },
        Slot::Alpha => asked("param"),
        // A default of the layer's own only stands in a configuration that is generated.
        Slot::Accum => asked("accum"),
        slot => default_type(&node.op, slot).map(Type::Fixed),
    }
}

/// Whether the layer adds nothing: its bias is then one bit, whatever is configured.
fn has_no_bias(node: &DraftNode) -> bool {
    matches!(node.op, Op::Dense(_) | Op::Conv(_)) && node.values.get(Slot::Bias).is_none()
}

/// The types of tables, and of the sums that have one, where nothing is said.
pub(crate) fn default_type(op: &Op, slot: Slot) -> Option<Format> {
    let table = Format::fixed(18, 8);
    Some(match (op, slot) {
        (Op::LayerNorm(_), Slot::Table) => modes(Format::ufixed(8, 5), Rounding::RndConv),
        (Op::Softmax(_), Slot::Table) => table,
        (Op::Softmax(_), Slot::ExpTable | Slot::InvTable | Slot::InvInput) => modes(table, Rounding::Rnd),
        (Op::Softmax(_), Slot::Accum) => modes(table, Rounding::Rnd),
        (Op::LayerNorm(_), Slot::Accum) => modes(Format::fixed(14, 4), Rounding::RndConv),
        (_, Slot::Slope) => Format::ufixed(16, 0),
        (_, Slot::Shift) => Format::ufixed(2, 0),
        (_, Slot::Table | Slot::RecurrentTable) => table,
        _ => return None,
    })
}

fn modes(format: Format, rounding: Rounding) -> Format {
    format.with_rounding(rounding).with_overflow(Overflow::Sat)
}
