//! Activations: layers of their own, and what other layers say of theirs.

use hls4rs_ir::draft::DraftNode;
use hls4rs_ir::ops::{
    Elu, Function, Hard, LeakyRelu, Linear, Prelu, Relu, Softmax, TableActivation, ThresholdedRelu,
};
use hls4rs_ir::{Op, Shape, Slot, Tensor};
use serde_json::Value as Json;

use super::super::attributes::{Attributes, Object, brief};
use super::super::call::{Call, Value};
use super::super::quantizers;
use super::qkeras;

/// What a layer says of its activation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Written<'a> {
    /// The layer has none.
    None,
    /// A function by its name.
    Function(&'a str),
    /// An object: a quantizer of QKeras.
    Object(Object<'a>),
}

impl Written<'_> {
    /// No activation.
    pub(super) const fn none() -> Self {
        Self::None
    }
}

/// The attribute `activation`.
pub(super) fn written<'a>(attributes: &Attributes<'a>) -> Written<'a> {
    named(attributes, "activation")
}

/// An attribute that is an activation.
pub(super) fn named<'a>(attributes: &Attributes<'a>, key: &'static str) -> Written<'a> {
    match attributes.value(key) {
        None => Written::None,
        Some(Json::String(name)) => Written::Function(name),
        Some(value) => match (Object::of(value), value.get("config").and_then(Json::as_str)) {
            // Keras 3 writes functions as `{"class_name": "function", "config": "relu"}`.
            (None, Some(function)) => Written::Function(function),
            (Some(object), _) => Written::Object(object),
            (None, None) => {
                attributes.wrong(key, format!("expected the name of a function, found {}", brief(value)));
                Written::None
            }
        },
    }
}

/// hls4ml's class of a function, and what it computes.
///
/// `hard_sigmoid` has the slope 0.2 in hls4ml whatever the version; Keras 3 itself divides by 6.
pub(super) fn function(name: &str) -> Option<(&'static str, Op)> {
    let table = |function| ("Activation", TableActivation::new(function).into());
    Some(match name {
        "linear" => ("Activation", Linear.into()),
        "relu" => ("Activation", Relu::default().into()),
        "relu6" => ("Activation", Relu { max: Some(6.0) }.into()),
        "sigmoid" => table(Function::Sigmoid),
        "tanh" => table(Function::Tanh),
        "softplus" => table(Function::Softplus),
        "softsign" => table(Function::Softsign),
        "selu" => table(Function::Selu),
        "hard_sigmoid" => ("HardActivation", Hard::sigmoid().into()),
        "softmax" => ("Softmax", Softmax::default().into()),
        "elu" => ("ParametrizedActivation", Elu { alpha: 1.0, table_size: 1024 }.into()),
        "leaky_relu" => ("ParametrizedActivation", LeakyRelu { alpha: 0.2 }.into()),
        _ => return None,
    })
}

/// Adds what follows a layer: a node `{layer}_{activation}`.
///
/// For a file of Keras 2 that is also done for `linear`.
pub(super) fn after(call: &mut Call<'_>, y: Value, activation: Written<'_>) -> Option<Value> {
    let layer = call.attributes.layer();
    match activation {
        Written::None => Some(y),
        Written::Function("linear") if call.keras3 => Some(y),
        Written::Function(name) => match quantizer(call, activation) {
            Some(written) => qkeras::apply(call, &written, Some(y), format!("{layer}_{}", written.class)),
            None => apply(call, &y, name, format!("{layer}_{name}")),
        },
        Written::Object(object) if is_of_elements(object.class) => layer_as_activation(call, &y, object),
        Written::Object(object) => match quantizer(call, activation) {
            Some(written) => qkeras::apply(call, &written, Some(y), format!("{layer}_{}", written.class)),
            None => {
                let (class, found) = (object.class, brief(&Json::Object(object.config.clone())));
                call.attributes.wrong("activation", format!("`{class}` is not supported: {found}"));
                None
            }
        },
    }
}

