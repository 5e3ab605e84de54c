//! Layers on the vertices of a graph, as hls4ml's `contrib.garnet` defines them for Keras 2.

use hls4rs_fixed::{Format, Overflow, Rounding};
use hls4rs_ir::draft::{DraftNode, Part, Role, Type};
use hls4rs_ir::ops::{Collapse, Garnet};
use hls4rs_ir::{Shape, Slot, Tensor};

use super::super::attributes::Attributes;
use super::super::call::{Call, Value};

/// Fraction bits of all trained values.
const FRAC_BITS: u32 = 10;
/// Products while two trained matrices become one: minutes of work are no layer of an FPGA.
const MAX_PRODUCTS: usize = 1 << 28;

/// One layer.
pub(super) fn garnet(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let (collapse, mean_by_nvert) = common(attributes);
    let sizes = Sizes {
        aggregators: attributes.size("n_aggregators"),
        units: attributes.size("n_filters"),
        propagated: attributes.size("n_propagate"),
    };
    let (x, count) = inputs(call)?;
    let node = call.node("GarNet", sizes.op(collapse, mean_by_nvert), &[&x, &count]);
    push(call, node, &x, &sizes, "")
}

/// Several layers, each on the result of the one before it; only the last one may have a result for all vertices.
///
/// hls4ml computes them in one function, with the same types for all of them, and without `collapse` writes C++ that
/// does not compile.
pub(super) fn stack(call: &mut Call<'_>) -> Option<Value> {
    let (collapse, mean_by_nvert) = common(&call.attributes);
    let sizes = sizes_of_stack(&call.attributes)?;
    let (mut x, count) = inputs(call)?;
    let layer = call.attributes.layer().to_owned();
    let last = sizes.len() - 1;
    for (n, sizes) in sizes.iter().enumerate() {
        let (name, collapse) = match n == last {
            true => (layer.clone(), collapse),
            false => (format!("{layer}_{n}"), Collapse::None),
        };
        let op = sizes.op(collapse, mean_by_nvert);
        let mut node = DraftNode::new(name, "GarNetStack", op, &[&x.node, &count.node]);
        node.part =
            Some(Part { layer: layer.clone(), class: "GarNetStack".to_owned(), role: Role::Sublayer });
        x = push(call, node, &x, sizes, &n.to_string())?;
    }
    Some(x)
}

/// The sizes of one layer.
struct Sizes {
    aggregators: usize,
    units: usize,
    /// Features of a vertex that aggregators see.
    propagated: usize,
}

impl Sizes {
    fn op(&self, collapse: Collapse, mean_by_nvert: bool) -> Garnet {
        let &Self { aggregators, units, .. } = self;
        Garnet { units, aggregators, collapse, mean_by_nvert, parallelization_factor: None }
    }
}

/// The attributes that a layer and a stack share: what the result has, and what means are over.
fn common(attributes: &Attributes<'_>) -> (Collapse, bool) {
    if !attributes.flag("simplified", false) {
        attributes.wrong("simplified", "only true is supported, in hls4ml too");
    }
    attributes.only("input_format", &"xn".into());
    attributes.only("output_activation", &"linear".into());
    if attributes.flag("quantize_transforms", false) {
        let reason = "only false is supported: hls4ml rounds the weights to -1, 0 and 1, the trained layer to the bits \
                      that its file does not tell";
        attributes.wrong("quantize_transforms", reason);
    }
    let collapse = match attributes.value("collapse").map(|value| value.as_str()) {
        None => Collapse::None,
        Some(Some("mean")) => Collapse::Mean,
        Some(_) => {
            attributes.wrong("collapse", "expected mean or nothing, as in hls4ml");
            Collapse::None
        }
    };
    let mean_by_nvert = attributes.flag("mean_by_nvert", false);
    if mean_by_nvert && collapse == Collapse::Mean {
        let reason =
            "is not supported with `collapse` mean: the trained layer adds up, where hls4ml takes the mean";
        attributes.wrong("mean_by_nvert", reason);
    }
    (collapse, mean_by_nvert)
}

fn sizes_of_stack(attributes: &Attributes<'_>) -> Option<Vec<Sizes>> {
    let layers = attributes.size("n_sublayers");
    let read = |key| {
        let sizes: Vec<_> = attributes.integers(key).into_iter().map(usize::try_from).collect();
        let sizes: Option<Vec<usize>> = sizes.into_iter().map(|size| size.ok().filter(|&n| n > 0)).collect();
        let sizes = sizes.filter(|sizes| sizes.len() == layers);
        if sizes.is_none() {
            attributes.wrong(key, format!("expected a number of at least 1 for each of the {layers} layers"));
        }
        sizes
    };
    let all = [read("n_aggregators"), read("n_filters"), read("n_propagate")];
    let [aggregators, units, propagated] = all.map(Option::unwrap_or_default);
    let sizes = aggregators.into_iter().zip(units).zip(propagated);
    let sizes = sizes.map(|((aggregators, units), propagated)| Sizes { aggregators, units, propagated });
    Some(sizes.collect()).filter(|_| attributes.is_sound())
}

