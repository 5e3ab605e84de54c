//! Steps of layers that move values.

use hls4rs_ir::ops::{Broadcast, Cropping, Move, RepeatVector, Resize, Transpose, ZeroPadding};

use super::{Plan, StepCx};
use crate::layers::elementwise::LinearKernel;
use crate::layers::view::Sources;
use crate::simulate::step::moves::MoveStep;
use crate::simulate::step::{Step, step};

macro_rules! moves {
    ($($layer:ident)+) => { $(
        impl Plan for $layer {
            fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
                let sources = Sources::new(&self.axes(&cx.inputs[0].0.shape));
                step(MoveStep { cast: LinearKernel::new(cx.x(), cx.result()), sources })
            }
        }
    )+ };
}

moves! { ZeroPadding Cropping Resize Transpose RepeatVector Broadcast }
