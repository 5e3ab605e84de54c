//! The C++ of sums of products: one function for the matrix, and loops over the positions that share it.

use core::ops::Range;

use hls4rs_ir::{Slot, Strategy, used_weights};

use crate::hls::{
    Array, Carrier, Constant, Expr, Function, Index, LayerCx, LoopHint, Param, Stmt, Storage, Type,
};

mod positions;

pub(crate) use positions::Positions;

/// The matrix that is applied at every position: weights `[taps, channels / groups, n_out]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matrix {
    pub(crate) taps: usize,
    /// Channels of the input.
    pub(crate) channels: usize,
    /// Groups of channels, each with its share of the outputs.
    pub(crate) groups: usize,
    pub(crate) n_out: usize,
}

/// What a matrix multiplies, and where the products go.
#[derive(Clone, Debug)]
pub(crate) struct Operands {
    pub(crate) x: Type,
    pub(crate) y: Type,
    pub(crate) accum: Type,
    pub(crate) weight: Slot,
    pub(crate) bias: Slot,
    /// The columns of what is stored, if not all.
    pub(crate) columns: Option<Range<usize>>,
    pub(crate) reuse_factor: usize,
}

impl Operands {
    /// The layer's input, its weights, its result.
    fn of_layer(cx: &mut LayerCx<'_>) -> Self {
        Self {
            accum: cx.ty(Slot::Accum, "running sum"),
            x: cx.x().ty.clone(),
            y: cx.result.clone(),
            weight: Slot::Weight,
            bias: Slot::Bias,
            columns: None,
            reuse_factor: cx.node.reuse_factor,
        }
    }

    /// The stored values of a slot, row major.
    fn values(&self, cx: &LayerCx<'_>, slot: Slot) -> Vec<i64> {
        let stored = cx.facts.constant(slot);
        match &self.columns {
            None => stored.raw.clone(),
            Some(columns) => {
                let rows = stored.raw.chunks(stored.shape.channels());
                rows.flat_map(|row| row[columns.clone()].iter().copied()).collect()
            }
        }
    }
}

/// What the functions of a matrix have in common.
struct Parts {
    operands: Operands,
    bias: Option<Constant>,
}

impl Parts {
    fn new(cx: &mut LayerCx<'_>, operands: Operands) -> Self {
        let slot = operands.bias;
        let bias = cx.stored(slot).map(|_| {
            let values = operands.values(cx, slot);
            cx.arranged(slot, vec![values.len()], values, Storage::Registers, "bias")
        });
        Self { operands, bias }
    }

    /// An element of the input.
    fn read_x(&self, at: Index) -> Expr {
        Expr::element("x", self.operands.x.format, [at])
    }

    /// Where the sum of an output starts.
    fn start(&self, output: Index) -> Expr {
        match &self.bias {
            Some(bias) => bias.at([output]),
            None => Expr::whole(0),
        }
    }

    /// `sum + accum(x · weight)`, cast to the accumulator.
    fn add_product(&self, sum: Expr, x: Expr, weight: Expr) -> Expr {
        let accum = &self.operands.accum;
        sum.plus(x.times(weight).cast(accum.clone())).cast(accum.clone())
    }

    /// The value of an output: its sum, which the statement `products` builds up, cast to the result.
    fn output(&self, output: Index, products: Stmt) -> Vec<Stmt> {
        let (name, value) = ("sum".to_owned(), self.start(output.clone()));
        vec![
            Stmt::Var { name, ty: self.operands.accum.clone(), value },
            products,
            Stmt::assign("y", [output], self.operands.y.clone(), self.sum([])),
        ]
    }

    /// All outputs at once: an array of sums, to which `steps` adds.
    fn outputs(&self, n_out: usize, steps: Stmt) -> Vec<Stmt> {
        let at_j = || [Index::var("j")];
        let last = Stmt::assign("y", at_j(), self.operands.y.clone(), self.sum(at_j()));
        vec![
            Stmt::Array(Array::registers("sum", self.operands.accum.clone(), n_out)),
            Stmt::unrolled("j", n_out, vec![self.set(at_j(), self.start(Index::var("j")))]),
            steps,
            Stmt::unrolled("j", n_out, vec![last]),
        ]
    }

