//! Convolutions.

use hls4rs_ir::draft::{DraftNode, Part, Role};
use hls4rs_ir::ops::{Conv, Padding, Sliding};
use hls4rs_ir::{Shape, Slot, Tensor};

use super::super::attributes::Attributes;
use super::super::call::{Call, Value, reshaped, set};
use super::super::quantizers::Quantizers;
use super::activation::{Written, after, written};
use super::{normalization, qkeras};

/// Whether the channels of images come first.
pub(super) fn channels_first(attributes: &Attributes<'_>) -> bool {
    match attributes.value("data_format").and_then(|value| value.as_str()) {
        None | Some("channels_last") => false,
        Some("channels_first") => true,
        Some(other) => {
            attributes
                .wrong("data_format", format!("expected channels_last or channels_first, found {other}"));
            false
        }
    }
}

/// The windows of a layer with `kernel_size`, `strides`, `dilation_rate` and `padding`.
fn sliding(attributes: &Attributes<'_>, axes: usize) -> Sliding {
    let dilation = attributes.has("dilation_rate").then(|| attributes.sizes("dilation_rate", axes));
    Sliding {
        kernel: attributes.sizes("kernel_size", axes),
        stride: attributes.sizes("strides", axes),
        dilation: dilation.unwrap_or_else(|| vec![1; axes]),
        padding: padding(attributes, axes),
        ..Sliding::new(axes)
    }
}

fn padding(attributes: &Attributes<'_>, axes: usize) -> Padding {
    match attributes.word("padding").to_lowercase().as_str() {
        "valid" => Padding::Valid,
        "same" => Padding::Same,
        "causal" if axes == 1 => Padding::Causal,
        other => {
            attributes.wrong("padding", format!("`{other}` is not supported"));
            Padding::Valid
        }
    }
}

/// A convolution, of all channels together or of each for itself.
pub(super) fn conv(call: &mut Call<'_>, axes: usize) -> Option<Value> {
    let attributes = &call.attributes;
    let depthwise = attributes.class().contains("Depthwise");
    let (first, sliding, activation) =
        (channels_first(attributes), sliding(attributes, axes), written(attributes));
    let groups = if attributes.has("groups") { attributes.size("groups") } else { 1 };
    let filters = if depthwise { 0 } else { attributes.size("filters") };
    if depthwise && attributes.has("depth_multiplier") {
        attributes.size("depth_multiplier");
    }
    let key = if depthwise { "depthwise_quantizer" } else { "kernel_quantizer" };
    let quantizers = Quantizers::of(attributes, [(Slot::Weight, key), (Slot::Bias, "bias_quantizer")]);
    let normalized = attributes.class() == "QConv2DBatchnorm";
    let [kernel, bias] = variables(call, depthwise);
    let folded =
        if normalized { Some(normalized_variables(call, kernel.as_ref(), bias.as_ref())) } else { None };
    let x = call.only_input()?;
    let x = call.channels_last(x, first)?;
    let [kernel, bias] = match folded {
        Some(folded) => folded?.map(Some),
        None => [kernel, bias],
    };
    let kernel = call.needed("kernel", kernel)?;
    let (op, kernel) = if depthwise {
        depthwise_op(sliding, kernel, &x.shape)
    } else {
        (Conv { filters, groups, sliding, ..Conv::new(axes) }, kernel)
    };
    let class = match (depthwise, normalized) {
        (true, _) => format!("DepthwiseConv{axes}D"),
        (false, true) => format!("Conv{axes}DBatchnorm"),
        (false, false) => format!("Conv{axes}D"),
    };
    let mut node = call.node(&class, op, &[&x]);
    node.values.set(Slot::Weight, kernel);
    set(&mut node, Slot::Bias, bias);
    quantizers.set(&mut node);
    let y = call.push(node)?;
    finished(call, y, first, activation)
}

/// The activation, and channels in the order of the file; a softmax goes along the last axis, which then is another one.
fn finished(call: &mut Call<'_>, y: Value, first: bool, activation: Written<'_>) -> Option<Value> {
    if matches!(activation, Written::Function("softmax")) {
        let y = call.channels_back(y, first)?;
        return after(call, y, activation);
    }
    let y = after(call, y, activation)?;
    call.channels_back(y, first)
}

