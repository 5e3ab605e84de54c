//! QKeras 0.9 in single precision, as its functions compute.

use super::{Alpha, Quantized};
use crate::Tensor;

/// What the library adds so that nothing is divided by 0.
const EPSILON: f32 = 1e-7;
/// How often a factor is fitted.
const FITS: usize = 5;
/// Up to this magnitude a ternary value is 0, where nothing is said.
const TERNARY_THRESHOLD: f32 = 0.33;

/// What a straight-through estimator leaves of a value and its quantization.
fn through(x: f32, quantized: f32) -> f32 {
    x + (quantized - x)
}

/// Values with the position of their output, the last axis.
struct Values {
    x: Vec<f32>,
    outputs: usize,
}

impl Values {
    fn of(tensor: &Tensor) -> Self {
        let outputs = if tensor.shape().rank() > 1 { tensor.shape().channels() } else { 1 };
        Self { x: tensor.values().iter().map(|&x| x as f32).collect(), outputs }
    }

    /// Something for each output, from its values.
    fn each<T>(&self, f: impl Fn(&[usize]) -> T) -> Vec<T> {
        (0..self.outputs)
            .map(|output| f(&(output..self.x.len()).step_by(self.outputs).collect::<Vec<_>>()))
            .collect()
    }

    fn greatest(&self) -> Vec<f32> {
        self.each(|at| at.iter().map(|&at| self.x[at].abs()).fold(0.0, f32::max))
    }

    /// The least squares fit of `q` to the values, for each output.
    fn fit(&self, q: &[f32], po2: bool) -> Vec<f32> {
        let mean = |at: &[usize], f: &dyn Fn(usize) -> f32| {
            let sum: f64 = at.iter().map(|&at| f64::from(f(at))).sum();
            (sum / at.len() as f64) as f32
        };
        self.each(|at| {
            let scale = mean(at, &|at| self.x[at] * q[at]) / (mean(at, &|at| q[at] * q[at]) + EPSILON);
            if po2 { nearest_power(scale) } else { scale }
        })
    }

    fn map(&self, f: impl Fn(f32, usize) -> f32) -> Vec<f32> {
        self.x.iter().enumerate().map(|(at, &x)| f(x, at % self.outputs)).collect()
    }

    fn scaled(&self, q: &[f32], scale: &[f32], through_tanh: bool) -> Quantized {
        let values = self.x.iter().zip(q).enumerate().map(|(at, (&x, &q))| {
            let x = if through_tanh { x.tanh() } else { x };
            f64::from(through(x, scale[at % scale.len()] * q))
        });
        Quantized { values: values.collect(), scale: scale.iter().map(|&s| f64::from(s)).collect() }
    }
}

fn nearest_power(scale: f32) -> f32 {
    ((scale + EPSILON).ln() / std::f32::consts::LN_2).round_ties_even().exp2()
}

fn sign(x: f32) -> f32 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// The factors that are given, if they are not to be fitted.
fn given(alpha: &Alpha) -> Option<Vec<f32>> {
    match alpha {
        Alpha::None => Some(vec![1.0]),
        Alpha::Value(v) => Some(vec![*v as f32]),
        Alpha::Values(all) if !all.is_empty() => Some(all.iter().map(|&v| v as f32).collect()),
        _ => None,
    }
}

/// `quantized_bits`.
pub(super) struct Bits {
    pub(super) bits: u32,
    pub(super) integer: i32,
    pub(super) keep_negative: bool,
    pub(super) symmetric: bool,
}

impl Bits {
    pub(super) fn apply(&self, tensor: &Tensor, alpha: &Alpha) -> Quantized {
        let values = Values::of(tensor);
        let unsigned_bits = self.bits as i32 - i32::from(self.keep_negative);
        let (steps, unit) = ((unsigned_bits as f32).exp2(), (self.integer as f32).exp2());
        let Some(scale) = given(alpha) else {
            return self.fitted(values, matches!(alpha, Alpha::AutoPo2), steps, unit);
        };
        let least = if self.keep_negative { -steps + f32::from(u8::from(self.symmetric)) } else { 0.0 };
        let q = values.map(|x, _| {
            if unsigned_bits > 0 {
                let p = x * steps / unit;
                return unit * through(p, p.round_ties_even()).clamp(least, steps - 1.0) / steps;
            }
            let sign = if x == 0.0 { 1.0 } else { x.signum() };
            if self.keep_negative { sign } else { (sign + 1.0) / 2.0 }
        });
        values.scaled(&q, &scale, false)
    }

