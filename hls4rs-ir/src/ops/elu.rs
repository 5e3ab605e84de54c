//! The exponential linear unit.

use hls4rs_fixed::{Format, Wide};

use super::{Layer, Unfit, check_table_size, finite};
use crate::attr::{Attr, AttrRef};
use crate::constants::{rounded_format, scalar_format};
use crate::range::{Interval, aligned};
use crate::resolve::{Done, NodeCx};
use crate::tables::{self, Extremes, TableIndex, Reach, reached};
use crate::{Shape, Slot};

/// Exponential linear unit: `y = x >= 0 ? x : alpha · table[i]`, a table of `exp(x) - 1` from 0 down to -8.
///
/// # Shapes
/// Any; the result has the input's shape.
/// # Precision
/// `i` is [`TableIndex::falling`]. The product with `alpha` is exact; one cast to the result. `auto` of the table is 18
/// bits, rounded; of `alpha` at most eight bits and a sign; of the result the narrowest format for the range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_activation.h`; Clevert et al. 2016, arXiv:1511.07289.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elu {
    /// The limit of negative results, negated.
    pub alpha: f64,
    /// The number of table entries.
    pub table_size: usize,
}

impl Default for Elu {
    fn default() -> Self {
        Self { alpha: 1.0, table_size: 1024 }
    }
}

impl Elu {
    /// The exact format of `alpha · table[i]`.
    pub const fn product(alpha: Format, table: Format) -> Format {
        alpha.product(table)
    }

    /// How negative values address the table.
    pub const fn index(&self, x: Format) -> TableIndex {
        TableIndex::falling(x, self.table_size)
    }
}

impl Layer for Elu {
    fn keyword(&self) -> &'static str {
        "elu"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![
            Attr { name: "alpha", doc: "limit of negative results, negated", value: AttrRef::Real(&mut self.alpha) },
            Attr { name: "table_size", doc: "number of table entries", value: AttrRef::Size(&mut self.table_size) },
        ]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Alpha, Slot::Table]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        finite("alpha", self.alpha)?;
        check_table_size("table_size", self.table_size)?;
        Ok(inputs[0].clone())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let alpha = cx.store_scalar(Slot::Alpha, self.alpha, scalar_format(self.alpha))?;
        let (alpha, alpha_format) = (Wide::from_i64(alpha.raw[0]), alpha.format);
        let index = self.index(x.result());
        let negative = |e: Interval| {
            e.lo.is_negative().then(|| index.reach(Interval::new(e.lo, e.hi.min(-Wide::ONE))))
        };
        let values = tables::elu(self.table_size);
        let auto = rounded_format(values.iter().copied(), 18, 18);
        let reach = reached(self.table_size, x.range.elements.iter().filter_map(|&e| negative(e)));
        let table = cx.store_table(Slot::Table, auto, values, &|i| reach[i])?;
        let (extremes, table_format) = (Extremes::new(&table.raw), table.format);
        let product = Self::product(alpha_format, table_format);
        let common = cx.exact(0, aligned(x.result(), product))?;
        let bits = |from: i32| (common.frac_bits() - from).unsigned_abs();
        let (x_bits, product_bits) = (bits(x.range.frac_bits), bits(product.frac_bits()));
        let values = x.range.map(common.frac_bits(), |e| {
            let low = negative(e).map(|reach| extremes.between(reach).scaled(alpha).finer(product_bits));
            let high = (!e.hi.is_negative()).then(|| Interval::new(e.lo.max(Wide::ZERO), e.hi).finer(x_bits));
            low.into_iter().chain(high).reduce(Interval::hull).expect("a value is negative or not")
        });
        Some(cx.settle_result(&values).into())
    }
}
