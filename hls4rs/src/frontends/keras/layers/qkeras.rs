//! What QKeras adds to Keras: activations that quantize, and a convolution with its normalization.

use hls4rs_fixed::Format;
use hls4rs_ir::draft::{DraftNode, Quantizer, Type};
use hls4rs_ir::ops::{Function, Hard, LeakyRelu, Linear, QuantizedTanh, Relu, TableActivation};
use hls4rs_ir::{Op, Slot, Tensor};

use super::super::attributes::Attributes;
use super::super::call::{Call, Value};
use super::super::quantizers::Written;
use super::normalization::Statistics;

/// From which magnitude on a ternary activation of QKeras is not 0, if it is not said.
const TERNARY_THRESHOLD: f64 = 0.33;

/// The layer `QActivation`.
pub(super) fn activation(call: &mut Call<'_>) -> Option<Value> {
    let written = call.attributes.value("activation").and_then(Written::of);
    let Some(written) = written else {
        call.attributes.wrong("activation", "expected a quantizer of QKeras");
        return None;
    };
    let x = call.input(0);
    apply(call, &written, x, call.attributes.layer().to_owned())
}

/// A quantizer as an activation.
pub(super) fn apply(call: &mut Call<'_>, written: &Written, x: Option<Value>, name: String) -> Option<Value> {
    let quantizer = written.quantizer(&call.attributes, "activation")?;
    let (class, op) = activation_op(call, written, &quantizer)?;
    let mut node = DraftNode::new(name, class, op, &[&x?.node]);
    if class == "HardActivation" {
        for slot in [Slot::Slope, Slot::Shift] {
            node.types.set(slot, Type::Fixed(Format::ufixed(2, 0)));
        }
    }
    if let Quantizer::Ternary { threshold, .. } = quantizer {
        node.details.ternary_threshold = Some(threshold.unwrap_or(TERNARY_THRESHOLD));
    }
    node.quantizers.set(Slot::Result, quantizer);
    node.details.trusted = true;
    call.push(node)
}

/// hls4ml's class of the activation, and what it computes.
fn activation_op(call: &Call<'_>, written: &Written, quantizer: &Quantizer) -> Option<(&'static str, Op)> {
    let real = |flag| is_real(&call.attributes, "activation", written, flag);
    // The line of QKeras, which saturates at -1 and 1 and not at -2.5 and 2.5.
    let hard = |tanh| ("HardActivation", Hard { tanh, slope: 0.5, shift: 0.5 }.into());
    let table = |function| ("Activation", TableActivation::new(function).into());
    Some(match quantizer {
        Quantizer::QuantizedBits { .. } => ("Activation", Linear.into()),
        Quantizer::QuantizedRelu { negative_slope, .. } if *negative_slope != 0.0 => {
            ("ParametrizedActivation", LeakyRelu { alpha: *negative_slope }.into())
        }
        Quantizer::QuantizedRelu { .. } => ("Activation", Relu::default().into()),
        Quantizer::QuantizedTanh { .. } if real("use_real_tanh") => table(Function::Tanh),
        Quantizer::QuantizedTanh { .. } => hard(true),
        Quantizer::QuantizedSigmoid { .. } if real("use_real_sigmoid") => table(Function::Sigmoid),
        Quantizer::QuantizedSigmoid { .. } => hard(false),
        Quantizer::Binary { .. } => ("Activation", QuantizedTanh { ternary: false }.into()),
        Quantizer::Ternary { .. } => ("TernaryTanh", QuantizedTanh { ternary: true }.into()),
        _ => {
            let reason = format!("`{}` is not supported as an activation", written.class);
            call.attributes.wrong("activation", reason);
            return None;
        }
    })
}

/// Whether a flag of a quantizer is set, such as the one for the function itself and not lines instead.
pub(super) fn is_real(
    attributes: &Attributes<'_>,
    key: &'static str,
    written: &Written,
    flag: &'static str,
) -> bool {
    written.arguments(attributes, key, |arguments| {
        arguments.all_understood();
        arguments.flag(flag, false)
    })
}

/// Kernel and bias of a convolution with its normalization, folded with the statistics of training.
///
/// In single precision, as QKeras and hls4ml do: a division by the deviation is a product with its reciprocal.
pub(super) fn folded(kernel: &Tensor, bias: Option<&Tensor>, statistics: &Statistics) -> Option<[Tensor; 2]> {
    let channels = statistics.mean.shape().elements();
    if kernel.shape().channels() != channels || bias.is_some_and(|bias| bias.shape().elements() != channels) {
        return None;
    }
    let single = |tensor: &Tensor, at: usize| tensor.values()[at] as f32;
    let factor = |at: usize| {
        let reciprocal = 1.0 / (single(&statistics.variance, at) + statistics.epsilon as f32).sqrt();
        statistics.gamma.as_ref().map_or(reciprocal, |gamma| reciprocal * single(gamma, at))
    };
    let factors: Vec<f32> = (0..channels).map(factor).collect();
    let values = kernel.values().iter().enumerate();
    let folded_kernel = values.map(|(at, &w)| f64::from(factors[at % channels] * w as f32)).collect();
    let folded_bias = (0..channels).map(|at| {
        let bias = bias.map_or(0.0, |bias| single(bias, at));
        let shifted = factors[at] * (bias - single(&statistics.mean, at));
        f64::from(statistics.beta.as_ref().map_or(shifted, |beta| shifted + single(beta, at)))
    });
    let bias = Tensor::new(statistics.mean.shape().clone(), folded_bias.collect()).ok()?;
    Some([Tensor::new(kernel.shape().clone(), folded_kernel).ok()?, bias])
}