/// Whether layers of this class are functions of each element, without trained values.
fn is_of_elements(class: &str) -> bool {
    matches!(class, "ReLU" | "LeakyReLU" | "ThresholdedReLU" | "ELU")
}

/// A layer in the place of a function, such as `LeakyReLU(0.1)`.
fn layer_as_activation(call: &mut Call<'_>, x: &Value, object: Object<'_>) -> Option<Value> {
    let attributes = Attributes::new(call.attributes.layer(), object);
    let found = of_layer(&attributes, call.keras3);
    let problems = attributes.finish().into_iter();
    let outer = &call.attributes;
    outer.include(problems.map(|problem| problem.within(outer.class(), "activation")).collect());
    let (class, op) = found?;
    let name = format!("{}_{}", call.attributes.layer(), object.class);
    call.push(DraftNode::new(name, class, op, &[&x.node]))
}

/// hls4ml's class of a layer that is a function of each element, and what it computes.
fn of_layer(attributes: &Attributes<'_>, keras3: bool) -> Option<(&'static str, Op)> {
    let op = match attributes.class() {
        "ReLU" => return relu_op(attributes, keras3),
        "LeakyReLU" => {
            let alpha =
                attributes.optional_real("negative_slope").or_else(|| attributes.optional_real("alpha"));
            LeakyRelu { alpha: alpha.unwrap_or(0.3) }.into()
        }
        "ThresholdedReLU" => {
            ThresholdedRelu { theta: attributes.optional_real("theta").unwrap_or(1.0) }.into()
        }
        _ => Elu { alpha: attributes.optional_real("alpha").unwrap_or(1.0), table_size: 1024 }.into(),
    };
    Some(("ParametrizedActivation", op))
}

/// A quantizer of QKeras, which knows only Keras 2.
fn quantizer(call: &Call<'_>, activation: Written<'_>) -> Option<quantizers::Written> {
    match activation {
        _ if call.keras3 => None,
        Written::Function(name) if function(name).is_none() => quantizers::Written::call(name),
        Written::Object(object) => quantizers::Written::of(&Json::Object(object.raw.clone())),
        _ => None,
    }
}

fn apply(call: &mut Call<'_>, x: &Value, function_name: &str, name: String) -> Option<Value> {
    let Some((class, op)) = function(function_name) else {
        call.attributes.wrong("activation", format!("the function `{function_name}` is not supported"));
        return None;
    };
    call.push(DraftNode::new(name, class, op, &[&x.node]))
}

/// The layer `Activation`.
pub(super) fn activation(call: &mut Call<'_>) -> Option<Value> {
    let activation = written(&call.attributes);
    let alpha = call.attributes.optional_real("alpha");
    let x = call.only_input()?;
    let layer = call.attributes.layer().to_owned();
    match activation {
        Written::Function(name) => {
            // Where the channels stand does not matter, but for the one function that goes along an axis.
            let before = if name == "softmax" { None } else { call.before_moving(&x) };
            let first = before.is_some();
            let y = apply(call, &before.unwrap_or(x), name, layer)?;
            if let (Some(node), Some(alpha)) = (call.last(), alpha) {
                match &mut node.op {
                    Op::Elu(elu) => elu.alpha = alpha,
                    Op::LeakyRelu(relu) => relu.alpha = alpha,
                    _ => call.attributes.wrong("alpha", "this function has none"),
                }
            }
            call.channels_back(y, first)
        }
        other => after(call, x, other),
    }
}

