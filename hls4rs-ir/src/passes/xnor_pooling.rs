use super::affine::source;
use super::{Around, first_change};
use crate::draft::{Draft, DraftFaults, Type};
use crate::ops::PoolOp;
use crate::{Op, Slot};

pub(super) fn run(draft: &mut Draft, _: &Around<'_>) -> Result<bool, DraftFaults> {
    first_change(draft, |draft, at| {
        let largest = match &draft.nodes[at].op {
            Op::Pool(pool) => pool.op == PoolOp::Max,
            Op::GlobalPool(pool) => pool.op == PoolOp::Max,
            _ => false,
        };
        let before = source(draft, at).and_then(|before| draft.nodes[before].types.get(Slot::Result)).copied();
        let types = &mut draft.nodes[at].types;
        let changes = largest && before == Some(Type::Xnor) && types.get(Slot::Result) != Some(&Type::Xnor);
        if changes {
            types.set(Slot::Result, Type::Xnor);
        }
        Ok(changes)
    })
}
