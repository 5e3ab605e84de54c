//! The engine.

use std::borrow::Cow;

use hls4rs_fixed::{Format, Wide};
use hls4rs_ir::{Resolved, Shape, with_layer};
use ndarray::{ArrayD, ArrayViewD, Axis, IxDyn};
use rayon::prelude::*;

use super::block::{Block, LANES};
use super::dispatch::{Dispatch, Isa};
use super::float::{FromReal, ToReal};
use super::plan::{Plan, StepCx, block};
use super::step::{Scratch, Step};
use super::trace::{Trace, Tracer};

/// The real numbers that go in and out: `f32` and `f64`.
pub trait Real: Copy + Default + Send + Sync + std::fmt::Debug + 'static {
    #[doc(hidden)]
    fn double(self) -> f64;
    #[doc(hidden)]
    fn single(row: &[Self; LANES]) -> Option<&[f32; LANES]>;
    #[doc(hidden)]
    fn of_double(value: f64) -> Self;
    #[doc(hidden)]
    fn of_raw(raw: Wide, frac_bits: i32) -> Self;
}

/// The values of every input one after the other.
type Flat<'x, T> = Vec<Cow<'x, [T]>>;

/// Why a batch cannot be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// The number of inputs is not the network's.
    #[error("network `{network}` has {expected} inputs, {found} were given")]
    Inputs {
        /// The network.
        network: String,
        /// How many it has.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// An input does not have the shape of samples.
    #[error("input `{input}`: expected the shape [samples, {}], found {found:?}", extents(expected))]
    Shape {
        /// The input.
        input: String,
        /// The shape of one sample.
        expected: Shape,
        /// The shape that was given.
        found: Vec<usize>,
    },
    /// The inputs do not have the same number of samples.
    #[error("input `{input}` has {found} samples, the first input has {expected}")]
    Samples {
        /// The input.
        input: String,
        /// The number of samples of the first input.
        expected: usize,
        /// The number of samples of this one.
        found: usize,
    },
    /// A raw value is not within its format.
    #[error("input `{input}`: the raw value {raw} at {at} is not within {format}")]
    Raw {
        /// The input.
        input: String,
        /// The value.
        raw: Wide,
        /// Its position.
        at: usize,
        /// The format of the input.
        format: Format,
    },
}

/// The extents of a shape without brackets.
fn extents(shape: &Shape) -> String {
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
}

/// Runs a network, bit for bit as the hardware does, on blocks of samples and all cores.
///
/// Results are right for every input that the input formats can hold; declared input ranges do not matter.
///
/// ```
/// use hls4rs::{fixed::Format, simulate::Engine};
/// use hls4rs_ir::{Builder, NodeSpec, Precision, Shape, ops::Relu};
///
/// let mut net = Builder::new("positive");
/// let x = net.input("x", Shape::new(&[2]).unwrap(), Precision::Checked(Format::fixed(8, 4)));
/// let y = net.add(NodeSpec::new("y", Relu::default(), &[x]));
/// net.output(y);
/// let engine = Engine::new(&net.finish().unwrap().resolve().unwrap());
/// assert_eq!(engine.run(&[&[0.53f32, -1.0][..]]).unwrap(), [[0.5, 0.0]]);
/// ```
pub struct Engine {
    pub(super) network: Resolved,
    inputs: Vec<(usize, FromReal)>,
    steps: Vec<Box<dyn Step>>,
    isa: Isa,
    threads: Option<usize>,
}

impl Engine {
    /// Prepares a network.
    pub fn new(network: &Resolved) -> Self {
        let network = network.for_any_input();
        let inputs =
            network.graph().inputs().map(|(id, _)| (id.index(), FromReal::new(network.facts(id).result())));
        let inputs = inputs.collect();
        let steps = network
            .iter()
            .map(|(_, node, facts)| {
                let cx = StepCx::new(&network, node, facts);
                with_layer!(&node.op, layer => Plan::step(layer, &cx))
            })
            .collect();
        Self { inputs, steps, isa: Dispatch::from_env().isa(), threads: None, network }
    }

    /// The same with a choice of instructions.
    #[must_use]
    pub fn with_dispatch(self, dispatch: Dispatch) -> Self {
        Self { isa: dispatch.isa(), ..self }
    }

