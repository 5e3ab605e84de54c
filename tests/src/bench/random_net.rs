//! Networks with random weights, layer by layer.

use hls4rs_fixed::Format;
use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::{Io, Op, Precision, Resolved, Shape, Slot, Tensor};

use super::models::{add, softmax_formats};
use crate::Error;
use crate::ops::{make, size, word};
use crate::rng::Rng;
use crate::sketch::Sketch;

/// A network that grows by a layer on top of the last one, with hls4ml's default format everywhere.
struct Growing {
    sketch: Sketch,
    rng: Rng,
    at: usize,
    shape: Shape,
}

/// Convolutions of 3x3 with 16, 16 and 24 filters, each with relu and 2x2 max pooling, then dense layers of 42, 64 and
/// 10 and a softmax: the shape of the network for house numbers of Aarrestad et al. 2021
/// (doi:10.1088/2632-2153/ac0ea1, section 3). With `norms`, batch normalisations are layers of their own; without,
/// they are folded into the weights, as hls4ml does.
///
/// # Errors
/// If a layer is refused.
pub(super) fn svhn(name: &str, norms: bool) -> Result<Resolved, Error> {
    let mut net = Growing::new(name, &[32, 32, 3])?;
    net.sketch.io = Io::Stream;
    let square = |n: f64| AttrValue::List(vec![n, n]);
    for (n, filters) in (1..).zip([16, 16, 24]) {
        net.layer(&format!("conv{n}"), "conv2d", &[("filters", size(filters)), ("kernel", square(3.0))])?;
        if norms {
            net.layer(&format!("norm{n}"), "batch_norm", &[])?;
        }
        net.layer(&format!("conv_relu{n}"), "relu", &[])?;
        net.layer(&format!("pool{n}"), "max_pool2d", &[("pool", square(2.0))])?;
    }
    net.layer("flat", "flatten", &[])?;
    for (n, units) in (1..).zip([42, 64]) {
        net.layer(&format!("fc{n}"), "dense", &[("units", size(units))])?;
        if norms {
            net.layer(&format!("fc_norm{n}"), "batch_norm", &[])?;
        }
        net.layer(&format!("relu{n}"), "relu", &[])?;
    }
    net.layer("fc3", "dense", &[("units", size(10))])?;
    net.finish_with_softmax()
}

/// LSTM(20) over 20 steps of 6 features, its last state into a dense layer of 5 and a softmax.
///
/// # Errors
/// If a layer is refused.
pub(super) fn lstm() -> Result<Resolved, Error> {
    let mut net = Growing::new("lstm_net", &[20, 6])?;
    net.layer("lstm", "lstm", &[("units", size(20)), ("return_sequences", word("false"))])?;
    net.layer("fc1", "dense", &[("units", size(5))])?;
    net.finish_with_softmax()
}

/// Ten million weights in four dense layers.
///
/// # Errors
/// If a layer is refused.
pub(super) fn large() -> Result<Resolved, Error> {
    let mut net = Growing::new("mlp_10m", &[64])?;
    for (n, units) in (1..).zip([2200, 2200, 2200, 10]) {
        net.layer(&format!("fc{n}"), "dense", &[("units", size(units))])?;
        net.layer(&format!("relu{n}"), "relu", &[])?;
    }
    net.finish()
}

fn everywhere() -> Precision {
    Precision::MayWrap(Format::fixed(16, 6))
}

impl Growing {
    fn new(name: &str, extents: &[usize]) -> Result<Self, Error> {
        let mut sketch = Sketch::new(name);
        let shape = Shape::new(extents).map_err(|e| Error::refused(name, e))?;
        let input = hls4rs_ir::ops::Input { shape: shape.clone(), range: None };
        let at = add(&mut sketch, "x", input, &[], everywhere());
        Ok(Self { sketch, rng: Rng::new(7), at, shape })
    }

    fn layer(&mut self, name: &str, keyword: &str, attrs: &[(&str, AttrValue)]) -> Result<(), Error> {
        let refused = |reason: String| Error::refused(name, reason);
        let op: Op = make(keyword, attrs).map_err(refused)?;
        let shapes = [&self.shape];
        let shape = op.layer().shape(&shapes).map_err(|unfit| refused(format!("{unfit:?}")))?;
        let parameters = op.layer().parameters(&shapes);
        let accum = op.layer().slots().contains(&Slot::Accum);
        self.at = add(&mut self.sketch, name, op, &[self.at], everywhere());
        let spec = &mut self.sketch.parts[self.at].spec;
        for parameter in parameters.into_iter().filter(|p| p.slot != Slot::RecurrentBias) {
            let elements = parameter.shape.elements();
            let products = elements / parameter.shape.channels();
            let (mean, deviation) = match parameter.slot {
                Slot::Weight | Slot::RecurrentWeight => (0.0, (2.0 / products as f64).sqrt()),
                Slot::Scale => (1.0, 0.1),
                _ => (0.0, 0.1),
            };
            // Single precision, in which they are handed to others.
            let values =
                (0..elements).map(|_| f64::from((mean + deviation * self.rng.normal()) as f32)).collect();
            let tensor =
                Tensor::new(parameter.shape, values).map_err(|_| refused("its values".to_owned()))?;
            spec.values.set(parameter.slot, tensor);
            spec.precision.set(parameter.slot, everywhere());
        }
        if accum {
            spec.precision.set(Slot::Accum, everywhere());
        }
        if keyword == "lstm" {
            for slot in [Slot::Table, Slot::RecurrentTable] {
                spec.precision.set(slot, Precision::MayWrap(Format::fixed(18, 8)));
            }
        }
        self.shape = shape;
        Ok(())
    }

    fn finish_with_softmax(mut self) -> Result<Resolved, Error> {
        self.layer("softmax", "softmax", &[])?;
        softmax_formats(&mut self.sketch.parts[self.at].spec, everywhere());
        self.finish()
    }

    fn finish(mut self) -> Result<Resolved, Error> {
        self.sketch.outputs = vec![self.at];
        self.sketch.build().map_err(|e| Error::refused(&self.sketch.name, e))
    }
}