/// Kernel and bias.
fn variables(call: &Call<'_>, depthwise: bool) -> [Option<Tensor>; 2] {
    let kernel = if depthwise && !call.keras3 { "depthwise_kernel" } else { "kernel" };
    let has_bias = call.attributes.flag("use_bias", true);
    let [kernel, bias] = call.stored.variables("", [kernel, "bias"]);
    [kernel, bias.filter(|_| has_bias)]
}

/// Kernel and bias with the normalization that follows in them.
fn normalized_variables(
    call: &Call<'_>,
    kernel: Option<&Tensor>,
    bias: Option<&Tensor>,
) -> Option<[Tensor; 2]> {
    let attributes = &call.attributes;
    attributes.ignore(&["axis", "ema_freeze_delay", "folding_mode"]);
    call.stored.forget("iteration");
    let statistics = normalization::statistics(call)?;
    let folded = qkeras::folded(kernel?, bias, &statistics);
    if folded.is_none() {
        attributes.fault("the statistics do not fit the kernel");
    }
    folded
}

/// A convolution of each channel for itself, and its kernel `[…, channels]`.
///
/// With a depth multiplier, which hls4ml does not have, it is a convolution in as many groups as there are channels.
fn depthwise_op(sliding: Sliding, kernel: Tensor, x: &Shape) -> (Conv, Tensor) {
    let (axes, channels) = (sliding.axes, x.channels());
    let multiplier = kernel.shape().channels();
    let windows = &kernel.shape()[..axes.min(kernel.shape().rank())];
    if multiplier == 1 {
        let extents = [windows, &[channels]].concat();
        return (Conv { sliding, ..Conv::depthwise(axes) }, reshaped(kernel, &extents));
    }
    let filters = channels * multiplier;
    let extents = [windows, &[1, filters]].concat();
    (Conv { filters, groups: channels, sliding, ..Conv::new(axes) }, reshaped(kernel, &extents))
}

/// A convolution of each channel for itself, and one of single positions after it.
pub(super) fn separable(call: &mut Call<'_>, axes: usize) -> Option<Value> {
    let attributes = &call.attributes;
    let (first, sliding, activation) =
        (channels_first(attributes), sliding(attributes, axes), written(attributes));
    let filters = attributes.size("filters");
    attributes.size("depth_multiplier");
    attributes.only("groups", &1.into());
    let has_bias = attributes.flag("use_bias", true);
    let depthwise_quantizer = Quantizers::of(attributes, [(Slot::Weight, "depthwise_quantizer")]);
    let keys = [(Slot::Weight, "pointwise_quantizer"), (Slot::Bias, "bias_quantizer")];
    let quantizers = Quantizers::of(attributes, keys);
    let names = ["depthwise_kernel", "pointwise_kernel", "bias"];
    let [depthwise, pointwise, bias] = call.stored.variables("", names);
    let x = call.only_input()?;
    let x = call.channels_last(x, first)?;
    let layer = call.attributes.layer().to_owned();
    let part = |role| Some(Part { layer: layer.clone(), class: format!("SeparableConv{axes}D"), role });
    let (op, kernel) = depthwise_op(sliding, call.needed(names[0], depthwise)?, &x.shape);
    let mut node =
        DraftNode::new(format!("{layer}_depthwise"), format!("DepthwiseConv{axes}D"), op, &[&x.node]);
    node.values.set(Slot::Weight, kernel);
    depthwise_quantizer.set(&mut node);
    node.part = part(Role::Depthwise);
    let between = call.push(node)?;
    let sliding = Sliding { kernel: vec![1; axes], ..Sliding::new(axes) };
    let op = Conv { filters, sliding, ..Conv::new(axes) };
    let mut node = DraftNode::new(format!("{layer}_pointwise"), format!("Conv{axes}D"), op, &[&between.node]);
    node.values.set(Slot::Weight, call.needed(names[1], pointwise)?);
    set(&mut node, Slot::Bias, bias.filter(|_| has_bias));
    quantizers.set(&mut node);
    node.part = part(Role::Pointwise);
    let y = call.push(node)?;
    finished(call, y, first, activation)
}
