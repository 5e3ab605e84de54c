//! Networks for the tests, together every layer in every configuration that makes a difference in the C++.

use hls4rs::fixed::Format;
use hls4rs::ir::ops::{
    Concatenate, Conv, Dense, Elu, Function, Implementation, Relu, Softmax, TableActivation,
};
use hls4rs::ir::{Builder, Io, NodeId, NodeSpec, Op, Precision, Resolved, Shape, Slot, Strategy, Tensor};

/// Numbers that are the same on every run.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number from -1 to 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

pub(crate) fn shape(extents: &[usize]) -> Shape {
    Shape::new(extents).expect("a valid shape")
}

fn format(text: &str) -> Format {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is not a format"))
}

/// A network under construction; formats may wrap, which is what has to be the same everywhere.
pub(crate) struct Net {
    builder: Builder,
    random: Random,
}

impl Net {
    pub(crate) fn new(name: &str) -> Self {
        Self { builder: Builder::new(name), random: Random::new(name.len() as u64) }
    }

    pub(crate) fn input(&mut self, name: &str, extents: &[usize], text: &str) -> NodeId {
        self.builder.input(name, shape(extents), Precision::MayWrap(format(text)))
    }

    pub(crate) fn add(
        &mut self,
        name: &str,
        op: impl Into<Op>,
        inputs: &[NodeId],
        formats: &[(Slot, &str)],
    ) -> NodeId {
        self.add_with(name, op, inputs, formats, |_| {})
    }

    /// Adds a node; parameters get random values from -2 to 2.
    pub(crate) fn add_with(
        &mut self,
        name: &str,
        op: impl Into<Op>,
        inputs: &[NodeId],
        formats: &[(Slot, &str)],
        change: impl FnOnce(&mut NodeSpec),
    ) -> NodeId {
        let mut spec = NodeSpec::new(name, op, inputs);
        for (slot, text) in formats {
            spec.precision.set(*slot, Precision::MayWrap(format(text)));
        }
        let shapes: Vec<_> =
            inputs.iter().map(|&id| self.builder.shape(id).expect("sound").clone()).collect();
        for parameter in spec.op.layer().parameters(&shapes.iter().collect::<Vec<_>>()) {
            let wide = format_of(formats, parameter.slot).unwrap_or(format("fixed<8,3>"));
            let values = (0..parameter.shape.elements()).map(|_| 2.0 * self.random.unit());
            let values = values.map(|v| round(v, wide)).collect();
            let tensor = Tensor::new(parameter.shape, values).expect("as many values as elements");
            spec.values.set(parameter.slot, tensor);
        }
        change(&mut spec);
        self.builder.add(spec)
    }

    pub(crate) fn output(&mut self, id: NodeId) {
        self.builder.output(id);
    }

    pub(crate) fn finish(self) -> Resolved {
        self.builder.finish_with_warnings().unwrap_or_else(|faults| panic!("{faults}")).0
    }
}

fn format_of(formats: &[(Slot, &str)], slot: Slot) -> Option<Format> {
    formats.iter().find(|(s, _)| *s == slot).map(|(_, text)| format(text))
}

/// The value in units of the format, so that `auto` formats stay narrow.
fn round(value: f64, format: Format) -> f64 {
    let unit = f64::from(-format.frac_bits()).exp2();
    (value / unit).round() * unit
}

fn op(keyword: &str) -> Op {
    Op::from_keyword(keyword).unwrap_or_else(|| panic!("`{keyword}` is not a layer"))
}

/// The network of the golden projects: both strategies.
pub(crate) fn small() -> Resolved {
    let mut net = Net::new("small");
    let x = net.input("jet", &[4], "fixed<8,3>");
    let fc1 = net.add_with("fc1", Dense { units: 6 }, &[x], &[(Slot::Weight, "fixed<6,2>")], |spec| {
        spec.reuse_factor = 2;
    });
    let h1 = net.add("h1", Relu { max: None }, &[fc1], &[(Slot::Result, "ufixed<8,4,RND,SAT>")]);
    let formats =
        [(Slot::Weight, "fixed<6,2>"), (Slot::Accum, "fixed<12,6,TRN,SAT>"), (Slot::Result, "fixed<10,5>")];
    let fc2 = net.add_with("fc2", Dense { units: 4 }, &[h1], &formats, |spec| {
        (spec.strategy, spec.reuse_factor) = (Strategy::Resource, 3);
    });
    let probs = net.add(
        "probs",
        softmax(Implementation::Stable, 64),
        &[fc2],
        &[(Slot::Result, "ufixed<10,1,RND,SAT>")],
    );
    net.output(probs);
    net.finish()
}

fn softmax(implementation: Implementation, table_size: usize) -> Softmax {
    Softmax { implementation, table_size, ..Softmax::default() }
}

