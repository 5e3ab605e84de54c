//! From a resolved network to steps.

use hls4rs_fixed::Format;
use hls4rs_ir::ops::{
    BatchNorm, Concatenate, Elu, Hard, Implementation, Input, LeakyRelu, Linear, Merge, MergeOp, Prelu, Relu,
    Reshape, Softmax, TableActivation, ThresholdedRelu,
};
use hls4rs_ir::tables::Function;
use hls4rs_ir::{Facts, Io, Node, Resolved, Slot};

use super::block::Block;
use super::step::moves::BroadcastMergeStep;
use super::step::{ConcatenateStep, ElementwiseStep, MergeStep, ShortStep, SoftmaxStep, Step, step};
use crate::layers::batch_norm::AffineKernel;
use crate::layers::concatenate::Placement;
use crate::layers::elementwise::{LinearKernel, ShortRows};
use crate::layers::hard::HardKernel;
use crate::layers::merge::{Join, MergeKernel};
use crate::layers::parametrized::{EluKernel, LeakyKernel, ThresholdKernel};
use crate::layers::relu::ReluKernel;
use crate::layers::softmax::{ArgmaxKernel, LegacyKernel, NormalizedFormats, NormalizedKernel};
use crate::layers::table_activation::{TableKernel, selu_factor};
use crate::layers::view::Sources;

mod custom;
mod garnet;
mod lookup;
mod moves;
mod pool;
mod products;
mod recurrent;
mod spiking;
mod sums;
mod time_distributed;

use sums::holding;

/// What a layer sees of the network when its step is made.
pub(crate) struct StepCx<'a> {
    pub(crate) node: &'a Node,
    pub(crate) facts: &'a Facts,
    pub(crate) inputs: Vec<(&'a Node, &'a Facts)>,
    /// How tensors travel.
    pub(crate) io: Io,
}

/// A table or weights, shared with nothing.
#[derive(Clone, Debug)]
pub(crate) struct Stored(Vec<i64>);

impl crate::layers::Values for Stored {
    #[inline(always)]
    fn at(&self, at: usize) -> i64 {
        self.0[at]
    }
    fn count(&self) -> usize {
        self.0.len()
    }
}

impl<'a> StepCx<'a> {
    pub(crate) fn new(network: &'a Resolved, node: &'a Node, facts: &'a Facts) -> Self {
        let inputs = node.inputs.iter().map(|&id| (network.graph().node(id), network.facts(id))).collect();
        Self { node, facts, inputs, io: network.graph().io() }
    }

    /// The narrowest format that holds what an input can be: as the source of casts as good as the declared one.
    fn input(&self, n: usize) -> Format {
        let range = &self.inputs[n].1.range;
        debug_assert_eq!(range.frac_bits, self.inputs[n].1.result().frac_bits());
        range.format()
    }

    fn x(&self) -> Format {
        self.input(0)
    }

    fn result(&self) -> Format {
        self.facts.result()
    }

    fn stored(&self, slot: Slot) -> Stored {
        Stored(self.facts.constant(slot).raw.clone())
    }

    fn scalar(&self, slot: Slot) -> i64 {
        self.facts.constant(slot).raw[0]
    }

    /// The step of the order of addition.
    fn stride(&self) -> usize {
        let shapes: Vec<_> = self.inputs.iter().map(|(node, _)| &node.shape).collect();
        let multiplications = self.node.op.layer().multiplications(&shapes);
        multiplications.map_or(1, |m| m.stride(self.node.strategy, self.node.reuse_factor))
    }

    /// The bias, or zeros of the narrowest format.
    fn bias(&self, count: usize) -> (Format, Vec<i64>) {
        match self.facts.constants.get(Slot::Bias) {
            Some(bias) => (bias.format, bias.raw.clone()),
            None => (Format::uint(1), vec![0; count]),
        }
    }
}

/// Every layer makes the step that computes it.
pub(crate) trait Plan {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step>;
}

/// A block that holds the result of a node.
pub(crate) fn block(facts: &Facts, elements: usize) -> Block {
    Block::new(elements, facts.range.format().container_bits())
}

/// The step of an elementwise layer, which is shorter between short tensors.
fn short<K: ShortRows + Send + Sync + 'static>(cx: &StepCx<'_>, kernel: K) -> Box<dyn Step> {
    let bits = cx.input(0).container_bits().max(cx.facts.range.format().container_bits());
    if kernel.is_short() && bits <= 32 { step(ShortStep(kernel)) } else { step(ElementwiseStep(kernel)) }
}

fn cast(cx: &StepCx<'_>) -> Box<dyn Step> {
    short(cx, LinearKernel::new(cx.x(), cx.result()))
}

impl Plan for Input {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        // Never run: inputs are filled from outside.
        step(ElementwiseStep(LinearKernel::new(cx.result(), cx.result())))
    }
}

impl Plan for Linear {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        cast(cx)
    }
}

impl Plan for Reshape {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        cast(cx)
    }
}

impl Plan for Relu {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let max = self.max.map(|max| max as u64);
        short(cx, ReluKernel::new(cx.x(), cx.result(), max))
    }
}

