//! A convolutional network for house numbers (Aarrestad et al. 2021, doi:10.1088/2632-2153/ac0ea1, section 3), with
//! random weights.

use hls4rs_fixed::Format;
use hls4rs_ir::attr::AttrValue;
use hls4rs_ir::{Op, Precision, Resolved, Shape, Slot, Tensor};

use super::models::{add, softmax_formats};
use crate::Error;
use crate::ops::{make, size};
use crate::rng::Rng;
use crate::sketch::Sketch;

const NAME: &str = "svhn_cnn";

struct Growing {
    sketch: Sketch,
    rng: Rng,
    at: usize,
    shape: Shape,
}

/// The network: three blocks of convolution, batch normalisation, relu and pooling, then three dense layers.
///
/// # Errors
/// If a layer is refused.
pub(super) fn svhn() -> Result<Resolved, Error> {
    let mut sketch = Sketch::new(NAME);
    let shape = Shape::new(&[32, 32, 3]).map_err(refused)?;
    let input = hls4rs_ir::ops::Input { shape: shape.clone(), range: None };
    let at = add(&mut sketch, "x", input, &[], everywhere());
    let mut net = Growing { sketch, rng: Rng::new(7), at, shape };
    let square = |n: f64| AttrValue::List(vec![n, n]);
    for (n, filters) in [16, 16, 24].into_iter().enumerate() {
        net.layer(&format!("conv{n}"), "conv2d", &[("filters", size(filters)), ("kernel", square(3.0))])?;
        net.layer(&format!("norm{n}"), "batch_norm", &[])?;
        net.layer(&format!("relu{n}"), "relu", &[])?;
        net.layer(&format!("pool{n}"), "max_pool2d", &[("pool", square(2.0))])?;
    }
    net.layer("flat", "flatten", &[])?;
    for (n, units) in [42, 64].into_iter().enumerate() {
        net.layer(&format!("fc{n}"), "dense", &[("units", size(units))])?;
        net.layer(&format!("fc_norm{n}"), "batch_norm", &[])?;
        net.layer(&format!("fc_relu{n}"), "relu", &[])?;
    }
    net.layer("fc2", "dense", &[("units", size(10))])?;
    net.layer("softmax", "softmax", &[])?;
    softmax_formats(&mut net.sketch.parts[net.at].spec, everywhere());
    net.sketch.outputs = vec![net.at];
    net.sketch.build().map_err(refused)
}

fn refused(reason: impl std::fmt::Display) -> Error {
    Error::refused(NAME, reason)
}

fn everywhere() -> Precision {
    Precision::MayWrap(Format::fixed(16, 6))
}

impl Growing {
    fn layer(&mut self, name: &str, keyword: &str, attrs: &[(&str, AttrValue)]) -> Result<(), Error> {
        let op: Op = make(keyword, attrs).map_err(refused)?;
        let shapes = [&self.shape];
        let shape = op.layer().shape(&shapes).map_err(|unfit| refused(format!("{unfit:?}")))?;
        let parameters = op.layer().parameters(&shapes);
        let products = op.layer().multiplications(&shapes).map_or(1, |m| m.n_in);
        let accum = op.layer().slots().contains(&Slot::Accum);
        self.at = add(&mut self.sketch, name, op, &[self.at], everywhere());
        let spec = &mut self.sketch.parts[self.at].spec;
        for parameter in parameters {
            let deviation = if parameter.slot == Slot::Weight { (2.0 / products as f64).sqrt() } else { 0.1 };
            let mean = if parameter.slot == Slot::Scale { 1.0 } else { 0.0 };
            let values =
                (0..parameter.shape.elements()).map(|_| mean + deviation * self.rng.normal()).collect();
            spec.values
                .set(parameter.slot, Tensor::new(parameter.shape, values).map_err(|_| refused("values"))?);
            spec.precision.set(parameter.slot, everywhere());
        }
        if accum {
            spec.precision.set(Slot::Accum, everywhere());
        }
        self.shape = shape;
        Ok(())
    }
}
