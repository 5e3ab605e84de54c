//! The fully connected layer.

use super::sums::{Sums, Words, channel_hulls, no_bias};
use super::{Layer, Parameter, Unfit};
use crate::attr::{Attr, AttrRef};
use crate::hardware::{Multiplications, Strategy};
use crate::range::Ranges;
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

/// Fully connected layer: `y[j] = bias[j] + Σᵢ x[i] · weight[i][j]`, on every row of the last axis.
///
/// # Shapes
/// `x: [n_in]`, `weight: [n_in, units]`, `bias: [units]`, `y: [units]`; with more axes, `x: [rows…, n_in]` and
/// `y: [rows…, units]`, every row with the same weights.
/// # Precision
/// Each product is cast to `accum`; the sum starts from `bias` cast to `accum` and runs over rising `i` (strategy
/// `latency`) or in strides of the reuse factor (strategies `resource` and `resource_unrolled`); one cast to the result
/// at the end. Strategy `compressed` goes through the weights that are not zero, output by output, in strides of the
/// reuse factor: each step sums its products from zero in `accum` and adds that to the output's sum.
/// Strategy `distributed_arithmetic` sums exactly, so that there is no `accum` to choose, and casts
/// once.
/// `accum: auto` has the unit of the exact products and room for the largest sum that the weights and the range of
/// `x` allow, in whichever row.
/// # Hardware
/// At most `ceil(n_in · units / reuse_factor)` multipliers, with strategy `compressed` only for weights that are not
/// zero; interval `reuse_factor` cycles for every row.
/// # Source
/// hls4ml `nnet_utils/nnet_dense_latency.h`, `nnet_dense_resource.h`, `nnet_dense_compressed.h`; Duarte et al. 2018,
/// doi:10.1088/1748-0221/13/07/P07027.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dense {
    /// The number of outputs.
    pub units: usize,
}

impl Layer for Dense {
    fn keyword(&self) -> &'static str {
        "dense"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![Attr { name: "units", doc: "number of outputs", value: AttrRef::Size(&mut self.units) }]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Weight, Slot::Bias, Slot::Accum]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let mut result = inputs[0].to_vec();
        result[inputs[0].rank() - 1] = self.units;
        let weight = Shape::new(&[inputs[0].channels(), self.units]);
        weight.and_then(|_| Shape::new(&result)).map_err(|_| Unfit::Attr {
            name: "units",
            expected: "the number of outputs, at least 1 and few enough to store the weights".to_owned(),
            found: self.units.to_string(),
        })
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let parameter = |slot, extents: &[usize], optional| {
            let shape = Shape::new(extents).expect("checked with the input's shape");
            Parameter { slot, shape, alternative: None, optional }
        };
        vec![
            parameter(Slot::Weight, &[inputs[0].channels(), self.units], false),
            parameter(Slot::Bias, &[self.units], true),
        ]
    }

    fn multiplications(&self, inputs: &[&Shape]) -> Option<Multiplications> {
        Some(Multiplications::matrix(inputs[0].channels(), self.units))
    }

    fn passes(&self, inputs: &[&Shape]) -> usize {
        inputs[0].elements() / inputs[0].channels()
    }

    fn strategies(&self) -> &'static [Strategy] {
        &Strategy::ALL
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        cx.store_values(Slot::Weight)?;
        let bias = match cx.store_values(Slot::Bias) {
            Some(bias) => bias.clone(),
            None => no_bias(self.units),
        };
        let weight = cx.stored(Slot::Weight).clone();
        cx.exact(0, x.result().product(weight.format))?;
        let shape = cx.input_shape(0);
        let channels = shape.channels();
        let row = Ranges { frac_bits: x.range.frac_bits, elements: channel_hulls(&x.range, channels) };
        let sums = Sums {
            x: &row,
            weight: &weight,
            bias: &bias,
            n_out: self.units,
            channels,
            groups: 1,
            positions: shape.elements() / channels,
            words: Words { part: if shape.rank() == 1 { "output" } else { "row" }, unit: "unit" },
        };
        Some(sums.settle(cx))
    }
}
