//! What follows from the sizes of a layer on the vertices of a graph: its types and how many vertices it does at once.

use hls4rs_fixed::{Format, Overflow};

use super::kinds::variable;
use crate::draft::{Config, Draft, DraftFault, DraftFaults, DraftNode, Type};
use crate::ops::{Garnet, Layer};
use crate::{Op, Slot};

/// Fraction bits of everything within the layer.
const FRAC_BITS: u32 = 10;
/// Integer bits of sums of features beyond those of sums of weights.
const ROOM: u32 = 3;

/// Settles both for every such layer.
///
/// # Errors
/// If sizes do not fit together.
pub(super) fn configure(
    draft: &mut Draft,
    config: &Config,
    faults: &mut DraftFaults,
) -> Result<(), DraftFaults> {
    if !draft.nodes.iter().any(|node| matches!(node.op, Op::Garnet(_))) {
        return Ok(());
    }
    let shapes = draft.shapes()?;
    for at in 0..draft.nodes.len() {
        let Op::Garnet(op) = draft.nodes[at].op else { continue };
        let vertices = draft.sources(at).first().map_or(1, |&x| shapes[x][0]);
        if let Err(problem) = configure_node(&mut draft.nodes[at], op, config, vertices) {
            faults.push(DraftFault::new(&draft.nodes[at], problem));
        }
    }
    Ok(())
}

fn configure_node(
    node: &mut DraftNode,
    mut op: Garnet,
    config: &Config,
    vertices: usize,
) -> Result<(), String> {
    let reuse = match config.setting(node, "reuse_factor") {
        None => 1,
        Some(setting) => setting
            .size()
            .filter(|&reuse| vertices.is_multiple_of(reuse))
            .ok_or_else(|| format!("`ReuseFactor`: expected a divisor of the {vertices} vertices"))?,
    };
    op.parallelization_factor = Some(vertices / reuse);
    node.op = op.into();
    let (all, rounds) = (vertices.ilog2(), reuse.ilog2());
    let int_bits = rounds.max(all - rounds);
    let usual = |slot| {
        Some(match slot {
            Slot::Table => Format::ufixed(FRAC_BITS, 0),
            Slot::EdgeAccum => Format::ufixed(int_bits + FRAC_BITS, int_bits as i32),
            Slot::Accum => Format::fixed(int_bits + ROOM + FRAC_BITS, (int_bits + ROOM) as i32),
            Slot::Norm => Format::ufixed(4 + FRAC_BITS, 4),
            _ => return None,
        })
    };
    for &slot in op.slots() {
        if let Some(usual) = usual(slot) {
            let name = variable(&node.op, slot);
            let asked = config.own_precision(node, name).and_then(|asked| asked.ty());
            let format = asked.map_or(Some(usual), |ty| ty.format());
            let format = format.ok_or_else(|| format!("`{name}`: expected a fixed-point type"))?;
            node.types.set(slot, Type::Fixed(format));
        }
    }
    node.types.set(Slot::Distance, Type::Fixed(Format::fixed(12, 4).with_overflow(Overflow::Sat)));
    if op.slots().contains(&Slot::ScaledBias)
        && let Some(&bias) = node.types.get(Slot::Bias)
    {
        node.types.set(Slot::ScaledBias, bias);
    }
    Ok(())
}
