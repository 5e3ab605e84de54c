//! Test vectors: what the test bench feeds to the network, and what it expects.

use hls4rs_fixed::{Cast, Format, Wide, from_f64};
use hls4rs_ir::{NodeId, Resolved};

use crate::backends::BackendError;
use crate::hls;
use crate::simulate::{Engine, Real, SimulateError};

/// Raw values; a sample is all inputs, or all outputs, of the network one after the other.
#[derive(Clone, Debug)]
pub(super) struct Vectors {
    pub(super) inputs: Vec<Vec<Wide>>,
    pub(super) expected: Vec<Vec<Wide>>,
}

impl Vectors {
    /// Vectors as they are given.
    pub(super) fn new<T: Into<Wide>>(inputs: Vec<Vec<T>>, expected: Vec<Vec<T>>) -> Self {
        let wide = |samples: Vec<Vec<T>>| {
            samples.into_iter().map(|sample| sample.into_iter().map(Into::into).collect()).collect()
        };
        Self { inputs: wide(inputs), expected: wide(expected) }
    }

    /// Random inputs, among them the limits of the formats, and what the simulation makes of them.
    pub(super) fn random(net: &Resolved, samples: usize, seed: u64) -> Self {
        let mut random = Random(seed);
        let mut raw = |(id, elements): (NodeId, usize)| {
            let format = net.facts(id).result();
            (0..samples * elements).map(|_| random.raw(format)).collect::<Vec<_>>()
        };
        let inputs: Vec<_> =
            net.graph().inputs().map(|(id, node)| raw((id, node.shape.elements()))).collect();
        Self::run(net, &inputs).expect("raw values of the inputs' formats, as many for each")
    }

    /// Real inputs, and what the simulation makes of them.
    pub(super) fn simulated<T: Real + Into<f64>>(
        net: &Resolved,
        inputs: &[&[T]],
    ) -> Result<Self, SimulateError> {
        // Says what is wrong with the inputs, if anything is.
        Engine::new(net).run(inputs)?;
        let formats = net.graph().inputs().map(|(id, _)| net.facts(id).result());
        let raw =
            |(values, format): (&&[T], Format)| values.iter().map(|&v| from_f64(v.into(), format)).collect();
        Self::run(net, &inputs.iter().zip(formats).map(raw).collect::<Vec<_>>())
    }

    fn run(net: &Resolved, inputs: &[Vec<Wide>]) -> Result<Self, SimulateError> {
        let outputs = Engine::new(net).run_raw(&inputs.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
        let ids: Vec<_> = net.graph().inputs().map(|(id, _)| id).collect();
        Ok(Self {
            inputs: by_sample(net, &ids, inputs),
            expected: by_sample(net, net.graph().outputs(), &outputs),
        })
    }

    /// Checks that the vectors are vectors of this network.
    pub(super) fn check(&self, net: &Resolved) -> Result<(), BackendError> {
        if self.inputs.len() != self.expected.len() {
            let (inputs, expected) = (self.inputs.len(), self.expected.len());
            return Err(BackendError::VectorCount { inputs, expected });
        }
        let ids: Vec<_> = net.graph().inputs().map(|(id, _)| id).collect();
        check_side("inputs", &self.inputs, &formats(net, &ids))?;
        check_side("outputs", &self.expected, &formats(net, net.graph().outputs()))
    }
}

/// The format of every element of these nodes.
fn formats(net: &Resolved, ids: &[NodeId]) -> Vec<Format> {
    let elements = |&id: &NodeId| vec![net.facts(id).result(); net.graph().node(id).shape.elements()];
    ids.iter().flat_map(elements).collect()
}

fn check_side(side: &'static str, samples: &[Vec<Wide>], formats: &[Format]) -> Result<(), BackendError> {
    for (sample, values) in samples.iter().enumerate() {
        let outside = values.iter().zip(formats).find(|(raw, format)| !format.contains_raw(**raw));
        let found = match outside {
            _ if values.len() != formats.len() => values.len().to_string(),
            Some((raw, format)) => format!("{raw} for {format}"),
            None => continue,
        };
        return Err(BackendError::Vector { side, sample, expected: formats.len(), found });
    }
    Ok(())
}

/// Joins the elements of each sample; `values` has all samples of a node in one list.
fn by_sample(net: &Resolved, ids: &[NodeId], values: &[Vec<Wide>]) -> Vec<Vec<Wide>> {
    let sizes: Vec<_> = ids.iter().map(|&id| net.graph().node(id).shape.elements()).collect();
    let samples = values.iter().zip(&sizes).map(|(values, size)| values.len() / size).min().unwrap_or(0);
    let sample = |n: usize| {
        values.iter().zip(&sizes).flat_map(move |(v, size)| v[n * size..(n + 1) * size].iter().copied())
    };
    (0..samples).map(|n| sample(n).collect()).collect()
}

/// The lines of a file of test vectors.
pub(super) fn lines(samples: &[Vec<Wide>]) -> Vec<u8> {
    let word = |&raw: &Wide| raw.to_string();
    let line = |sample: &Vec<Wide>| sample.iter().map(word).collect::<Vec<_>>().join(" ") + "\n";
    samples.iter().map(line).collect::<String>().into_bytes()
}

/// SplitMix64, Steele, Lea and Flood 2014, doi:10.1145/2714064.2660195.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A raw value of `format`: its limits now and then, otherwise of any magnitude.
    fn raw(&mut self, format: Format) -> Wide {
        let drop = match self.next() % 16 {
            0 => return format.min_raw(),
            1 => return format.max_raw(),
            2..=8 => 0,
            _ => self.next() % u64::from(format.width),
        };
        let mut bits = Wide::ZERO;
        for _ in 0..4 {
            bits = (bits << 64) + Wide::from_u128(u128::from(self.next()));
        }
        let all = Format::fixed(Format::MAX_WIDTH, Format::MAX_WIDTH as i32);
        let plain = hls::storage(Format { int_bits: format.width as i32, ..format });
        Cast::new(all, plain).wide(bits) >> drop as u32
    }
}
