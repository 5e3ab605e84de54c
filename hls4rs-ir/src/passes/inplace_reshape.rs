use super::affine::source;
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults};
use crate::hardware::Io;
use crate::{Op, Slot};

/// What is configured for such a layer is lost. In streams only a layer that makes a vector, and whose result does not
/// leave the network, is such a view.
pub(super) fn run(draft: &mut Draft, around: &Around<'_>) -> Result<bool, DraftFaults> {
    let shapes = draft.shapes()?;
    first_change(draft, |draft, at| {
        let node = &draft.nodes[at];
        let vector = shapes[at].rank() == 1 && !draft.is_output(&node.name);
        if !matches!(node.op, Op::Reshape(_)) || (around.io == Io::Stream && !vector) {
            return Ok(false);
        }
        let ty = source(draft, at).and_then(|before| draft.nodes[before].types.get(Slot::Result)).copied();
        let types = &mut draft.nodes[at].types;
        match ty {
            Some(ty) if types.get(Slot::Result) != Some(&ty) => {
                types.set(Slot::Result, ty);
                Ok(true)
            }
            _ => Ok(false),
        }
    })
}
