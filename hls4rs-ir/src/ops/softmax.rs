//! Softmax, in the four ways in which hardware does it.

use hls4rs_fixed::view::Axis;
use hls4rs_fixed::{Format, Overflow, Rounding, Wide};

use super::moves::viewed;
use super::{Layer, Unfit, axis_of, check_table_size, finite};
use crate::attr::{Attr, AttrRef};
use crate::range::{Interval, Ranges};
use crate::resolve::{Accumulation, Done, Facts, NodeCx};
use crate::tables::{BitIndex, MAX_SIZE, TableIndex};
use crate::{Shape, Slot};

mod legacy;
mod rows;

/// How a softmax is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Implementation {
    /// From the distances to the largest input: always normalised.
    #[default]
    Stable,
    /// From the inputs themselves: no search for the largest, but exponentials that can be out of any range.
    Latency,
    /// From the pairwise differences of the inputs.
    Legacy,
    /// 1 for the first of the largest inputs, 0 for the others.
    Argmax,
}

impl Implementation {
    /// The keywords, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["stable", "latency", "legacy", "argmax"];
    /// Every implementation.
    pub const ALL: [Self; 4] = [Self::Stable, Self::Latency, Self::Legacy, Self::Argmax];
}

/// Rows of a tensor along one of its axes: `outer` times `inner` rows of `n` elements that are `inner` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Elements of the axes before.
    pub outer: usize,
    /// The extent of the axis.
    pub n: usize,
    /// Elements of the axes behind.
    pub inner: usize,
}

impl Rows {
    /// The view in which rows are contiguous; `None` if they are so already.
    pub fn contiguous(self) -> Option<[Axis; 3]> {
        let Self { outer, n, inner } = self;
        (inner > 1).then(|| [Axis::kept(outer, n * inner), Axis::kept(inner, 1), Axis::kept(n, inner)])
    }

    /// The way back.
    pub fn back(self) -> Option<[Axis; 3]> {
        Self { outer: self.outer, n: self.inner, inner: self.n }.contiguous().filter(|_| self.inner > 1)
    }
}

/// Softmax along one axis: `y[i] = exp(x[i]) / Σⱼ exp(x[j])`.
///
/// # Shapes
/// `x: any`, each row along `axis` for itself, which is the last axis by default; `y` as `x`.
/// # Precision
/// `A`, `E`, `V`, `S`, `D` stand for casts to `accum`, `exp_table`, `inv_table`, `inv_input` and `input_norm`; tables
/// are addressed by the top bits of the value's pattern ([`BitIndex`]).
/// - `stable`: `e[i] = A(exp_table[D(max x - x[i])])`
/// - `latency`: `e[i] = A(exp_table[x[i]])`
/// - both: `y[i] = result(e[i] · inv_table[S(sum of e)])`, the sum as a tree ([`tree_split`](Self::tree_split)) with
///   a cast to `accum` at every addition.
/// - `legacy`, all in the format of `table`: `a[i] = Σⱼ (j == i ? 1 : exp_table[x[j] - x[i]])`, each addition cast,
///   `y[i] = result(inv_table[a[i]])`, addressed by [`TableIndex`].
/// - `argmax`: 1 or 0.
///
/// `auto`, all of it saturating where it is not exact: `exp_table` and `inv_table` 18 bits, rounded; `accum` exact for
/// the largest sum; `inv_input` the largest sum, rounded to the entries of the table; `input_norm` the largest
/// distance but at most 16, rounded to the entries of the table, or exact where that takes fewer; in `latency`
/// exponentials have 12 fraction bits and at most 12 integer bits; `table` is `fixed<18,8>`; the result is exact.
/// # Source
/// hls4ml `nnet_utils/nnet_activation.h`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softmax {
    /// How it is computed.
    pub implementation: Implementation,
    /// The number of entries of both tables, less where their addresses have fewer bits.
    pub table_size: usize,
    /// The number of entries of the exponential table, if it has a size of its own.
    pub exp_table_size: Option<usize>,
    /// The number of entries of the reciprocal table, if it has a size of its own.
    pub inv_table_size: Option<usize>,
    /// The exponent's factor.
    pub exp_scale: f64,
    /// The axis, the outermost is 0; negative counts from the end.
    pub axis: i32,
}

impl Default for Softmax {
    fn default() -> Self {
        Self {
            implementation: Implementation::Stable,
            table_size: 1024,
            exp_table_size: None,
            inv_table_size: None,
            exp_scale: 1.0,
            axis: -1,
        }
    }
}

impl Softmax {
    /// How the elements of a shape fall into rows along the axis.
    ///
    /// # Panics
    /// If the axis is not one of the shape's.
    pub fn rows(&self, shape: &Shape) -> Rows {
        let axis = axis_of(self.axis, shape.rank()).expect("the axis was checked with the shape");
        let product = |extents: &[usize]| extents.iter().product();
        Rows { outer: product(&shape[..axis]), n: shape[axis], inner: product(&shape[axis + 1..]) }
    }

    /// The exact format of a difference of two inputs.
    pub const fn difference(x: Format) -> Format {
        x.difference(x)
    }

    /// The exact format of an exponential times the reciprocal of their sum.
    pub const fn product(accum: Format, inv_table: Format) -> Format {
        accum.product(inv_table)
    }

