//! Tensor products: sums of products of two operands along any axes.

use hls4rs_fixed::contraction::Contraction;
use hls4rs_fixed::{Cast, Format};

use super::int::{Int, most};
use super::rows::{assign, assigned, zip};
use super::sums::SumsKernel;

#[cfg(feature = "backends")]
pub(crate) mod emission;

/// How a product is added to the sum where it matters.
#[derive(Clone, Copy, Debug)]
enum Added {
    /// The product is cast, then the sum.
    Cast { product: Cast, sum: Cast },
    /// The product is added as it is, then the sum is cast.
    Whole { sum_up: u32, product_up: u32, sum: Cast },
}

/// The arithmetic of a tensor product with its formats.
#[derive(Clone, Copy, Debug)]
pub struct ContractionKernel {
    sums: SumsKernel,
    added: Added,
}

impl ContractionKernel {
    /// Prepares the product of a tensor with weights, in which every product is cast before it is added.
    ///
    /// `bounds` is a format that holds every final sum, if it is known that the accumulator's limits change none.
    pub const fn of_weights([a, b, bias, accum, result]: [Format; 5], bounds: Option<Format>) -> Self {
        let added =
            Added::Cast { product: Cast::new(a.product(b), accum), sum: Cast::new(accum.sum(accum), accum) };
        Self { sums: SumsKernel::new(1, 1, [a, b, bias, accum, result], bounds), added }
    }

    /// Prepares the product of two tensors, in which products are added as they are.
    ///
    /// `bounds` as for the product with weights.
    pub const fn of_tensors([a, b, accum, result]: [Format; 4], bounds: Option<Format>) -> Self {
        let product = a.product(b);
        let sum = accum.sum(product);
        let added = Added::Whole {
            sum_up: (sum.frac_bits() - accum.frac_bits()).unsigned_abs(),
            product_up: (sum.frac_bits() - product.frac_bits()).unsigned_abs(),
            sum: Cast::new(sum, accum),
        };
        Self { sums: SumsKernel::new(1, 1, [a, b, Format::uint(1), accum, result], bounds), added }
    }

    /// The width of the integers that this takes.
    pub const fn container_bits(&self) -> u32 {
        let own = self.sums.container_bits();
        match (&self.added, self.sums.truncated()) {
            (Added::Whole { sum, .. }, None) => most(own, sum.container_bits()),
            _ => own,
        }
    }

    /// The bias in units of the accumulator.
    #[inline(always)]
    pub fn bias<C: Int>(&self, raw: i64) -> C {
        self.sums.bias(raw)
    }

    /// One element of the result: the sum of the products, each for all lanes, from `bias` on.
    #[inline(always)]
    pub fn element<C: Int, const L: usize>(&self, products: impl Iterator<Item = [C; L]>, bias: C) -> [C; L] {
        let Some(shift) = self.sums.truncated() else { return self.each(products, bias) };
        let mut sum = [C::default(); L];
        for product in products {
            for l in 0..L {
                sum[l] = sum[l].plus(product[l].down(shift));
            }
        }
        self.sums.finish::<C>().row(&sum, bias)
    }

    /// Casts every sum, and every product if that is what comes first.
    #[inline(always)]
    fn each<C: Int, const L: usize>(&self, products: impl Iterator<Item = [C; L]>, bias: C) -> [C; L] {
        let mut acc = [bias; L];
        for product in products {
            match &self.added {
                Added::Cast { product: cast, sum } => {
                    acc = assigned(sum, zip(acc, &assigned(cast, product), C::plus));
                }
                Added::Whole { sum_up, product_up, sum } => {
                    let (sum_up, product_up) = (*sum_up, *product_up);
                    acc = assigned(sum, zip(acc, &product, |acc, p| acc.up(sum_up).plus(p.up(product_up))));
                }
            }
        }
        assign(self.sums.result(), &mut acc);
        acc
    }
}

/// The positions of all products of an element of the result, in order.
#[inline(always)]
pub fn products(geometry: Contraction<'_>, n: usize) -> impl Iterator<Item = (usize, usize)> {
    let (a, b) = geometry.output(n);
    (0..geometry.products()).map(move |c| {
        let (step_a, step_b) = geometry.product(c);
        (a + step_a, b + step_b)
    })
}