impl Plan for BatchNorm {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let scale = cx.facts.constant(Slot::Scale);
        let (bias_format, bias) = cx.bias(1);
        // The values are narrower than their formats.
        let (scale_format, bias_format) = (holding(&scale.raw, scale.format), holding(&bias, bias_format));
        let formats = [cx.x(), scale_format, bias_format, cx.result()];
        short(cx, AffineKernel::new(formats, cx.stored(Slot::Scale), Stored(bias)))
    }
}

impl Plan for LeakyRelu {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        leaky(cx)
    }
}

impl Plan for Prelu {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        leaky(cx)
    }
}

fn leaky(cx: &StepCx<'_>) -> Box<dyn Step> {
    let formats = [cx.x(), cx.facts.format(Slot::Alpha), cx.result()];
    step(ElementwiseStep(LeakyKernel::new(formats, cx.stored(Slot::Alpha))))
}

impl Plan for ThresholdedRelu {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let formats = [cx.x(), cx.facts.format(Slot::Alpha), cx.result()];
        step(ElementwiseStep(ThresholdKernel::new(formats, cx.scalar(Slot::Alpha))))
    }
}

impl Plan for Elu {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let formats = [cx.x(), cx.facts.format(Slot::Alpha), cx.facts.format(Slot::Table), cx.result()];
        let kernel = EluKernel::new(formats, cx.scalar(Slot::Alpha), cx.stored(Slot::Table), self.table_size);
        step(ElementwiseStep(kernel))
    }
}

impl Plan for TableActivation {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let table = cx.facts.format(Slot::Table);
        let index = self.index(cx.x());
        let kernel = TableKernel::new(table, cx.result(), cx.stored(Slot::Table), index);
        if self.function == Function::Selu {
            let factor = selu_factor(cx.inputs[0].1.result(), cx.io == Io::Stream);
            return step(ElementwiseStep(kernel.with_positive(factor, cx.x())));
        }
        step(ElementwiseStep(kernel))
    }
}

impl Plan for Hard {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let formats = [cx.x(), cx.facts.format(Slot::Slope), cx.facts.format(Slot::Shift), cx.result()];
        let constants = (cx.scalar(Slot::Slope), cx.scalar(Slot::Shift));
        step(ElementwiseStep(HardKernel::new(formats, constants, self.tanh)))
    }
}

impl Plan for Merge {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let join = match self.op {
            MergeOp::Add => Join::Add,
            MergeOp::Subtract => Join::Subtract,
            MergeOp::Multiply => Join::Multiply,
            MergeOp::Average => Join::Average,
            MergeOp::Maximum => Join::Maximum,
            MergeOp::Minimum => Join::Minimum,
        };
        let kernel = MergeKernel::new(join, [cx.input(0), cx.input(1), cx.result()]);
        let spread = |n: usize| Self::spread(&cx.inputs[n].0.shape, &cx.node.shape);
        match [spread(0), spread(1)] {
            [None, None] => step(MergeStep(kernel)),
            axes => step(BroadcastMergeStep {
                kernel,
                sources: axes.map(|axes| axes.map(|axes| Sources::new(&axes))),
            }),
        }
    }
}

impl Plan for Concatenate {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let shapes: Vec<_> = cx.inputs.iter().map(|(node, _)| &node.shape).collect();
        let (_, shares) = self.rounds(&shapes);
        let row_y = shares.iter().sum();
        let mut offset = 0;
        let parts = shares.iter().enumerate().map(|(n, &row_x)| {
            let placement = Placement { row_x, row_y, offset };
            offset += row_x;
            (LinearKernel::new(cx.input(n), cx.result()), placement)
        });
        step(ConcatenateStep(parts.collect()))
    }
}

impl Plan for Softmax {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let rows = self.rows(&cx.node.shape);
        let table = |slot| {
            let stored = cx.stored(slot);
            let size = stored.0.len();
            (stored, size)
        };
        match self.implementation {
            Implementation::Argmax => {
                step(SoftmaxStep { kernel: ArgmaxKernel::new(cx.x(), cx.result()), rows })
            }
            Implementation::Legacy => {
                let formats = [cx.x(), cx.facts.constant(Slot::ExpTable).format, cx.result()];
                let kernel = LegacyKernel::new(formats, table(Slot::ExpTable), table(Slot::InvTable));
                step(SoftmaxStep { kernel, rows })
            }
            Implementation::Stable | Implementation::Latency => {
                let stable = self.implementation == Implementation::Stable;
                let formats = NormalizedFormats {
                    // As an address, an input counts with all bits of its format.
                    x: if stable { cx.x() } else { cx.inputs[0].1.result() },
                    input_norm: stable.then(|| cx.facts.format(Slot::InputNorm)),
                    exp_table: cx.facts.format(Slot::ExpTable),
                    accum: cx.facts.format(Slot::Accum),
                    inv_input: cx.facts.format(Slot::InvInput),
                    inv_table: cx.facts.format(Slot::InvTable),
                    result: cx.result(),
                };
                let kernel = NormalizedKernel::new(formats, table(Slot::ExpTable), table(Slot::InvTable));
                step(SoftmaxStep { kernel, rows })
            }
        }
    }
}
