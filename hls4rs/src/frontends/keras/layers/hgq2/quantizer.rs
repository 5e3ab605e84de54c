//! The quantizers of HGQ2.

use hls4rs_fixed::{Format, Overflow, Rounding};
use hls4rs_ir::Tensor;
use hls4rs_ir::ops::Quantize;
use serde_json::Value as Json;

use super::super::super::attributes::{Attributes, Object, brief};
use super::super::super::call::{Call, Value};
use super::super::hgq::{self, Masks};

/// The most bits on either side of the point: their powers of two are numbers in single precision.
const MAX_BITS: f64 = 120.0;

/// A quantizer with its bits: sign, integer bits without it, fraction bits of every element.
#[derive(Debug)]
pub(super) struct Internal {
    signed: Tensor,
    int_bits: Vec<f64>,
    frac_bits: Vec<f64>,
    op: Quantize,
    /// Only rounds, as its range grows with the values.
    only_rounds: bool,
}

/// How a quantizer is parametrized.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Sign, integer bits, fraction bits.
    Kif,
    /// Sign, all bits but the sign, integer bits.
    Kbi,
}

impl Internal {
    /// Reads the configuration under `key` and the bits in `part` of the stored values.
    pub(super) fn of(call: &Call<'_>, key: &'static str, part: &str) -> Option<Self> {
        let Some(config) = call.attributes.value(key) else {
            call.attributes.wrong(key, "missing; expected a quantizer of HGQ2");
            return None;
        };
        Self::read(call, key, config, part)
    }

    fn read(call: &Call<'_>, key: &'static str, config: &Json, part: &str) -> Option<Self> {
        let Some(object) = Object::of(config) else {
            call.attributes.wrong(key, format!("expected a quantizer of HGQ2, found {}", brief(config)));
            return None;
        };
        let attributes = Attributes::new(call.attributes.layer(), object);
        let settings = settings(&attributes);
        let problems = attributes.finish().into_iter();
        let problems = problems.map(|problem| problem.within(call.attributes.class(), key)).collect();
        call.attributes.include(problems);
        let (kind, op) = settings?;
        let is_weight = object.config.get("is_weight").and_then(Json::as_bool) == Some(true);
        let wraps = matches!(op.overflow, Overflow::Wrap(_));
        let only_rounds = is_weight && wraps && (kind == Kind::Kif || op.rounding == Rounding::Rnd);
        let [signed, int_bits, frac_bits] =
            bits(call, kind, wraps, format!("{part}/quantizer").trim_start_matches('/'))?;
        let (int_bits, frac_bits) = (int_bits.values().to_vec(), frac_bits.values().to_vec());
        Some(Self { signed, int_bits, frac_bits, op, only_rounds })
    }

    /// The masks of a layer that quantizes tensors of so many axes.
    fn masks(&self, attributes: &Attributes<'_>, rank: usize) -> Option<Masks> {
        let shape = self.signed.shape();
        let k = self.signed.values();
        let int_bits: Vec<f64> = (0..k.len()).map(|at| k[at] + self.int_bits[at]).collect();
        let width = (0..k.len()).map(|at| int_bits[at] + self.frac_bits[at]).collect();
        let mask = |values| Tensor::new(shape.clone(), values).expect("a value for each element");
        let masks = [self.signed.clone(), mask(width), mask(int_bits)];
        Masks::checked(attributes, masks.map(|mask| Masks::without_samples(mask, rank)))
    }

    /// The only format, if all elements have the same.
    pub(super) fn format(&self) -> Option<Format> {
        let same = |values: &[f64]| values.iter().all(|v| *v == values[0]).then(|| values[0] as i64);
        let (k, i, f) = (same(self.signed.values())?, same(&self.int_bits)?, same(&self.frac_bits)?);
        hgq::format(k, i, f, self.op.rounding, self.op.overflow)
    }

