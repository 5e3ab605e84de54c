//! Layers of one's own.

use hls4rs_ir::ops::Custom;

use super::{Plan, StepCx, Stored};
use crate::custom::object;
use crate::simulate::step::{CustomStep, Step, Tensor};

impl Plan for Custom {
    /// # Panics
    /// If the definition of the layer is not known.
    fn step(&self, cx: &StepCx<'_>) -> Box<dyn Step> {
        let Some(object) = object(self) else {
            panic!("layer `{}`: `{}` is not defined: make it with `custom::op`", cx.node.name, self.name());
        };
        let tensor = |shape: &[usize], format| Tensor { shape: shape.to_vec(), format };
        let inputs = cx.inputs.iter().map(|(node, facts)| tensor(&node.shape, facts.result()));
        let values = cx.facts.constants.iter().map(|(slot, raw)| (slot.name(), Stored(raw.raw.clone())));
        Box::new(CustomStep {
            object: object.boxed(),
            layer: cx.node.name.clone(),
            inputs: inputs.collect(),
            result: tensor(&cx.node.shape, cx.result()),
            formats: cx.facts.formats.iter().map(|(slot, format)| (slot.name(), *format)).collect(),
            values: values.collect(),
        })
    }
}
