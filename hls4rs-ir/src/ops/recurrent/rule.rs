//! Formats and ranges of a recurrent layer.

use hls4rs_fixed::{Format, Overflow, Rounding, Wide, to_f64};

use super::{Cell, Curve, Recurrent};
use crate::fault::Problem;
use crate::hardware::Strategy;
use crate::ops::sums::{Sums, Words, channel_hulls, no_bias};
use crate::range::{Interval, Ranges, aligned, quantized, unlimited};
use crate::resolve::{Accumulation, Done, NodeCx, limited, wraps};
use crate::tables::Extremes;
use crate::{Place, RawTensor, Slot};

/// Widths of a state that is left to `auto`, and the most integer bits that it may have.
const AUTO_STATE: (u32, i32) = (18, 12);

/// The hull of a table's entries, and their fraction bits.
type Entries = Option<(Interval, i32)>;

/// What is known before the sums are.
struct Known<'a> {
    layer: &'a Recurrent,
    weight: RawTensor,
    recurrent: RawTensor,
    bias: RawTensor,
    recurrent_bias: RawTensor,
    /// The format of the states.
    state: Format,
    /// What the states are before the first step, in the format of the states.
    initial: Vec<Interval>,
    table: Entries,
    gate_table: Entries,
    /// The accumulator, or without limits and with the unit of `auto` where it is left to that.
    accum: Format,
    /// Whether the accumulator's limits are known.
    limits: bool,
}

pub(super) fn resolve(layer: &Recurrent, cx: &mut NodeCx<'_>) -> Option<Done> {
    check_reuse(layer, cx);
    let known = settle(layer, cx)?;
    let steps = cx.input_shape(0)[0];
    let x = &cx.input(0).range;
    let x = Ranges { frac_bits: x.frac_bits, elements: channel_hulls(x, x.elements.len() / steps) };
    let state = known.before_a_step();
    let reset = known.reset_state(state);
    let read = reset.map_or(state, |reset| state.hull(known.limit_state(reset)));
    let states = Ranges { frac_bits: known.state.frac_bits(), elements: vec![read; layer.units] };
    let of = |x, weight, bias| Sums {
        x,
        weight,
        bias,
        n_out: layer.columns(),
        channels: x.elements.len(),
        groups: 1,
        positions: 1,
        words: Words { part: "step", unit: "unit" },
    };
    let (u, u_partial, u_product) = of(&x, &known.weight, &known.bias).ranges(known.accum);
    let (v, v_partial, v_product) = of(&states, &known.recurrent, &known.recurrent_bias).ranges(known.accum);
    let sums = Totals::new(&known, (u, u_partial), (v, v_partial));
    cx.settle_cast(Slot::Accum, &sums.all);
    let accum = cx.formats.get(Slot::Accum).copied()?;
    let known = Known { accum, limits: true, ..known };
    let at = |n: usize| known.limit(sums.gates[n]);
    let (next, results) = known.states(steps, &at);
    let next = reset.map_or(next, |reset| next.hull(reset));
    let values = Ranges { frac_bits: known.state.frac_bits(), elements: vec![next; cx.node().shape.elements()] };
    cx.settle_cast_to(Slot::Result, known.state, &values);
    let result = limited(&values.map(values.frac_bits, |_| results), known.state);
    let exact = accum.frac_bits() >= known.exact_bits(x.frac_bits);
    let (partial, product) = (u_partial.hull(v_partial), u_product.hull(v_product));
    let accumulation = Accumulation { partial, total: sums.all.hull(), product, exact };
    Some(Done { range: result, accumulation: Some(accumulation) })
}

/// The factor of the product with the state goes with the strategy, as `reuse_factor` does.
fn check_reuse(layer: &Recurrent, cx: &mut NodeCx<'_>) {
    let (m, found) = (layer.recurrent_multiplications(), layer.recurrent_reuse_factor);
    if m.allows(cx.node().strategy, found) {
        return;
    }
    let (below, above) = m.neighbours(cx.node().strategy, found);
    let near: Vec<_> = below.iter().chain(&above).map(|rf| format!("`{rf}`")).collect();
    let expected = match cx.node().strategy {
        Strategy::Latency => format!("a factor from 1 to {}, {} x {} products", m.n_in * m.n_out, m.n_in, m.n_out),
        _ => format!(
            "a factor that divides {} x {} products evenly, such as {}",
            m.n_in,
            m.n_out,
            near.join(" or ")
        ),
    };
    let attr = "recurrent_reuse_factor";
    let layer = cx.node().name.clone();
    let problem = Problem::Attribute { layer, attr, expected, found: found.to_string() };
    cx.fault(Place::Attr(attr), problem);
}

