//! What every layer computed.

use hls4rs_fixed::{Format, Wide, to_f64};
use hls4rs_ir::{Resolved, Shape};
use ndarray::ArrayD;

use super::block::Block;
use super::engine::array;

/// The results of every layer for a batch.
#[derive(Clone, Debug)]
pub struct Trace {
    layers: Vec<LayerTrace>,
}

/// The results of one layer for a batch.
#[derive(Clone, Debug)]
pub struct LayerTrace {
    /// The name of the layer.
    pub name: String,
    /// The shape of one sample.
    pub shape: Shape,
    /// The format of the values.
    pub format: Format,
    /// The values, the first axis is the sample.
    pub values: ArrayD<f64>,
    /// The same values as raw integers, in the same order.
    pub raw: RawValues,
    /// The least raw value that occurred.
    pub least: Wide,
    /// The greatest raw value that occurred.
    pub greatest: Wide,
}

/// Raw integers of one format.
#[derive(Clone, Debug, PartialEq)]
pub enum RawValues {
    /// Of a format that 64 bits hold.
    Narrow(Vec<i64>),
    /// Of a wider one.
    Wide(Vec<Wide>),
}

impl RawValues {
    fn new(format: Format, count: usize) -> Self {
        if format.container_bits() <= 64 {
            Self::Narrow(Vec::with_capacity(count))
        } else {
            Self::Wide(Vec::with_capacity(count))
        }
    }

    fn push(&mut self, raw: Wide) {
        match self {
            Self::Narrow(values) => values.push(raw.as_i128_wrapping() as i64),
            Self::Wide(values) => values.push(raw),
        }
    }

    /// The value at a position.
    ///
    /// # Panics
    /// If there are not as many.
    pub fn get(&self, at: usize) -> Wide {
        match self {
            Self::Narrow(values) => Wide::from_i64(values[at]),
            Self::Wide(values) => values[at],
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Narrow(values) => values.len(),
            Self::Wide(values) => values.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl LayerTrace {
    /// The least and the greatest value that occurred.
    pub fn observed(&self) -> (f64, f64) {
        let real = |raw| to_f64(raw, self.format.frac_bits());
        (real(self.least), real(self.greatest))
    }

    /// How much of the format's range was used: the greatest share of either end that a value has reached, 0 to 1.
    pub fn used(&self) -> f64 {
        let share = |raw: Wide, end: Wide| if end.is_zero() { 0.0 } else { raw.to_f64() / end.to_f64() };
        share(self.least, self.format.min_raw()).max(share(self.greatest, self.format.max_raw())).max(0.0)
    }

    /// The narrowest format that would have held every value that occurred.
    pub fn enough(&self) -> Format {
        Format::holding(self.least, self.greatest, self.format.frac_bits())
    }
}

impl Trace {
    /// The layers, in the order of the network.
    pub fn layers(&self) -> &[LayerTrace] {
        &self.layers
    }

    /// The layer called `name`.
    pub fn layer(&self, name: &str) -> Option<&LayerTrace> {
        self.layers.iter().find(|layer| layer.name == name)
    }
}

/// Collects a trace, block by block.
pub(super) struct Tracer {
    samples: usize,
    layers: Vec<Layer>,
}

/// What has been collected of a layer.
struct Layer {
    name: String,
    shape: Shape,
    format: Format,
    values: Vec<f64>,
    raw: RawValues,
    ends: Option<(Wide, Wide)>,
}

impl Tracer {
    pub(super) fn new(network: &Resolved, samples: usize) -> Self {
        let layer = |node: &hls4rs_ir::Node, format: Format| Layer {
            name: node.name.clone(),
            shape: node.shape.clone(),
            format,
            values: Vec::with_capacity(samples * node.shape.elements()),
            raw: RawValues::new(format, samples * node.shape.elements()),
            ends: None,
        };
        Self { samples, layers: network.iter().map(|(_, node, facts)| layer(node, facts.result())).collect() }
    }

    pub(super) fn add(&mut self, blocks: &[Block], count: usize) {
        for (layer, block) in self.layers.iter_mut().zip(blocks) {
            for lane in 0..count {
                for i in 0..block.len() {
                    let raw = block.get(i, lane);
                    layer.raw.push(raw);
                    layer.values.push(to_f64(raw, layer.format.frac_bits()));
                    layer.ends = Some(layer.ends.map_or((raw, raw), |(a, b)| (a.min(raw), b.max(raw))));
                }
            }
        }
    }

    pub(super) fn finish(self) -> Trace {
        let finish = |Layer { name, shape, format, values, raw, ends }| {
            let (least, greatest) = ends.unwrap_or((Wide::ZERO, Wide::ZERO));
            LayerTrace {
                values: array(self.samples, &shape, values),
                name,
                shape,
                format,
                raw,
                least,
                greatest,
            }
        };
        Trace { layers: self.layers.into_iter().map(finish).collect() }
    }
}