/// Dense layers of both strategies with every kind of legal reuse factor, and accumulators for which order matters.
pub(crate) fn dense() -> Resolved {
    let mut net = Net::new("dense_zoo");
    let x = net.input("x", &[6], "fixed<8,3>");
    let accums = [
        "fixed<9,4,RND_CONV,SAT>",
        "fixed<10,4,TRN_ZERO,SAT_SYM>",
        "fixed<8,4>",
        "fixed<9,4,RND_INF,SAT_ZERO>",
    ];
    let accums = accums.into_iter().cycle();
    let factors = [1, 2, 3, 6, 12, 24];
    let strategies = factors
        .iter()
        .map(|&rf| (Strategy::Resource, rf))
        .chain([(Strategy::Latency, 1), (Strategy::Latency, 5)])
        .chain([(Strategy::Compressed, 1), (Strategy::Compressed, 7)]);
    for (n, ((strategy, reuse_factor), accum)) in strategies.zip(accums).enumerate() {
        let formats =
            [(Slot::Weight, "fixed<7,2>"), (Slot::Accum, accum), (Slot::Result, "fixed<9,5,RND,SAT>")];
        let y = net.add_with(&format!("fc{n}"), Dense { units: 4 }, &[x], &formats, |spec| {
            (spec.strategy, spec.reuse_factor) = (strategy, reuse_factor);
            if n % 3 == 2 {
                spec.values.remove(Slot::Bias);
            }
        });
        net.output(y);
    }
    // Exact accumulators, unsigned inputs, a weight of one bit.
    let u = net.add("u", Relu { max: None }, &[x], &[(Slot::Result, "ufixed<7,3>")]);
    let bits = net.add("bits", Dense { units: 3 }, &[u], &[(Slot::Weight, "fixed<1,0>")]);
    net.output(bits);
    net.output(u);
    net.finish()
}

/// Depthwise convolutions with every legal reuse factor, and accumulators for which order matters.
pub(crate) fn channels() -> Resolved {
    let mut net = Net::new("channels");
    let x = net.input("x", &[6, 6], "fixed<8,3>");
    let formats = [
        (Slot::Weight, "fixed<7,2>"),
        (Slot::Accum, "fixed<9,4,RND_CONV,SAT>"),
        (Slot::Result, "fixed<9,5,RND,SAT>"),
    ];
    for reuse_factor in [1, 2, 3, 4, 6, 8, 12, 24] {
        let mut conv = Conv::depthwise(1);
        conv.sliding.kernel = vec![4];
        let y = net.add_with(&format!("dw{reuse_factor}"), conv, &[x], &formats, |spec| {
            (spec.strategy, spec.reuse_factor) = (Strategy::Resource, reuse_factor);
        });
        net.output(y);
    }
    net.finish()
}

/// Everything that works on single elements, on signed, unsigned and coarse numbers.
pub(crate) fn elementwise() -> Resolved {
    let mut net = Net::new("elementwise");
    let inputs = [("s", "fixed<10,5>"), ("u", "ufixed<9,4>"), ("big", "fixed<6,9>"), ("tiny", "fixed<1,0>")];
    for (name, text) in inputs {
        let x = net.input(name, &[4, 3], text);
        let result = [(Slot::Result, "fixed<14,6,RND_CONV,SAT>")];
        let named = |layer: &str| format!("{name}_{layer}");
        // Every layer once; on the other formats those with comparisons and casts of their own.
        let (layers, curves) = if name == "s" { (7, 5) } else { (2, 2) };
        let keywords =
            ["hard_sigmoid", "thresholded_relu", "linear", "hard_tanh", "leaky_relu", "prelu", "batch_norm"];
        for &keyword in &keywords[..layers] {
            let y = net.add(&named(keyword), op(keyword), &[x], &result);
            net.output(y);
        }
        let functions =
            [Function::Softsign, Function::Selu, Function::Sigmoid, Function::Tanh, Function::Softplus];
        for &function in &functions[..curves] {
            let table_size = if function == Function::Softsign { 48 } else { 128 };
            let y = net.add(&named(function.name()), TableActivation { function, table_size }, &[x], &result);
            net.output(y);
        }
        let elu = net.add(&named("elu"), Elu { alpha: 0.7, table_size: 64 }, &[x], &result);
        net.output(elu);
        let relu = net.add(&named("relu6"), Relu { max: Some(6.0) }, &[x], &[(Slot::Result, "ufixed<6,3>")]);
        net.output(relu);
    }
    // As many steps of a coarse number as the table has entries.
    let coarse = net.input("coarse", &[2], "fixed<3,6>");
    let elu = net.add("coarse_elu", Elu { alpha: 0.7, table_size: 64 }, &[coarse], &[]);
    net.output(elu);
    net.finish()
}

