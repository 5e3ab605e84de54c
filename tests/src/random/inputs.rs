//! Random inputs: raw values over the whole of a format.

use hls4rs_fixed::Format;
use hls4rs_ir::{Node, Resolved};

use crate::rng::Rng;

/// The raw values of one tensor.
pub type Raw = Vec<i128>;

/// For every sample the raw values of every input of a network: first the corners of the formats, then random ones.
pub fn samples(network: &Resolved, rng: &mut Rng, count: usize) -> Vec<Vec<Raw>> {
    let inputs: Vec<(&Node, Format)> =
        network.graph().inputs().map(|(id, node)| (node, network.facts(id).result())).collect();
    let kinds = (0..count).map(|n| if n < CORNERS { Kind::Corner(n) } else { random_kind(rng) });
    let kinds: Vec<_> = kinds.collect();
    kinds
        .into_iter()
        .map(|kind| {
            let tensor = |(node, format): &(&Node, Format)| {
                (0..node.shape.elements()).map(|_| kind.value(*format, rng)).collect()
            };
            inputs.iter().map(tensor).collect()
        })
        .collect()
}

const CORNERS: usize = 5;

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// One and the same corner of the format everywhere.
    Corner(usize),
    /// Any corner for each element.
    Corners,
    /// Anything in the format.
    Uniform,
    /// Within this many bits around zero.
    Small(u32),
}

fn random_kind(rng: &mut Rng) -> Kind {
    match rng.below(8) {
        0 => Kind::Corners,
        1..=3 => Kind::Uniform,
        _ => Kind::Small(rng.between(1, 16) as u32),
    }
}

impl Kind {
    fn value(self, format: Format, rng: &mut Rng) -> i128 {
        let (lo, hi) = limits(format);
        match self {
            Self::Corner(n) => [0, lo, hi, 1.min(hi), (-1).max(lo)][n],
            Self::Corners => {
                rng.pick(&[0, lo, hi, 1.min(hi), (-1).max(lo), lo / 2, hi / 2 + 1]).clamp(lo, hi)
            }
            Self::Uniform => uniform(rng, lo, hi),
            Self::Small(bits) => {
                let size = 1i128 << bits;
                uniform(rng, lo.max(-size), hi.min(size))
            }
        }
    }
}

fn uniform(rng: &mut Rng, lo: i128, hi: i128) -> i128 {
    let bits = (u128::from(rng.bits()) << 64 | u128::from(rng.bits())) >> 1;
    lo + (bits % ((hi - lo) as u128 + 1)) as i128
}

/// The least and the greatest raw value; inputs are never wider than 64 bits here.
fn limits(format: Format) -> (i128, i128) {
    let bits = format.width.min(64) - u32::from(format.signed);
    let hi = (1i128 << bits) - 1;
    (if format.signed { -hi - 1 } else { 0 }, hi)
}
