//! How a network is laid out in hardware: interface, strategy and reuse factor.

use core::fmt;

/// How a layer's multipliers are arranged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strategy {
    /// Everything unrolled, the pipeline's interval limits the multipliers.
    #[default]
    Latency,
    /// A loop of `reuse_factor` steps over multipliers that are shared.
    Resource,
    /// As `resource`, with every step written out, so that weights that are zero cost nothing.
    ResourceUnrolled,
    /// As `resource`, over a list of the weights that are not zero, each with its place.
    Compressed,
    /// Constant multiplications as shifts and additions: exact sums, one cast to the result.
    DistributedArithmetic,
}

impl Strategy {
    /// Every strategy.
    pub const ALL: [Self; 5] = [
        Self::Latency,
        Self::Resource,
        Self::ResourceUnrolled,
        Self::DistributedArithmetic,
        Self::Compressed,
    ];

    /// Every strategy of layers that apply one matrix at many positions.
    pub(crate) const WITH_ALL_WEIGHTS: [Self; 4] =
        [Self::Latency, Self::Resource, Self::ResourceUnrolled, Self::DistributedArithmetic];

    /// The keyword in the DSL and in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::Resource => "resource",
            Self::ResourceUnrolled => "resource_unrolled",
            Self::Compressed => "compressed",
            Self::DistributedArithmetic => "distributed_arithmetic",
        }
    }

    /// Whether multipliers are shared in a loop of `reuse_factor` steps.
    pub const fn shares_multipliers(self) -> bool {
        matches!(self, Self::Resource | Self::ResourceUnrolled | Self::Compressed)
    }

    /// Finds a strategy by its keyword.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How tensors travel between layers, and into and out of the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Io {
    /// A whole tensor at once, every element on wires of its own.
    #[default]
    Parallel,
    /// A stream of words, one for each position of all axes but the last; a word has the last axis.
    Stream,
}

impl Io {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Parallel, Self::Stream];

    /// The keyword in the DSL and in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parallel => "parallel",
            Self::Stream => "stream",
        }
    }

    /// Finds an interface by its keyword.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|io| io.name() == name)
    }
}

impl fmt::Display for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The products a multiplying layer works through, for the rules about reuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Multiplications {
    /// Products that are summed for one output.
    pub n_in: usize,
    /// Outputs.
    pub n_out: usize,
    /// Whether every output has inputs of its own, as the channels of a depthwise convolution.
    pub apart: bool,
}

impl Multiplications {
    /// A matrix: all outputs are sums over the same inputs.
    pub const fn matrix(n_in: usize, n_out: usize) -> Self {
        Self { n_in, n_out, apart: false }
    }

    /// Channels with `taps` products each.
    pub const fn channels(taps: usize, channels: usize) -> Self {
        Self { n_in: taps, n_out: channels, apart: true }
    }

    /// Whether a shared-multiplier loop of `reuse_factor` steps covers the products evenly.
    ///
    /// # Source
    /// hls4ml `backends/fpga/fpga_backend.py`: the factor divides the number of products, and either it is
    /// smaller than `n_in` and every step serves all outputs, or it is a multiple of `n_in`.
    /// `nnet_utils/nnet_depthwise_product.h`: for channels it is enough that it divides them.
    pub fn is_legal(self, reuse_factor: usize) -> bool {
        let products = self.n_in * self.n_out;
        if reuse_factor == 0 || !products.is_multiple_of(reuse_factor) {
            return false;
        }
        if self.apart {
            true
        } else if reuse_factor < self.n_in {
            (products / reuse_factor).is_multiple_of(self.n_out)
        } else {
            reuse_factor.is_multiple_of(self.n_in)
        }
    }

    /// Every legal reuse factor, rising.
    pub fn legal(self) -> Vec<usize> {
        divisors(self.n_in * self.n_out).into_iter().filter(|&rf| self.is_legal(rf)).collect()
    }

    /// Whether a layer of this strategy can have this reuse factor.
    ///
    /// For strategy `latency` the factor is only the pipeline's interval and the limit of multipliers, and a list of
    /// weights can be dealt out to any number of steps, so that anything up to the number of products will do.
    pub fn allows(self, strategy: Strategy, reuse_factor: usize) -> bool {
        match strategy {
            Strategy::Latency | Strategy::Compressed => (1..=self.n_in * self.n_out).contains(&reuse_factor),
            Strategy::Resource | Strategy::ResourceUnrolled => self.is_legal(reuse_factor),
            Strategy::DistributedArithmetic => reuse_factor == 1,
        }
    }

