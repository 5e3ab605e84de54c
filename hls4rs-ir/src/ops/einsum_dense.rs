//! The product of a tensor with stored weights along any axes.

use hls4rs_fixed::Wide;

use super::einsum::{Axes, Equation, settle_products};
use super::quantize::{broadcast, broadcasts};
use super::{Layer, Parameter, Unfit, few_elements};
use crate::attr::{Attr, AttrRef};
use crate::hardware::{Multiplications, Strategy};
use crate::range::{Interval, quantized};
use crate::resolve::{Done, NodeCx};
use crate::{RawTensor, Shape, Slot};

/// A dense layer along any axes: the sum of products of `x` and the weights by Einstein's convention, plus a bias.
///
/// `einsum_dense(x, "nc,cd->nd", [6, 4])` has a letter for each axis of the input, of the weights and of the result.
///
/// # Shapes
/// `x` and `weight` as the equation says; `bias` as the result, where its extent is 1 one value holds along the axis.
/// `shape` is that of the result; it may be left out if `x` has all letters of the result.
/// # Precision
/// As in `dense`: each product is cast to `accum`; the sum starts from `bias` cast to `accum` and runs over the summed
/// axes in their order in `x`; one cast to the result at the end. Strategy `distributed_arithmetic` sums exactly, so
/// that there is no `accum` to choose, and casts once. `accum: auto` has the unit of the exact products and room for the
/// largest sum.
/// # Hardware
/// At most `ceil(products / reuse_factor)` multipliers; interval `reuse_factor` cycles.
/// # Source
/// hls4ml `nnet_utils/nnet_einsum_dense.h`; Keras `EinsumDense`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EinsumDense {
    /// The equation.
    pub equation: String,
    /// The shape of the result, if it is given.
    pub shape: Vec<usize>,
}

/// What the equation comes to for an input.
struct Settled {
    weight: Shape,
    axes: Axes,
    result: Shape,
}

impl EinsumDense {
    /// The axes of the product of `x` and the weights.
    ///
    /// # Errors
    /// Which input or attribute does not fit.
    pub fn axes(&self, x: &Shape) -> Result<Axes, Unfit> {
        self.settled(x).map(|settled| settled.axes)
    }

    fn settled(&self, x: &Shape) -> Result<Settled, Unfit> {
        let equation = Equation::parse(&self.equation)?;
        equation.check_rank(0, &equation.a, x)?;
        let wrong = |expected: String| Unfit::Attr {
            name: "shape",
            expected,
            found: format!("{:?}", self.shape),
        };
        let given = !self.shape.is_empty();
        if given && self.shape.len() != equation.y.len() {
            return Err(wrong(format!("an extent for each axis of the result, {} in all", equation.y.len())));
        }
        let extent = |letter: &char| {
            let of_x = equation.a.iter().position(|c| c == letter).map(|at| x[at]);
            let of_y = equation.y.iter().position(|c| c == letter).filter(|_| given).map(|at| self.shape[at]);
            match (of_x, of_y) {
                (Some(x), Some(y)) if x != y => Err(wrong(format!("an extent of {x} for `{letter}`, as in the input"))),
                (Some(extent), _) | (None, Some(extent)) => Ok(extent),
                (None, None) => Err(wrong(format!("the shape of the result, with the extent of `{letter}`"))),
            }
        };
        let shape = |letters: &[char]| {
            let extents = letters.iter().map(extent).collect::<Result<Vec<_>, _>>()?;
            let extents = if extents.is_empty() { vec![1] } else { extents };
            Shape::new(&extents).map_err(|_| wrong(format!("weights and {}", few_elements())))
        };
        let (result, weight) = (shape(&equation.y)?, shape(&equation.b)?);
        Ok(Settled { axes: equation.axes(x, &weight), weight, result })
    }
}

impl Layer for EinsumDense {
    fn keyword(&self) -> &'static str {
        "einsum_dense"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![
            Attr {
                name: "equation",
                doc: "a letter for each axis of input, weights and result, such as \"nc,cd->nd\"",
                value: AttrRef::Text(&mut self.equation),
            },
            Attr { name: "shape", doc: "shape of the result", value: AttrRef::Sizes(&mut self.shape) },
        ]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Weight, Slot::Bias, Slot::Accum]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        self.settled(inputs[0]).map(|settled| settled.result)
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let Ok(Settled { weight, result, .. }) = self.settled(inputs[0]) else { return Vec::new() };
        let parameter = |slot, shape, optional| Parameter { slot, shape, alternative: None, optional };
        vec![parameter(Slot::Weight, weight, false), parameter(Slot::Bias, result, true)]
    }

    fn takes(&self, parameter: &Parameter, found: &Shape) -> bool {
        parameter.slot == Slot::Bias && broadcasts(found, &parameter.shape)
    }

    fn multiplications(&self, inputs: &[&Shape]) -> Option<Multiplications> {
        let axes = self.axes(inputs[0]).ok()?;
        let geometry = axes.contraction();
        Some(Multiplications::matrix(geometry.products(), geometry.outputs()))
    }

    fn strategies(&self) -> &'static [Strategy] {
        &[Strategy::Latency, Strategy::DistributedArithmetic]
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let Settled { axes, result, .. } = self.settled(cx.input_shape(0)).ok()?;
        cx.store_values(Slot::Weight)?;
        if let Some(bias) = cx.store_values(Slot::Bias).cloned() {
            // A value for each element of the result, however few there are.
            let raw = (0..result.elements()).map(|at| bias.raw[broadcast(&result, &bias.shape, at)]).collect();
            cx.store(Slot::Bias, RawTensor { shape: result, raw, ..bias });
        }
        let weight = cx.stored(Slot::Weight).clone();
        let bias = cx.constants.get(Slot::Bias).cloned();
        cx.exact(0, x.result().product(weight.format))?;
        let frac_bits = x.range.frac_bits + weight.format.frac_bits();
        let bias_bits = bias.as_ref().map_or(frac_bits, |bias| bias.format.frac_bits());
        let product =
            |i: usize, j: usize| x.range.elements[i].scaled(Wide::from_i64(weight.raw[j]));
        let start = |n: usize, accum| match &bias {
            Some(bias) => quantized(Interval::point(Wide::from_i64(bias.raw[n])), bias_bits, accum),
            None => Interval::point(Wide::ZERO),
        };
        Some(settle_products(cx, &axes, frac_bits, bias_bits, product, start))
    }
}
