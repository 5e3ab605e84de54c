use hls4rs_fixed::Format;

use super::{Around, first_change};
use crate::Slot;
use crate::draft::{Draft, DraftFault, DraftFaults, DraftNode, OutputModes};
use crate::precision::{slots, variable};

/// Of the layers that are listed, by name or by class; the sum gets the type of the result. Modes that are not given
/// become those of a type without modes.
pub(super) fn run(draft: &mut Draft, around: &Around<'_>) -> Result<bool, DraftFaults> {
    let Some(modes) = around.config.output_modes.as_ref().filter(|modes| modes.asks()) else { return Ok(false) };
    first_change(draft, |draft, at| {
        let node = &mut draft.nodes[at];
        if !modes.concern(node) {
            return Ok(false);
        }
        let Some(format) = node.types.get(Slot::Result).and_then(|ty| ty.format()) else {
            return Err(untyped(node).into());
        };
        let result = with_modes(format, modes);
        result.check().map_err(|error| DraftFault::new(node, format!("`{result}`: {}", error.message())))?;
        let sum = slots(node).contains(&Slot::Accum) && variable(&node.op, Slot::Accum) == "accum";
        let mut changed = false;
        for slot in [Slot::Result, Slot::Accum].into_iter().take(1 + usize::from(sum)) {
            changed |= node.types.get(slot) != Some(&result.into());
            node.types.set(slot, result.into());
        }
        Ok(changed)
    })
}

/// Integers have no modes.
fn with_modes(format: Format, modes: &OutputModes) -> Format {
    if format.is_integer() {
        return format;
    }
    let rounding = modes.rounding.unwrap_or_default();
    format.with_rounding(rounding).with_overflow(modes.overflow.unwrap_or_default())
}

fn untyped(node: &DraftNode) -> DraftFault {
    let found = node.types.get(Slot::Result).map_or_else(|| "auto".to_owned(), ToString::to_string);
    let problem = format!(
        "`OutputRoundingSaturationMode` needs a result of a fixed-point type, found `{found}`; \
         give the layer a type `result`, or take it out of `Layers`"
    );
    DraftFault::new(node, problem)
}
