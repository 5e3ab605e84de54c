//! Normalizations.

use hls4rs_ir::ops::{BatchNorm, LayerNorm};
use hls4rs_ir::{Shape, Slot, Tensor};
use serde_json::Value as Json;

use super::super::attributes::Attributes;
use super::super::call::{Call, Value, set};

/// The axis that is normalized, the first after the one of samples being 0; `None` if it is not one of `rank` axes.
pub(super) fn axis(attributes: &Attributes<'_>, rank: usize) -> Option<usize> {
    let axis = match attributes.value("axis") {
        None => -1,
        Some(Json::Array(list)) if list.len() == 1 => list[0].as_i64()?,
        Some(value) => value.as_i64()?,
    };
    let axis = if axis < 0 { axis + rank as i64 } else { axis - 1 };
    usize::try_from(axis).ok().filter(|&axis| axis < rank)
}

/// Trained statistics of a batch normalization.
pub(super) struct Statistics {
    pub(super) gamma: Option<Tensor>,
    pub(super) beta: Option<Tensor>,
    pub(super) mean: Tensor,
    pub(super) variance: Tensor,
    pub(super) epsilon: f64,
}

impl Statistics {
    /// Scale and bias, computed with the precision of Keras and hls4ml: single.
    pub(super) fn affine(&self) -> (Vec<f64>, Vec<f64>) {
        let single = |tensor: &Tensor, at: usize| tensor.values()[at] as f32;
        let of = |tensor: &Option<Tensor>, at, missing| tensor.as_ref().map_or(missing, |t| single(t, at));
        let channels = 0..self.mean.shape().elements();
        let pairs = channels.map(|at| {
            let deviation = (single(&self.variance, at) + self.epsilon as f32).sqrt();
            let scale = of(&self.gamma, at, 1.0) / deviation;
            (f64::from(scale), f64::from(of(&self.beta, at, 0.0) - scale * single(&self.mean, at)))
        });
        pairs.unzip()
    }

    /// Whether all of them have the same number of values.
    pub(super) fn agree(&self) -> bool {
        let n = self.mean.shape().elements();
        let same = |tensor: &Tensor| tensor.shape().elements() == n;
        same(&self.variance) && self.gamma.as_ref().is_none_or(same) && self.beta.as_ref().is_none_or(same)
    }
}

/// The statistics that the file has; the attributes of the layer say which.
pub(super) fn statistics(call: &Call<'_>) -> Option<Statistics> {
    let attributes = &call.attributes;
    let (scale, center) = (attributes.flag("scale", true), attributes.flag("center", true));
    attributes.only("renorm", &false.into());
    let epsilon = if attributes.has("epsilon") { attributes.real("epsilon") } else { 1e-3 };
    let stored = &call.stored;
    let (gamma, beta, mean, variance) = match (scale, center) {
        (true, true) => {
            let [gamma, beta, mean, variance] =
                stored.variables("", ["gamma", "beta", "moving_mean", "moving_variance"]);
            (gamma, beta, mean, variance)
        }
        (true, false) => {
            let [gamma, mean, variance] = stored.variables("", ["gamma", "moving_mean", "moving_variance"]);
            (gamma, None, mean, variance)
        }
        (false, true) => {
            let [beta, mean, variance] = stored.variables("", ["beta", "moving_mean", "moving_variance"]);
            (None, beta, mean, variance)
        }
        (false, false) => {
            let [mean, variance] = stored.variables("", ["moving_mean", "moving_variance"]);
            (None, None, mean, variance)
        }
    };
    let (mean, variance) = (call.needed("moving_mean", mean)?, call.needed("moving_variance", variance)?);
    let gamma = if scale { Some(call.needed("gamma", gamma)?) } else { None };
    let beta = if center { Some(call.needed("beta", beta)?) } else { None };
    let statistics = Statistics { gamma, beta, mean, variance, epsilon };
    if !statistics.agree() {
        attributes.fault("mean, variance, gamma and beta have different numbers of values");
        return None;
    }
    Some(statistics)
}

