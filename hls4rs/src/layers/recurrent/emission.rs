//! The C++ of recurrent layers: one loop over the steps, a function for each matrix.

use hls4rs_fixed::Wide;
use hls4rs_fixed::sequence::Sequence;
use hls4rs_ir::ops::{Cell, Curve, Hard, Recurrent};
use hls4rs_ir::tables::Function as TableFunction;
use hls4rs_ir::{Multiplications, Slot, Strategy};

use super::curve::{HARD_SHIFT, HARD_SLOPE};
use crate::hls::{
    Array, Comparison, Constant, Emit, Expr, Function, Index, LayerCx, LoopHint, Stmt, Storage, Type,
    table_position,
};
use crate::layers::sums::emission::{Matrix, Operands};

/// What the statements of a step need.
struct Parts<'a> {
    layer: &'a Recurrent,
    accum: Type,
    /// The type of the states.
    state: Type,
    table: Option<Constant>,
    gate_table: Option<Constant>,
}

impl Emit for Recurrent {
    fn emit(&self, cx: &mut LayerCx<'_>) -> Option<Function> {
        let sequence = self.sequence(&cx.x().node.shape);
        let table = |cx: &mut LayerCx<'_>, slot, curve: Curve| {
            cx.stored(slot).map(|_| cx.constant(slot, Storage::Rom, curve.name()))
        };
        let parts = Parts {
            layer: self,
            accum: cx.ty(Slot::Accum, "sums and gates"),
            state: cx.result.clone(),
            table: table(cx, Slot::Table, self.activation),
            gate_table: table(cx, Slot::RecurrentTable, self.recurrent_activation),
        };
        let mut body = parts.arrays(cx);
        body.extend(parts.start(cx));
        body.push(Stmt::repeated("t", sequence.steps, parts.hint(cx), parts.step(cx, sequence)));
        if !sequence.return_sequences {
            body.push(parts.units(vec![parts.write(Index::var("j"))]));
        }
        let what = format!("{}, {} steps to {} units.", words(self.cell), sequence.steps, self.units);
        let reads: Vec<_> = [&parts.table, &parts.gate_table].into_iter().flatten().collect();
        Some(Function { interval: None, ..cx.function(&what, &reads, body) })
    }
}

fn words(cell: Cell) -> &'static str {
    match cell {
        Cell::Simple => "simple recurrent layer",
        Cell::Lstm => "long short-term memory",
        Cell::Gru { .. } => "gated recurrent unit",
    }
}

