//! What membranes of spiking neurons can be, from step to step.

use hls4rs_fixed::{Format, Rounding, Wide};

use super::moves::reshape_to_steps;
use super::{Parameter, Unfit};
use crate::fault::Problem;
use crate::range::{Interval, Ranges, aligned, quantized, unlimited};
use crate::resolve::{NodeCx, limited, wraps};
use crate::{Place, Precision, RawTensor, Shape, Slot};

/// The width of a membrane that is left to `auto` and cannot be exact.
const AUTO_WIDTH: i32 = 18;

/// The widest membrane that `auto` gives.
const MOST_BITS: u32 = 100;

/// How the membrane of a neuron that fires goes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reset {
    /// By the threshold.
    #[default]
    Subtract,
    /// To zero.
    Zero,
}

impl Reset {
    pub(super) const ALL: [Self; 2] = [Self::Subtract, Self::Zero];
    pub(super) const NAMES: &'static [&'static str] = &["subtract", "zero"];
}

/// Checks that the input is a window of time steps.
pub(super) fn check_window(x: &Shape) -> Result<(), Unfit> {
    if x.rank() == 2 {
        return Ok(());
    }
    let expected = "a window of time steps [steps, neurons]".to_owned();
    Err(Unfit::Input { n: 0, expected, help: reshape_to_steps(x) })
}

/// Values of which every neuron has one, or all neurons the same.
pub(super) fn per_neuron(slot: Slot, x: &Shape, optional: bool) -> Parameter {
    let shape = |n: usize| Shape::new(&[n]).expect("an extent of a shape");
    Parameter { slot, shape: shape(x.channels()), alternative: Some(shape(1)), optional }
}

/// Membranes that add their input up, decay and, with a threshold, fire.
pub(super) struct Membranes<'a> {
    pub(super) x: &'a Ranges,
    pub(super) neurons: usize,
    pub(super) beta: Option<RawTensor>,
    pub(super) threshold: Option<(RawTensor, Reset)>,
}

/// What happens in a window.
pub(super) struct Course {
    /// Everything that is cast to the format of the membrane, neuron by neuron.
    casts: Ranges,
    /// The membranes after the last step.
    pub(super) last: Ranges,
    /// Whether a neuron can be silent and whether it can fire, step by step.
    pub(super) spikes: Vec<(bool, bool)>,
}

/// Where a neuron stands in a step.
struct Step {
    before: Interval,
    /// Of everything that was cast so far.
    casts: Interval,
    silent: bool,
    fires: bool,
}

