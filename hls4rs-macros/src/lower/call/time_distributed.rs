//! `time_distributed(layer(x))`: the layer inside, applied to every step of the first axis.

use hls4rs_ir::ops::{Op, TimeDistributed};

use super::Lowering;
use crate::ast::{Arg, Call, Expr};

/// The keyword.
pub(super) const KEYWORD: &str = "time_distributed";

/// The layer at every step.
pub(super) fn wrapped(op: Op) -> Op {
    TimeDistributed::new(op).into()
}

impl Lowering<'_> {
    /// The call inside of a `time_distributed`, with the format of the whole.
    pub(super) fn inside(&mut self, name: &str, call: &Call) -> Option<Call> {
        let [Arg::Expr(Expr::Call(inside))] = call.args.as_slice() else {
            let message =
                format!("layer `{name}`: `{KEYWORD}` takes one layer, which it applies to every step");
            let help = format!("write the layer inside: `{KEYWORD}(dense(x, 8))`");
            self.report.add((&call.keyword).into(), &message, Some(&help));
            return None;
        };
        let keyword = inside.keyword.to_string();
        if let Some(setting) = call.settings.first() {
            let message = format!("layer `{name}`: `{}` belongs to the layer inside", setting.key);
            let help = format!("write it there: `{KEYWORD}({keyword}(…) {{ {}: … }})`", setting.key);
            self.report.add((&setting.key).into(), &message, Some(&help));
            return None;
        }
        if inside.own.is_some() {
            let message = format!("layer `{name}`: `{KEYWORD}` applies layers of hls4rs, not `{keyword}`");
            let help = format!("let `{keyword}` go through the steps itself");
            self.report.add((&inside.keyword).into(), &message, Some(&help));
            return None;
        }
        if keyword == KEYWORD {
            let message = format!("layer `{name}`: `{KEYWORD}` cannot be inside of itself");
            let help = "join the first two axes with `reshape`";
            self.report.add((&inside.keyword).into(), &message, Some(help));
            return None;
        }
        if Op::from_keyword(&keyword).is_some_and(|op| !op.layer().arity().allows(1)) {
            let message =
                format!("layer `{name}`: `{keyword}` reads several tensors, `{KEYWORD}` goes through one");
            self.report.add((&inside.keyword).into(), &message, Some(&format!("delete `{KEYWORD}`")));
            return None;
        }
        let format = match (&call.format, &inside.format) {
            (Some(format), Some(_)) => {
                self.report.add(format.spot, &format!("layer `{name}`: `result` is given twice"), None);
                return None;
            }
            (outside, inside) => outside.clone().or_else(|| inside.clone()),
        };
        Some(Call { format, ..inside.clone() })
    }
}
