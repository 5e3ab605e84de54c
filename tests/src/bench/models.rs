//! The standard networks that are measured.

use hls4rs_fixed::{Format, Overflow, Rounding};
use hls4rs_ir::weights::{Arrays, read_npz};
use hls4rs_ir::{NodeSpec, Op, Precision, Resolved, Shape, Slot};

use super::random_net;
use crate::ops::{make, size};
use crate::sketch::Sketch;
use crate::{Error, host};

/// The weights of the jet tagger, from the root of the workspace.
pub(super) const WEIGHTS: &str = "examples/jet_tagger/jet_tagger.npz";

/// Widths of the jet tagger's layers (JINST 13 P07027).
const SIZES: [usize; 5] = [16, 64, 32, 32, 5];

/// A network with its name.
pub(super) struct Model {
    /// The name in tables.
    pub(super) name: &'static str,
    /// What is special about it.
    pub(super) about: &'static str,
    /// Samples for each call: enough for all cores, few enough to stay in a cache.
    pub(super) samples: usize,
    /// The same network in the script of the peer.
    pub(super) peer: Option<&'static str>,
    /// The network.
    pub(super) network: Resolved,
}

impl Model {
    /// Inputs of a sample.
    pub(super) fn columns(&self) -> usize {
        self.network.graph().inputs().map(|(_, node)| node.shape.elements()).sum()
    }

    /// Products of one inference: one for every weight at each position that it serves.
    pub(super) fn products(&self) -> usize {
        let graph = self.network.graph();
        let products = graph.nodes().iter().map(|node| {
            let shapes: Vec<_> = node.inputs.iter().map(|&id| &graph.node(id).shape).collect();
            let weights: usize = [Slot::Weight, Slot::RecurrentWeight]
                .iter()
                .filter_map(|&slot| node.values.get(slot))
                .map(|tensor| tensor.values().len())
                .sum();
            let positions = match &node.op {
                Op::Recurrent(_) => shapes[0][0],
                op => op.layer().multiplications(&shapes).map_or(0, |m| node.shape.elements() / m.n_out),
            };
            weights * positions
        });
        products.sum()
    }
}

/// The formats of a dense stack.
struct Formats {
    weight: Precision,
    bias: Precision,
    accum: Precision,
    sum: Precision,
    active: Precision,
    softmax_accum: Precision,
}

