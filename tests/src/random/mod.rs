//! Random networks: the same seed gives the same networks.
//!
//! Every network has some layers that it must have, taken in turn from all layers with all their strategies, so that
//! many networks have each of them several times; the rest is chance.

mod formats;
mod inputs;
mod layers;

use hls4rs_fixed::Format;
use hls4rs_ir::ops::{Input, Range};
use hls4rs_ir::{Io, NodeSpec, Op, Precision, Resolved, Shape, Slot, Strategy};

pub use formats::{Formats, Spells};
pub use inputs::{Raw, samples};

use crate::rng::Rng;
use crate::sketch::Sketch;

/// The widest input, so that every value is a `f64` too.
const INPUT_WIDTH: u32 = 48;

/// A network that is growing: what is there is sound.
struct Growing<'a> {
    rng: Rng,
    formats: Formats<'a>,
    sketch: Sketch,
    resolved: Resolved,
    /// The strategy that the next layer with multipliers must have.
    strategy: Option<Strategy>,
    /// Whether the next layer sees one step of every tensor.
    steps: bool,
}

/// Layers that a network must have, if it can.
const WISHES: usize = 4;

/// How often a layer is proposed until it fits.
const PATIENCE: usize = 24;

/// A layer with one of its strategies.
type Wish = (&'static str, Strategy);

/// The wishes of network number `n` of those with one interface.
fn wishes(seed: u64, n: usize) -> Vec<Wish> {
    let strategies = |&keyword: &&'static str| {
        let op = Op::from_keyword(keyword).expect("one of the keywords");
        match op {
            // Those of the layers inside.
            Op::TimeDistributed(_) => Strategy::ALL.to_vec(),
            _ => op.layer().strategies().to_vec(),
        }
    };
    let mut all: Vec<Wish> = Op::KEYWORDS
        .iter()
        .filter(|keyword| layers::is_known(keyword))
        .flat_map(|keyword| strategies(keyword).into_iter().map(|strategy| (*keyword, strategy)))
        .collect();
    let mut rng = Rng::of(seed, u64::MAX);
    for at in (1..all.len()).rev() {
        all.swap(at, rng.below(at + 1));
    }
    (0..WISHES).map(|at| all[(n * WISHES + at) % all.len()]).collect()
}

/// The random network number `n` of a seed, with formats that `spells` accepts, streamed only if `streams` allows it.
///
/// # Panics
/// Never: a network of one input and one `linear` is always possible.
pub fn network(seed: u64, n: usize, spells: Spells<'_>, streams: bool) -> Resolved {
    let mut rng = Rng::of(seed, n as u64);
    let formats = Formats { spells };
    loop {
        if let Some(network) = attempt(&mut rng, (seed, n), formats, streams) {
            return network;
        }
    }
}

fn attempt(rng: &mut Rng, (seed, n): (u64, usize), formats: Formats<'_>, streams: bool) -> Option<Resolved> {
    let mut sketch = Sketch::new(format!("random_{n}"));
    if streams && n % 2 == 1 {
        sketch.io = Io::Stream;
    }
    let wishes = wishes(seed, if streams { n / 2 } else { n });
    let inputs = if rng.chance(80) { 1 } else { 2 };
    let first = shape(rng);
    for at in 0..inputs {
        let shape = if rng.chance(60) { first.clone() } else { shape(rng) };
        let mut format = formats.any(rng);
        while format.width > INPUT_WIDTH {
            format = formats.any(rng);
        }
        // What is said of an input justifies formats only; samples may lie outside of it.
        let range = rng.chance(20).then(|| range(rng, format));
        let mut spec = NodeSpec::new(format!("x{at}"), Input { shape, range }, &[]);
        spec.precision.set(Slot::Result, Precision::MayWrap(format));
        sketch.push(spec, &[]);
    }
    sketch.outputs = sketch.ends();
    let resolved = sketch.build().ok()?;
    let mut growing = Growing { rng: rng.clone(), formats, sketch, resolved, strategy: None, steps: false };
    for wish in wishes {
        growing.wish(wish);
    }
    let depth = growing.sketch.parts.len().max(inputs + 1) + growing.rng.below(2);
    let mut tries = 0;
    while growing.sketch.parts.len() < depth && tries < 100 {
        growing.grow();
        tries += 1;
    }
    *rng = growing.rng.clone();
    growing.finish()
}

