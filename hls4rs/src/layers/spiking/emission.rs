//! The C++ of spiking layers: one loop over the steps of a window.

use hls4rs_fixed::Format;
use hls4rs_ir::Slot;
use hls4rs_ir::ops::{IntegrateAndFire, MembraneReadout, Reset, SpikeReadout};

use super::readout::{CountScore, Score};
use crate::hls::{
    Array, Comparison, Condition, Constant, Emit, Expr, Function, Index, LayerCx, LoopHint, Stmt, Storage,
    Type,
};

fn neuron() -> Index {
    Index::var("i")
}

/// Membranes that add their input up.
struct Membranes {
    ty: Type,
    beta: Option<Constant>,
    neurons: usize,
    steps: usize,
}

impl Membranes {
    fn new(cx: &mut LayerCx<'_>) -> Self {
        let shape = &cx.x().node.shape;
        let (neurons, steps) = (shape.channels(), shape[0]);
        let ty = cx.ty(Slot::Membrane, "membranes");
        let beta = cx.stored(Slot::Beta).is_some().then(|| per_neuron(cx, Slot::Beta, "decay"));
        Self { ty, beta, neurons, steps }
    }

    /// The membranes before the first step.
    fn start(&self) -> Vec<Stmt> {
        zeros("membrane", &self.ty, self.neurons)
    }

    fn read(&self) -> Expr {
        Expr::element("membrane", self.ty.format, [neuron()])
    }

    /// The membrane of a neuron after a step with the input `x`, before it fires.
    fn potential(&self, x: Expr) -> Expr {
        let kept = match &self.beta {
            Some(beta) => at(beta).times(self.read()).cast(self.ty.clone()),
            None => self.read(),
        };
        kept.plus(x.cast(self.ty.clone()))
    }

    fn set(&self, value: Expr) -> Stmt {
        Stmt::assign("membrane", [neuron()], self.ty.clone(), value)
    }
}

/// An array of zeros.
fn zeros(name: &str, ty: &Type, len: usize) -> Vec<Stmt> {
    let zero = Stmt::assign(name, [neuron()], ty.clone(), Expr::whole(0));
    vec![Stmt::Array(Array::registers(name, ty.clone(), len)), Stmt::unrolled("i", len, vec![zero])]
}

/// The values of neurons, or the value of all.
fn per_neuron(cx: &mut LayerCx<'_>, slot: Slot, doc: &str) -> Constant {
    cx.constant(slot, Storage::Registers, doc)
}

fn at(constant: &Constant) -> Expr {
    constant.at([if constant.raw.len() == 1 { Index::At(0) } else { neuron() }])
}

/// The input of a step: in an array, or in a word of a stream.
#[derive(Clone, Copy)]
enum Source {
    Array,
    Word,
}

impl Source {
    /// The name and the index of a neuron's element of `tensor`.
    fn element(self, tensor: &str, neurons: usize) -> (String, Index) {
        match self {
            Self::Array => (tensor.to_owned(), Index::var("t").times(neurons).plus(neuron())),
            Self::Word => (format!("{tensor}_word.data"), neuron()),
        }
    }

    fn x(self, cx: &LayerCx<'_>, neurons: usize) -> Expr {
        let (name, at) = self.element("x", neurons);
        Expr::element(&name, cx.x().ty.format, [at])
    }

    /// The loop over the steps.
    fn steps(self, steps: usize, body: Vec<Stmt>) -> Stmt {
        let hint = match self {
            Self::Array => LoopHint::Pipeline { ii: 1 },
            Self::Word => LoopHint::Flush { ii: 1 },
        };
        Stmt::repeated("t", steps, Some(hint), body)
    }
}

fn read_word(word: &str) -> Stmt {
    Stmt::ReadWord { stream: "x".to_owned(), word: word.to_owned(), name: "x_word".to_owned() }
}

fn new_word(word: &str) -> Stmt {
    Stmt::Word { word: word.to_owned(), name: "y_word".to_owned() }
}

fn write_word() -> Stmt {
    Stmt::WriteWord { stream: "y".to_owned(), name: "y_word".to_owned() }
}

/// Neurons with what they need.
struct Neurons {
    membranes: Membranes,
    threshold: Constant,
    reset: Reset,
}