/// The vertices and their number.
fn inputs(call: &Call<'_>) -> Option<(Value, Value)> {
    if call.arity() != 2 {
        let reason = format!("reads {} tensors; expected vertices and their number", call.arity());
        call.attributes.fault(reason);
        return None;
    }
    let (x, count) = (call.input(0), call.input(1));
    let (x, count) = (x?, count?);
    if x.shape.rank() != 2 {
        call.attributes.fault(format!("expected [vertices, features], found {}", x.shape));
        return None;
    }
    Some((x, count))
}

/// Adds one layer, whose variables have `number` in their names.
fn push(call: &mut Call<'_>, mut node: DraftNode, x: &Value, sizes: &Sizes, number: &str) -> Option<Value> {
    let features = x.shape.channels();
    let &Sizes { aggregators, units, propagated } = sizes;
    let stored = |part: &str, variable: &str, extents: &[usize]| {
        stored(call, &format!("{part}{number}_{variable}"), extents)
    };
    let [inward, inward_bias, distance, distance_bias, outward, bias] = [
        stored("FLR", "kernel", &[features, propagated]),
        stored("FLR", "bias", &[propagated]),
        stored("S", "kernel", &[features, aggregators]),
        stored("S", "bias", &[aggregators]),
        stored("Fout", "kernel", &[aggregators.saturating_mul(propagated), units]),
        stored("Fout", "bias", &[units]),
    ];
    let (inward, outward) = (inward?, outward?);
    if features.checked_mul(outward.len()).is_none_or(|n| n > MAX_PRODUCTS) {
        call.attributes.fault(format!("more than {MAX_PRODUCTS} products to fold its weights"));
        return None;
    }
    let fold = |rows: &[f64]| folded(rows, &outward, sizes);
    for (slot, extents, values) in [
        (Slot::Weight, &[units, aggregators, features][..], fold(&inward)),
        (Slot::TransformBias, &[units, aggregators], fold(&inward_bias?)),
        (Slot::DistanceWeight, &[aggregators, features], transposed(&distance?, aggregators)),
        (Slot::DistanceBias, &[aggregators], distance_bias?),
        (Slot::Bias, &[units], bias?),
    ] {
        let tensor = Shape::new(extents).ok().and_then(|shape| Tensor::new(shape, values).ok());
        let tensor = call.needed(slot.name(), tensor)?;
        node.types.set(slot, Type::Fixed(format(tensor.values())));
        node.values.set(slot, tensor);
    }
    call.push(node)
}

/// Stored values of a shape.
fn stored(call: &Call<'_>, name: &str, extents: &[usize]) -> Option<Vec<f64>> {
    let [tensor] = call.stored.variables("", [name]);
    let tensor = call.needed(name, tensor)?;
    if **tensor.shape() != *extents {
        let found = tensor.shape();
        call.attributes.fault(format!("values of `{name}`: expected the shape {extents:?}, found {found}"));
        return None;
    }
    Some(tensor.values().to_vec())
}

/// Row by row `[rows, propagated]` with `[aggregators · propagated, units]`, as `[units, aggregators, rows]`; in single
/// precision, as hls4ml keeps it.
fn folded(inward: &[f64], outward: &[f64], sizes: &Sizes) -> Vec<f64> {
    let &Sizes { aggregators, units, propagated } = sizes;
    let mut products = Vec::with_capacity(units * aggregators * (inward.len() / propagated));
    for unit in 0..units {
        for aggregator in 0..aggregators {
            let column = outward.chunks(units).map(|row| row[unit]).skip(aggregator * propagated);
            let column: Vec<f64> = column.take(propagated).collect();
            let product = |row: &[f64]| row.iter().zip(&column).map(|(a, b)| a * b).sum::<f64>();
            products.extend(inward.chunks(propagated).map(|row| f64::from(product(row) as f32)));
        }
    }
    products
}

/// Columns as rows.
fn transposed(values: &[f64], columns: usize) -> Vec<f64> {
    (0..columns).flat_map(|column| values.iter().skip(column).step_by(columns).copied()).collect()
}

/// The format that hls4ml gives to trained values of such a layer, whatever is configured: room for the largest.
fn format(values: &[f64]) -> Format {
    let signed = values.iter().any(|&v| v < 0.0);
    let largest = values.iter().fold(0.0, |largest: f64, v| largest.max(v.abs()));
    let largest = (largest as f32).min(f32::MAX);
    let int_bits = match largest.log2() {
        _ if largest == 0.0 => 1,
        log if log.ceil() == log.floor() && log >= 0.0 => log as i32 + 1 + i32::from(signed),
        log => log.ceil().max(0.0) as i32 + i32::from(signed),
    };
    let format = Format::fixed(FRAC_BITS + int_bits.unsigned_abs(), int_bits);
    Format { signed, ..format }.with_rounding(Rounding::Rnd).with_overflow(Overflow::Sat)
}
