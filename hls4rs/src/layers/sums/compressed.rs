//! Sums of products over a list of weights.

use super::super::Values;
use super::super::int::Int;
use super::super::rows::{assign, map, zip};
use super::{Summation, SumsKernel, Weights};

/// Sums of products over the weights that are not zero, dealt out to the steps of a loop: step `n` takes entries
/// `n, n + steps, …` of a list that goes output by output, and adds its own sum for an output to that of the output.
#[derive(Clone, Copy, Debug)]
pub struct CompressedKernel {
    kernel: SumsKernel,
    steps: usize,
}

impl CompressedKernel {
    /// The sums of `kernel`, whose order does not count, in so many steps.
    pub const fn new(kernel: SumsKernel, steps: usize) -> Self {
        Self { kernel, steps }
    }

    /// The width of the integers that this takes.
    pub const fn container_bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    /// The outputs for `L` samples; `used` has the places in `weight`, `[n_in, n_out]`.
    #[inline(always)]
    pub fn run<C: Int, W: Weights<C> + ?Sized, const L: usize>(
        &self,
        x: &[[C; L]],
        weight: &W,
        bias: &(impl Values + ?Sized),
        used: &(impl Values + ?Sized),
        y: &mut [[C; L]],
    ) {
        match self.kernel.truncated() {
            Some(shift) => self.exactly(x, weight, bias, used, shift, y),
            None => self.each(x, weight, bias, used, y),
        }
    }

    /// Row and output of an entry, and its weight.
    #[inline(always)]
    fn entry<C: Int, W: Weights<C> + ?Sized>(
        &self,
        weight: &W,
        used: &(impl Values + ?Sized),
        at: usize,
    ) -> (usize, usize, C) {
        // A place in a matrix: never negative.
        let place = used.at(at) as usize;
        (place / self.kernel.n_out, place % self.kernel.n_out, weight.weight(place))
    }

    /// In any order, as the limits of the accumulator count for totals only.
    #[inline(always)]
    fn exactly<C: Int, W: Weights<C> + ?Sized, const L: usize>(
        &self,
        x: &[[C; L]],
        weight: &W,
        bias: &(impl Values + ?Sized),
        used: &(impl Values + ?Sized),
        shift: u32,
        y: &mut [[C; L]],
    ) {
        y.fill([C::default(); L]);
        for at in 0..used.count() {
            let (i, j, weight) = self.entry(weight, used, at);
            let products = match self.kernel.summation {
                Summation::Truncated => map(&x[i], |x| x.times(weight).down(shift)),
                Summation::Exact | Summation::EachCast => map(&x[i], |x| x.times(weight)),
            };
            y[j] = zip(products, &y[j], C::plus);
        }
        let finish = self.kernel.finish::<C>();
        for (j, row) in y.iter_mut().enumerate() {
            *row = finish.row(row, self.kernel.bias(bias.at(j)));
        }
    }

    /// Casts every product and every sum.
    #[inline(always)]
    fn each<C: Int, W: Weights<C> + ?Sized, const L: usize>(
        &self,
        x: &[[C; L]],
        weight: &W,
        bias: &(impl Values + ?Sized),
        used: &(impl Values + ?Sized),
        y: &mut [[C; L]],
    ) {
        for (j, sum) in y.iter_mut().enumerate() {
            *sum = [self.kernel.bias(bias.at(j)); L];
        }
        for step in 0..self.steps.min(used.count()) {
            let mut at = step;
            // What a step adds to an output is together in the list; a sum of nothing, added, changes nothing.
            while at < used.count() {
                let (_, output, _) = self.entry(weight, used, at);
                let mut part = [C::default(); L];
                while at < used.count() {
                    let (i, j, weight) = self.entry(weight, used, at);
                    if j != output {
                        break;
                    }
                    self.kernel.add_product(&mut part, &x[i], weight);
                    at += self.steps;
                }
                let mut sum = zip(part, &y[output], C::plus);
                assign(&self.kernel.sum, &mut sum);
                y[output] = sum;
            }
        }
        for sum in y {
            assign(&self.kernel.result, sum);
        }
    }
}
