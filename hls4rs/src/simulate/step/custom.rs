//! Layers of one's own.

use hls4rs_fixed::Format;

use super::{Scratch, Step};
use crate::custom::Object;
use crate::layers::Values;
use crate::layers::custom::{KernelCx, Port, Rows, compute};
use crate::simulate::block::{Block, LANES, Row};
use crate::simulate::dispatch::Isa;
use crate::simulate::plan::Stored;

/// Shape and format of a tensor.
pub(crate) struct Tensor {
    pub(crate) shape: Vec<usize>,
    pub(crate) format: Format,
}

/// A layer of one's own, in integers of 64 bits.
pub(crate) struct CustomStep {
    pub(crate) object: Box<dyn Object>,
    /// The name of the node.
    pub(crate) layer: String,
    pub(crate) inputs: Vec<Tensor>,
    pub(crate) result: Tensor,
    pub(crate) formats: Vec<(&'static str, Format)>,
    pub(crate) values: Vec<(&'static str, Stored)>,
}

impl Tensor {
    fn port(&self) -> Port<'_> {
        Port { shape: &self.shape, format: self.format }
    }
}

impl Step for CustomStep {
    fn run(&self, _: Isa, work: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        let x = &mut work.custom;
        x.clear();
        for input in inputs {
            (0..input.len()).for_each(|i| x.extend_from_slice(&input.load::<i64>(i)));
        }
        let read = x.len();
        x.resize(read + out.len() * LANES, 0);
        let (x, y) = x.split_at_mut(read);
        let mut rest = &*x;
        let rows = |input: &&Block| {
            let (raw, others) = rest.split_at(input.len() * LANES);
            rest = others;
            Rows::new(raw, LANES)
        };
        let rows: Vec<_> = inputs.iter().map(rows).collect();
        let ports: Vec<_> = self.inputs.iter().map(Tensor::port).collect();
        let values: Vec<_> = self.values.iter().map(|(slot, v)| (*slot, v as &dyn Values)).collect();
        let cx =
            KernelCx { inputs: &ports, result: self.result.port(), formats: &self.formats, values: &values };
        compute(&*self.object, &self.layer, &cx, &rows, y, LANES);
        for (i, row) in y.chunks_exact(LANES).enumerate() {
            let row: &Row<i64> = row.try_into().expect("a chunk of this size");
            out.store(i, row);
        }
    }
}