/// A batch normalization: scale and bias, with the statistics folded in.
///
/// The quantizers of a `QBatchNormalization` are not applied, as in hls4ml, which gives scale and bias one format each.
///
/// hls4ml normalizes the last axis whatever `axis` says; here values of another axis are given to every element.
pub(super) fn batch(call: &mut Call<'_>) -> Option<Value> {
    let statistics = statistics(call);
    call.attributes.ignore(&["axis"]);
    call.attributes.ignore(&["gamma_quantizer", "beta_quantizer", "mean_quantizer", "variance_quantizer"]);
    call.attributes.ignore(&["inverse_quantizer"]);
    let (x, statistics) = (call.only_input()?, statistics?);
    let Some(axis) = axis(&call.attributes, x.shape.rank()) else {
        call.attributes.wrong("axis", format!("not one axis of {}", x.shape));
        return None;
    };
    // Channels that have just been brought to the front are normalized where they were.
    let before = if axis == 0 { call.before_moving(&x) } else { None };
    let first = before.is_some();
    let (x, axis) = before.map_or((x, axis), |before| (before.clone(), before.shape.rank() - 1));
    let (scale, bias) = statistics.affine();
    if scale.len() != x.shape[axis] {
        call.attributes.fault(format!(
            "{} statistics for an axis of {} in {}",
            scale.len(),
            x.shape[axis],
            x.shape
        ));
        return None;
    }
    let mut node = call.node("BatchNormalization", BatchNorm, &[&x]);
    for (slot, values) in [(Slot::Scale, scale), (Slot::Bias, bias)] {
        node.values.set(slot, along(values, &x.shape, axis));
    }
    let y = call.push(node)?;
    call.channels_back(y, first)
}

/// Values of one axis: of the last as they are, of another one for every element.
fn along(values: Vec<f64>, shape: &Shape, axis: usize) -> Tensor {
    if axis + 1 == shape.rank() {
        let extents = Shape::new(&[values.len()]).expect("an extent of a shape");
        return Tensor::new(extents, values).expect("one axis");
    }
    let inner: usize = shape[axis + 1..].iter().product();
    let all = (0..shape.elements()).map(|at| values[at / inner % shape[axis]]).collect();
    Tensor::new(shape.clone(), all).expect("a value for each element")
}

/// A normalization of each row.
pub(super) fn layer(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let epsilon = if attributes.has("epsilon") { attributes.real("epsilon") } else { 1e-3 };
    let (scale, center) = (attributes.flag("scale", true), attributes.flag("center", true));
    attributes.only("rms_scaling", &false.into());
    attributes.ignore(&["axis"]);
    let (gamma, beta) = match scale {
        true => {
            let [gamma, beta] = call.stored.variables("", ["gamma", "beta"]);
            (gamma, beta)
        }
        false => {
            let [beta] = call.stored.variables("", ["beta"]);
            (None, beta)
        }
    };
    if epsilon <= 0.0 {
        attributes.wrong("epsilon", "must be positive");
    }
    let x = call.only_input()?;
    if axis(&call.attributes, x.shape.rank()) != Some(x.shape.rank() - 1) {
        call.attributes.wrong("axis", format!("only the last axis of {} can be normalized", x.shape));
        return None;
    }
    let gamma = match scale {
        true => call.needed("gamma", gamma)?,
        false => {
            let shape = Shape::new(&[x.shape.channels()]).expect("an extent of a shape");
            let ones = vec![1.0; x.shape.channels()];
            Tensor::new(shape, ones).expect("one for each channel")
        }
    };
    let mut node = call.node("LayerNormalization", LayerNorm { epsilon, ..LayerNorm::default() }, &[&x]);
    node.values.set(Slot::Scale, gamma);
    set(&mut node, Slot::Bias, beta.filter(|_| center));
    call.push(node)
}
