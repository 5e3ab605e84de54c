//! Activations that are read from a table.

use hls4rs_fixed::{Format, Wide, from_f64};

use super::{Layer, Unfit, check_table_size};
use crate::attr::{Attr, AttrRef};
use crate::constants::rounded_format;
use crate::hardware::Io;
use crate::range::{Interval, aligned};
use crate::resolve::{Done, NodeCx};
use crate::tables::{Extremes, Function, TableIndex, Reach, reached};
use crate::{Shape, Slot};

/// The factor of positive values of `selu` between whole tensors, 1.0507… truncated to [`SELU_LAMBDA_FORMAT`].
pub const SELU_LAMBDA: i64 = 34429;

/// The format of [`SELU_LAMBDA`].
pub const SELU_LAMBDA_FORMAT: Format = Format::ufixed(16, 1);

/// The factor of positive values of `selu` and its format: in streams it has the format of `x`.
pub const fn selu_lambda(x: Format, io: Io) -> (Wide, Format) {
    match io {
        Io::Parallel => (Wide::from_i64(SELU_LAMBDA), SELU_LAMBDA_FORMAT),
        Io::Stream => (from_f64(1.050_700_987_355_480_5, x), x),
    }
}

/// An activation from a table: `y = table[i]`; for `selu` only where `x < 0`, else `y = 1.0507 · x`.
///
/// # Shapes
/// Any; the result has the input's shape.
/// # Precision
/// `i` is [`Function::index`]; the factor of `selu` is truncated to `ufixed<16,1>`, with `io: stream` it is cast to the
/// format of `x`. The entry, or the exact product of `selu`, is cast to the result. `auto` of the table is
/// 18 bits, rounded and saturated, with the integer bits that the function needs; of the result the narrowest format
/// for the range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_activation.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableActivation {
    /// The function.
    pub function: Function,
    /// The number of table entries.
    pub table_size: usize,
}

impl TableActivation {
    /// The function with a table of 1024 entries.
    pub const fn new(function: Function) -> Self {
        Self { function, table_size: 1024 }
    }

    /// How values address the table.
    pub fn index(&self, x: Format) -> TableIndex {
        self.function.index(x, self.table_size)
    }

    /// The exact format of `1.0507 · x`, for `selu`.
    pub const fn selu_product(x: Format, io: Io) -> Format {
        selu_lambda(x, io).1.product(x)
    }
}

impl Layer for TableActivation {
    fn keyword(&self) -> &'static str {
        self.function.name()
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let value = AttrRef::Size(&mut self.table_size);
        vec![Attr { name: "table_size", doc: "number of table entries", value }]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Table]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        check_table_size("table_size", self.table_size)?;
        Ok(inputs[0].clone())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let index = self.index(x.result());
        let selu = self.function == Function::Selu;
        let from_table = |e: Interval| {
            let last = if selu { e.hi.min(-Wide::ONE) } else { e.hi };
            (e.lo <= last).then(|| index.reach(Interval::new(e.lo, last)))
        };
        let values = self.function.table(self.table_size);
        let auto = rounded_format(values.iter().copied(), 18, 18);
        let reach = reached(self.table_size, x.range.elements.iter().filter_map(|&e| from_table(e)));
        let table = cx.store_table(Slot::Table, auto, values, &|i| reach[i])?;
        let (extremes, table_format) = (Extremes::new(&table.raw), table.format);
        let product = Self::selu_product(x.result(), cx.io());
        let (lambda, _) = selu_lambda(x.result(), cx.io());
        let common = if selu { cx.exact(0, aligned(table_format, product))? } else { table_format };
        let bits = |from: i32| (common.frac_bits() - from).unsigned_abs();
        let values = x.range.map(common.frac_bits(), |e| {
            let read = from_table(e).map(|reach| extremes.between(reach).finer(bits(table_format.frac_bits())));
            let straight = (selu && !e.hi.is_negative()).then(|| {
                let positive = Interval::new(e.lo.max(Wide::ZERO), e.hi);
                positive.scaled(lambda).finer(bits(product.frac_bits()))
            });
            read.into_iter().chain(straight).reduce(Interval::hull).expect("a value is negative or not")
        });
        Some(cx.settle_result(&values).into())
    }
}