/// Settles everything but the accumulator.
fn settle<'a>(layer: &'a Recurrent, cx: &mut NodeCx<'_>) -> Option<Known<'a>> {
    let columns = layer.columns();
    cx.store_values(Slot::Weight)?;
    cx.store_values(Slot::RecurrentWeight)?;
    let mut bias = |slot| match cx.store_values(slot) {
        Some(bias) => bias.clone(),
        None => no_bias(columns),
    };
    let (bias, recurrent_bias) = (bias(Slot::Bias), bias(Slot::RecurrentBias));
    let table = match layer.activation.function() {
        Some(_) => Some(entries(layer, cx, Slot::Table, layer.activation)?),
        None => None,
    };
    let gate_table = match layer.gates() {
        Some(curve) if curve.function().is_some() => {
            Some(entries(layer, cx, Slot::RecurrentTable, curve)?)
        }
        _ => None,
    };
    let state = state_format(layer, cx)?;
    let initial = (0..layer.cell.states()).map(|n| initial(cx, n, state)).collect();
    let mut known = Known {
        layer,
        weight: cx.stored(Slot::Weight).clone(),
        recurrent: cx.stored(Slot::RecurrentWeight).clone(),
        bias,
        recurrent_bias,
        state,
        initial,
        table,
        gate_table,
        accum: state,
        limits: false,
    };
    let x = cx.input(0).result();
    cx.exact(0, x.product(known.weight.format))?;
    cx.exact(0, state.product(known.recurrent.format))?;
    let asked = cx.precision(Slot::Accum).format();
    let bits = known.exact_bits(x.frac_bits());
    let products = aligned(x.product(known.weight.format), state.product(known.recurrent.format));
    // Room for as many products as there can be.
    let sums = Format::fixed((products.int_bits + 30 + bits).max(1).unsigned_abs(), products.int_bits + 30);
    // The exact product of a gate and a state, and the sum of two.
    let widest = asked.unwrap_or(sums);
    cx.exact(0, widest.product(widest).sum(state.product(widest)))?;
    known.accum = asked.unwrap_or(unlimited(sums));
    known.limits = asked.is_some();
    Some(known)
}

/// Stores the table of a function and gives the hull of its entries.
fn entries(layer: &Recurrent, cx: &mut NodeCx<'_>, slot: Slot, curve: Curve) -> Option<(Interval, i32)> {
    let function = curve.function().expect("asked for functions with a table");
    let values = function.table(layer.table_size);
    let auto = crate::constants::rounded_format(values.iter().copied(), 18, 18);
    let table = cx.store_table(slot, auto, values, &|_| true)?;
    Some((Extremes::new(&table.raw).between((0, layer.table_size - 1)), table.format.frac_bits()))
}

/// A state before the first step.
fn initial(cx: &NodeCx<'_>, n: usize, state: Format) -> Interval {
    if n + 1 >= cx.n_inputs() {
        return Interval::point(Wide::ZERO);
    }
    let range = &cx.input(n + 1).range;
    let cast = range.map(state.frac_bits(), |e| quantized(e, range.frac_bits, state));
    limited(&cast, state).hull()
}

/// The format of the states: the one asked for, or one with room for so many steps.
fn state_format(layer: &Recurrent, cx: &mut NodeCx<'_>) -> Option<Format> {
    if let Some(format) = cx.precision(Slot::Result).format() {
        return Some(cx.settle(Slot::Result, format));
    }
    let (width, most) = AUTO_STATE;
    let bound = bound(layer, cx).filter(|bound| bound.log2().ceil() < f64::from(most));
    let Some(bound) = bound else {
        let reason = "the states have no bound that is known; write a format, such as `Fixed<16, 6>`, for the result";
        let (layer, slot) = (cx.node().name.clone(), Slot::Result);
        cx.fault(Place::Node, Problem::Format { layer, slot, reason: reason.to_owned() });
        return None;
    };
    let int_bits = 1 + bound.log2().ceil().max(0.0) as i32;
    let auto = Format::fixed(width, int_bits).with_rounding(Rounding::Rnd).with_overflow(Overflow::Sat);
    Some(cx.settle(Slot::Result, auto))
}

/// The greatest magnitude that a state can have, if the functions bound it.
fn bound(layer: &Recurrent, cx: &NodeCx<'_>) -> Option<f64> {
    layer.activation.bounds()?;
    let given = (1..cx.n_inputs()).map(|n| {
        let range = &cx.input(n).range;
        let hull = range.hull();
        to_f64(hull.lo, range.frac_bits).abs().max(to_f64(hull.hi, range.frac_bits).abs())
    });
    // The greatest value of a format is less than a power of two.
    let given = given.fold(0.0, f64::max) * (1.0 + 1e-9);
    let steps = cx.input_shape(0)[0] as f64;
    match layer.gates() {
        None => Some(given.max(1.0)),
        Some(gates) => {
            let (low, _) = gates.bounds()?;
            // A mean of candidate and state stays between them; a sum grows by one in every step.
            match layer.cell {
                Cell::Gru { .. } if low == 0.0 => Some(given.max(1.0)),
                Cell::Gru { .. } => Some(given + 2.0 * steps),
                _ => Some(given + steps),
            }
        }
    }
}

