//! Functions of one number as tables.

use hls4rs_fixed::{Overflow, Rounding};
use hls4rs_ir::{Shape, Tensor};

use super::super::super::call::{Call, Value};
use super::super::activation::{Written, written};
use super::super::hgq;
use super::quantizer::Internal;

/// A function of Keras in single precision.
fn function(name: &str) -> Option<fn(f32) -> f32> {
    Some(match name {
        "linear" => |x| x,
        "relu" => |x| x.max(0.0),
        "relu6" => |x| x.clamp(0.0, 6.0),
        "sigmoid" => |x| 1.0 / (1.0 + (-x).exp()),
        "tanh" => f32::tanh,
        "exponential" => f32::exp,
        "softplus" => softplus,
        "softsign" => |x| x / (1.0 + x.abs()),
        "hard_sigmoid" => |x| (x / 6.0 + 0.5).clamp(0.0, 1.0),
        "hard_tanh" => |x| x.clamp(-1.0, 1.0),
        "silu" | "swish" => |x| x / (1.0 + (-x).exp()),
        "elu" => |x| if x > 0.0 { x } else { x.exp_m1() },
        "leaky_relu" => |x| if x > 0.0 { x } else { 0.2 * x },
        "celu" => |x| x.max(0.0) + x.min(0.0).exp_m1(),
        "selu" => |x| 1.050_701 * if x > 0.0 { x } else { 1.673_263_2 * x.exp_m1() },
        "gelu" => |x| (0.5 * f64::from(x) * (1.0 + erf(f64::from(x) / 2f64.sqrt()))) as f32,
        "mish" => |x| x * softplus(x).tanh(),
        "log_sigmoid" => |x| -softplus(-x),
        "hard_silu" | "hard_swish" => |x| x * ((x + 3.0).clamp(0.0, 6.0) / 6.0),
        "tanh_shrink" => |x| x - x.tanh(),
        "soft_shrink" => |x| x.signum() * (x.abs() - 0.5).max(0.0),
        "hard_shrink" => |x| if x.abs() > 0.5 { x } else { 0.0 },
        "squareplus" => |x| (x + (x * x + 4.0).sqrt()) / 2.0,
        "sparse_plus" => |x| if x >= 1.0 { x } else { (x.max(-1.0) + 1.0) * (x.max(-1.0) + 1.0) / 4.0 },
        "sparse_sigmoid" => |x| (0.5 * (x + 1.0)).clamp(0.0, 1.0),
        _ => return None,
    })
}

fn softplus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// The error function (Abramowitz and Stegun, 7.1.6), whose series has terms of one sign.
fn erf(x: f64) -> f64 {
    // Beyond, it is 1 to all digits.
    let x = x.clamp(-6.0, 6.0);
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    while term.abs() > sum.abs() * f64::EPSILON {
        odd += 2.0;
        term *= 2.0 * x * x / odd;
        sum += term;
    }
    2.0 / std::f64::consts::PI.sqrt() * (-x * x).exp() * sum
}

/// The layer `QUnaryFunctionLUT`: the function of every number that the quantizer of the input can give.
pub(super) fn unary(call: &mut Call<'_>) -> Option<Value> {
    super::variables(call, 0);
    let attributes = &call.attributes;
    let name = match written(attributes) {
        Written::Function(name) => name,
        _ => "linear",
    };
    let function = function(name);
    if function.is_none() {
        attributes.wrong("activation", format!("the function `{name}` is not supported"));
    }
    attributes.ignore(&["allow_heterogeneous_input"]);
    attributes.only("allow_heterogeneous_table", &false.into());
    if !attributes.flag("enable_iq", true) || !attributes.flag("enable_oq", true) {
        attributes.fault("a table needs a quantizer of its input and one of its result");
        return None;
    }
    let input = Internal::of(call, "iq_conf", "iq");
    let output = Internal::of(call, "oq_conf", "oq");
    let x = call.only_input()?;
    let (input, output, function) = (input?, output?, function?);
    let (signed, int_bits, frac_bits) = input.widest().unwrap_or((false, 0, 0));
    let entries = hgq::entries(i64::from(signed) + int_bits + frac_bits);
    let Some(entries) = entries else {
        call.attributes.fault(format!("a table of 2^{} entries", int_bits + frac_bits));
        return None;
    };
    // The bits of a number read as an index: 0 and the positive numbers first, then the negative ones.
    let unit = (-frac_bits as f32).exp2();
    let number = |at: usize| match signed && at >= entries / 2 {
        true => at as f32 - entries as f32,
        false => at as f32,
    };
    let values = (0..entries).map(|at| f64::from(function(number(at) * unit))).collect();
    let shape = Shape::new(&[entries]).expect("not too many entries");
    let table = Tensor::new(shape, values).expect("a value for each entry");
    let (table, format) = (output.apply(&table)?, output.format());
    let Some(format) = format else {
        call.attributes.fault("a table has one format for all results");
        return None;
    };
    let format = format.with_rounding(Rounding::Trn).with_overflow(Overflow::Wrap(0));
    hgq::look_up(call, &x, table, format)
}

#[cfg(test)]
mod tests {
    use super::erf;

    #[test]
    fn the_error_function_has_all_its_digits() {
        for (x, y) in
            [(0.0, 0.0), (0.5, 0.520_499_877_813_046_5), (-2.0, -0.995_322_265_018_952_7), (9.0, 1.0)]
        {
            assert!((erf(x) - y).abs() < 1e-15, "{x}");
        }
    }
}
