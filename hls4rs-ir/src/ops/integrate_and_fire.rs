//! Spiking neurons.

use hls4rs_fixed::Wide;

use super::membrane::{Membranes, Reset, check_window, per_neuron};
use super::{Layer, Parameter, Unfit};
use crate::attr::{Attr, AttrRef};
use crate::range::{Interval, Ranges};
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

/// Neurons that add their input up over time and fire when they reach a threshold, with or without a leak.
///
/// A sample is a window of time steps; the membrane is 0 before the first one. In every step
/// `v = beta · v + x` (`beta` is 1 without a leak); where `v >= threshold` the neuron fires: the result is 1, and
/// `v` loses the threshold or becomes 0, as `reset_mechanism` says. Else the result is 0.
///
/// # Shapes
/// `x: [steps, neurons]`, `beta` and `threshold: [neurons]`, or one value for all, `y` as `x`.
/// # Precision
/// `M` stands for the cast to `membrane`: `v = M(M(beta · v) + M(x))`, after a spike `M(v - threshold)`; the comparison
/// is exact. `membrane: auto` is exact where 18 bits are enough, or where there is no leak; else it has 18 bits, or as
/// many as `x` and the threshold need, and rounds to nearest; it has room for everything that can happen in a window.
/// The result is 0 or 1, `auto` is one bit.
/// # Source
/// hls4ml `nnet_utils/nnet_snn.h` (after 1.3.0), where a sample is a step and the window is counted in the layer;
/// `Leaky` of snnTorch: Eshraghian et al. 2023, doi:10.1109/JPROC.2023.3308088.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegrateAndFire {
    /// Whether the membrane decays.
    pub leaky: bool,
    /// How a membrane goes back after a spike.
    pub reset_mechanism: Reset,
}

impl IntegrateAndFire {
    /// The layer with its attributes at their defaults.
    pub const fn new(leaky: bool) -> Self {
        Self { leaky, reset_mechanism: Reset::Subtract }
    }
}

/// The attribute for a way to go back.
fn choice(reset: &mut Reset) -> AttrRef<'_> {
    let index = *reset as usize;
    AttrRef::Choice { allowed: Reset::NAMES, index, set: Box::new(move |n| *reset = Reset::ALL[n]) }
}

impl Layer for IntegrateAndFire {
    fn keyword(&self) -> &'static str {
        if self.leaky { "leaky_integrate_and_fire" } else { "integrate_and_fire" }
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![Attr {
            name: "reset_mechanism",
            doc: "how a membrane goes back after a spike",
            value: choice(&mut self.reset_mechanism),
        }]
    }

    fn slots(&self) -> &'static [Slot] {
        if self.leaky { &[Slot::Beta, Slot::Threshold, Slot::Membrane] } else { &[Slot::Threshold, Slot::Membrane] }
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        check_window(inputs[0])?;
        Ok(inputs[0].clone())
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let beta = self.leaky.then(|| per_neuron(Slot::Beta, inputs[0], false));
        beta.into_iter().chain([per_neuron(Slot::Threshold, inputs[0], false)]).collect()
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let beta = if self.leaky { Some(cx.store_values(Slot::Beta)?.clone()) } else { None };
        let threshold = cx.store_values(Slot::Threshold)?.clone();
        let membranes = Membranes {
            x: &cx.input(0).range,
            neurons: cx.input_shape(0).channels(),
            beta,
            threshold: Some((threshold, self.reset_mechanism)),
        };
        let course = membranes.settle(cx)?;
        let bit = |bit: bool| if bit { Wide::ONE } else { Wide::ZERO };
        let spike = |&(silent, fires): &(bool, bool)| Interval { lo: bit(!silent), hi: bit(fires) };
        let elements = course.spikes.iter().map(spike).collect();
        Some(cx.settle_result(&Ranges { frac_bits: 0, elements }).into())
    }
}