    /// Sets the sum.
    fn set(&self, at: impl IntoIterator<Item = Index>, value: Expr) -> Stmt {
        Stmt::assign("sum", at, self.operands.accum.clone(), value)
    }

    fn sum(&self, at: impl IntoIterator<Item = Index>) -> Expr {
        Expr::element("sum", self.operands.accum.format, at)
    }
}

/// The body of a matrix function, and what it reads.
struct Body {
    reads: Vec<String>,
    body: Vec<Stmt>,
}

impl Matrix {
    /// Inputs of the function.
    pub(crate) fn n_in(&self) -> usize {
        self.taps * self.channels
    }

    /// Products for one output.
    fn rows(&self) -> usize {
        self.n_in() / self.groups
    }

    /// `dense, 16 to 64, latency strategy, reuse factor 1.`
    pub(crate) fn words(&self, cx: &LayerCx<'_>, kind: &str) -> String {
        let (n_in, n_out, reuse_factor) = (self.n_in(), self.n_out, cx.node.reuse_factor);
        let strategy = cx.node.strategy;
        let how = match strategy {
            Strategy::Latency => format!("latency strategy, reuse factor {reuse_factor}"),
            Strategy::DistributedArithmetic => "distributed arithmetic, exact sums".to_owned(),
            Strategy::Resource | Strategy::ResourceUnrolled => {
                let block_factor = self.rows() * n_out / reuse_factor;
                format!("{strategy} strategy: {reuse_factor} steps of {block_factor} multiplications")
            }
            Strategy::Compressed => {
                let used = used_weights(&cx.facts.constant(Slot::Weight).raw, n_out).len();
                let block_factor = used.div_ceil(reuse_factor);
                format!("{used} weights compressed: {reuse_factor} steps of {block_factor} multiplications")
            }
        };
        format!("{kind}, {n_in} to {n_out}, {how}.")
    }

    /// The most multipliers of one copy, where the interval limits them.
    pub(crate) fn multipliers(&self, cx: &LayerCx<'_>) -> Option<usize> {
        let zeros = cx.facts.constant(Slot::Weight).raw.iter().filter(|&&raw| raw == 0).count();
        let reuse_factor = cx.node.reuse_factor;
        let limit = (self.rows() * self.n_out).div_ceil(reuse_factor) - zeros / reuse_factor;
        (cx.node.strategy == Strategy::Latency).then_some(limit.max(1))
    }

    /// The interval of a function that is one pipeline.
    pub(crate) fn interval(cx: &LayerCx<'_>) -> Option<usize> {
        (!cx.node.strategy.shares_multipliers()).then_some(cx.node.reuse_factor)
    }

    fn body(&self, cx: &mut LayerCx<'_>, operands: Operands) -> Body {
        match cx.node.strategy {
            Strategy::Latency | Strategy::DistributedArithmetic => self.latency(cx, operands),
            Strategy::Resource if self.groups > 1 => self.dealt(cx, operands),
            Strategy::Resource | Strategy::ResourceUnrolled => self.resource(cx, operands),
            Strategy::Compressed => self.compressed(cx, operands),
        }
    }

    /// The function of a layer that is this matrix once.
    pub(crate) fn whole(&self, cx: &mut LayerCx<'_>, what: &str) -> Function {
        let operands = Operands::of_layer(cx);
        let Body { reads, body } = self.body(cx, operands);
        let (multipliers, interval) = (self.multipliers(cx), Self::interval(cx));
        Function { reads, interval, multipliers, ..cx.function(what, &[], body) }
    }

    /// Declares the matrix as a function of its own, which reads `x` and writes `y`, and returns its name.
    pub(crate) fn helper(&self, cx: &mut LayerCx<'_>, what: &str) -> String {
        let operands = Operands::of_layer(cx);
        self.helper_of(cx, "position", what, operands)
    }