    /// With factors that fit the values; the range is then symmetric.
    fn fitted(&self, mut values: Values, po2: bool, steps: f32, unit: f32) -> Quantized {
        values.x.iter_mut().for_each(|x| *x /= unit);
        let levels = ((self.bits as f32 - 1.0).exp2() - 1.0) * 2.0;
        let mut scale: Vec<_> = values.greatest().into_iter().map(|m| m * 2.0 / levels).collect();
        let round = |scale: &[f32]| {
            values.map(|x, output| {
                let v = (x.abs() / scale[output] + 0.5).floor();
                sign(x) * if v < levels / 2.0 { v } else { levels / 2.0 }
            })
        };
        let mut z = round(&scale);
        if po2 {
            scale.iter_mut().for_each(|scale| *scale = nearest_power(*scale));
            for _ in 0..FITS {
                z = round(&scale);
                scale = values.fit(&z, true);
            }
        }
        let scale: Vec<_> = scale.into_iter().map(|scale| scale * steps).collect();
        let q: Vec<_> = z.into_iter().map(|z| unit * z / steps).collect();
        values.x.iter_mut().for_each(|x| *x *= unit);
        values.scaled(&q, &scale, false)
    }
}

/// `binary`.
pub(super) fn binary(tensor: &Tensor, alpha: &Alpha) -> Quantized {
    let values = Values::of(tensor);
    let q = values.map(|x, _| if x < 0.0 { -1.0 } else { 1.0 });
    let scale = given(alpha).unwrap_or_else(|| values.fit(&q, matches!(alpha, Alpha::AutoPo2)));
    values.scaled(&q, &scale, matches!(alpha, Alpha::None))
}

/// `ternary`.
pub(super) fn ternary(tensor: &Tensor, alpha: &Alpha, threshold: Option<f64>) -> Quantized {
    let values = Values::of(tensor);
    if let Some(scale) = given(alpha) {
        let threshold = threshold.map_or(TERNARY_THRESHOLD, |threshold| threshold as f32);
        let q = values.map(|x, _| if x.abs() >= threshold { sign(x) } else { 0.0 });
        return values.scaled(&q, &scale, matches!(alpha, Alpha::None));
    }
    let po2 = matches!(alpha, Alpha::AutoPo2);
    let mut scale: Vec<_> = values.greatest().into_iter().map(|m| 2.0 * m / 3.0).collect();
    if po2 {
        scale.iter_mut().for_each(|scale| *scale = nearest_power(*scale));
    }
    let mut q = Vec::new();
    for _ in 0..FITS {
        q = values.map(|x, output| {
            let scale = scale[output];
            let ratio = x / scale;
            let v = scale * through(ratio, ratio.round_ties_even());
            if v.abs() >= scale / 2.0 { sign(x) } else { 0.0 }
        });
        scale = values.fit(&q, po2);
    }
    values.scaled(&q, &scale, false)
}

/// `quantized_po2`.
pub(super) fn power_of_two(tensor: &Tensor, bits: u32, max_value: Option<f64>) -> Quantized {
    let values = Values::of(tensor);
    let signed_exponent = max_value.is_none_or(|max| max > 1.0);
    let range = (bits as f32 - 1.0 - f32::from(u8::from(signed_exponent))).exp2();
    let q = values.map(|x, _| {
        let size = x.abs();
        let limited = max_value.map_or(size, |max| size.min(max as f32));
        let exponent = match size < EPSILON {
            true => -range,
            false => {
                let exponent = limited.ln() / std::f32::consts::LN_2;
                through(exponent, exponent.round_ties_even()).clamp(-range, range - 1.0)
            }
        };
        if x < 0.0 { -exponent.exp2() } else { exponent.exp2() }
    });
    values.scaled(&q, &[1.0], false)
}
