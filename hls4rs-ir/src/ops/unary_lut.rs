//! A function of one number, given as the table of its values.

use hls4rs_fixed::BitIndex;

use super::{Layer, Parameter, Unfit, check_table_size};
use crate::attr::{Attr, AttrRef};
use crate::fault::Problem;
use crate::range::Interval;
use crate::resolve::{Done, NodeCx};
use crate::tables::{Extremes, Reach};
use crate::{Place, Shape, Slot};

/// Any function of one number: `y = table[bits of x]`.
///
/// # Shapes
/// `x: any`, `table: [table_size]` with an entry for every bit pattern of `x`, `2^width`; `y` as `x`.
/// # Precision
/// All bits of `x`, read as an unsigned number, are the index: the table begins with the entry of 0, then come those of
/// the positive values, rising, then for a signed `x` those of the negative values from the least to the greatest.
/// The entry is cast to the result; `auto` is the narrowest format for the entries that the range of `x` reaches.
/// # Source
/// hls4ml `nnet_utils/nnet_activation.h`, `unary_lut`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnaryLut {
    /// The number of table entries.
    pub table_size: usize,
}

impl Default for UnaryLut {
    fn default() -> Self {
        Self { table_size: 1024 }
    }
}

impl Layer for UnaryLut {
    fn keyword(&self) -> &'static str {
        "unary_lut"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let value = AttrRef::Size(&mut self.table_size);
        vec![Attr { name: "table_size", doc: "number of table entries, 2^width of the input", value }]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Table]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        check_table_size("table_size", self.table_size)?;
        Ok(inputs[0].clone())
    }

    fn parameters(&self, _: &[&Shape]) -> Vec<Parameter> {
        let shape = Shape::new(&[self.table_size]).expect("the size was checked");
        vec![Parameter { slot: Slot::Table, shape, alternative: None, optional: false }]
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let format = x.result();
        let index = BitIndex::new(format, self.table_size).filter(|index| index.shift() == 0);
        let Some(index) = index else {
            let expected = match format.width {
                1..=20 => format!("{}, one entry for every value of {format}", 1u32 << format.width),
                _ => format!("an input of at most 20 bits instead of {format}"),
            };
            let (layer, found) = (cx.node().name.clone(), self.table_size.to_string());
            let problem = Problem::Attribute { layer, attr: "table_size", expected, found };
            cx.fault(Place::Attr("table_size"), problem);
            return None;
        };
        let table = cx.store_values(Slot::Table)?;
        let extremes = Extremes::new(&table.raw);
        let reached = |e: Interval| {
            let stretches = index.reach(e).into_iter().map(|stretch| extremes.between(stretch));
            stretches.reduce(Interval::hull).expect("a value has an entry")
        };
        let values = x.range.map(table.format.frac_bits(), reached);
        Some(cx.settle_result(&values).into())
    }
}