    /// The same for other operands than those of the layer.
    pub(crate) fn helper_of(
        &self,
        cx: &mut LayerCx<'_>,
        suffix: &str,
        what: &str,
        operands: Operands,
    ) -> String {
        let (x, y) = (operands.x.clone(), operands.y.clone());
        let Body { reads, body } = self.body(cx, operands);
        let param = |name: &str, ty, len, input| {
            let carrier = Carrier::Array(len);
            Param { name: name.to_owned(), ty, carrier, input }
        };
        let params = vec![param("x", x, self.n_in(), true), param("y", y, self.n_out, false)];
        // What is pipelined around it dissolves it; shared multipliers stay in a function of their own.
        let inline = !cx.node.strategy.shares_multipliers();
        let function = cx.function(what, &[], body);
        cx.helper(suffix, Function { params, reads, interval: None, inline, ..function })
    }

    /// Everything at once; the interval limits the multipliers.
    fn latency(&self, cx: &mut LayerCx<'_>, operands: Operands) -> Body {
        let parts = Parts::new(cx, operands);
        let slot = parts.operands.weight;
        let raw = parts.operands.values(cx, slot);
        let extents = vec![self.rows(), self.n_out];
        let weight = cx.arranged(slot, extents, raw, Storage::Registers, "weight");
        let body = if self.groups == 1 {
            let (i, j) = (Index::var("i"), Index::var("j"));
            let next = parts.add_product(parts.sum([]), parts.read_x(i.clone()), weight.at([i, j.clone()]));
            let sum = Stmt::unrolled("i", self.n_in(), vec![parts.set([], next)]);
            Stmt::unrolled("j", self.n_out, parts.output(j, sum))
        } else {
            self.grouped(&parts, &weight)
        };
        Body { reads: reads(&weight, &parts), body: vec![body] }
    }

    /// The same where every output reads the channels of its group only.
    fn grouped(&self, parts: &Parts, weight: &Constant) -> Stmt {
        let (share, filters) = (self.channels / self.groups, self.n_out / self.groups);
        let part = |n: usize, name: &str| if n == 1 { Index::At(0) } else { Index::var(name) };
        let repeated = |n: usize, name: &str, body: Vec<Stmt>| match n {
            1 => body,
            _ => vec![Stmt::unrolled(name, n, body)],
        };
        let (group, tap) = (|| Index::var("group"), || Index::var("tap"));
        let output = group().times(filters).plus(part(filters, "filter"));
        let channel = part(share, "channel");
        let x = parts.read_x(tap().times(self.channels).plus(group().times(share)).plus(channel.clone()));
        let row = tap().times(share).plus(channel);
        let next = parts.add_product(parts.sum([]), x, weight.at([row, output.clone()]));
        let products = repeated(share, "channel", vec![parts.set([], next)]);
        let sum = Stmt::unrolled("tap", self.taps, products);
        Stmt::unrolled("group", self.groups, repeated(filters, "filter", parts.output(output, sum)))
    }

    /// A loop of `reuse_factor` steps over `block_factor` multipliers; row `ir` of the weights serves step `ir`.
    fn resource(&self, cx: &mut LayerCx<'_>, operands: Operands) -> Body {
        let parts = Parts::new(cx, operands);
        let (n_in, n_out, reuse_factor) = (self.n_in(), self.n_out, parts.operands.reuse_factor);
        let block_factor = n_in * n_out / reuse_factor;
        let storage = if reuse_factor == 1 { Storage::Registers } else { Storage::WideRom };
        // The matrix is transposed, flat index `j · n_in + i`, and dealt out to the steps.
        let slot = parts.operands.weight;
        let raw = parts.operands.values(cx, slot);
        let flat = |at: usize| raw[at % n_in * n_out + at / n_in];
        let entry = |ir: usize, im: usize| flat(ir + reuse_factor * im);
        let is_used = |im: &usize| (0..reuse_factor).any(|ir| entry(ir, *im) != 0);
        let used: Vec<usize> = (0..block_factor).filter(is_used).collect();
        let sparse = cx.node.strategy == Strategy::ResourceUnrolled
            && reuse_factor <= n_in
            && !used.is_empty()
            && used.len() < block_factor;
        let columns = if sparse { used.clone() } else { (0..block_factor).collect() };
        let rows = (0..reuse_factor).flat_map(|ir| columns.iter().map(move |&im| entry(ir, im))).collect();
        let extents = vec![reuse_factor, columns.len()];
        let weight = cx.arranged(slot, extents, rows, storage, "transposed weight");
        let steps = if sparse {
            self.used_columns(&parts, &weight, &used)
        } else if reuse_factor <= n_in {
            self.all_outputs(&parts, &weight, n_in / reuse_factor)
        } else {
            self.some_outputs(&parts, &weight, reuse_factor / n_in)
        };
        Body { reads: reads(&weight, &parts), body: parts.outputs(n_out, steps) }
    }