impl Membranes<'_> {
    /// Settles the format of the membrane.
    pub(super) fn settle(&self, cx: &mut NodeCx<'_>) -> Option<Course> {
        let format = match cx.precision(Slot::Membrane).format() {
            Some(format) => format,
            None => match self.auto() {
                Some(format) => format,
                None => {
                    let (layer, slot) = (cx.node().name.clone(), Slot::Membrane);
                    let reason =
                        "it can grow without a bound; write a format, such as `Fixed<16, 6>`".to_owned();
                    cx.fault(Place::Node, Problem::Format { layer, slot, reason });
                    return None;
                }
            },
        };
        let beta = self.beta.as_ref().map_or(Format::uint(1), |beta| beta.format);
        let threshold = self.threshold.as_ref().map_or(format, |(threshold, _)| threshold.format);
        let x = cx.input(0).result();
        for exact in
            [format.product(beta), aligned(format, x), format.sum(format), format.difference(threshold)]
        {
            cx.exact(0, exact)?;
        }
        let course = self.course(format, true)?;
        // What would be needed is what happens where nothing wraps.
        let checked = matches!(cx.precision(Slot::Membrane), Precision::Checked(_)) && wraps(format);
        let free = checked.then(|| self.course(unlimited(format), false)).flatten();
        cx.settle_cast_to(Slot::Membrane, format, free.as_ref().map_or(&course.casts, |free| &free.casts));
        Some(course)
    }

    /// The format in which nothing is lost, or if that is too wide, one of [`AUTO_WIDTH`] bits that rounds.
    fn auto(&self) -> Option<Format> {
        let subtracted = self.threshold.as_ref().filter(|(_, reset)| *reset == Reset::Subtract);
        let threshold = subtracted.map_or(i32::MIN, |(threshold, _)| threshold.format.frac_bits());
        let least = self.x.frac_bits.max(threshold);
        let per_step = self.beta.as_ref().map_or(0, |beta| beta.format.frac_bits().max(0));
        let steps = i32::try_from(self.x.elements.len() / self.neurons).unwrap_or(i32::MAX);
        let exact = per_step.saturating_mul(steps - 1).saturating_add(least);
        let holding = |frac_bits: i32| {
            let unit = Format::fixed(1, 1 - frac_bits).with_rounding(Rounding::Rnd);
            let hull = self.course(unlimited(unit), false)?.casts.hull();
            let format = Format::holding(hull.lo, hull.hi, frac_bits);
            (format.width <= MOST_BITS).then_some(format)
        };
        let frac_bits = (AUTO_WIDTH - holding(least)?.int_bits).min(exact).max(least);
        let format = holding(frac_bits)?;
        Some(if frac_bits < exact { format.with_rounding(Rounding::Rnd) } else { format })
    }

    /// Follows all neurons through the window; `None` if a membrane without limits grows beyond what can be computed.
    fn course(&self, format: Format, limits: bool) -> Option<Course> {
        let (n, steps) = (self.neurons, self.x.elements.len() / self.neurons);
        let zero = Interval::point(Wide::ZERO);
        let (mut casts, mut last) = (Vec::with_capacity(n), Vec::with_capacity(n));
        let mut spikes = vec![(true, false); self.x.elements.len()];
        for neuron in 0..n {
            let mut step = Step { before: zero, casts: zero, silent: true, fires: false };
            for t in 0..steps {
                self.step(neuron, self.x.elements[t * n + neuron], format, limits, &mut step);
                let bits = step.before.lo.bits().max(step.before.hi.bits());
                if !limits && bits > Format::MAX_WIDTH / 2 {
                    return None;
                }
                spikes[t * n + neuron] = (step.silent, step.fires);
            }
            casts.push(step.casts);
            last.push(step.before);
        }
        let ranges = |elements| Ranges { frac_bits: format.frac_bits(), elements };
        Some(Course { casts: ranges(casts), last: ranges(last), spikes })
    }

    fn step(&self, neuron: usize, x: Interval, format: Format, limits: bool, step: &mut Step) {
        let bits = format.frac_bits();
        let mut cast = |value: Interval, frac_bits: i32| {
            let rounded = quantized(value, frac_bits, format);
            step.casts = step.casts.hull(rounded);
            if !limits {
                return rounded;
            }
            limited(&Ranges { frac_bits: bits, elements: vec![rounded] }, format).elements[0]
        };
        let kept = match &self.beta {
            Some(beta) => {
                let factor = Wide::from_i64(beta.raw[neuron % beta.raw.len()]);
                cast(step.before.scaled(factor), bits + beta.format.frac_bits())
            }
            None => step.before,
        };
        let x = cast(x, self.x.frac_bits);
        let potential = cast(kept.sum(x), bits);
        let Some((threshold, reset)) = &self.threshold else {
            step.before = potential;
            return;
        };
        let common = bits.max(threshold.format.frac_bits());
        let finer = |raw: Wide, from: i32| raw << (common - from).unsigned_abs();
        let limit =
            finer(Wide::from_i64(threshold.raw[neuron % threshold.raw.len()]), threshold.format.frac_bits());
        // The greatest membrane that does not fire.
        let below = (limit - Wide::ONE) >> (common - bits).unsigned_abs();
        (step.silent, step.fires) = (potential.lo <= below, potential.hi > below);
        let silent = step.silent.then(|| Interval { lo: potential.lo, hi: potential.hi.min(below) });
        let fired = step.fires.then(|| match reset {
            Reset::Zero => Interval::point(Wide::ZERO),
            Reset::Subtract => {
                let above = Interval { lo: potential.lo.max(below + Wide::ONE), hi: potential.hi };
                let above = above.finer((common - bits).unsigned_abs());
                cast(above.difference(Interval::point(limit)), common)
            }
        });
        step.before = silent.into_iter().chain(fired).reduce(Interval::hull).expect("a neuron fires or not");
    }
}
