//! Networks of one layer, and running them on raw values with every set of instructions.

use hls4rs::fixed::{Format, Wide};
use hls4rs::ir::{Builder, Io, NodeId, NodeSpec, Op, Precision, Resolved, Shape, Slot, Strategy, Tensor};
use hls4rs::simulate::{Dispatch, Engine};

/// A layer under test.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) op: Op,
    pub(crate) result: Format,
    /// Shapes and formats of its inputs.
    pub(crate) inputs: Vec<(Vec<usize>, Format)>,
    pub(crate) formats: Vec<(Slot, Format)>,
    /// Raw values that it stores, in the format of their slot.
    pub(crate) stored: Vec<(Slot, Vec<usize>, Vec<i64>)>,
    /// Strategy and reuse factor, if not the usual ones.
    pub(crate) arranged: Option<(Strategy, usize)>,
    pub(crate) io: Io,
}

impl Layer {
    /// A layer of one input of this shape.
    pub(crate) fn new(op: impl Into<Op>, shape: &[usize], x: Format, result: Format) -> Self {
        Self {
            op: op.into(),
            result,
            inputs: vec![(shape.to_vec(), x)],
            formats: Vec::new(),
            stored: Vec::new(),
            arranged: None,
            io: Io::Parallel,
        }
    }

    pub(crate) fn format(mut self, slot: Slot, format: Format) -> Self {
        self.formats.push((slot, format));
        self
    }

    pub(crate) fn stores(mut self, slot: Slot, shape: &[usize], format: Format, raw: Vec<i64>) -> Self {
        self.stored.push((slot, shape.to_vec(), raw));
        self.format(slot, format)
    }

    /// The same between streams.
    pub(crate) fn streamed(mut self) -> Self {
        self.io = Io::Stream;
        self
    }

    /// The network of the layer alone.
    #[track_caller]
    pub(crate) fn network(&self) -> Resolved {
        let mut net = Builder::new("net");
        net.io(self.io);
        let inputs: Vec<NodeId> = self
            .inputs
            .iter()
            .enumerate()
            .map(|(n, (extents, format))| {
                net.input(format!("x{n}"), shape(extents), Precision::MayWrap(*format))
            })
            .collect();
        let mut spec = NodeSpec::new("y", self.op.clone(), &inputs);
        spec.precision.set(Slot::Result, Precision::MayWrap(self.result));
        for &(slot, format) in &self.formats {
            spec.precision.set(slot, Precision::MayWrap(format));
        }
        for (slot, extents, raw) in &self.stored {
            let (_, format) = self.formats.iter().find(|(s, _)| s == slot).expect("stored in a format");
            let values = raw.iter().map(|&v| hls4rs::fixed::to_f64(Wide::from_i64(v), format.frac_bits()));
            spec.values
                .set(*slot, Tensor::new(shape(extents), values.collect()).expect("as many as its shape has"));
        }
        if let Some(arranged) = self.arranged {
            (spec.strategy, spec.reuse_factor) = arranged;
        }
        let y = net.add(spec);
        net.output(y);
        net.finish_with_warnings().unwrap_or_else(|faults| panic!("{faults}")).0
    }

    /// The raw results for raw inputs, samples one after the other; the same with every set of instructions.
    #[track_caller]
    pub(crate) fn run(&self, inputs: &[Vec<i64>]) -> Vec<i64> {
        run(&self.network(), inputs)
    }
}

/// The raw results of a network with one output.
#[track_caller]
pub(crate) fn run(network: &Resolved, inputs: &[Vec<i64>]) -> Vec<i64> {
    let wide: Vec<Vec<Wide>> =
        inputs.iter().map(|x| x.iter().map(|&v| Wide::from_i64(v)).collect()).collect();
    let wide: Vec<&[Wide]> = wide.iter().map(Vec::as_slice).collect();
    let with = |dispatch| {
        let engine = Engine::new(network).with_dispatch(dispatch).with_threads(1);
        let mut outputs = engine.run_raw(&wide).expect("samples of the network's inputs");
        outputs.swap_remove(0).into_iter().map(|v| v.to_i64().expect("at most 64 bits")).collect::<Vec<_>>()
    };
    let results = with(Dispatch::Auto);
    for dispatch in [Dispatch::Avx2, Dispatch::Baseline] {
        assert_eq!(with(dispatch), results, "{dispatch:?} against the best instructions");
    }
    results
}

pub(crate) fn shape(extents: &[usize]) -> Shape {
    Shape::new(extents).expect("a valid shape")
}

/// A format from its text.
pub(crate) fn format(text: &str) -> Format {
    text.parse().expect("a format")
}
