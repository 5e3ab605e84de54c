//! Answers from the spikes or the membranes of a window.

use hls4rs_fixed::{Cast, Format, Number};

use super::{MembraneKernel, bits, most};
use crate::layers::int::Int;
use crate::layers::rows::{assigned, map, zip};
use crate::layers::{Accum, Constants, Values, collect, raw, with_container};

/// What neurons are compared by.
pub trait Score {
    /// The format of a score.
    fn format(&self) -> Format;

    /// The width of the integers that this takes.
    fn container_bits(&self) -> u32;

    /// The score of a neuron, from its input in so many steps.
    fn score<C: Int, const L: usize>(
        &self,
        neuron: usize,
        steps: usize,
        x: impl Fn(usize) -> [C; L],
    ) -> [C; L];
}

/// The number of steps in which there is a spike, counted up to a limit.
#[derive(Clone, Copy, Debug)]
pub struct CountScore {
    x: Format,
    most: u64,
}

impl CountScore {
    /// Prepares counts up to `most` for the format of the spikes.
    pub const fn new(x: Format, most: usize) -> Self {
        Self { x, most: most as u64 }
    }
}

impl Score for CountScore {
    fn format(&self) -> Format {
        whole(self.most)
    }

    fn container_bits(&self) -> u32 {
        // A count goes one beyond the limit before it is limited.
        most(bits(self.x), bits(self.format()) + 1)
    }

    #[inline(always)]
    fn score<C: Int, const L: usize>(&self, _: usize, steps: usize, x: impl Fn(usize) -> [C; L]) -> [C; L] {
        let (one, most) = (C::from_i64(1), C::from_i64(self.most as i64));
        let mut count = [C::default(); L];
        for t in 0..steps {
            let spike = map(&x(t), |x| if x == C::default() { x } else { one });
            count = zip(count, &spike, |count, spike| count.plus(spike).min(most));
        }
        count
    }
}

/// The membrane after the last step.
#[derive(Clone, Copy, Debug)]
pub struct MembraneScore<B> {
    membrane: MembraneKernel<B>,
    format: Format,
}

impl<B: Values> MembraneScore<B> {
    /// Prepares membranes for the formats of their input and their own; with `beta` they decay.
    pub fn new([x, membrane]: [Format; 2], beta: Option<(B, Format)>) -> Self {
        Self { membrane: MembraneKernel::new([x, membrane], beta), format: membrane }
    }
}

impl<B: Values> Score for MembraneScore<B> {
    fn format(&self) -> Format {
        self.format
    }

    fn container_bits(&self) -> u32 {
        self.membrane.container_bits()
    }

    #[inline(always)]
    fn score<C: Int, const L: usize>(
        &self,
        neuron: usize,
        steps: usize,
        x: impl Fn(usize) -> [C; L],
    ) -> [C; L] {
        (0..steps).fold([C::default(); L], |membrane, t| self.membrane.step(neuron, membrane, x(t)))
    }
}

/// The narrowest format for numbers from 0.
const fn whole(most: u64) -> Format {
    let bits = u64::BITS - most.leading_zeros();
    Format::uint(if bits == 0 { 1 } else { bits })
}

/// The number of the first neuron with the largest score, or the difference of the second's to the first's.
#[derive(Clone, Copy, Debug)]
pub struct ReadoutKernel<S> {
    score: S,
    steps: usize,
    neurons: usize,
    difference: bool,
    result: Cast,
}

impl<S: Score> ReadoutKernel<S> {
    /// Prepares the layer for a window and the format of its result.
    pub fn new(score: S, [steps, neurons]: [usize; 2], difference: bool, result: Format) -> Self {
        let exact = match difference {
            true => score.format().difference(score.format()),
            false => whole(neurons as u64 - 1),
        };
        Self { score, steps, neurons, difference, result: Cast::new(exact, result) }
    }

    /// The width of the integers that this takes.
    #[inline(always)]
    pub fn container_bits(&self) -> u32 {
        let result = most(self.result.container_bits(), bits(self.result.src()));
        most(self.score.container_bits(), result)
    }

    /// The answer to the elements of a window.
    #[inline(always)]
    pub fn answer<C: Int, const L: usize>(&self, x: impl Fn(usize) -> [C; L]) -> [C; L] {
        let score = |neuron| self.score.score(neuron, self.steps, |t| x(t * self.neurons + neuron));
        let mut largest: [C; L] = score(0);
        if self.difference {
            return assigned(&self.result, zip(score(1), &largest, C::minus));
        }
        let mut first = [C::default(); L];
        for neuron in 1..self.neurons {
            let (number, scores): (_, [C; L]) = (C::from_i64(neuron as i64), score(neuron));
            for l in 0..L {
                let above = scores[l] > largest[l];
                first[l] = if above { number } else { first[l] };
                largest[l] = if above { scores[l] } else { largest[l] };
            }
        }
        assigned(&self.result, first)
    }
}

#[inline(always)]
fn answer<X: Number, R: Number, const N: usize>(x: &[X; N], kernel: &ReadoutKernel<impl Score>) -> [R; 1] {
    with_container!(kernel.container_bits(), C => {
        collect(&[kernel.answer(|at| [raw::<C, X>(x[at])])])
    })
}

/// The first of `neurons` with the most spikes, which count up to `most`, or the difference of the second's spikes to
/// the first's.
///
/// ```
/// use hls4rs::fixed::{Int, Uint};
/// use hls4rs::layers::spike_readout;
///
/// // Three steps of two neurons: one spike and two spikes.
/// let x = [0, 1, 1, 0, 0, 1].map(Uint::<1>::from_num);
/// let busiest: [Uint<1>; 1] = spike_readout(&x, 2, 3, false);
/// // Both have reached one spike.
/// let first: [Uint<1>; 1] = spike_readout(&x, 2, 1, false);
/// let difference: [Int<3>; 1] = spike_readout(&x, 2, 3, true);
/// assert_eq!((busiest[0].to_bits(), first[0].to_bits(), difference[0].to_bits()), (1, 0, 1));
/// ```
#[inline]
pub fn spike_readout<X: Number, R: Number, const N: usize>(
    x: &[X; N],
    neurons: usize,
    most: usize,
    difference: bool,
) -> [R; 1] {
    let score = CountScore::new(X::FORMAT, most);
    answer(x, &ReadoutKernel::new(score, [N / neurons, neurons], difference, R::FORMAT))
}

/// The first of `neurons` with the largest membrane, or the difference of the second's to the first's.
#[inline]
pub fn membrane_readout<X, B, M, R, const N: usize, const K: usize>(
    x: &[X; N],
    neurons: usize,
    beta: Option<&Constants<B, K>>,
    _membrane: Accum<M>,
    difference: bool,
) -> [R; 1]
where
    X: Number,
    B: Number,
    M: Number,
    R: Number,
{
    let score = MembraneScore::new([X::FORMAT, M::FORMAT], beta.map(|beta| (beta, B::FORMAT)));
    answer(x, &ReadoutKernel::new(score, [N / neurons, neurons], difference, R::FORMAT))
}
