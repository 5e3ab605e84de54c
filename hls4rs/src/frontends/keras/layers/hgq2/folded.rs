//! Products with a normalization in their trained values.

use hls4rs_ir::{Shape, Tensor};

use super::super::super::call::{Call, Value};
use super::super::products;
use super::quantizer;

/// A dense layer with the normalization of what it reads in its kernel and bias.
///
/// In single precision, but for the sum over the means, whose order is not known and which is rounded once.
pub(super) fn dense(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let scaled = attributes.flag("scale", true);
    let epsilon = if attributes.has("epsilon") { attributes.real("epsilon") } else { 1e-3 };
    let trained = 2 + usize::from(scaled);
    // The trained values stand before those that follow from training, of which the cost comes first.
    let cost = super::cost(call);
    let at = |n: usize| call.stored.variable("", n, "");
    let (kernel, bias) = (at(0), at(1));
    let gamma = if scaled { at(2) } else { None };
    for n in trained..trained + cost {
        at(n);
    }
    let (mean, variance) = (at(trained + cost), at(trained + cost + 1));
    let (Some(kernel), Some(bias), Some(mean), Some(variance)) = (kernel, bias, mean, variance) else {
        call.attributes.fault("the file has no values for kernel, bias or statistics");
        return None;
    };
    let n_in = mean.shape().elements();
    let fits = |tensor: &Tensor| tensor.shape().elements() == n_in;
    let units = kernel.shape().channels();
    if !fits(&variance)
        || !gamma.as_ref().is_none_or(fits)
        || kernel.shape().elements() != n_in * units
        || bias.shape().elements() != units
    {
        call.attributes.fault("kernel, bias and statistics do not fit each other");
        return None;
    }
    let single = |tensor: &Tensor, at: usize| tensor.values()[at] as f32;
    let factor = |i: usize| {
        let deviation = (single(&variance, i) + epsilon as f32).sqrt();
        gamma.as_ref().map_or(1.0, |gamma| single(gamma, i)) / deviation
    };
    let factors: Vec<f32> = (0..n_in).map(factor).collect();
    let values = kernel.values().iter().enumerate();
    let fused: Vec<f64> = values.map(|(at, &w)| f64::from(factors[at / units] * w as f32)).collect();
    let offset = |j: usize| (0..n_in).map(|i| mean.values()[i] * kernel.values()[i * units + j]).sum::<f64>();
    let shifted = |j: usize| f64::from(single(&bias, j) - offset(j) as f32);
    let shifted: Vec<f64> = (0..units).map(shifted).collect();
    store(call, (kernel.shape(), fused), (bias.shape(), shifted));
    products::dense(call)
}

/// Puts quantized values in the places of kernel and bias.
fn store(call: &mut Call<'_>, kernel: (&Shape, Vec<f64>), bias: (&Shape, Vec<f64>)) {
    let tensor = |(shape, values): (&Shape, Vec<f64>)| Tensor::new(shape.clone(), values).ok();
    let quantized = vec![
        quantizer::values(call, "kq_conf", "kq", tensor(kernel)),
        quantizer::values(call, "bq_conf", "bq", tensor(bias)),
    ];
    super::replace(call, quantized);
}

/// What is added to the variance: the number of Keras, whatever the layer is told.
const EPSILON: f32 = 1e-7;

/// A product along any axes with the normalization of its result in its kernel and bias, in single precision.
///
/// A file does not say which axes are normalized; loaded again, they are those of the bias.
pub(super) fn einsum_dense(call: &mut Call<'_>) -> Option<Value> {
    // They are read with the product, and understood even if it is not reached.
    call.attributes.ignore(&["activation", "output_shape"]);
    let equation = call.attributes.word("equation");
    let axes = call.attributes.word("bias_axes");
    let cost = super::cost(call);
    let at = |n: usize| call.stored.variable("", n, "");
    let (kernel, bias) = (at(0), at(1));
    // Whether there is a scale is only to be seen from the number of values.
    let gamma = at(4 + cost).and_then(|_| at(2));
    let trained = 2 + usize::from(gamma.is_some());
    for n in trained..trained + cost {
        at(n);
    }
    let (mean, variance) = (at(trained + cost), at(trained + cost + 1));
    let (Some(kernel), Some(bias), Some(mean), Some(variance)) = (kernel, bias, mean, variance) else {
        call.attributes.fault("the file has no values for kernel, bias or statistics");
        return None;
    };
    let gamma = gamma.unwrap_or_else(|| ones(&mean));
    let statistic = statistic_of(equation, axes, &kernel, &mean);
    let fits = |tensor: &Tensor| tensor.shape() == mean.shape();
    let Some(statistic) = statistic.filter(|_| fits(&gamma) && fits(&variance)) else {
        let reason =
            "the statistics are not those of the axes of the bias, and a file does not say which others";
        call.attributes.fault(reason);
        return None;
    };
    if bias.shape().elements() != mean.shape().elements() {
        call.attributes.fault("bias and statistics do not fit each other");
        return None;
    }
    let single = |tensor: &Tensor, at: usize| tensor.values()[at] as f32;
    let factor = |n: usize| single(&gamma, n) / (single(&variance, n) + EPSILON).sqrt();
    let factors: Vec<f32> = (0..mean.values().len()).map(factor).collect();
    let values = kernel.values().iter().enumerate();
    let fused = values.map(|(at, &w)| f64::from(w as f32 * factors[statistic(at)])).collect();
    let shifted = |n: usize| f64::from(single(&bias, n) - single(&mean, n) * factors[n]);
    let shifted = (0..factors.len()).map(shifted).collect();
    store(call, (kernel.shape(), fused), (bias.shape(), shifted));
    products::einsum_dense(call)
}

/// As many ones as there are values.
pub(super) fn ones(like: &Tensor) -> Tensor {
    Tensor::new(like.shape().clone(), vec![1.0; like.values().len()]).expect("as many values")
}

/// Which statistic goes with an element of the kernel.
///
/// HGQ2 has the statistics in the order of the axes in the result, but takes them to be in that of the kernel.
fn statistic_of(
    equation: &str,
    axes: &str,
    kernel: &Tensor,
    mean: &Tensor,
) -> Option<impl Fn(usize) -> usize + use<>> {
    let (_, rest) = equation.split_once(',')?;
    let (letters, _) = rest.split_once("->")?;
    let letters: Vec<char> = letters.chars().filter(|c| !c.is_whitespace()).collect();
    let extents = kernel.shape().to_vec();
    let normalized: Vec<bool> = letters.iter().map(|letter| axes.contains(*letter)).collect();
    let own = extents.iter().zip(&normalized).filter(|(_, normalized)| **normalized);
    let fits = letters.len() == extents.len() && own.map(|(extent, _)| extent).eq(mean.shape().iter());
    fits.then_some({
        move |mut at: usize| {
            let (mut statistic, mut stride) = (0, 1);
            for (extent, normalized) in extents.iter().zip(&normalized).rev() {
                if *normalized {
                    statistic += at % extent * stride;
                    stride *= extent;
                }
                at /= extent;
            }
            statistic
        }
    })
}
