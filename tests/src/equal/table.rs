//! What the compared networks were made of.

use std::collections::BTreeMap;
use std::fmt;

use hls4rs_ir::{Op, Precision, Resolved, Slot};

/// Counts of layers by strategy, and of modes.
#[derive(Debug, Default)]
pub struct Table {
    layers: BTreeMap<String, BTreeMap<&'static str, usize>>,
    modes: BTreeMap<String, usize>,
    auto: usize,
    asked: usize,
    widest: u32,
}

impl Table {
    /// Counts a network.
    pub fn add(&mut self, network: &Resolved) {
        for (_, node, facts) in network.iter() {
            if matches!(node.op, Op::Input(_)) {
                continue;
            }
            let keyword = node.op.layer().keyword();
            let name = match &node.op {
                Op::Softmax(softmax) => format!("{keyword} {:?}", softmax.implementation).to_lowercase(),
                _ => keyword.to_owned(),
            };
            *self.layers.entry(name).or_default().entry(node.strategy.name()).or_default() += 1;
            for (slot, format) in facts.formats.iter() {
                for mode in [format!("{:?}", format.rounding), format!("{:?}", format.overflow)] {
                    *self.modes.entry(mode).or_default() += 1;
                }
                self.widest = self.widest.max(format.width);
                self.asked += 1;
                let computed = !matches!(slot, Slot::Weight | Slot::Bias | Slot::Scale);
                self.auto += usize::from(computed && node.precision(slot) == Precision::Auto);
            }
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<22} {:>8} {:>9}", "layer", "latency", "resource")?;
        for (layer, strategies) in &self.layers {
            let count = |name| strategies.get(name).copied().unwrap_or_default();
            writeln!(f, "{layer:<22} {:>8} {:>9}", count("latency"), count("resource"))?;
        }
        let modes: Vec<_> = self.modes.iter().map(|(mode, count)| format!("{mode} {count}")).collect();
        writeln!(f, "modes: {}", modes.join(", "))?;
        writeln!(f, "formats: {}, {} of them auto, at most {} bits", self.asked, self.auto, self.widest)
    }
}
