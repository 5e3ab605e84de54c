//! A short digest of a network: layers, formats and stored values.

use hls4rs_ir::Resolved;
use sha2::{Digest, Sha256};

/// Sixteen hexadecimal digits of a SHA-256 over everything that decides what the hardware computes.
pub(super) fn of(net: &Resolved) -> String {
    let mut hash = Sha256::new();
    let mut text = |text: String| {
        hash.update(text.as_bytes());
        hash.update([0]);
    };
    text(net.graph().name().to_owned());
    for (_, node, facts) in net.iter() {
        text(format!("{} {:?} {} {} {}", node.name, node.op, node.shape, node.strategy, node.reuse_factor));
        text(node.inputs.iter().map(|id| format!("{} ", id.index())).collect());
        text(facts.formats.iter().map(|(slot, format)| format!("{slot} {format} ")).collect());
        for (slot, constant) in facts.constants.iter() {
            text(format!("{slot} {} {}", constant.shape, constant.format));
            text(constant.raw.iter().map(|raw| format!("{raw} ")).collect());
        }
    }
    text(net.graph().outputs().iter().map(|id| format!("{} ", id.index())).collect());
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
