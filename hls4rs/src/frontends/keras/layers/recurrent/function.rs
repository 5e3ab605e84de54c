//! The functions of gates and candidates, which QKeras may round.

use hls4rs_ir::draft::{Quantizer, Type};
use hls4rs_ir::ops::{Cell, Curve};
use serde_json::Value as Json;

use super::super::super::attributes::Attributes;
use super::super::super::quantizers;
use super::super::activation::{Written, named};
use super::super::qkeras::is_real;

/// A function, and what is done to its values.
pub(super) struct Bounded {
    pub(super) curve: Curve,
    pub(super) quantizer: Option<Quantizer>,
}

impl Bounded {
    /// A function whose values are kept as they are.
    pub(super) fn curve(curve: Curve) -> Self {
        Self { curve, quantizer: None }
    }

    /// The function that an attribute names.
    pub(super) fn of(attributes: &Attributes<'_>, key: &'static str, cell: Cell) -> Self {
        let name = match named(attributes, key) {
            Written::None => "linear",
            Written::Function(name) => name,
            Written::Object(object) => object.class,
        };
        if let Some(curve) = Curve::ALL.into_iter().find(|curve| curve.name() == name) {
            return Self::curve(curve);
        }
        if let Some(written) = of_qkeras(attributes, key) {
            return Self::quantized(attributes, key, cell, &written);
        }
        attributes.wrong(key, format!("the function `{name}` is not supported"));
        Self::curve(Curve::Linear)
    }

    /// A function of QKeras.
    ///
    /// hls4ml keeps the name of the function and forgets the rounding. Here the table has rounded entries, and the
    /// result of a simple cell, which is nothing but the function, has the quantizer as any other activation.
    fn quantized(
        attributes: &Attributes<'_>,
        key: &'static str,
        cell: Cell,
        written: &quantizers::Written,
    ) -> Self {
        let Some(quantizer) = written.quantizer(attributes, key) else { return Self::curve(Curve::Linear) };
        let class = &written.class;
        let curve = match quantizer {
            Quantizer::QuantizedTanh { .. } => Some((Curve::Tanh, "use_real_tanh")),
            Quantizer::QuantizedSigmoid { .. } => Some((Curve::Sigmoid, "use_real_sigmoid")),
            _ => None,
        };
        if let Some((curve, flag)) = curve {
            if !is_real(attributes, key, written, flag) {
                let reason = format!(
                    "`{class}` is only supported with `{flag}` in recurrent layers, in hls4ml too: train with it"
                );
                attributes.wrong(key, reason);
            }
            return Self { curve, quantizer: Some(quantizer) };
        }
        let curve = match quantizer {
            Quantizer::QuantizedBits { .. } => Some(Curve::Linear),
            Quantizer::QuantizedRelu { negative_slope: 0.0, .. } => Some(Curve::Relu),
            _ => None,
        };
        let reason = match (curve, cell) {
            (Some(curve), Cell::Simple) => return Self { curve, quantizer: Some(quantizer) },
            (Some(_), _) => {
                "is only supported as the activation of a simple cell: in others its values are rounded within a step, \
                 which hls4ml does not do"
            }
            (None, _) => "is not supported in recurrent layers",
        };
        attributes.wrong(key, format!("`{class}` {reason}"));
        Self::curve(Curve::Linear)
    }

    /// The type of the entries of the function's table, if they are rounded.
    pub(super) fn entries(&self) -> Option<Type> {
        self.curve.function().and(self.quantizer.as_ref()?.result_type())
    }
}

/// A quantizer of QKeras in one of its layers.
fn of_qkeras(attributes: &Attributes<'_>, key: &'static str) -> Option<quantizers::Written> {
    match named(attributes, key) {
        _ if !attributes.class().starts_with('Q') => None,
        Written::None => None,
        Written::Function(name) => quantizers::Written::call(name),
        Written::Object(object) => quantizers::Written::of(&Json::Object(object.raw.clone())),
    }
}
