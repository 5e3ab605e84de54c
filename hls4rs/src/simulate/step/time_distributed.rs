//! A layer applied to every step of the first axis.

use super::{Scratch, Step};
use crate::simulate::block::Block;
use crate::simulate::dispatch::Isa;

/// The step of the layer inside, on one part of the tensors after the other.
pub(crate) struct TimeDistributedStep {
    pub(crate) inner: Box<dyn Step>,
    pub(crate) steps: usize,
}

impl Step for TimeDistributedStep {
    fn run(&self, isa: Isa, work: &mut Scratch, inputs: &[&Block], out: &mut Block) {
        let (n_in, n_out) = (inputs[0].len() / self.steps, out.len() / self.steps);
        let mut part = work.part.take().unwrap_or_else(|| Box::new([Block::new(0, 16), Block::new(0, 16)]));
        let [x, y] = &mut *part;
        y.make_like(out, n_out);
        for step in 0..self.steps {
            x.make_like(inputs[0], n_in);
            x.copy_from(0, inputs[0], step * n_in, n_in);
            self.inner.run(isa, work, &[x], y);
            out.copy_from(step * n_out, y, 0, n_out);
        }
        work.part = Some(part);
    }
}
