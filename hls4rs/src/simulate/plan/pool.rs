//! Steps of pooling and of scalar products.

use hls4rs_fixed::window::{Order, Window};
use hls4rs_ir::Slot;
use hls4rs_ir::ops::{Dot, GlobalPool, Pool, PoolOp, pool_order};

use super::{Plan, StepCx};
use crate::layers::dot::DotKernel;
use crate::layers::elementwise::{LinearKernel, ShortRows};
use crate::layers::pool::{MaxKernel, MeanKernel, Windows};
use crate::simulate::step::pool::{DotStep, PoolStep, ShortMaxStep};
use crate::simulate::step::{Step, step};

impl Plan for Pool {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let window = self.window(&cx.inputs[0].0.shape).expect("the shape was checked");
        pool(cx, self.op, window, self.count_pad, pool_order(cx.io))
    }
}

impl Plan for GlobalPool {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        pool(cx, self.op, Self::window(&cx.inputs[0].0.shape), false, Self::order(cx.io))
    }
}

fn pool(cx: &StepCx<'_>, op: PoolOp, window: Window, count_pad: bool, order: Order) -> Box<dyn Step> {
    let windows = Windows { window, channels: cx.node.shape.channels() };
    let accum = cx.facts.format(Slot::Accum);
    let formats = [cx.x(), accum, cx.result()];
    match op {
        PoolOp::Max => {
            let kept = accum.contains_raw(cx.x().min_raw()) && accum.contains_raw(cx.x().max_raw());
            if kept && accum.frac_bits() == cx.x().frac_bits() {
                // Values pass through the accumulator as they are, so that the order of casts is no matter.
                let cast = LinearKernel::new(cx.x(), cx.result());
                let bits = cx.x().container_bits().max(cx.facts.range.format().container_bits());
                if bits <= 32 && cast.is_short() {
                    return step(ShortMaxStep { windows, cast });
                }
            }
            step(PoolStep { kernel: MaxKernel::new(windows, order, formats) })
        }
        PoolOp::Average => {
            let sums = cx.facts.accumulation.expect("a mean is of a sum");
            let bounded = sums.exact && sums.partial.fits(accum);
            step(PoolStep { kernel: MeanKernel::new(windows, count_pad, order, formats, bounded) })
        }
    }
}

impl Plan for Dot {
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let accum = cx.facts.format(Slot::Accum);
        let sums = cx.facts.accumulation.expect("a scalar product is a sum");
        let bounded = sums.exact && sums.partial.fits(accum);
        let formats = [cx.input(0), cx.input(1), accum, cx.result()];
        step(DotStep { kernel: DotKernel::new(formats, bounded) })
    }
}