impl Neurons {
    fn new(layer: &IntegrateAndFire, cx: &mut LayerCx<'_>) -> Self {
        let membranes = Membranes::new(cx);
        let threshold = per_neuron(cx, Slot::Threshold, "limit");
        Self { membranes, threshold, reset: layer.reset_mechanism }
    }

    /// One step of all neurons.
    fn step(&self, cx: &LayerCx<'_>, source: Source) -> Stmt {
        let Self { membranes, threshold, reset } = self;
        let ty = &membranes.ty;
        let potential = || Expr::var("potential", ty.format);
        let fires = || potential().compare(Comparison::AtLeast, at(threshold));
        let after = match reset {
            Reset::Subtract => potential().minus(at(threshold)),
            Reset::Zero => Expr::whole(0),
        };
        let (y, place) = source.element("y", membranes.neurons);
        let spike = Expr::select(cx.result.clone(), fires(), Expr::whole(1), Expr::whole(0));
        let body = vec![
            Stmt::bind("potential", ty.clone(), membranes.potential(source.x(cx, membranes.neurons))),
            Stmt::assign(&y, [place], cx.result.clone(), spike),
            membranes.set(Expr::select(ty.clone(), fires(), after, potential())),
        ];
        Stmt::unrolled("i", membranes.neurons, body)
    }

    fn reads(&self) -> Vec<&Constant> {
        self.membranes.beta.iter().chain([&self.threshold]).collect()
    }

    fn words(&self) -> String {
        let Membranes { neurons, steps, .. } = self.membranes;
        format!("{neurons} neurons that integrate and fire, {steps} steps.")
    }
}

impl Emit for IntegrateAndFire {
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
        let all = Neurons::new(self, cx);
        let mut body = all.membranes.start();
        body.push(Source::Array.steps(all.membranes.steps, vec![all.step(cx, Source::Array)]));
        Some(Function { interval: None, ..cx.function(&all.words(), &all.reads(), body) })
    }

    fn emit_stream(&self, cx: &mut LayerCx<'_>) -> Option<Vec<Function>> {
        if !cx.goes_by_position() {
            return None;
        }
        let (x, y) = (cx.x_stream()?, cx.y_stream());
        let all = Neurons::new(self, cx);
        let mut body = all.membranes.start();
        let step = vec![read_word(&x.word), new_word(&y.word), all.step(cx, Source::Word), write_word()];
        body.push(Source::Word.steps(all.membranes.steps, step));
        let reads = all.reads().into_iter().map(|constant| constant.name.clone()).collect();
        Some(vec![Function { reads, ..cx.process(&all.words(), x, y, body) }])
    }
}

/// What the neurons are compared by: an array that is kept over the steps.
struct Scores {
    array: &'static str,
    ty: Type,
    neurons: usize,
    steps: usize,
    /// What happens in a step.
    step: Vec<Stmt>,
    reads: Vec<String>,
    difference: bool,
}

impl Scores {
    fn counts(layer: &SpikeReadout, cx: &LayerCx<'_>, source: Source) -> Self {
        let shape = &cx.x().node.shape;
        let (neurons, steps) = (shape.channels(), shape[0]);
        let x = source.x(cx, neurons);
        let most = layer.most(steps);
        let ty = Type::from(CountScore::new(x.format, most).format());
        let count = || Expr::element("count", ty.format, [neuron()]);
        let silent = x.compare(Comparison::Equal, Expr::whole(0));
        let next = Expr::select(ty.clone(), silent, count(), count().plus(Expr::whole(1)).cast(ty.clone()));
        let step = Stmt::assign("count", [neuron()], ty.clone(), next);
        let step = if most < steps {
            let more = count().compare(Comparison::Less, Expr::whole(most as i64));
            vec![Stmt::If { condition: more, body: vec![step] }]
        } else {
            vec![step]
        };
        let difference = layer.is_difference();
        Self { array: "count", ty, neurons, steps, step, reads: Vec::new(), difference }
    }

    fn membranes(layer: &MembraneReadout, cx: &mut LayerCx<'_>, source: Source) -> Self {
        let membranes = Membranes::new(cx);
        let x = source.x(cx, membranes.neurons);
        let step = vec![membranes.set(membranes.potential(x))];
        let reads = membranes.beta.iter().map(|beta| beta.name.clone()).collect();
        let Membranes { ty, neurons, steps, .. } = membranes;
        let difference = layer.is_difference();
        Self { array: "membrane", ty, neurons, steps, step, reads, difference }
    }

