//! The layers of HGQ2: those of Keras 3, with a format for every element of what they read, store and give.

use hls4rs_ir::ops::Einsum;
use hls4rs_ir::{Slot, Tensor};

use super::super::call::{Call, Value, set};
use super::super::weights::Stored;
use super::{activation, conv, merge, normalization, pool, products};

mod attention;
mod folded;
mod quantizer;
mod softmax;
mod sum;
mod table;

use quantizer::Internal;

/// Keys that every layer of HGQ2 has beside those of Keras, and that are read here or do not matter after training.
const OWN_KEYS: [&str; 11] = [
    "enable_ebops",
    "ebops_factor",
    "beta0",
    "enable_oq",
    "enable_iq",
    "oq_conf",
    "iq_conf",
    "iq_confs",
    "kq_conf",
    "bq_conf",
    "parallelization_factor",
];

/// What a layer's kind of multiplication needs to be told apart.
type Handler = fn(&mut Call<'_>) -> Option<Value>;

/// A layer of HGQ2: its inputs are quantized first, its result last.
pub(super) fn layer(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    match attributes.class() {
        "Quantizer" => return quantizer::standalone(call),
        "QMultiHeadAttention" => return attention::multi_head(call),
        "QLinformerAttention" => return attention::linformer(call),
        _ => {}
    }
    let Some(handle) = handler(attributes.class()) else {
        attributes.unknown_class("layers of this class are not supported");
        return None;
    };
    attributes.ignore(&OWN_KEYS);
    let reads = attributes.flag("enable_iq", true);
    let gives = attributes.flag("enable_oq", false);
    let inputs = if reads { quantizer::inputs(call) } else { Some(()) };
    let output = if gives { Some(Internal::of(call, "oq_conf", "oq")) } else { None };
    let result = handle(call);
    inputs?;
    match (result, output) {
        (Some(y), Some(output)) => {
            // The table of a function has the result's quantizer in it already, but hls4ml keeps both.
            let name = format!("{}_oq", call.attributes.layer());
            quantizer::quantize(call, &y, name, output?)
        }
        (result, _) => result,
    }
}

/// How a class is read, but for the quantizers of its inputs and its result.
fn handler(class: &str) -> Option<Handler> {
    Some(match class {
        "QDense" => |call| with_quantized(call, "use_bias", products::dense),
        "QConv1D" => |call| with_quantized(call, "use_bias", |call| conv::conv(call, 1)),
        "QConv2D" => |call| with_quantized(call, "use_bias", |call| conv::conv(call, 2)),
        "QEinsumDense" => |call| with_quantized(call, "bias_axes", products::einsum_dense),
        "QBatchNormDense" => folded::dense,
        "QEinsumDenseBatchnorm" => folded::einsum_dense,
        "QBatchNormalization" => batch_normalization,
        "QActivation" => |call| plain(call, activation::activation),
        "QUnaryFunctionLUT" => table::unary,
        "QSoftmax" => softmax::softmax,
        "QAdd" | "QSubtract" | "QMultiply" | "QAverage" | "QAveragePow2" | "QMaximum" | "QMinimum" => {
            |call| plain(call, merge::merge)
        }
        "QDot" => |call| plain(call, merge::dot),
        "QEinsum" => |call| plain(call, einsum),
        "QSum" | "QMeanPow2" => |call| plain(call, sum::sum),
        "QMaxPooling1D" | "QMaxPooling2D" | "QAveragePooling1D" | "QAveragePooling2D" => {
            |call| plain(call, pool::pool)
        }
        "QGlobalMaxPooling1D"
        | "QGlobalMaxPooling2D"
        | "QGlobalAveragePooling1D"
        | "QGlobalAveragePooling2D" => |call| plain(call, pool::global),
        _ => return None,
    })
}

/// What HGQ2 stores of the cost of a layer, after the values that are trained.
fn cost(call: &Call<'_>) -> usize {
    if call.attributes.flag("enable_ebops", false) { 2 } else { 0 }
}

/// The variables of the layer itself, of which the last ones are those of its cost.
fn variables(call: &Call<'_>, n: usize) -> Vec<Option<Tensor>> {
    let found = (0..n).map(|at| call.stored.variable("", at, "")).collect();
    for at in n..n + cost(call) {
        call.stored.variable("", at, "");
    }
    found
}

/// A layer without trained values.
fn plain(call: &mut Call<'_>, handler: Handler) -> Option<Value> {
    variables(call, 0);
    handler(call)
}

/// A layer of Keras whose kernel and bias are quantized; the key says whether there is a bias.
fn with_quantized(call: &mut Call<'_>, bias_key: &'static str, handler: Handler) -> Option<Value> {
    let has_bias = match bias_key {
        "use_bias" => call.attributes.flag("use_bias", true),
        key => call.attributes.value(key).is_some(),
    };
    let stored = variables(call, 1 + usize::from(has_bias));
    let mut quantized = vec![quantizer::values(call, "kq_conf", "kq", stored[0].clone())];
    if has_bias {
        quantized.push(quantizer::values(call, "bq_conf", "bq", stored[1].clone()));
    }
    replace(call, quantized);
    handler(call)
}

/// Has the layer read other stored values.
fn replace(call: &mut Call<'_>, variables: Vec<Option<Tensor>>) {
    let sound: Option<Vec<_>> = variables.into_iter().collect();
    if call.attributes.is_sound() {
        for path in call.stored.left() {
            call.attributes.fault(format!("the stored values `{path}` are not understood"));
        }
    }
    call.stored = std::borrow::Cow::Owned(Stored::made(sound.unwrap_or_default()));
}

/// A batch normalization whose scale and bias are quantized.
fn batch_normalization(call: &mut Call<'_>) -> Option<Value> {
    let mut statistics = normalization::statistics(call);
    if let Some(statistics) = &mut statistics {
        // Without a trained bias, HGQ2 adds 1.
        statistics.beta.get_or_insert_with(|| folded::ones(&statistics.mean));
    }
    call.attributes.ignore(&["axis"]);
    let n = 2 + ["scale", "center"].into_iter().filter(|key| call.attributes.flag(key, true)).count();
    variables(call, n);
    let (scale, bias) = statistics.as_ref()?.affine();
    let tensor = |values| Tensor::new(statistics.as_ref()?.mean.shape().clone(), values).ok();
    let scale = quantizer::values(call, "kq_conf", "kq", tensor(scale));
    let bias = quantizer::values(call, "bq_conf", "bq", tensor(bias));
    let x = call.only_input()?;
    if normalization::axis(&call.attributes, x.shape.rank()) != Some(x.shape.rank() - 1) {
        call.attributes.wrong("axis", format!("only the last axis of {} can be normalized", x.shape));
        return None;
    }
    let mut node = call.node("BatchNormalization", hls4rs_ir::ops::BatchNorm, &[&x]);
    node.values.set(Slot::Scale, scale?);
    set(&mut node, Slot::Bias, bias);
    call.push(node)
}

/// The product of two tensors.
fn einsum(call: &mut Call<'_>) -> Option<Value> {
    let equation = call.attributes.word("equation");
    let (a, b) = (call.input(0)?, call.input(1)?);
    let Some(equation) = without_samples(equation) else {
        let reason =
            "expected an equation such as \"abc,acd->abd\" whose first letter is the same everywhere";
        call.attributes.wrong("equation", reason);
        return None;
    };
    let node = call.node("Einsum", Einsum { equation: Some(equation) }, &[&a, &b]);
    call.push(node)
}

/// An equation without the axis of samples, the first of every tensor.
fn without_samples(equation: &str) -> Option<String> {
    let plain: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    let (inputs, y) = plain.split_once("->")?;
    let (a, b) = inputs.split_once(',')?;
    let samples = y.chars().next().filter(char::is_ascii_alphabetic)?;
    let rest = |tensor: &str| Some(tensor.strip_prefix(samples)?.to_owned());
    Some(format!("{},{}->{}", rest(a)?, rest(b)?, rest(y)?))
}