    /// The nearest reuse factors that are allowed, below and above one that is not.
    pub fn neighbours(self, strategy: Strategy, reuse_factor: usize) -> (Option<usize>, Option<usize>) {
        let legal = match strategy {
            Strategy::Latency | Strategy::Compressed => vec![1, self.n_in * self.n_out],
            Strategy::Resource | Strategy::ResourceUnrolled => self.legal(),
            Strategy::DistributedArithmetic => vec![1],
        };
        (
            legal.iter().copied().rfind(|&rf| rf < reuse_factor),
            legal.iter().copied().find(|&rf| rf > reuse_factor),
        )
    }

    /// The step of the order of addition: an output takes its products `0, stride, 2·stride, …`, then `1, …`; where
    /// outputs are apart, these are places in the list of all products, `[n_in, n_out]`.
    ///
    /// Not for strategy `compressed`, whose order is that of [`used_weights`].
    pub fn stride(self, strategy: Strategy, reuse_factor: usize) -> usize {
        let shared = strategy.shares_multipliers() && (self.apart || reuse_factor < self.n_in);
        if shared { reuse_factor } else { 1 }
    }

    /// The order in which the products of an output are added.
    ///
    /// The order matters only for an accumulator that saturates.
    pub fn order(self, strategy: Strategy, reuse_factor: usize, output: usize) -> Vec<usize> {
        let stride = self.stride(strategy, reuse_factor);
        let place = |i: &usize| if self.apart { i * self.n_out + output } else { *i };
        let mut order: Vec<usize> = (0..self.n_in).collect();
        order.sort_by_key(|i| place(i) % stride);
        order
    }
}

/// The places of the weights that are not zero in a matrix `[n_in, n_out]`, output by output: the list of strategy
/// `compressed`. Step `ir` of a loop takes entries `ir, ir + reuse_factor, …`.
///
/// # Source
/// hls4ml `model/types.py`, `nnet_utils/nnet_dense_compressed.h`.
pub fn used_weights(raw: &[i64], n_out: usize) -> Vec<usize> {
    let columns = (0..n_out).flat_map(|column| (column..raw.len()).step_by(n_out));
    columns.filter(|&at| raw[at] != 0).collect()
}

fn divisors(n: usize) -> Vec<usize> {
    let mut small = Vec::new();
    let mut large = Vec::new();
    for d in (1..).take_while(|d| d * d <= n) {
        if n.is_multiple_of(d) {
            small.push(d);
            if d * d != n {
                large.push(n / d);
            }
        }
    }
    large.reverse();
    small.append(&mut large);
    small
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_reuse_factors_divide_the_inputs_or_are_multiples_of_them() {
        let m = Multiplications::matrix(6, 4);
        assert_eq!(m.legal(), [1, 2, 3, 6, 12, 24]);
        assert_eq!(m.neighbours(Strategy::Resource, 5), (Some(3), Some(6)));
    }

    #[test]
    fn resource_adds_in_strides_of_the_reuse_factor() {
        let m = Multiplications::matrix(6, 4);
        assert_eq!(m.order(Strategy::Resource, 2, 0), [0, 2, 4, 1, 3, 5]);
        assert_eq!(m.order(Strategy::Resource, 12, 3), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn the_list_of_weights_goes_output_by_output() {
        assert_eq!(used_weights(&[1, 0, 2, 0, 3, 4], 2), [0, 2, 4, 5]);
        assert_eq!(used_weights(&[1, 9, 0, 3, 5, 0], 2), [0, 4, 1, 3]);
    }

    #[test]
    fn channels_take_their_products_as_all_are_dealt_out() {
        let m = Multiplications::channels(4, 3);
        assert_eq!(m.legal(), [1, 2, 3, 4, 6, 12]);
        // Places 1, 4, 7, 10 in steps of 2: the even ones first.
        assert_eq!(m.order(Strategy::Resource, 2, 1), [1, 3, 0, 2]);
        assert_eq!(m.order(Strategy::Resource, 3, 1), [0, 1, 2, 3]);
        assert_eq!(m.order(Strategy::Latency, 2, 1), [0, 1, 2, 3]);
    }
}