    /// The statements from the first step to the answer in `y`.
    fn body(&self, cx: &LayerCx<'_>, source: Source, before: Vec<Stmt>, y: &str) -> Vec<Stmt> {
        let mut step = before;
        step.push(Stmt::unrolled("i", self.neurons, self.step.clone()));
        let mut body = zeros(self.array, &self.ty, self.neurons);
        body.push(source.steps(self.steps, step));
        let answer = if self.difference {
            self.score(Index::At(1)).minus(self.score(Index::At(0)))
        } else {
            body.extend(self.search());
            Expr::var("first", self.number().format)
        };
        body.push(Stmt::assign(y, [Index::At(0)], cx.result.clone(), answer));
        body
    }

    fn score(&self, at: Index) -> Expr {
        Expr::element(self.array, self.ty.format, [at])
    }

    /// The type of the number of a neuron.
    fn number(&self) -> Type {
        Format::uint(usize::BITS - (self.neurons - 1).max(1).leading_zeros()).into()
    }

    /// The statements that find the first of the neurons with the largest score.
    fn search(&self) -> Vec<Stmt> {
        let number = self.number();
        let variable =
            |name: &str, ty: &Type, value| Stmt::Var { name: name.to_owned(), ty: ty.clone(), value };
        let mut body = vec![variable("first", &number, Expr::whole(0))];
        if self.neurons == 1 {
            return body;
        }
        let at = || Expr::var("number", number.format);
        let above: Condition =
            self.score(neuron()).compare(Comparison::Greater, Expr::var("largest", self.ty.format));
        let better = vec![
            Stmt::assign("largest", [], self.ty.clone(), self.score(neuron())),
            Stmt::assign("first", [], number.clone(), at()),
        ];
        body.push(variable("number", &number, Expr::whole(0)));
        body.push(variable("largest", &self.ty, self.score(Index::At(0))));
        let next = at().plus(Expr::whole(1)).cast(number.clone());
        body.push(Stmt::For {
            var: "i".to_owned(),
            from: 1,
            to: self.neurons,
            step: 1,
            hint: Some(LoopHint::Unroll),
            body: vec![
                Stmt::assign("number", [], number.clone(), next),
                Stmt::If { condition: above, body: better },
            ],
        });
        body
    }

    fn function(self, cx: &LayerCx<'_>, what: &str) -> Function {
        let body = self.body(cx, Source::Array, Vec::new(), "y");
        Function { interval: None, reads: self.reads, ..cx.function(what, &[], body) }
    }

    /// The layer between streams: reads a word in every step, writes one at the end.
    fn process(self, cx: &mut LayerCx<'_>, what: &str) -> Option<Vec<Function>> {
        let (x, y) = (cx.x_stream()?, cx.y_stream());
        let mut body = vec![new_word(&y.word)];
        body.extend(self.body(cx, Source::Word, vec![read_word(&x.word)], "y_word.data"));
        body.push(write_word());
        Some(vec![Function { reads: self.reads, ..cx.process(what, x, y, body) }])
    }
}

/// Whether the input comes as a word for every step.
fn steps_are_words(cx: &LayerCx<'_>) -> bool {
    let shape = &cx.x().node.shape;
    cx.x().stream == Some((shape[0], shape.channels()))
}

const OF_SPIKES: &str = "answer from the numbers of spikes.";
const OF_MEMBRANES: &str = "answer from the membranes after the last step.";

impl Emit for SpikeReadout {
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
        Some(Scores::counts(self, cx, Source::Array).function(cx, OF_SPIKES))
    }

    fn emit_stream(&self, cx: &mut LayerCx<'_>) -> Option<Vec<Function>> {
        if !steps_are_words(cx) {
            return None;
        }
        Scores::counts(self, cx, Source::Word).process(cx, OF_SPIKES)
    }
}

impl Emit for MembraneReadout {
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
        Some(Scores::membranes(self, cx, Source::Array).function(cx, OF_MEMBRANES))
    }

    fn emit_stream(&self, cx: &mut LayerCx<'_>) -> Option<Vec<Function>> {
        if !steps_are_words(cx) {
            return None;
        }
        Scores::membranes(self, cx, Source::Word).process(cx, OF_MEMBRANES)
    }
}