    /// A loop of `reuse_factor` steps over the products of all channels, tap by tap; every channel has a sum of its own.
    fn dealt(&self, cx: &mut LayerCx<'_>, operands: Operands) -> Body {
        let parts = Parts::new(cx, operands);
        let (channels, reuse_factor, slot) = (self.n_out, parts.operands.reuse_factor, parts.operands.weight);
        let block_factor = self.n_in() / reuse_factor;
        let storage = if reuse_factor == 1 { Storage::Registers } else { Storage::WideRom };
        let raw = parts.operands.values(cx, slot);
        let entries =
            || (0..reuse_factor).flat_map(|ir| (0..block_factor).map(move |im| ir + reuse_factor * im));
        let extents = || vec![reuse_factor, block_factor];
        let weights = entries().map(|entry| raw[entry]).collect();
        let weight = cx.arranged(slot, extents(), weights, storage, "weights of the steps");
        let ir = || Index::var("ir");
        let add = |at: Index, channel: Index| {
            let x = parts.read_x(ir().plus(at.clone().times(reuse_factor)));
            let next = parts.add_product(parts.sum([channel.clone()]), x, weight.at([ir(), at]));
            parts.set([channel], next)
        };
        let mut reads = reads(&weight, &parts);
        let products = if channels.is_multiple_of(reuse_factor) {
            // Every step has the same channels at every tap.
            let share = channels / reuse_factor;
            let at = Index::var("tap").times(share).plus(Index::var("part"));
            let channel = ir().plus(Index::var("part").times(reuse_factor));
            Stmt::unrolled("tap", self.taps, vec![Stmt::unrolled("part", share, vec![add(at, channel)])])
        } else {
            let of = entries().map(|entry| entry % channels);
            let channel = cx.addresses("channel", extents(), of, storage, "channel of a weight");
            reads.push(channel.name.clone());
            let channel = Index::Whole(Box::new(channel.at([ir(), Index::var("im")])));
            Stmt::unrolled("im", block_factor, vec![add(Index::var("im"), channel)])
        };
        let steps = pipelined("ir", reuse_factor, 1, vec![products]);
        Body { reads, body: parts.outputs(channels, steps) }
    }