    /// The same on this many threads; without it, on all that rayon has.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        Self { threads: Some(threads.max(1)), ..self }
    }

    /// The instructions that are used: `AVX-512`, `AVX2`, `SSE2`, `NEON` or `baseline`.
    pub fn dispatch_name(&self) -> &'static str {
        self.isa.name()
    }

    /// The network, for any input.
    pub fn network(&self) -> &Resolved {
        &self.network
    }

    /// The outputs for real inputs; each slice holds whole samples one after the other, row major.
    ///
    /// # Errors
    /// [`SimulateError`] if the slices are not as many as the network has inputs, or not of whole samples, or not of
    /// the same number of samples.
    pub fn run<T: Real>(&self, inputs: &[&[T]]) -> Result<Vec<Vec<T>>, SimulateError> {
        let samples = self.samples(inputs)?;
        let fill = |work: &mut Work, first: usize, count: usize| {
            for ((at, from), (x, elements)) in self.inputs.iter().zip(inputs.iter().zip(&work.sizes)) {
                from.block(
                    self.isa,
                    &x[first * elements..(first + count) * elements],
                    *elements,
                    &mut work.blocks[*at],
                );
            }
        };
        let real = self.outputs_with(samples, fill, |work, to: &ToReal, at, out: &mut [T]| {
            to.block(self.isa, &work.blocks[at], out)
        });
        Ok(real)
    }

    /// The raw outputs for raw inputs; each slice holds whole samples one after the other, row major.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`SimulateError::Raw`] for a value that is not within its format.
    pub fn run_raw(&self, inputs: &[&[Wide]]) -> Result<Vec<Vec<Wide>>, SimulateError> {
        let samples = self.samples(inputs)?;
        for ((id, node), x) in self.network.graph().inputs().zip(inputs) {
            let format = self.network.facts(id).result();
            if let Some(at) = x.iter().position(|&raw| !format.contains_raw(raw)) {
                return Err(SimulateError::Raw { input: node.name.clone(), raw: x[at], at, format });
            }
        }
        let fill = |work: &mut Work, first: usize, count: usize| {
            for ((at, _), (x, &elements)) in self.inputs.iter().zip(inputs.iter().zip(&work.sizes)) {
                for (lane, sample) in
                    x[first * elements..(first + count) * elements].chunks(elements).enumerate()
                {
                    for (i, &raw) in sample.iter().enumerate() {
                        work.blocks[*at].set(i, lane, raw);
                    }
                }
            }
        };
        Ok(self.outputs_with(samples, fill, |work, _, at, out: &mut [Wide]| {
            let elements = work.blocks[at].len();
            for (lane, sample) in out.chunks_mut(elements).enumerate() {
                for (i, raw) in sample.iter_mut().enumerate() {
                    *raw = work.blocks[at].get(i, lane);
                }
            }
        }))
    }

    /// The outputs for arrays whose first axis is the sample.
    ///
    /// # Errors
    /// [`SimulateError`] if an array does not have the shape of an input.
    pub fn predict<T: Real>(&self, inputs: &[ArrayViewD<'_, T>]) -> Result<Vec<ArrayD<T>>, SimulateError> {
        let (flat, samples) = self.flat(inputs)?;
        let outputs = self.run(&flat.iter().map(|x| &**x).collect::<Vec<_>>())?;
        Ok(self
            .network
            .graph()
            .outputs()
            .iter()
            .zip(outputs)
            .map(|(&id, y)| array(samples, &self.network.graph().node(id).shape, y))
            .collect())
    }

    /// The results of every layer for arrays whose first axis is the sample.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn trace<T: Real>(&self, inputs: &[ArrayViewD<'_, T>]) -> Result<Trace, SimulateError> {
        let (flat, samples) = self.flat(inputs)?;
        let mut tracer = Tracer::new(&self.network, samples);
        let mut work = Work::new(self);
        for first in (0..samples).step_by(LANES) {
            let count = LANES.min(samples - first);
            for ((at, from), (x, elements)) in self.inputs.iter().zip(flat.iter().zip(&work.sizes)) {
                let x = &x[first * elements..(first + count) * elements];
                from.block(self.isa, x, *elements, &mut work.blocks[*at]);
            }
            self.evaluate(&mut work);
            tracer.add(&work.blocks, count);
        }
        Ok(tracer.finish())
    }

    /// The values of arrays in order, copied only where they lie in another one, and the number of samples.
    fn flat<'x, T: Real>(
        &self,
        inputs: &'x [ArrayViewD<'_, T>],
    ) -> Result<(Flat<'x, T>, usize), SimulateError> {
        self.check_count(inputs.len())?;
        let mut samples = None;
        for ((_, node), x) in self.network.graph().inputs().zip(inputs) {
            if x.shape().get(1..) != Some(&node.shape[..]) {
                let (input, expected) = (node.name.clone(), node.shape.clone());
                return Err(SimulateError::Shape { input, expected, found: x.shape().to_vec() });
            }
            let found = x.len_of(Axis(0));
            let expected = *samples.get_or_insert(found);
            if found != expected {
                return Err(SimulateError::Samples { input: node.name.clone(), expected, found });
            }
        }
        let flat = |x: &'x ArrayViewD<'_, T>| match x.as_slice() {
            Some(values) => Cow::Borrowed(values),
            None => Cow::Owned(x.iter().copied().collect()),
        };
        Ok((inputs.iter().map(flat).collect(), samples.unwrap_or(0)))
    }

    fn check_count(&self, found: usize) -> Result<(), SimulateError> {
        let expected = self.inputs.len();
        let network = || self.network.graph().name().to_owned();
        if found == expected {
            Ok(())
        } else {
            Err(SimulateError::Inputs { network: network(), expected, found })
        }
    }

    /// The number of samples in the slices.
    fn samples<T>(&self, inputs: &[&[T]]) -> Result<usize, SimulateError> {
        self.check_count(inputs.len())?;
        let mut samples = None;
        for ((_, node), x) in self.network.graph().inputs().zip(inputs) {
            let elements = node.shape.elements();
            if x.len() % elements != 0 {
                let (input, expected) = (node.name.clone(), node.shape.clone());
                return Err(SimulateError::Shape { input, expected, found: vec![x.len()] });
            }
            let found = x.len() / elements;
            let expected = *samples.get_or_insert(found);
            if found != expected {
                return Err(SimulateError::Samples { input: node.name.clone(), expected, found });
            }
        }
        Ok(samples.unwrap_or(0))
    }

    /// Runs all blocks: `fill` puts samples into the inputs, `read` takes an output out.
    fn outputs_with<T: Copy + Default + Send>(
        &self,
        samples: usize,
        fill: impl Fn(&mut Work, usize, usize) + Sync,
        read: impl Fn(&Work, &ToReal, usize, &mut [T]) + Sync,
    ) -> Vec<Vec<T>> {
        let outputs: Vec<_> = self
            .network
            .graph()
            .outputs()
            .iter()
            .map(|&id| {
                let elements = self.network.graph().node(id).shape.elements();
                (id.index(), elements, ToReal::new(self.network.facts(id).result()))
            })
            .collect();
        let mut results: Vec<Vec<T>> =
            outputs.iter().map(|(_, e, _)| vec![T::default(); samples * e]).collect();
        // One job is several blocks: a thread's buffers are made once for all of them.
        let threads = self.threads.unwrap_or_else(rayon::current_num_threads);
        let share = samples.div_ceil(threads * 4).next_multiple_of(LANES).max(LANES);
        let share = if threads == 1 { samples.next_multiple_of(LANES).max(LANES) } else { share };
        let mut parts: Vec<(usize, Vec<&mut [T]>)> = Vec::new();
        let mut rests: Vec<&mut [T]> = results.iter_mut().map(Vec::as_mut_slice).collect();
        for first in (0..samples).step_by(share) {
            let count = share.min(samples - first);
            let mut heads = Vec::with_capacity(rests.len());
            rests = rests
                .into_iter()
                .zip(&outputs)
                .map(|(rest, (_, elements, _))| {
                    let (head, tail) = rest.split_at_mut(count * elements);
                    heads.push(head);
                    tail
                })
                .collect();
            parts.push((first, heads));
        }
        let job = |(first, mut heads): (usize, Vec<&mut [T]>)| {
            let mut work = Work::new(self);
            let count = heads.first().map_or(0, |head| head.len() / outputs[0].1);
            for start in (0..count).step_by(LANES) {
                let n = LANES.min(count - start);
                fill(&mut work, first + start, n);
                self.evaluate(&mut work);
                for (head, (at, elements, to)) in heads.iter_mut().zip(&outputs) {
                    read(&work, to, *at, &mut head[start * elements..(start + n) * elements]);
                }
            }
        };
        match self.threads {
            Some(1) => parts.into_iter().for_each(job),
            Some(threads) => match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
                Ok(pool) => pool.install(|| parts.into_par_iter().for_each(job)),
                // No thread can be had: the work is done on this one.
                Err(_) => parts.into_iter().for_each(job),
            },
            None => parts.into_par_iter().for_each(job),
        }
        results
    }

    fn evaluate(&self, work: &mut Work) {
        for (at, (step, node)) in self.steps.iter().zip(self.network.graph().nodes()).enumerate() {
            if node.inputs.is_empty() {
                continue;
            }
            let (before, rest) = work.blocks.split_at_mut(at);
            let inputs: smallvec::SmallVec<[&Block; 4]> =
                node.inputs.iter().map(|id| &before[id.index()]).collect();
            step.run(self.isa, &mut work.scratch, &inputs, &mut rest[0]);
        }
    }
}

/// An array of samples.
pub(super) fn array<T>(samples: usize, shape: &Shape, values: Vec<T>) -> ArrayD<T> {
    let extents: Vec<usize> = std::iter::once(samples).chain(shape.iter().copied()).collect();
    ArrayD::from_shape_vec(IxDyn(&extents), values).expect("as many values as the shape has")
}

/// The buffers of one thread.
struct Work {
    blocks: Vec<Block>,
    sizes: Vec<usize>,
    scratch: Scratch,
}

impl Work {
    fn new(engine: &Engine) -> Self {
        Self {
            blocks: engine
                .network
                .iter()
                .map(|(_, node, facts)| block(facts, node.shape.elements()))
                .collect(),
            sizes: engine.network.graph().inputs().map(|(_, node)| node.shape.elements()).collect(),
            scratch: Scratch::default(),
        }
    }
}