    /// Sign, integer bits without it and fraction bits that hold the values of all elements.
    pub(super) fn widest(&self) -> Option<(bool, i64, i64)> {
        let used = |&at: &usize| self.signed.values()[at] + self.int_bits[at] + self.frac_bits[at] > 0.0;
        let all = (0..self.int_bits.len()).filter(used);
        let bits = all.map(|at| (self.int_bits[at] as i64, self.frac_bits[at] as i64));
        let (int_bits, frac_bits) = bits.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)))?;
        Some((self.signed.values().contains(&1.0), int_bits, frac_bits))
    }

    /// One value, quantized as element `at` in single precision, which is how the library computes.
    fn quantize(&self, x: f32, at: usize) -> f32 {
        let (k, i, f) =
            (self.signed.values()[at] as f32, self.int_bits[at] as f32, self.frac_bits[at] as f32);
        if !self.only_rounds && k + i + f <= 0.0 {
            return 0.0;
        }
        let scale = f.exp2();
        let rounded = |x: f32| round(self.op.rounding, x * scale) / scale;
        let i = i.max(-f);
        let top = i.exp2();
        match self.op.overflow {
            Overflow::Wrap(_) if self.only_rounds => rounded(x),
            Overflow::Wrap(_) => {
                let (interval, bias) = ((i + k).exp2(), k * (i + k - 1.0).exp2());
                (rounded(x) + bias).rem_euclid(interval) - bias
            }
            Overflow::SatSym => rounded(x.clamp(-(top - 1.0 / scale) * k, top - 1.0 / scale)),
            _ => rounded(x.clamp(-top * k, top - 1.0 / scale)),
        }
    }

    /// Values, quantized element by element; bits hold along axes of extent 1.
    pub(super) fn apply(&self, values: &Tensor) -> Option<Tensor> {
        let (shape, own) = (values.shape(), self.signed.shape());
        let fits =
            own.rank() == shape.rank() && own.iter().zip(shape.iter()).all(|(&o, &e)| o == e || o == 1);
        if !fits && own.elements() != 1 {
            return None;
        }
        let element = |mut at: usize| {
            if !fits {
                return 0;
            }
            let (mut source, mut stride) = (0, 1);
            for (&extent, &own) in shape.iter().zip(own.iter()).rev() {
                source += (at % extent) % own * stride;
                (at, stride) = (at / extent, stride * own);
            }
            source
        };
        let quantized = values.values().iter().enumerate();
        let quantized = quantized.map(|(at, &x)| f64::from(self.quantize(x as f32, element(at))));
        Tensor::new(shape.clone(), quantized.collect()).ok()
    }
}

fn round(rounding: Rounding, x: f32) -> f32 {
    match rounding {
        Rounding::Trn => x.floor(),
        Rounding::TrnZero => x.trunc(),
        Rounding::Rnd => (x + 0.5).floor(),
        Rounding::RndZero => -(-x.abs() + 0.5).floor() * sign(x),
        Rounding::RndInf => (x.abs() + 0.5).floor() * sign(x),
        Rounding::RndMinInf => -(-x + 0.5).floor(),
        Rounding::RndConv | Rounding::RndConvOdd => x.round_ties_even(),
    }
}

fn sign(x: f32) -> f32 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// What a configuration says; what only matters in training is not read.
fn settings(attributes: &Attributes<'_>) -> Option<(Kind, Quantize)> {
    attributes.ignore(&[
        "place",
        "qnoise_factor",
        "k0",
        "i0",
        "f0",
        "b0",
        "ic",
        "ir",
        "fc",
        "fr",
        "bc",
        "br",
        "i_decay_speed",
        "homogeneous_axis",
        "heterogeneous_axis",
        "is_weight",
        "quantizer_type",
    ]);
    for key in ["scaler", "affine", "bw_mapper"] {
        if attributes.value(key).is_some() {
            attributes.wrong(key, "is not supported");
        }
    }
    let kind = match attributes.word("q_type") {
        "kif" => Some(Kind::Kif),
        "kbi" => Some(Kind::Kbi),
        other => {
            attributes.wrong("q_type", format!("expected kif or kbi, found `{other}`"));
            None
        }
    };
    let (rounding, overflow) =
        (hgq::rounding(attributes, "round_mode"), hgq::overflow(attributes, "overflow_mode"));
    Some((kind?, Quantize { rounding, overflow }))
}

