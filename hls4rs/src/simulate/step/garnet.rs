//! Graph layers.

use hls4rs_fixed::vertices::Vertices;

use super::AnyInteger;
use crate::layers::Int;
use crate::layers::garnet::{GarnetKernel, GarnetValues, GarnetWork};
use crate::simulate::block::{Block, LANES, Row};

/// A graph layer with what it stores.
pub(crate) struct GarnetStep {
    pub(crate) kernel: GarnetKernel,
    pub(crate) sizes: Vertices,
    pub(crate) weight: Vec<i64>,
    pub(crate) transform_bias: Vec<i64>,
    pub(crate) distance_weight: Vec<i64>,
    pub(crate) distance_bias: Vec<i64>,
    pub(crate) bias: Vec<i64>,
    pub(crate) table: Vec<i64>,
    pub(crate) norm: Vec<i64>,
}

impl AnyInteger for GarnetStep {
    fn bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let values = GarnetValues {
            weight: &&self.weight[..],
            transform_bias: &&self.transform_bias[..],
            distance_weight: &&self.distance_weight[..],
            distance_bias: &&self.distance_bias[..],
            bias: &&self.bias[..],
            table: &&self.table[..],
            norm: &&self.norm[..],
        };
        let x: Vec<Row<C>> = (0..inputs[0].len()).map(|i| inputs[0].load(i)).collect();
        let Vertices { aggregators, features, units, .. } = self.sizes;
        let rows = |n: usize| vec![[C::default(); LANES]; n];
        let (mut edge, mut features) = (rows(2 * aggregators), rows(2 * aggregators * features));
        let (edge, edge_mean) = edge.split_at_mut(aggregators);
        let (feature, feature_mean) = features.split_at_mut(aggregators * self.sizes.features);
        let work = GarnetWork {
            edge: [edge, edge_mean],
            features: [feature, feature_mean],
            handed: &mut rows(units * aggregators),
        };
        let mut y = rows(out.len());
        self.kernel.run(&values, (&x, &inputs[1].load(0)), work, &mut y);
        for (i, y) in y.iter().enumerate() {
            out.store(i, y);
        }
    }
}