/// Joins of numbers of every mix of signs, narrow and wide, copies and pass-throughs.
pub(crate) fn merges() -> Resolved {
    let mut net = Net::new("merges");
    let inputs = [
        ("ss", "fixed<8,3>", "fixed<7,2>"),
        ("su", "fixed<8,3>", "ufixed<8,3>"),
        ("us", "ufixed<40,20>", "fixed<36,14>"),
        ("wide", "fixed<90,40>", "ufixed<70,35>"),
    ];
    for (name, a, b) in inputs {
        let a = net.input(&format!("{name}_a"), &[2, 3], a);
        let b = net.input(&format!("{name}_b"), &[2, 3], b);
        for keyword in ["add", "subtract", "multiply", "average", "maximum", "minimum"] {
            let result = if name == "wide" { "fixed<100,50,RND,SAT>" } else { "fixed<12,6,RND_INF>" };
            let y = net.add(&format!("{name}_{keyword}"), op(keyword), &[a, b], &[(Slot::Result, result)]);
            net.output(y);
        }
        for axis in [0, -1] {
            let name = format!("{name}_concat{}", axis + 1);
            let y = net.add(&name, Concatenate { axis }, &[a, b, a], &[(Slot::Result, "fixed<80,40>")]);
            net.output(y);
        }
        let flat = net.add(&format!("{name}_flat"), op("flatten"), &[a], &[]);
        net.output(flat);
        net.output(a);
    }
    net.finish()
}

/// A softmax of every implementation.
pub(crate) fn softmaxes() -> Resolved {
    let mut net = Net::new("softmaxes");
    let x = net.input("x", &[2, 5], "fixed<12,5>");
    let u = net.input("u", &[3], "ufixed<6,3>");
    for implementation in Implementation::ALL {
        let name = Implementation::NAMES[implementation as usize];
        for (from, x) in [("x", x), ("u", u)] {
            let y = net.add(
                &format!("{name}_{from}"),
                softmax(implementation, 64),
                &[x],
                &[(Slot::Result, "fixed<14,4>")],
            );
            net.output(y);
        }
    }
    let one = net.input("one", &[1], "fixed<8,3>");
    let y = net.add("single", softmax(Implementation::Argmax, 64), &[one], &[]);
    net.output(y);
    net.finish()
}

/// Modes that one of the vendors does not have, and constants that no `double` holds.
pub(crate) fn modes(with_wrap_sm: bool) -> Resolved {
    let mut net = Net::new("modes");
    let x = net.input("x", &[3], "fixed<16,7>");
    let mut formats = vec![
        "fixed<8,4,RND_CONV_ODD,SAT>",
        "ufixed<6,3,RND_CONV_ODD,WRAP,2>",
        "fixed<7,4,RND,WRAP,1>",
        "fixed<7,4,RND_ZERO,WRAP,7>",
        "ufixed<7,3,RND_CONV,WRAP,3>",
        "fixed<9,5,RND_MIN_INF,SAT_ZERO>",
        "int<5>",
        "fixed<3,12,RND_CONV_ODD>",
    ];
    if with_wrap_sm {
        formats.push("fixed<7,4,RND,WRAP_SM>");
    }
    for (n, text) in formats.into_iter().enumerate() {
        let y = net.add(&format!("mode{n}"), op("linear"), &[x], &[(Slot::Result, text)]);
        net.output(y);
        let relu = net.add(&format!("relu{n}"), Relu { max: Some(3.0) }, &[x], &[(Slot::Result, text)]);
        net.output(relu);
    }
    // Numbers that are less than half of the unit they are rounded to.
    let tiny = net.add("tiny", op("linear"), &[x], &[(Slot::Result, "fixed<5,-3>")]);
    for (n, text) in
        ["fixed<9,9,RND,SAT>", "int<9>", "fixed<9,9,RND_CONV_ODD>", "ufixed<9,9>"].into_iter().enumerate()
    {
        let y = net.add(&format!("none{n}"), op("linear"), &[tiny], &[(Slot::Result, text)]);
        net.output(y);
    }
    let formats = [(Slot::Weight, "fixed<7,2>"), (Slot::Accum, "fixed<9,4,RND_CONV_ODD,WRAP,1>")];
    let sums = net.add("sums", Dense { units: 3 }, &[x], &formats);
    net.output(sums);
    let scaled =
        net.add_with("scaled", op("batch_norm"), &[x], &[(Slot::Scale, "fixed<60,4,TRN,SAT>")], |spec| {
            // The last one becomes the upper limit, with more ones than a `double` holds.
            let values = vec![1.0 / 3.0 + 2.0, -100.0, 100.0];
            spec.values.set(Slot::Scale, Tensor::new(shape(&[3]), values).expect("three values"));
        });
    net.output(scaled);
    net.finish()
}

/// The same network with another interface.
pub(crate) fn with_io(net: &Resolved, io: Io) -> Resolved {
    let graph = net.graph();
    let mut builder = Builder::new(format!("{}_{io}", graph.name()));
    builder.io(io);
    for node in graph.nodes() {
        let mut spec = NodeSpec::new(&node.name, node.op.clone(), &node.inputs);
        spec.precision = node.precision.clone();
        spec.values = node.values.clone();
        (spec.strategy, spec.reuse_factor) = (node.strategy, node.reuse_factor);
        builder.add(spec);
    }
    graph.outputs().iter().for_each(|&id| builder.output(id));
    builder.finish_with_warnings().expect("as sound as before").0
}