impl Known<'_> {
    /// The fraction bits in which no product, no bias and no entry of a table loses a bit.
    fn exact_bits(&self, x: i32) -> i32 {
        let products = [
            x + self.weight.format.frac_bits(),
            self.state.frac_bits() + self.recurrent.format.frac_bits(),
            self.bias.format.frac_bits(),
            self.recurrent_bias.format.frac_bits(),
        ];
        let tables = [self.table, self.gate_table].into_iter().flatten().map(|(_, bits)| bits);
        let straight = |curve| match curve {
            Curve::HardSigmoid => Some(16),
            Curve::Relu | Curve::Linear => Some(self.state.frac_bits()),
            _ => None,
        };
        let curves = [Some(self.layer.activation), self.layer.gates()].into_iter().flatten();
        products.into_iter().chain(tables).chain(curves.filter_map(straight)).max().unwrap_or(0)
    }

    /// The limits of the accumulator, where they are known.
    fn limit(&self, e: Interval) -> Interval {
        if !self.limits {
            return e;
        }
        limited(&Ranges { frac_bits: self.accum.frac_bits(), elements: vec![e] }, self.accum).elements[0]
    }

    fn limit_state(&self, e: Interval) -> Interval {
        limited(&Ranges { frac_bits: self.state.frac_bits(), elements: vec![e] }, self.state).elements[0]
    }

    fn curve(&self, candidate: bool) -> (Curve, Entries) {
        match candidate {
            true => (self.layer.activation, self.table),
            false => (self.layer.recurrent_activation, self.gate_table),
        }
    }

    /// A gate or the candidate, for sums `x` in units of the accumulator, before the accumulator's limits.
    fn gate(&self, candidate: bool, x: Interval) -> Interval {
        let (curve, table) = self.curve(candidate);
        curve.reach(table, x, self.accum.frac_bits(), self.accum)
    }

    /// What `h` can be before a step, in the format of the states, when sums are not known yet.
    fn before_a_step(&self) -> Interval {
        let anything = Interval::of_format(self.state);
        let bounded = |candidate| {
            let (curve, table) = self.curve(candidate);
            table.is_some() || curve == Curve::HardSigmoid
        };
        if !bounded(true) || (self.layer.gates().is_some() && !bounded(false)) {
            return anything;
        }
        let point = Interval::point(Wide::ZERO);
        let gate = |n: usize| self.limit(self.gate(n == self.layer.cell.candidate(), point));
        let (_, next) = self.states(1, &gate);
        let start = self.initial[0];
        let result = match self.layer.cell {
            // One step from any state.
            Cell::Lstm => self.limit_state(self.output(&gate)),
            _ => self.limit_state(next),
        };
        result.hull(start)
    }

    /// `r · h` of a `gru` that resets the state, before the limits of its format.
    fn reset_state(&self, h: Interval) -> Option<Interval> {
        let Cell::Gru { reset_after: false, .. } = self.layer.cell else { return None };
        let (curve, table) = self.curve(false);
        if table.is_none() && curve != Curve::HardSigmoid {
            return Some(Interval::of_format(self.state));
        }
        let gate = self.limit(self.gate(false, Interval::point(Wide::ZERO)));
        Some(quantized(gate.product(h), self.accum.frac_bits() + self.state.frac_bits(), self.state))
    }

    /// What `φ(c)` of an `lstm` can be, before the limits of the accumulator.
    fn activated(&self) -> Interval {
        let (curve, table) = self.curve(true);
        curve.reach(table, Interval::of_format(self.state), self.state.frac_bits(), self.accum)
    }

    /// `h` of an `lstm`, whatever `c` is, before the limits of the states.
    fn output(&self, gate: &dyn Fn(usize) -> Interval) -> Interval {
        let cell = self.limit(self.activated());
        quantized(gate(3).product(cell), 2 * self.accum.frac_bits(), self.state)
    }

    /// All states after so many steps before the limits of their format, and the results among them.
    fn states(&self, steps: usize, gate: &dyn Fn(usize) -> Interval) -> (Interval, Interval) {
        let bits = self.accum.frac_bits();
        match self.layer.cell {
            Cell::Simple => {
                // The candidate goes straight to the format of the state.
                let (curve, table) = self.curve(true);
                let h = match table {
                    Some((entries, bits)) => quantized(entries, bits, self.state),
                    None => curve.reach(None, gate(0), bits, self.state),
                };
                (h, h)
            }
            Cell::Gru { order, .. } => {
                let z = gate(order.update_and_reset().0);
                let mixed = self.mixed(z, gate(2));
                (mixed, mixed)
            }
            Cell::Lstm => {
                let c = self.cell_state(steps, gate);
                let h = self.output(gate);
                (c.hull(h), h)
            }
        }
    }

    /// `candidate · (1 - z) + h · z`.
    fn mixed(&self, z: Interval, candidate: Interval) -> Interval {
        let (bits, state_bits) = (self.accum.frac_bits(), self.state.frac_bits());
        let one = Wide::ONE << bits.max(0).unsigned_abs();
        let z = z.finer((-bits).max(0).unsigned_abs());
        if !z.lo.is_negative() && z.hi <= one {
            // A mean lies between; all states before do so as well.
            let zero = Interval::point(Wide::ZERO);
            return quantized(candidate.hull(zero), bits, self.state).hull(self.initial[0]);
        }
        let z_bits = bits.max(0);
        let fresh = candidate.product(Interval::point(one).difference(z));
        let kept = Interval::of_format(self.state).product(z);
        self.sum((fresh, bits + z_bits), (kept, state_bits + z_bits))
    }

    /// `c` in all steps, before the limits of its format.
    fn cell_state(&self, steps: usize, gate: &dyn Fn(usize) -> Interval) -> Interval {
        let (bits, state_bits) = (self.accum.frac_bits(), self.state.frac_bits());
        let fresh = gate(2).product(gate(0));
        let mut c = self.initial[1];
        let mut all = c;
        for _ in 0..steps {
            let kept = self.limit_state(c).product(gate(1));
            c = self.sum((fresh, 2 * bits), (kept, state_bits + bits));
            if c.hull(all) == all {
                break;
            }
            all = all.hull(c);
            c = all;
        }
        all
    }

    /// The exact sum of two products, rounded to the unit of the states.
    fn sum(&self, (a, a_bits): (Interval, i32), (b, b_bits): (Interval, i32)) -> Interval {
        let bits = a_bits.max(b_bits);
        let sum = a.finer((bits - a_bits).unsigned_abs()).sum(b.finer((bits - b_bits).unsigned_abs()));
        quantized(sum, bits, self.state)
    }
}