/// The layer `ReLU`: any of the rectified functions.
///
/// hls4ml takes it for a `ThresholdedReLU` at 0, which computes the same, where Keras 3 wrote the file; a limit
/// (`max_value`) is an error there, or not seen at all.
fn relu_op(attributes: &Attributes<'_>, keras3: bool) -> Option<(&'static str, Op)> {
    let max = attributes.optional_real("max_value");
    let slope = attributes.optional_real("negative_slope").unwrap_or(0.0);
    let threshold = attributes.optional_real("threshold").unwrap_or(0.0);
    Some(match (max, slope != 0.0, threshold != 0.0) {
        (None, false, false) if !keras3 => ("Activation", Relu::default().into()),
        (None, false, _) => ("ParametrizedActivation", ThresholdedRelu { theta: threshold }.into()),
        (None, true, false) => ("ParametrizedActivation", LeakyRelu { alpha: slope }.into()),
        (Some(max), false, false) => ("Activation", Relu { max: Some(max) }.into()),
        _ => {
            attributes.fault("only one of `max_value`, `negative_slope` and `threshold` can be set");
            return None;
        }
    })
}

/// A layer that is a function of each element.
pub(super) fn of_elements(call: &mut Call<'_>) -> Option<Value> {
    let found = of_layer(&call.attributes, call.keras3);
    let x = call.only_input()?;
    let (class, op) = found?;
    // Where the channels stand does not matter.
    let before = call.before_moving(&x);
    let first = before.is_some();
    let node = call.node(class, op, &[&before.unwrap_or(x)]);
    let y = call.push(node)?;
    call.channels_back(y, first)
}

/// A slope for every element, or for whole axes that share one.
pub(super) fn prelu(call: &mut Call<'_>) -> Option<Value> {
    call.attributes.ignore(&["shared_axes"]);
    let [alpha] = call.stored.variables("", ["alpha"]);
    let x = call.only_input()?;
    let alpha = call.needed("alpha", alpha)?;
    let Some(alpha) = spread(&alpha, &x.shape) else {
        call.attributes.fault(format!("values of `alpha`: {} does not fit {}", alpha.shape(), x.shape));
        return None;
    };
    let mut node = call.node("PReLU", Prelu, &[&x]);
    node.values.set(Slot::Alpha, alpha);
    call.push(node)
}

/// Values for every element of a shape, from values that hold along axes of extent 1.
fn spread(values: &Tensor, shape: &Shape) -> Option<Tensor> {
    let found = values.shape();
    let fits = found.rank() == shape.rank()
        && found.iter().zip(shape.iter()).all(|(&found, &extent)| found == extent || found == 1);
    let element = |mut at: usize| {
        let (mut source, mut stride) = (0, 1);
        for (&extent, &own) in shape.iter().zip(found.iter()).rev() {
            source += (at % extent) % own * stride;
            (at, stride) = (at / extent, stride * own);
        }
        values.values()[source]
    };
    fits.then(|| {
        Tensor::new(shape.clone(), (0..shape.elements()).map(element).collect())
            .expect("a value for each element")
    })
}

/// A softmax along one axis; the axis of samples counts as the first in the file.
pub(super) fn softmax(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let axis = if attributes.has("axis") { attributes.integer("axis") } else { -1 };
    let x = call.only_input()?;
    let axis = call.axis("axis", axis, &x)?;
    let node = call.node("Softmax", Softmax { axis, ..Softmax::default() }, &[&x]);
    call.push(node)
}

/// Whether layers of this class only do something in training.
pub(super) fn only_in_training(class: &str) -> bool {
    const EXACTLY: &[&str] = &[
        "Dropout",
        "AlphaDropout",
        "GaussianDropout",
        "GaussianNoise",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "ActivityRegularization",
    ];
    EXACTLY.contains(&class) || class.starts_with("Random")
}

/// A layer that only matters in training: left out with Keras 2, a linear activation with Keras 3, as in hls4ml.
pub(super) fn skipped(call: &mut Call<'_>) -> Option<Value> {
    call.attributes.all_understood();
    let x = call.only_input()?;
    if !call.keras3 {
        return Some(x);
    }
    let node = call.node("Activation", Linear, &[&x]);
    call.push(node)
}