/// Sign, integer bits and fraction bits as stored.
///
/// Keras stores what is trained before what is not: the integer bits are trained unless values wrap, the sign never.
fn bits(call: &Call<'_>, kind: Kind, wraps: bool, part: &str) -> Option<[Tensor; 3]> {
    let at = |n: usize| call.stored.variable(part, n, "");
    // All bits or fraction bits, integer bits, sign.
    let (size, int_bits, signed) = match (kind, wraps) {
        (_, true) => (at(0), at(2), at(1)),
        (Kind::Kbi, false) => (at(0), at(1), at(2)),
        (Kind::Kif, false) => (at(1), at(0), at(2)),
    };
    if wraps {
        // How fast the range shrinks in training.
        at(3);
    }
    let (Some(size), Some(int_bits), Some(signed)) = (size, int_bits, signed) else {
        call.attributes.fault(format!("the file has no bits for the quantizer `{part}`"));
        return None;
    };
    let whole =
        |tensor: &Tensor| -> Vec<f64> { tensor.values().iter().map(|v| v.round_ties_even()).collect() };
    let (size, integers) = (whole(&size), whole(&int_bits));
    let alike = size.len() == integers.len() && signed.shape() == int_bits.shape();
    let signs = signed.values().iter().all(|k| [0.0, 1.0].contains(k));
    let fractions: Vec<f64> = match kind {
        Kind::Kif => size,
        Kind::Kbi => size.iter().zip(&integers).map(|(b, i)| b - i).collect(),
    };
    let small = integers.iter().chain(&fractions).all(|bits| bits.abs() <= MAX_BITS);
    if !alike || !signs || !small {
        call.attributes.fault(format!("the bits of the quantizer `{part}` are not understood"));
        return None;
    }
    let tensor = |values| Tensor::new(int_bits.shape().clone(), values).expect("as many values");
    Some([signed, tensor(integers), tensor(fractions)])
}

/// Adds a quantizer after `x`.
pub(super) fn quantize(call: &mut Call<'_>, x: &Value, name: String, quantizer: Internal) -> Option<Value> {
    let masks = quantizer.masks(&call.attributes, x.shape.rank())?;
    hgq::quantized(call, x, name, quantizer.op, masks)
}

/// Quantizes everything that the layer reads.
pub(super) fn inputs(call: &mut Call<'_>) -> Option<()> {
    let layer = call.attributes.layer().to_owned();
    let mut quantizers = Vec::new();
    match call.attributes.value("iq_confs") {
        None => {
            let name = call.stored.name_of("iq").map_or_else(|| format!("{layer}_iq"), str::to_owned);
            quantizers.push((name, Internal::of(call, "iq_conf", "iq")));
        }
        Some(confs) => {
            for n in 0..call.arity() {
                // One configuration may stand for all inputs.
                let conf = confs.as_array().map_or(Some(confs), |list| list.get(n));
                let part = match n {
                    0 => "iq/quantizers/quantizer".to_owned(),
                    n => format!("iq/quantizers/quantizer_{n}"),
                };
                let name = call.stored.name_of(&part).unwrap_or("quantizer").to_owned();
                let internal = conf.and_then(|conf| Internal::read(call, "iq_confs", conf, &part));
                quantizers.push((name, internal));
            }
        }
    }
    for (n, (name, quantizer)) in quantizers.into_iter().enumerate() {
        let x = call.input(n)?;
        let quantized = quantize(call, &x, name, quantizer?)?;
        call.set_input(n, quantized);
    }
    Some(())
}

/// Stored values, quantized.
pub(super) fn values(
    call: &Call<'_>,
    key: &'static str,
    part: &str,
    values: Option<Tensor>,
) -> Option<Tensor> {
    let quantizer = Internal::of(call, key, part);
    let quantized = quantizer?.apply(&values?);
    if quantized.is_none() {
        call.attributes.fault(format!("the bits of `{part}` do not fit what they are for"));
    }
    quantized
}

/// The layer `Quantizer`.
pub(super) fn standalone(call: &mut Call<'_>) -> Option<Value> {
    let config = call.attributes.value("config");
    let Some(config) = config else {
        call.attributes.wrong("config", "missing; expected a quantizer of HGQ2");
        return None;
    };
    // The bits are in the layer itself, not in a part of it.
    let quantizer = Internal::read(call, "config", config, "");
    let x = call.only_input()?;
    let name = call.attributes.layer().to_owned();
    quantize(call, &x, name, quantizer?)
}

#[cfg(test)]
mod tests {
    use hls4rs_ir::Shape;

    use super::*;

    #[test]
    fn extreme_bits_quantize_to_numbers() {
        let bits = [-MAX_BITS, 0.0, MAX_BITS];
        let tensor = |value| Tensor::new(Shape::new(&[1]).expect("a shape"), vec![value]).expect("one value");
        for (int_bits, frac_bits) in bits.iter().flat_map(|&i| bits.map(|f| (i, f))) {
            for overflow in [Overflow::Sat, Overflow::SatSym, Overflow::Wrap(0)] {
                let op = Quantize { rounding: Rounding::Rnd, overflow };
                let (int_bits, frac_bits) = (vec![int_bits], vec![frac_bits]);
                let quantizer = Internal { signed: tensor(1.0), int_bits, frac_bits, op, only_rounds: false };
                for x in [-1.0, 0.0, 1.0] {
                    assert!(quantizer.quantize(x, 0).is_finite(), "{x}: {quantizer:?}");
                }
            }
        }
    }
}