/// Every standard network that is wanted, by its name.
///
/// # Errors
/// If the weights cannot be read.
pub(super) fn all(wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Model>, Error> {
    let path = host::root().join(WEIGHTS);
    let arrays = read_npz(&host::read(&path)?).map_err(|e| Error::malformed(path.display(), e))?;
    let wide = Precision::MayWrap(Format::fixed(16, 6));
    let as_peer =
        Formats { weight: wide, bias: wide, accum: wide, sum: wide, active: wide, softmax_accum: wide };
    let short = |width, int_bits| {
        let format =
            Format::ufixed(width, int_bits).with_rounding(Rounding::Rnd).with_overflow(Overflow::Sat);
        Precision::Checked(format)
    };
    let small = Formats {
        weight: Precision::MayWrap(Format::fixed(8, 1)),
        bias: Precision::MayWrap(Format::fixed(8, 1)),
        accum: Precision::Auto,
        sum: Precision::MayWrap(Format::fixed(16, 6).with_overflow(Overflow::Sat)),
        active: short(8, 4),
        softmax_accum: Precision::Auto,
    };
    let mut models = Vec::new();
    let mut add = |name, about, samples, peer, network: &dyn Fn() -> Result<Resolved, Error>| {
        if wanted(name) {
            models.push(Model { name, about, samples, peer, network: network()? });
        }
        Ok(())
    };
    add(
        "jet_tagger",
        "16-64-32-32-5, softmax; fixed<16,6> everywhere, hls4ml's default",
        1 << 15,
        Some("jet_tagger"),
        &|| stack("jet_tagger", &arrays, &as_peer),
    )?;
    add(
        "jet_tagger_8",
        "the same with weights and activations of 8 bits, exact sums",
        1 << 15,
        None,
        &|| stack("jet_tagger_8", &arrays, &small),
    )?;
    add(
        "svhn_cnn",
        "32x32x3, convolutions 16, 16, 24 of 3x3 with pooling, 42-64-10; batch norms folded; fixed<16,6>",
        10_000,
        Some("svhn_cnn"),
        &|| random_net::svhn("svhn_cnn", false),
    )?;
    add(
        "svhn_cnn_bn",
        "the same with batch normalisations as layers of their own, which hls4ml folds",
        10_000,
        None,
        &|| random_net::svhn("svhn_cnn_bn", true),
    )?;
    add(
        "lstm",
        "LSTM(20) over 20 steps of 6 features, dense 5, softmax; fixed<16,6> everywhere",
        1 << 14,
        Some("lstm"),
        &|| random_net::lstm(),
    )?;
    add(
        "mlp_10m",
        "64-2200-2200-2200-10, ten million weights; fixed<16,6> everywhere",
        1 << 9,
        None,
        &|| random_net::large(),
    )?;
    Ok(models)
}

/// Dense and relu layers; the last is dense and softmax.
fn stack(name: &str, arrays: &Arrays, formats: &Formats) -> Result<Resolved, Error> {
    let op = |keyword, attrs: &[_]| make(keyword, attrs).map_err(|e| Error::refused(name, e));
    let mut sketch = Sketch::new(name);
    let shape = Shape::new(&SIZES[..1]).map_err(|e| Error::refused(name, e))?;
    let input = hls4rs_ir::ops::Input { shape, range: None };
    let mut at = add(&mut sketch, "x", input, &[], Precision::MayWrap(Format::fixed(16, 6)));
    for (layer, pair) in SIZES.windows(2).enumerate() {
        let fc = format!("fc{}", layer + 1);
        let next = add(&mut sketch, &fc, op("dense", &[("units", size(pair[1]))])?, &[at], formats.sum);
        let spec = &mut sketch.parts[next].spec;
        for (slot, precision) in [(Slot::Weight, formats.weight), (Slot::Bias, formats.bias)] {
            let key = format!("{fc}.{slot}");
            let tensor = arrays.get(&key).ok_or_else(|| Error::malformed(WEIGHTS, format!("no `{key}`")))?;
            spec.values.set(slot, tensor.clone());
            spec.precision.set(slot, precision);
        }
        spec.precision.set(Slot::Accum, formats.accum);
        at = if layer + 2 < SIZES.len() {
            add(&mut sketch, &format!("relu{}", layer + 1), op("relu", &[])?, &[next], formats.active)
        } else {
            let result = Precision::MayWrap(Format::fixed(16, 6));
            let softmax = add(&mut sketch, "softmax", op("softmax", &[])?, &[next], result);
            softmax_formats(&mut sketch.parts[softmax].spec, formats.softmax_accum);
            softmax
        };
    }
    sketch.outputs = vec![at];
    sketch.build().map_err(|e| Error::refused(name, e))
}

pub(super) fn add(
    sketch: &mut Sketch,
    name: &str,
    op: impl Into<Op>,
    inputs: &[usize],
    result: Precision,
) -> usize {
    let mut spec = NodeSpec::new(name, op, &[]);
    spec.precision.set(Slot::Result, result);
    sketch.push(spec, inputs)
}

/// hls4ml's default formats of a softmax on `fixed<16,6>`, but for the accumulator.
pub(super) fn softmax_formats(spec: &mut NodeSpec, accum: Precision) {
    let table = Format::fixed(18, 8).with_rounding(Rounding::Rnd).with_overflow(Overflow::Sat);
    for slot in [Slot::ExpTable, Slot::InvTable, Slot::InvInput] {
        spec.precision.set(slot, Precision::MayWrap(table));
    }
    spec.precision.set(Slot::Accum, accum);
    spec.precision.set(Slot::InputNorm, Precision::MayWrap(Format::ufixed(15, 5)));
}
