//! The affine layer that batch normalisation becomes after training.

use hls4rs_fixed::{Format, Wide};

use super::sums::no_bias;
use super::{Layer, Parameter, Unfit};
use crate::range::{Interval, Ranges};
use crate::resolve::{Done, NodeCx};
use crate::{Shape, Slot};

/// Batch normalisation: `y[i] = x[i] · scale[c] + bias[c]`, with `c` the index of `i` on the last axis.
///
/// # Shapes
/// `x: any`, `scale: [channels]`, `bias: [channels]` or none, `y` as `x`. Scale and bias may also have the shape of
/// `x`, a value for each element; in both cases element `i`, row major, uses value `i mod len`.
/// # Precision
/// Product and sum are exact; one cast to the result. `auto` is the narrowest format for the range, exact.
/// # Source
/// hls4ml `nnet_utils/nnet_batchnorm.h`; Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchNorm;

impl BatchNorm {
    /// The exact format of `x · scale + bias`.
    pub const fn exact(x: Format, scale: Format, bias: Format) -> Format {
        x.product(scale).sum(bias)
    }
}

/// Scale and bias of a trained batch normalisation: `scale = gamma / sqrt(variance + epsilon)`,
/// `bias = beta - scale · mean`, in double precision.
///
/// # Panics
/// If the lists differ in length.
pub fn batch_norm_affine(
    gamma: &[f64],
    beta: &[f64],
    mean: &[f64],
    variance: &[f64],
    epsilon: f64,
) -> (Vec<f64>, Vec<f64>) {
    let n = gamma.len();
    assert!(beta.len() == n && mean.len() == n && variance.len() == n, "four lists of one length");
    let scale: Vec<f64> = gamma.iter().zip(variance).map(|(g, v)| g / (v + epsilon).sqrt()).collect();
    let bias = beta.iter().zip(&scale).zip(mean).map(|((b, s), m)| b - s * m).collect();
    (scale, bias)
}

impl Layer for BatchNorm {
    fn keyword(&self) -> &'static str {
        "batch_norm"
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Scale, Slot::Bias]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        Ok(inputs[0].clone())
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let per_channel = Shape::new(&[inputs[0].channels()]).expect("an extent of a shape");
        let parameter = |slot, optional| Parameter {
            slot,
            shape: per_channel.clone(),
            alternative: Some(inputs[0].clone()),
            optional,
        };
        vec![parameter(Slot::Scale, false), parameter(Slot::Bias, true)]
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let scale = cx.store_values(Slot::Scale)?.clone();
        let bias = match cx.node().values.get(Slot::Bias) {
            Some(_) => cx.store_values(Slot::Bias)?.clone(),
            None => no_bias(1),
        };
        let exact = cx.exact(0, Self::exact(x.result(), scale.format, bias.format))?;
        let frac_bits = exact.frac_bits();
        let to_product = (frac_bits - x.range.frac_bits - scale.format.frac_bits()).unsigned_abs();
        let to_bias = (frac_bits - bias.format.frac_bits()).unsigned_abs();
        let factors = scale.raw.iter().cycle().map(|&s| Wide::from_i64(s));
        let terms = bias.raw.iter().cycle().map(|&b| Interval::point(Wide::from_i64(b)).finer(to_bias));
        let elements = x.range.elements.iter().zip(factors.zip(terms));
        let elements = elements.map(|(x, (s, b))| x.scaled(s).finer(to_product).sum(b)).collect();
        Some(cx.settle_result(&Ranges { frac_bits, elements }).into())
    }
}
