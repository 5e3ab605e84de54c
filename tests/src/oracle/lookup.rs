//! Quantizers, tables and activations with few values.

use hls4rs_fixed::{Cast, Format, Wide};
use hls4rs_ir::ops::{Embedding, Quantize, QuantizedTanh, Threshold};
use hls4rs_ir::{Facts, Io, Slot};

use super::{Value, at};

pub(super) fn quantize(op: &Quantize, facts: &Facts, x: &[Value]) -> Vec<Value> {
    let [width, int_bits, signed] =
        [Slot::Width, Slot::IntBits, Slot::Signed].map(|slot| &facts.constant(slot).raw);
    let one = |(n, x): (usize, &Value)| {
        if width[n] == 0 {
            return whole(0, facts.result());
        }
        let plain = Format { signed: signed[n] == 1, ..Format::fixed(width[n] as u32, int_bits[n] as i32) };
        x.cast(plain.with_rounding(op.rounding).with_overflow(op.overflow)).cast(facts.result())
    };
    x.iter().enumerate().map(one).collect()
}

pub(super) fn unary_lut(facts: &Facts, x: &[Value]) -> Vec<Value> {
    let table = facts.constant(Slot::Table);
    let pattern = |x: &Value| (0..x.format.width).filter(|&n| x.raw.bit(n)).map(|n| 1usize << n).sum();
    x.iter().map(|x| at(table, pattern(x)).cast(facts.result())).collect()
}

pub(super) fn embedding(op: &Embedding, facts: &Facts, x: &[Value]) -> Vec<Value> {
    let vectors = facts.constant(Slot::Embeddings);
    let index = |x: &Value| {
        let whole = Cast::new(x.format, Format::int(200)).wide(x.raw);
        let last = Wide::from_i64(op.vocabulary as i64 - 1);
        whole.max(Wide::ZERO).min(last).to_i64().expect("at most the last index") as usize
    };
    x.iter()
        .flat_map(|x| (0..op.units).map(move |i| at(vectors, index(x) * op.units + i).cast(facts.result())))
        .collect()
}

pub(super) fn quantized_tanh(op: &QuantizedTanh, facts: &Facts, io: Io, x: &[Value]) -> Vec<Value> {
    let result = facts.result();
    let one = |&x: &Value| {
        if !op.ternary {
            return if x.is_negative() { minus_one(result) } else { whole(1, result) };
        }
        let x = match io {
            Io::Parallel => x.plus(x).cast(x.format),
            Io::Stream => x,
        };
        if x.exceeds(number(1)) {
            whole(1, result)
        } else if x.exceeds(number(-1)) {
            whole(0, result)
        } else {
            minus_one(result)
        }
    };
    x.iter().map(one).collect()
}

pub(super) fn threshold(op: &Threshold, facts: &Facts, x: &[Value]) -> Vec<Value> {
    let result = facts.result();
    let one = |(n, &x): (usize, &Value)| {
        let limit = |slot| at(facts.constant(slot), n);
        match op.ternary {
            true if x.exceeds(limit(Slot::Upper)) => whole(1, result),
            true if x.exceeds(limit(Slot::Lower)) => whole(0, result),
            false if !limit(Slot::Threshold).exceeds(x) => whole(1, result),
            _ => minus_one(result),
        }
    };
    x.iter().enumerate().map(one).collect()
}

fn number(value: i64) -> Value {
    Value { raw: Wide::from_i64(value), format: Format::fixed(2, 2) }
}

fn whole(value: i64, result: Format) -> Value {
    number(value).cast(result)
}

fn minus_one(result: Format) -> Value {
    whole(if result.signed { -1 } else { 0 }, result)
}