impl Growing<'_> {
    /// Adds a layer of this kind, or gives up.
    fn wish(&mut self, (keyword, strategy): Wish) {
        self.strategy = Some(strategy);
        for _ in 0..PATIENCE {
            // What is proposed may also be a layer that makes a shape suit.
            let Some(proposal) = layers::propose_kind(self, keyword) else { continue };
            let granted = proposal.0.strategy == strategy;
            if self.add(proposal).is_some_and(|op| granted && op.layer().keyword() == keyword) {
                break;
            }
        }
        self.strategy = None;
    }

    /// Adds a random layer, if the network stays sound with it.
    fn grow(&mut self) {
        if let Some(proposal) = layers::propose(self) {
            self.add(proposal);
        }
    }

    /// Adds a layer, if the network stays sound with it.
    fn add(&mut self, (mut spec, inputs): (NodeSpec, Vec<usize>)) -> Option<Op> {
        let op = spec.op.clone();
        spec.name = format!("{}_{}", crate::sketch::kind(&spec.op), self.sketch.parts.len());
        let mut sketch = self.sketch.clone();
        sketch.push(spec, &inputs);
        sketch.outputs = sketch.ends();
        if let Ok(resolved) = sketch.build()
            && resolved.iter().all(|(_, _, facts)| facts.formats.iter().all(|(_, &f)| self.suits(f)))
        {
            (self.sketch, self.resolved) = (sketch, resolved);
            return Some(op);
        }
        None
    }

    /// Whether a format that was settled can be compared: C++ and text must hold it.
    fn suits(&self, format: Format) -> bool {
        format.width <= 100 && (self.formats.spells)(format)
    }

    /// Ends: what nothing reads is an output, and sometimes something in the middle too.
    fn finish(mut self) -> Option<Resolved> {
        let inputs = self.resolved.graph().inputs().count();
        let ends = self.sketch.ends();
        if ends.iter().any(|&at| at < inputs) {
            return None;
        }
        self.sketch.outputs = ends;
        if self.rng.chance(15) {
            let at = inputs + self.rng.below(self.sketch.parts.len() - inputs);
            if !self.sketch.outputs.contains(&at) {
                self.sketch.outputs.push(at);
            }
        }
        self.sketch.build().ok()
    }

    /// A node to read from: mostly the newest.
    fn source(&mut self) -> usize {
        let count = self.sketch.parts.len();
        if self.rng.chance(75) { count - 1 } else { self.rng.below(count) }
    }

    /// The format and the shape of a node's result.
    fn facts(&self, at: usize) -> (Format, Shape) {
        let (id, node) = self.resolved.graph().iter().nth(at).expect("a node of the network");
        let step = node.shape.get(1..).filter(|_| self.steps).and_then(|step| Shape::new(step).ok());
        (self.resolved.facts(id).result(), step.unwrap_or_else(|| node.shape.clone()))
    }

    /// Values that mostly suit a format, and the format or `auto`.
    fn values(&mut self, count: usize) -> (Vec<f64>, Precision) {
        let rng = &mut self.rng;
        if rng.chance(30) {
            // Short ones, so that `auto` stays narrow.
            let values = (0..count).map(|_| rng.between(-20, 20) as f64 / 16.0).collect();
            return (values, Precision::Auto);
        }
        let mut format = self.formats.any(rng);
        while format.width > 32 || format.int_bits > 12 {
            format = self.formats.any(rng);
        }
        let hi = hls4rs_fixed::to_f64(format.max_raw(), format.frac_bits()).max(1e-3);
        let sparse = rng.chance(30);
        let values = (0..count).map(|_| match rng.below(20) {
            0..=7 if sparse => 0.0,
            // Beyond the limits, where the overflow mode decides.
            0 => (rng.unit() - 0.5) * 6.0 * hi,
            _ => (rng.unit() - 0.5) * 2.0 * hi,
        });
        (values.collect(), Precision::MayWrap(format))
    }
}

/// A part of what a format can hold.
fn range(rng: &mut Rng, format: Format) -> Range {
    let hi = hls4rs_fixed::to_f64(format.max_raw(), format.frac_bits());
    let lo = hls4rs_fixed::to_f64(format.min_raw(), format.frac_bits());
    let (a, b) = (lo + (hi - lo) * rng.unit(), lo + (hi - lo) * rng.unit());
    Range { lo: a.min(b), hi: a.max(b), inclusive: true }
}

fn shape(rng: &mut Rng) -> Shape {
    let mut extent = |most| rng.between(1, most) as usize;
    let extents = match extent(8) {
        1 | 2 => vec![extent(6), extent(5)],
        3..=5 => vec![extent(5), extent(5), extent(4)],
        _ => vec![extent(24)],
    };
    Shape::new(&extents).expect("extents of at least 1")
}