    /// How many of `n` values the left branch of an adder tree takes: the greatest power of two below `n`.
    ///
    /// # Panics
    /// If `n` is less than 2: a single value is no tree.
    pub const fn tree_split(n: usize) -> usize {
        hls4rs_fixed::window::tree_split(n)
    }

    /// How the exponential table of `stable` and `latency` is addressed, by values of [`BitIndex::format`].
    ///
    /// # Panics
    /// For the other implementations, and for facts that are not of this layer.
    pub fn exp_index(&self, x: Format, facts: &Facts) -> BitIndex {
        let address = match self.implementation {
            Implementation::Stable => facts.format(Slot::InputNorm),
            _ => x,
        };
        BitIndex::new(address, facts.constant(Slot::ExpTable).raw.len()).expect("the size of a table was checked")
    }

    /// How the reciprocal table of `stable` and `latency` is addressed, by values in `inv_input`.
    ///
    /// # Panics
    /// For the other implementations, and for facts that are not of this layer.
    pub fn inv_index(&self, facts: &Facts) -> BitIndex {
        let size = facts.constant(Slot::InvTable).raw.len();
        BitIndex::new(facts.format(Slot::InvInput), size).expect("the size of a table was checked")
    }

    /// How the exponential table of `legacy` is addressed, by values of [`difference`](Self::difference).
    pub fn legacy_exp_index(&self, x: Format) -> TableIndex {
        TableIndex::centred(Self::difference(x), self.exp_table_size.unwrap_or(self.table_size), 4)
    }

    /// How the reciprocal table of `legacy` is addressed, by values of the format of `table`.
    pub fn legacy_inv_index(&self, table: Format) -> TableIndex {
        TableIndex::rising(table, self.inv_table_size.unwrap_or(self.table_size), 6)
    }
}

impl Layer for Softmax {
    fn keyword(&self) -> &'static str {
        "softmax"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        let Self { implementation, table_size, exp_table_size, inv_table_size, exp_scale, axis } = self;
        let index = *implementation as usize;
        let set = Box::new(move |index| *implementation = Implementation::ALL[index]);
        let attr = |name, doc, value| Attr { name, doc, value };
        vec![
            attr("axis", "axis of a row, outermost is 0, negative counts from the end", AttrRef::Axis(axis)),
            attr(
                "implementation",
                "how it is computed",
                AttrRef::Choice { allowed: Implementation::NAMES, index, set },
            ),
            attr("table_size", "number of entries of both tables", AttrRef::Size(table_size)),
            attr("exp_table_size", "entries of the exponential table", AttrRef::OptionalSize(exp_table_size)),
            attr("inv_table_size", "entries of the reciprocal table", AttrRef::OptionalSize(inv_table_size)),
            attr("exp_scale", "factor of the exponent", AttrRef::Real(exp_scale)),
        ]
    }

    fn slots(&self) -> &'static [Slot] {
        match self.implementation {
            Implementation::Stable => {
                &[Slot::ExpTable, Slot::InvTable, Slot::Accum, Slot::InvInput, Slot::InputNorm]
            }
            Implementation::Latency => &[Slot::ExpTable, Slot::InvTable, Slot::Accum, Slot::InvInput],
            Implementation::Legacy => &[Slot::Table],
            Implementation::Argmax => &[],
        }
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let rank = inputs[0].rank() as i32;
        if axis_of(self.axis, inputs[0].rank()).is_none() {
            let expected = format!("an axis of {}, {} to {}", inputs[0], -rank, rank - 1);
            return Err(Unfit::Attr { name: "axis", expected, found: self.axis.to_string() });
        }
        finite("exp_scale", self.exp_scale)?;
        let sizes = [
            ("table_size", Some(self.table_size)),
            ("exp_table_size", self.exp_table_size),
            ("inv_table_size", self.inv_table_size),
        ];
        for (name, size) in sizes.into_iter().filter_map(|(name, size)| Some((name, size?))) {
            let by_bits = matches!(self.implementation, Implementation::Stable | Implementation::Latency);
            if by_bits && !(size.is_power_of_two() && (2..=MAX_SIZE).contains(&size)) {
                let expected = format!("a power of two from 2 to {MAX_SIZE}");
                return Err(Unfit::Attr { name, expected, found: size.to_string() });
            }
            check_table_size(name, size)?;
        }
        Ok(inputs[0].clone())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let rows = self.rows(cx.input_shape(0));
        let input = &cx.input(0).range;
        let x = rows.contiguous().map_or_else(|| input.clone(), |axes| viewed(input, &axes));
        let (values, accumulation) = match self.implementation {
            Implementation::Stable | Implementation::Latency => rows::resolve(self, cx, &x, rows.n)?,
            Implementation::Legacy => legacy::resolve(self, cx, &x, rows.n)?,
            Implementation::Argmax => {
                let least = if rows.n == 1 { Wide::ONE } else { Wide::ZERO };
                (x.map(0, |_| Interval::new(least, Wide::ONE)), None)
            }
        };
        let values = rows.back().map_or_else(|| values.clone(), |axes| viewed(&values, &axes));
        Some(Done { range: cx.settle_result(&values), accumulation })
    }
}

/// What a rule gives: the values before their cast to the result, row by row.
type Values = (Ranges, Option<Accumulation>);

/// The format with rounding to nearest and limits.
const fn nearest(format: Format) -> Format {
    format.with_rounding(Rounding::Rnd).with_overflow(Overflow::Sat)
}
