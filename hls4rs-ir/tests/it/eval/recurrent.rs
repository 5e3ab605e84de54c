//! Recurrent layers.

use hls4rs_fixed::{Format, Wide};
use hls4rs_ir::ops::{Cell, Curve, Hard, Recurrent};
use hls4rs_ir::{Facts, Shape, Slot};

use super::{Value, sum_of};

/// The results of all steps.
pub(super) fn results(layer: &Recurrent, facts: &Facts, read: &[&[Value]], x: &Shape) -> Vec<Value> {
    let state = |n: usize| match read.get(n) {
        Some(values) => values.iter().map(|v| v.cast(facts.result())).collect(),
        None => vec![Value { raw: Wide::ZERO, format: facts.result() }; layer.units],
    };
    let (mut h, mut c) = (state(1), state(2));
    let sequence = layer.sequence(x);
    let mut rows = vec![Vec::new(); sequence.rows()];
    for n in 0..sequence.steps {
        let x = &read[0][sequence.step(n) * x[1]..][..x[1]];
        (h, c) = step(layer, facts, x, &h, &c);
        if let Some(row) = sequence.row(n) {
            rows[row] = h.clone();
        }
    }
    rows.concat()
}

fn step(layer: &Recurrent, facts: &Facts, x: &[Value], h: &[Value], c: &[Value]) -> (Vec<Value>, Vec<Value>) {
    let (accum, result, units) = (facts.format(Slot::Accum), facts.result(), layer.units);
    let product = |x: &[Value], [weight, bias]: [Slot; 2]| -> Vec<Value> {
        (0..layer.columns()).map(|j| sum_of(facts, [weight, bias], x, layer.columns(), j)).collect()
    };
    let of_state = |h: &[Value]| product(h, [Slot::RecurrentWeight, Slot::RecurrentBias]);
    let (u, v) = (product(x, [Slot::Weight, Slot::Bias]), of_state(h));
    let candidate = |x: Value| function(layer, facts, layer.activation, Slot::Table, x);
    let sum = |gate: usize, j: usize| u[gate * units + j].plus(v[gate * units + j]).cast(accum);
    let gate = |n: usize, j: usize| {
        function(layer, facts, layer.recurrent_activation, Slot::RecurrentTable, sum(n, j)).cast(accum)
    };
    let all = 0..units;
    match layer.cell {
        Cell::Simple => (all.map(|j| candidate(sum(0, j)).cast(result)).collect(), c.to_vec()),
        Cell::Lstm => {
            let next = |j: usize| {
                let fresh = candidate(sum(2, j)).cast(accum).times(gate(0, j));
                fresh.plus(c[j].times(gate(1, j))).cast(result)
            };
            let c: Vec<Value> = all.clone().map(next).collect();
            let h = all.map(|j| gate(3, j).times(candidate(c[j]).cast(accum)).cast(result)).collect();
            (h, c)
        }
        Cell::Gru { reset_after, order } => {
            let (update, reset) = order.update_and_reset();
            let kept: Vec<Value> = all.clone().map(|j| gate(reset, j).times(h[j]).cast(result)).collect();
            let of_kept = of_state(&kept);
            let next = |j: usize| {
                let at = 2 * units + j;
                let from_state =
                    if reset_after { gate(reset, j).times(v[at]).cast(accum) } else { of_kept[at] };
                let fresh = candidate(u[at].plus(from_state).cast(accum)).cast(accum);
                let one = Value { raw: Wide::ONE, format: Format::uint(1) };
                fresh.times(one.minus(gate(update, j))).plus(h[j].times(gate(update, j))).cast(result)
            };
            (all.map(next).collect(), c.to_vec())
        }
    }
}

fn function(layer: &Recurrent, facts: &Facts, curve: Curve, slot: Slot, x: Value) -> Value {
    if let Some(function) = curve.function() {
        return Value::constant(facts.constant(slot), function.index(x.format, layer.table_size).wide(x.raw));
    }
    match curve {
        Curve::Relu if x.is_negative() => Value { raw: Wide::ZERO, ..x },
        Curve::HardSigmoid => {
            let slope = Value { raw: Wide::from_i64(13107), format: Format::ufixed(16, 0) };
            let line = slope.times(x).plus(Value { raw: Wide::ONE, format: Format::ufixed(1, 0) });
            let exact = Hard::exact(x.format, slope.format, Format::ufixed(2, 0));
            let (one, bits) = (Wide::ONE << exact.frac_bits().unsigned_abs(), exact.frac_bits());
            let raw = line.raw << (bits - line.format.frac_bits()).unsigned_abs();
            Value { raw: raw.max(Wide::ZERO).min(one), format: Hard::bounded(exact) }
        }
        _ => x,
    }
}