impl Parts<'_> {
    fn units(&self, body: Vec<Stmt>) -> Stmt {
        Stmt::unrolled("j", self.layer.units, body)
    }

    fn arrays(&self, cx: &LayerCx<'_>) -> Vec<Stmt> {
        let (units, columns) = (self.layer.units, self.layer.columns());
        let n_in = cx.x().node.shape.channels();
        let array = |name: &str, ty: &Type, len| Stmt::Array(Array::registers(name, ty.clone(), len));
        let mut arrays = vec![
            array("part", &cx.x().ty, n_in),
            array("u", &self.accum, columns),
            array("v", &self.accum, columns),
            array("h", &self.state, units),
        ];
        if self.layer.cell == Cell::Lstm {
            arrays.push(array("c", &self.state, units));
        }
        if let Cell::Gru { reset_after: false, .. } = self.layer.cell {
            arrays.push(array("kept", &self.state, units));
            arrays.push(array("w", &self.accum, units));
        }
        arrays
    }

    /// The states before the first step.
    fn start(&self, cx: &LayerCx<'_>) -> Vec<Stmt> {
        let names = if self.layer.cell == Cell::Lstm { &["h", "c"][..] } else { &["h"] };
        let set = names.iter().enumerate().map(|(n, name)| {
            let value = match cx.inputs.get(n + 1) {
                Some(input) => Expr::element(&cx.operand_name(n + 1), input.ty.format, [Index::var("j")]),
                None => Expr::whole(0),
            };
            Stmt::assign(name, [Index::var("j")], self.state.clone(), value)
        });
        vec![self.units(set.collect())]
    }

    /// A step is a pipeline, unless it shares multipliers in loops of its own.
    fn hint(&self, cx: &LayerCx<'_>) -> Option<LoopHint> {
        let ii = cx.node.reuse_factor.max(self.layer.recurrent_reuse_factor);
        (cx.node.strategy == Strategy::Latency || ii == 1).then_some(LoopHint::Pipeline { ii })
    }

    fn step(&self, cx: &mut LayerCx<'_>, sequence: Sequence) -> Vec<Stmt> {
        let n_in = cx.x().node.shape.channels();
        let last = sequence.steps - 1;
        let backwards =
            || if last == 0 { Index::At(0) } else { Index::Rest(last, Box::new(Index::var("t"))) };
        let read = if sequence.go_backwards { backwards() } else { Index::var("t") };
        let x =
            Expr::element(&cx.operand_name(0), cx.x().ty.format, [read.times(n_in).plus(Index::var("i"))]);
        let gather = Stmt::assign("part", [Index::var("i")], cx.x().ty.clone(), x);
        let mut body = vec![Stmt::unrolled("i", n_in, vec![gather])];
        body.extend(self.products(cx));
        body.push(self.units(self.update()));
        if sequence.return_sequences {
            let restored = sequence.restore_order && sequence.go_backwards;
            let row = if restored { backwards() } else { Index::var("t") };
            body.push(self.units(vec![self.write(row.times(self.layer.units).plus(Index::var("j")))]));
        }
        body
    }

    fn write(&self, at: Index) -> Stmt {
        Stmt::assign("y", [at], self.state.clone(), self.read("h"))
    }

    /// Both matrix products.
    fn products(&self, cx: &mut LayerCx<'_>) -> Vec<Stmt> {
        let (units, columns) = (self.layer.units, self.layer.columns());
        let n_in = cx.x().node.shape.channels();
        let operands = Operands {
            x: cx.x().ty.clone(),
            y: self.accum.clone(),
            accum: self.accum.clone(),
            weight: Slot::Weight,
            bias: Slot::Bias,
            columns: None,
            reuse_factor: cx.node.reuse_factor,
        };
        let of_state = Operands {
            x: self.state.clone(),
            weight: Slot::RecurrentWeight,
            bias: Slot::RecurrentBias,
            reuse_factor: self.layer.recurrent_reuse_factor,
            ..operands.clone()
        };
        let call =
            |function, x: &str, y: &str| Stmt::Call { function, args: vec![x.to_owned(), y.to_owned()] };
        let matrix = |channels, n_out| Matrix { taps: 1, channels, groups: 1, n_out };
        let of_x = matrix(n_in, columns).helper_of(cx, "input", "weights of the input.", operands);
        let mut calls = vec![call(of_x, "part", "u")];
        let Cell::Gru { reset_after: false, order } = self.layer.cell else {
            let words = "weights of the state.";
            let of_state = matrix(units, columns).helper_of(cx, "state", words, of_state);
            calls.push(call(of_state, "h", "v"));
            return calls;
        };
        let part = |columns: core::ops::Range<usize>| Operands {
            reuse_factor: shared(of_state.reuse_factor, units, columns.len()),
            columns: Some(columns),
            ..of_state.clone()
        };
        let words = "weights of the state for the gates.";
        let gates = matrix(units, 2 * units).helper_of(cx, "gates", words, part(0..2 * units));
        let words = "weights of the state after its reset.";
        let candidate = matrix(units, units).helper_of(cx, "candidate", words, part(2 * units..columns));
        let mut reset = self.gate("reset", order.update_and_reset().1);
        let product = self.local("reset").times(self.read("h"));
        reset.push(Stmt::assign("kept", [Index::var("j")], self.state.clone(), product));
        calls.extend([call(gates, "h", "v"), self.units(reset), call(candidate, "kept", "w")]);
        calls
    }

    /// An element of a state.
    fn read(&self, name: &str) -> Expr {
        Expr::element(name, self.state.format, [Index::var("j")])
    }

    /// A number of a unit, in the format of the sums.
    fn local(&self, name: &str) -> Expr {
        Expr::var(name, self.accum.format)
    }

    /// An element of a product for a gate.
    fn column(&self, name: &str, gate: usize) -> Expr {
        let at = Index::At(gate * self.layer.units).plus(Index::var("j"));
        Expr::element(name, self.accum.format, [at])
    }

    /// The states of a unit after the step.
    fn update(&self) -> Vec<Stmt> {
        let set = |name: &str, value| Stmt::assign(name, [Index::var("j")], self.state.clone(), value);
        let local = |name: &str| self.local(name);
        match self.layer.cell {
            Cell::Simple => {
                let sum = self.column("u", 0).plus(self.column("v", 0));
                let mut body = vec![Stmt::bind("sum", self.accum.clone(), sum.cast(self.accum.clone()))];
                let (before, value) = self.curve("sum", local("sum"), false, &self.state);
                body.extend(before);
                body.push(set("h", value));
                body
            }
            Cell::Lstm => {
                let mut body = self.gate("input", 0);
                body.extend(self.gate("forget", 1));
                body.extend(self.candidate(self.column("v", 2)));
                body.extend(self.gate("output", 3));
                let fresh = local("fresh").times(local("input"));
                body.push(set("c", fresh.plus(self.read("c").times(local("forget")))));
                let (before, active) = self.curve("active", self.read("c"), false, &self.accum);
                body.extend(before);
                body.push(Stmt::bind("active", self.accum.clone(), active));
                body.push(set("h", local("output").times(local("active"))));
                body
            }
            Cell::Gru { reset_after, order } => {
                let (update, reset) = order.update_and_reset();
                let mut body = self.gate("update", update);
                let from_state = if reset_after {
                    body.extend(self.gate("reset", reset));
                    let product = local("reset").times(self.column("v", 2));
                    body.push(Stmt::bind("kept", self.accum.clone(), product.cast(self.accum.clone())));
                    local("kept")
                } else {
                    Expr::element("w", self.accum.format, [Index::var("j")])
                };
                body.extend(self.candidate(from_state));
                let rest = Expr::whole(1).minus(local("update"));
                let mixed = local("fresh").times(rest).plus(self.read("h").times(local("update")));
                body.push(set("h", mixed));
                body
            }
        }
    }

    /// Declares the value of a gate.
    fn gate(&self, name: &str, gate: usize) -> Vec<Stmt> {
        self.function(name, self.column("u", gate).plus(self.column("v", gate)), true)
    }

    /// Declares the candidate.
    fn candidate(&self, from_state: Expr) -> Vec<Stmt> {
        self.function("fresh", self.column("u", 2).plus(from_state), false)
    }

    /// Declares the function of a sum.
    fn function(&self, name: &str, sum: Expr, gate: bool) -> Vec<Stmt> {
        let of = format!("{name}_sum");
        let mut body = vec![Stmt::bind(&of, self.accum.clone(), sum.cast(self.accum.clone()))];
        let (before, value) = self.curve(name, self.local(&of), gate, &self.accum);
        body.extend(before);
        body.push(Stmt::bind(name, self.accum.clone(), value));
        body
    }

    /// The function of a number, converted, after the statements that it needs.
    fn curve(&self, name: &str, x: Expr, gate: bool, ty: &Type) -> (Vec<Stmt>, Expr) {
        let (curve, table) = match gate {
            true => (self.layer.recurrent_activation, &self.gate_table),
            false => (self.layer.activation, &self.table),
        };
        match (curve, curve.function(), table) {
            (_, Some(function), Some(table)) => {
                let index = function.index(x.format, self.layer.table_size);
                let span = if function == TableFunction::Tanh { 3 } else { 4 };
                let position = table_position(x, index, span);
                let format = position.format;
                let place = format!("{name}_position");
                let entry = table.at([Index::clamped(&Expr::var(&place, format), index.size() - 1)]);
                (vec![Stmt::bind(&place, format.into(), position)], entry.cast(ty.clone()))
            }
            (Curve::HardSigmoid, ..) => hard(name, x, ty),
            (Curve::Relu, ..) => {
                let positive = x.clone().compare(Comparison::Greater, Expr::whole(0));
                (Vec::new(), Expr::select(ty.clone(), positive, x, Expr::whole(0)))
            }
            _ => (Vec::new(), x.cast(ty.clone())),
        }
    }
}

fn hard(name: &str, x: Expr, ty: &Type) -> (Vec<Stmt>, Expr) {
    let constant = |(raw, format)| Expr::constant(Wide::from_i64(raw), format);
    let exact = Hard::exact(x.format, HARD_SLOPE.1, HARD_SHIFT.1);
    let line = constant(HARD_SLOPE).times(x).plus(constant(HARD_SHIFT));
    let bounded = Hard::bounded(exact);
    let place = format!("{name}_line");
    let read = || Expr::var(&place, line.format);
    let above = read().compare(Comparison::Greater, Expr::whole(1));
    let below = read().compare(Comparison::Less, Expr::whole(0));
    let inner = Expr::select(bounded, below, Expr::whole(0), read());
    let limited = Expr::select(bounded, above, Expr::whole(1), inner);
    (vec![Stmt::bind(&place, line.format.into(), line.clone())], limited.cast(ty.clone()))
}

/// A reuse factor for a part of the columns: the same, or the greatest below that serves them evenly.
fn shared(reuse_factor: usize, n_in: usize, n_out: usize) -> usize {
    let part = Multiplications::matrix(n_in, n_out);
    part.legal().into_iter().rfind(|&rf| rf <= reuse_factor).unwrap_or(1)
}