    /// A loop of `reuse_factor` steps over a list of the weights that are not zero, with their rows and columns; each
    /// step sums on its own what it adds to an output.
    fn compressed(&self, cx: &mut LayerCx<'_>, operands: Operands) -> Body {
        let parts = Parts::new(cx, operands);
        let (n_out, reuse_factor, slot) = (self.n_out, parts.operands.reuse_factor, parts.operands.weight);
        let raw = parts.operands.values(cx, slot);
        let used = used_weights(&raw, n_out);
        let block_factor = used.len().div_ceil(reuse_factor).max(1);
        let storage = if reuse_factor == 1 { Storage::Registers } else { Storage::WideRom };
        // Dealt out to the steps; the last ones may get a zero instead.
        let entries =
            || (0..reuse_factor).flat_map(|ir| (0..block_factor).map(move |im| ir + reuse_factor * im));
        let places = || entries().map(|entry| used.get(entry).copied().unwrap_or(0));
        let weights = entries().map(|entry| used.get(entry).map_or(0, |&at| raw[at])).collect();
        let extents = || vec![reuse_factor, block_factor];
        let row = cx.addresses("row", extents(), places().map(|at| at / n_out), storage, "input of a weight");
        let column =
            cx.addresses("column", extents(), places().map(|at| at % n_out), storage, "output of a weight");
        let weight = cx.arranged(slot, extents(), weights, storage, "weights that are not zero");
        let at = || [Index::var("ir"), Index::var("im")];
        let address = |list: &Constant| Index::Whole(Box::new(list.at(at())));
        let accum = &parts.operands.accum;
        let part = |at| Expr::element("part", accum.format, [at]);
        let set = |at, value| Stmt::assign("part", [at], accum.clone(), value);
        let product = parts.add_product(part(address(&column)), parts.read_x(address(&row)), weight.at(at()));
        let j = || Index::var("j");
        let total = parts.sum([j()]).plus(part(j())).cast(accum.clone());
        let body = vec![
            Stmt::Array(Array::registers("part", accum.clone(), n_out)),
            Stmt::unrolled("j", n_out, vec![set(j(), Expr::whole(0))]),
            Stmt::unrolled("im", block_factor, vec![set(address(&column), product)]),
            Stmt::unrolled("j", n_out, vec![parts.set([j()], total)]),
        ];
        let mut reads = reads(&weight, &parts);
        reads.extend([row.name, column.name]);
        Body { reads, body: parts.outputs(n_out, pipelined("ir", reuse_factor, 1, body)) }
    }

    /// Every step gives `share` products to every output.
    fn all_outputs(&self, parts: &Parts, weight: &Constant, share: usize) -> Stmt {
        let reuse_factor = parts.operands.reuse_factor;
        let at = Index::var("ir").plus(Index::var("im").times(reuse_factor));
        let column = Index::var("j").times(share).plus(Index::var("im"));
        let sum = parts.sum([Index::var("j")]);
        let next = parts.add_product(sum, parts.read_x(at), weight.at([Index::var("ir"), column]));
        let add = parts.set([Index::var("j")], next);
        let outputs = Stmt::unrolled("j", self.n_out, vec![Stmt::unrolled("im", share, vec![add])]);
        pipelined("ir", reuse_factor, 1, vec![outputs])
    }

    /// As [`all_outputs`](Self::all_outputs), without the columns whose weights are all zero.
    fn used_columns(&self, parts: &Parts, weight: &Constant, used: &[usize]) -> Stmt {
        let reuse_factor = parts.operands.reuse_factor;
        let share = self.n_in() / reuse_factor;
        let add = |(column, im): (usize, &usize)| {
            let output = || [Index::At(im / share)];
            let x = parts.read_x(Index::var("ir").plus(Index::At(im % share * reuse_factor)));
            let weight = weight.at([Index::var("ir"), Index::At(column)]);
            parts.set(output(), parts.add_product(parts.sum(output()), x, weight))
        };
        pipelined("ir", reuse_factor, 1, used.iter().enumerate().map(add).collect())
    }

    /// Every step gives a product to one output out of `rounds`.
    fn some_outputs(&self, parts: &Parts, weight: &Constant, rounds: usize) -> Stmt {
        let n_in = self.n_in();
        let output = || [Index::var("round").plus(Index::var("im").times(rounds))];
        let row = Index::var("round").times(n_in).plus(Index::var("i"));
        let x = parts.read_x(Index::var("i"));
        let next = parts.add_product(parts.sum(output()), x, weight.at([row, Index::var("im")]));
        let add = parts.set(output(), next);
        let inner = pipelined("i", n_in, 1, vec![Stmt::unrolled("im", self.n_out / rounds, vec![add])]);
        let (var, hint) = ("round".to_owned(), Some(LoopHint::Flatten));
        Stmt::For { var, from: 0, to: rounds, step: 1, hint, body: vec![inner] }
    }
}

fn reads(weight: &Constant, parts: &Parts) -> Vec<String> {
    [Some(weight), parts.bias.as_ref()].into_iter().flatten().map(|c| c.name.clone()).collect()
}

fn pipelined(var: &str, to: usize, ii: usize, body: Vec<Stmt>) -> Stmt {
    Stmt::repeated(var, to, Some(LoopHint::Pipeline { ii }), body)
}
