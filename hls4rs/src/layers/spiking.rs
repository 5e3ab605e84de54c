//! Spiking layers: neurons that integrate and fire, and answers from spikes or membranes.
//!
//! A sample is a window of time steps `[steps, neurons]`.
//!
//! ```
//! use hls4rs::network;
//!
//! network! {
//!     struct Spiking;
//!     input x: [4, 2] as Fixed<8, 4>;
//!     let spikes = leaky_integrate_and_fire(x) { beta: 0.5, threshold: 1.0, membrane: auto };
//!     output spikes;
//!     output y = spike_readout(spikes);
//! }
//!
//! let x = [[0.75, 0.5], [0.75, 1.5], [0.5, 0.0], [-1.0, 2.0]];
//! let x = x.as_flattened().iter().map(|&x| hls4rs::fixed::Fixed::from_num(x)).collect::<Vec<_>>();
//! let (spikes, y) = Spiking::new().predict(x[..].try_into().unwrap());
//! // The first membrane: 0.75; 0.375 + 0.75 = 1.125 fires, 0.125 is left; 0.0625 + 0.5; 0.28125 - 1.
//! // The second: 0.5; 0.25 + 1.5 = 1.75 fires, 0.75 is left; 0.375; 0.1875 + 2 fires.
//! assert_eq!(spikes.map(|s| s.to_num::<u8>()), [0, 0, 1, 1, 0, 0, 0, 1]);
//! // One spike and two spikes.
//! assert_eq!(y.map(|y| y.to_num::<u8>()), [1]);
//! ```

use hls4rs_fixed::{Cast, Format, Number, Wide};

use super::int::{Int, bits, most};
use super::rows::{assigned, map, zip};
use super::{Accum, Constants, Values, collect, raw, with_container};

#[cfg(feature = "backends")]
mod emission;
mod readout;

pub use readout::{CountScore, MembraneScore, ReadoutKernel, Score, membrane_readout, spike_readout};

/// Membranes that add their input up: `v = M(M(beta · v) + M(x))`, where `M` is the cast to their format.
#[derive(Clone, Copy, Debug)]
pub struct MembraneKernel<B> {
    input: Cast,
    leak: Option<(B, Cast)>,
    sum: Cast,
}

impl<B: Values> MembraneKernel<B> {
    /// Prepares membranes for the formats of their input and their own; with `beta` they decay.
    pub fn new([x, membrane]: [Format; 2], beta: Option<(B, Format)>) -> Self {
        Self {
            input: Cast::new(x, membrane),
            leak: beta.map(|(beta, format)| (beta, Cast::new(format.product(membrane), membrane))),
            sum: Cast::new(membrane.sum(membrane), membrane),
        }
    }

    /// The width of the integers that this takes.
    #[inline(always)]
    pub fn container_bits(&self) -> u32 {
        let taken = |cast: &Cast| most(cast.container_bits(), bits(cast.src()));
        let leak = self.leak.as_ref().map_or(0, |(_, cast)| taken(cast));
        most(most(taken(&self.input), taken(&self.sum)), leak)
    }

    /// The membrane of a neuron after a step.
    #[inline(always)]
    pub fn step<C: Int, const L: usize>(&self, neuron: usize, membrane: [C; L], x: [C; L]) -> [C; L] {
        let kept = match &self.leak {
            Some((beta, cast)) => {
                let beta = C::from_i64(beta.at(neuron % beta.count()));
                assigned(cast, map(&membrane, |v| v.times(beta)))
            }
            None => membrane,
        };
        assigned(&self.sum, zip(kept, &assigned(&self.input, x), C::plus))
    }
}

/// Neurons that fire when their membrane reaches a threshold.
#[derive(Clone, Copy, Debug)]
pub struct NeuronKernel<B, T> {
    membrane: MembraneKernel<B>,
    threshold: T,
    membrane_up: u32,
    threshold_up: u32,
    /// What is left above the threshold; without it the membrane becomes 0.
    rest: Option<Cast>,
    container_bits: u32,
    /// The result of a spike.
    spike: Wide,
}

impl<B: Values, T: Values> NeuronKernel<B, T> {
    /// Prepares neurons for the formats of input, threshold, membrane and result; after a spike the membrane loses the
    /// threshold, or all with `to_zero`.
    pub fn new(
        [x, threshold_format, membrane, result]: [Format; 4],
        beta: Option<(B, Format)>,
        threshold: T,
        to_zero: bool,
    ) -> Self {
        let kernel = MembraneKernel::new([x, membrane], beta);
        let difference = membrane.difference(threshold_format);
        let rest = Cast::new(difference, membrane);
        let up = |format: Format| (difference.frac_bits() - format.frac_bits()).unsigned_abs();
        let compared = most(bits(difference), most(rest.container_bits(), bits(result)));
        Self {
            container_bits: most(kernel.container_bits(), compared),
            membrane: kernel,
            threshold,
            membrane_up: up(membrane),
            threshold_up: up(threshold_format),
            rest: (!to_zero).then_some(rest),
            spike: Cast::new(Format::uint(1), result).wide(Wide::ONE),
        }
    }

    /// The width of the integers that this takes.
    #[inline(always)]
    pub fn container_bits(&self) -> u32 {
        self.container_bits
    }

    /// The spikes of a neuron in a step, and its membrane after it.
    #[inline(always)]
    pub fn step<C: Int, const L: usize>(&self, neuron: usize, membrane: &mut [C; L], x: [C; L]) -> [C; L] {
        let potential = self.membrane.step(neuron, *membrane, x);
        let threshold = C::from_i64(self.threshold.at(neuron % self.threshold.count())).up(self.threshold_up);
        let above = map(&potential, |v| v.up(self.membrane_up).minus(threshold));
        let rest = match &self.rest {
            Some(cast) => assigned(cast, above),
            None => [C::default(); L],
        };
        let (zero, spike) = (C::default(), C::from_wide(self.spike));
        let mut y = [zero; L];
        for l in 0..L {
            let fires = above[l] >= zero;
            y[l] = if fires { spike } else { zero };
            membrane[l] = if fires { rest[l] } else { potential[l] };
        }
        y
    }
}

/// Neurons that add their input up over the steps of a window and fire; see the layers `integrate_and_fire` and
/// `leaky_integrate_and_fire`.
///
/// # Panics
/// If `N` is not a multiple of `neurons`.
#[inline]
pub fn integrate_and_fire<X, B, T, M, R, const N: usize, const K: usize, const S: usize>(
    x: &[X; N],
    neurons: usize,
    beta: Option<&Constants<B, K>>,
    threshold: &Constants<T, S>,
    _membrane: Accum<M>,
    to_zero: bool,
) -> [R; N]
where
    X: Number,
    B: Number,
    T: Number,
    M: Number,
    R: Number,
{
    assert!(N.is_multiple_of(neurons), "every step has all neurons");
    let formats = [X::FORMAT, T::FORMAT, M::FORMAT, R::FORMAT];
    let kernel = NeuronKernel::new(formats, beta.map(|beta| (beta, B::FORMAT)), threshold, to_zero);
    with_container!(kernel.container_bits(), C => {
        let mut rows = x.map(|x| [raw::<C, X>(x)]);
        for neuron in 0..neurons {
            let mut membrane = [C::default()];
            for row in rows.iter_mut().skip(neuron).step_by(neurons) {
                *row = kernel.step(neuron, &mut membrane, *row);
            }
        }
        collect(&rows)
    })
}
