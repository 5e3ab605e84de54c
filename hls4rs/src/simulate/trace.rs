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
    /// The least raw value that occurred.
    pub least: Wide,
    /// The greatest raw value that occurred.
    pub greatest: Wide,
}

impl LayerTrace {
    /// The least and the greatest value that occurred.
    pub fn observed(&self) -> (f64, f64) {
        let real = |raw| to_f64(raw, self.format.frac_bits());
        (real(self.least), real(self.greatest))
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
    ends: Option<(Wide, Wide)>,
}

impl Tracer {
    pub(super) fn new(network: &Resolved, samples: usize) -> Self {
        let layer = |node: &hls4rs_ir::Node, format| Layer {
            name: node.name.clone(),
            shape: node.shape.clone(),
            format,
            values: Vec::with_capacity(samples * node.shape.elements()),
            ends: None,
        };
        Self { samples, layers: network.iter().map(|(_, node, facts)| layer(node, facts.result())).collect() }
    }

    pub(super) fn add(&mut self, blocks: &[Block], count: usize) {
        for (layer, block) in self.layers.iter_mut().zip(blocks) {
            for lane in 0..count {
                for i in 0..block.len() {
                    let raw = block.get(i, lane);
                    layer.values.push(to_f64(raw, layer.format.frac_bits()));
                    layer.ends = Some(layer.ends.map_or((raw, raw), |(a, b)| (a.min(raw), b.max(raw))));
                }
            }
        }
    }

    pub(super) fn finish(self) -> Trace {
        let finish = |Layer { name, shape, format, values, ends }| {
            let (least, greatest) = ends.unwrap_or((Wide::ZERO, Wide::ZERO));
            LayerTrace { values: array(self.samples, &shape, values), name, shape, format, least, greatest }
        };
        Trace { layers: self.layers.into_iter().map(finish).collect() }
    }
}
