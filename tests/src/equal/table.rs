//! What the compared networks were made of.

use std::collections::BTreeMap;
use std::fmt;

use hls4rs_ir::{Io, Op, Precision, Resolved, Slot, Strategy};

/// Counts of layers by strategy, and of modes.
#[derive(Debug, Default)]
pub struct Table {
    /// By layer, then by interface and strategy.
    layers: BTreeMap<String, BTreeMap<(Io, Strategy), usize>>,
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
            let name = node.op.layer().keyword().to_owned();
            *self
                .layers
                .entry(name)
                .or_default()
                .entry((network.graph().io(), node.strategy))
                .or_default() += 1;
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
        let columns = || Io::ALL.into_iter().flat_map(|io| Strategy::ALL.map(|strategy| (io, strategy)));
        let short = |strategy| match strategy {
            Strategy::Latency => "latency",
            Strategy::Resource => "resource",
            Strategy::ResourceUnrolled => "unrolled",
            Strategy::DistributedArithmetic => "da",
            Strategy::Compressed => "compr.",
        };
        let line = |cells: Vec<String>| cells.iter().map(|cell| format!("{cell:>9}")).collect::<String>();
        let heads = columns().map(|(_, strategy)| short(strategy).to_owned()).collect();
        let wide = 9 * Strategy::ALL.len();
        writeln!(f, "{:<36}{:>wide$}{:>wide$}", "", "io_parallel", "io_stream")?;
        writeln!(f, "{:<36}{}", "layer", line(heads))?;
        for (layer, counts) in &self.layers {
            let cell = |column| counts.get(&column).map_or(String::new(), usize::to_string);
            writeln!(f, "{layer:<36}{}", line(columns().map(cell).collect()))?;
        }
        let modes: Vec<_> = self.modes.iter().map(|(mode, count)| format!("{mode} {count}")).collect();
        writeln!(f, "modes: {}", modes.join(", "))?;
        writeln!(f, "formats: {}, {} of them auto, at most {} bits", self.asked, self.auto, self.widest)
    }
}
