//! Recurrent layers, one value at a time.

use hls4rs_fixed::{Format, Wide};
use hls4rs_ir::ops::{Cell, Curve, Hard, Recurrent};
use hls4rs_ir::{Facts, Multiplications, Node, Slot};

use super::{Value, at};

/// A layer with what it stores.
struct Steps<'a> {
    layer: &'a Recurrent,
    node: &'a Node,
    facts: &'a Facts,
    accum: Format,
    result: Format,
}

/// The results of all steps.
pub(super) fn recurrent(layer: &Recurrent, node: &Node, facts: &Facts, read: &[&[Value]]) -> Vec<Value> {
    let (accum, result) = (facts.format(Slot::Accum), facts.result());
    let all = Steps { layer, node, facts, accum, result };
    let first = |n: usize| match read.get(n) {
        Some(state) => state.iter().map(|v| v.cast(result)).collect(),
        None => vec![Value { raw: Wide::ZERO, format: result }; layer.units],
    };
    let (mut h, mut c) = (first(1), first(2));
    let n_in = facts.constant(Slot::Weight).shape[0];
    let steps = read[0].len() / n_in;
    let mut results = vec![Vec::new(); steps];
    for n in 0..steps {
        let step = if layer.go_backwards { steps - 1 - n } else { n };
        all.step(&read[0][step * n_in..][..n_in], &mut h, &mut c);
        results[if layer.restore_order { step } else { n }] = h.clone();
    }
    if layer.return_sequences { results.concat() } else { h }
}

impl Steps<'_> {
    fn step(&self, x: &[Value], h: &mut [Value], c: &mut [Value]) {
        let units = self.layer.units;
        let u = self.product(x, [Slot::Weight, Slot::Bias], self.node.reuse_factor);
        let state = |h: &[Value]| {
            self.product(h, [Slot::RecurrentWeight, Slot::RecurrentBias], self.layer.recurrent_reuse_factor)
        };
        let v = state(h);
        let gate = |n: usize, j: usize| {
            let sum = u[n * units + j].plus(v[n * units + j]).cast(self.accum);
            self.function(self.layer.recurrent_activation, Slot::RecurrentTable, sum).cast(self.accum)
        };
        let active = |x: Value| self.function(self.layer.activation, Slot::Table, x);
        match self.layer.cell {
            Cell::Simple => {
                for j in 0..units {
                    h[j] = active(u[j].plus(v[j]).cast(self.accum)).cast(self.result);
                }
            }
            Cell::Lstm => {
                for j in 0..units {
                    let sum = u[2 * units + j].plus(v[2 * units + j]).cast(self.accum);
                    let fresh = active(sum).cast(self.accum);
                    c[j] = fresh.times(gate(0, j)).plus(c[j].times(gate(1, j))).cast(self.result);
                    h[j] = gate(3, j).times(active(c[j]).cast(self.accum)).cast(self.result);
                }
            }
            Cell::Gru { reset_after, order } => {
                let (update, reset) = order.update_and_reset();
                let kept: Vec<Value> =
                    (0..units).map(|j| gate(reset, j).times(h[j]).cast(self.result)).collect();
                let of_kept = state(&kept);
                for j in 0..units {
                    let from_state = match reset_after {
                        true => gate(reset, j).times(v[2 * units + j]).cast(self.accum),
                        false => of_kept[2 * units + j],
                    };
                    let fresh = active(u[2 * units + j].plus(from_state).cast(self.accum)).cast(self.accum);
                    let (z, one) = (gate(update, j), Value { raw: Wide::ONE, format: Format::uint(1) });
                    h[j] = fresh.times(one.minus(z)).plus(h[j].times(z)).cast(self.result);
                }
            }
        }
    }

    fn product(&self, x: &[Value], [weight, bias]: [Slot; 2], reuse_factor: usize) -> Vec<Value> {
        let weight = self.facts.constant(weight);
        let m = Multiplications::matrix(x.len(), self.layer.columns());
        let order = m.order(self.node.strategy, reuse_factor, 0);
        let column = |j: usize| {
            let none = Value { raw: Wide::ZERO, format: self.accum };
            let start = self.facts.constants.get(bias).map_or(none, |bias| at(bias, j).cast(self.accum));
            let term = |i: usize| x[i].times(at(weight, i * m.n_out + j)).cast(self.accum);
            order.iter().fold(start, |sum, &i| sum.plus(term(i)).cast(self.accum))
        };
        (0..m.n_out).map(column).collect()
    }

    fn function(&self, curve: Curve, slot: Slot, x: Value) -> Value {
        match (curve, curve.function()) {
            (_, Some(function)) => {
                let table = self.facts.constant(slot);
                at(table, function.index(x.format, self.layer.table_size).wide(x.raw))
            }
            (Curve::HardSigmoid, None) => hard(x),
            (Curve::Relu, None) if !x.is_positive() => Value { raw: Wide::ZERO, ..x },
            _ => x,
        }
    }
}

fn hard(x: Value) -> Value {
    let constant = |raw, format| Value { raw: Wide::from_i64(raw), format };
    let (slope, shift) = (constant(13107, Format::ufixed(16, 0)), constant(1, Format::ufixed(1, 0)));
    let line = slope.times(x).plus(shift);
    let exact = Hard::exact(x.format, slope.format, shift.format);
    let one = Wide::ONE << exact.frac_bits().unsigned_abs();
    Value { raw: line.aligned(exact.frac_bits()).max(Wide::ZERO).min(one), format: Hard::bounded(exact) }
}