/// The values that are cast to the accumulator, before its limits.
struct Totals {
    /// For every column, everything that is cast.
    all: Ranges,
    /// For every gate what its function gives.
    gates: Vec<Interval>,
}

impl Totals {
    fn new(known: &Known<'_>, (u, u_partial): (Ranges, Interval), (v, v_partial): (Ranges, Interval)) -> Self {
        let (bits, units) = (u.frac_bits, known.layer.units);
        let (u, v) = (known.summed(u, u_partial), known.summed(v, v_partial));
        let candidate = known.layer.cell.candidate();
        let reset = match known.layer.cell {
            Cell::Gru { reset_after: true, order } => Some(order.update_and_reset().1),
            _ => None,
        };
        let mut gates: Vec<Interval> = Vec::new();
        let mut all = Vec::new();
        // The candidate of a `gru` needs the reset gate, which stands before it.
        for gate in 0..known.layer.cell.gates() {
            let mut hull: Option<Interval> = None;
            for n in gate * units..(gate + 1) * units {
                let (u, mut v) = (u[n], v[n]);
                let mut cast = u.0.hull(v.0);
                if let (true, Some(reset)) = (gate == candidate, reset) {
                    let product = quantized(known.limit(gates[reset]).product(v.1), 2 * bits, known.accum);
                    cast = cast.hull(product);
                    v.1 = known.limit(product);
                }
                let sum = u.1.sum(v.1);
                all.push(cast.hull(sum));
                let sum = known.limit(sum);
                hull = Some(hull.map_or(sum, |hull| hull.hull(sum)));
            }
            let hull = hull.expect("the layer has units");
            let result = known.gate(gate == candidate, hull);
            if known.layer.cell != Cell::Simple {
                all[gate * units] = all[gate * units].hull(result);
            }
            gates.push(result);
        }
        if known.layer.cell == Cell::Lstm {
            all[candidate * units] = all[candidate * units].hull(known.activated());
        }
        Self { all: Ranges { frac_bits: bits, elements: all }, gates }
    }
}

impl Known<'_> {
    /// Sums before and after the accumulator's limits.
    fn summed(&self, sums: Ranges, partial: Interval) -> Vec<(Interval, Interval)> {
        // A sum that saturates on its way can end anywhere.
        let free = !self.limits || wraps(self.accum) || partial.fits(self.accum);
        let reached = |e| if free { self.limit(e) } else { Interval::of_format(self.accum) };
        sums.elements.iter().map(|&e| (e, reached(e))).collect()
    }
}
