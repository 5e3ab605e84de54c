//! Tensor products and layer normalization.

use hls4rs_fixed::contraction::Contraction;

use super::AnyInteger;
use crate::layers::Int;
use crate::layers::contraction::ContractionKernel;
use crate::layers::layer_norm::NormCasts;
use crate::layers::rows::{map, zip};
use crate::simulate::block::{Block, LANES, Row};

/// The geometry of a tensor product, worked out once.
pub(crate) struct Geometry {
    /// Where the products of each element of the result begin.
    outputs: Vec<(usize, usize)>,
    /// How far each product lies behind the first one.
    products: Vec<(usize, usize)>,
}

impl Geometry {
    pub(crate) fn new(geometry: Contraction<'_>) -> Self {
        Self {
            outputs: (0..geometry.outputs()).map(|n| geometry.output(n)).collect(),
            products: (0..geometry.products()).map(|n| geometry.product(n)).collect(),
        }
    }

    #[inline(always)]
    fn products(&self, n: usize) -> impl Iterator<Item = (usize, usize)> {
        let (a, b) = self.outputs[n];
        self.products.iter().map(move |&(step_a, step_b)| (a + step_a, b + step_b))
    }
}

#[inline(always)]
fn rows<C: Int>(x: &Block) -> Vec<Row<C>> {
    (0..x.len()).map(|i| x.load(i)).collect()
}

/// The product of two tensors.
pub(crate) struct EinsumStep {
    pub(crate) kernel: ContractionKernel,
    pub(crate) geometry: Geometry,
}

impl AnyInteger for EinsumStep {
    fn bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let (a, b) = (rows::<C>(inputs[0]), rows::<C>(inputs[1]));
        for n in 0..out.len() {
            let products = self.geometry.products(n).map(|(i, j)| zip(a[i], &b[j], C::times));
            out.store(n, &self.kernel.element(products, C::default()));
        }
    }
}

/// The product of a tensor with weights.
pub(crate) struct EinsumDenseStep {
    pub(crate) kernel: ContractionKernel,
    pub(crate) geometry: Geometry,
    pub(crate) weight: Vec<i64>,
    pub(crate) bias: Vec<i64>,
}

impl AnyInteger for EinsumDenseStep {
    fn bits(&self) -> u32 {
        self.kernel.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let x = rows::<C>(inputs[0]);
        for n in 0..out.len() {
            let products = self.geometry.products(n).map(|(i, j)| {
                let weight = C::from_i64(self.weight[j]);
                map(&x[i], |x| x.times(weight))
            });
            out.store(n, &self.kernel.element(products, self.kernel.bias(self.bias[n])));
        }
    }
}

/// A layer normalization.
pub(crate) struct LayerNormStep {
    pub(crate) casts: NormCasts,
    pub(crate) scale: Vec<i64>,
    pub(crate) bias: Vec<i64>,
    pub(crate) table: Vec<i64>,
}

impl AnyInteger for LayerNormStep {
    fn bits(&self) -> u32 {
        self.casts.container_bits()
    }

    #[inline(always)]
    fn with<C: Int>(&self, inputs: &[&Block], out: &mut Block) {
        let n = self.scale.len();
        let inverse = self.casts.inverse::<C>(n);
        let mut row = vec![[C::default(); LANES]; n];
        for start in (0..out.len()).step_by(n) {
            for (i, x) in row.iter_mut().enumerate() {
                *x = inputs[0].load(start + i);
            }
            self.casts.row(&mut row, inverse, &self.scale[..], &self.bias[..], &self.table[..]);
            for (i, y) in row.iter().enumerate() {
                out.store(start + i, y);
            }
        }
    }
}
