//! Pooling, layers that move values, broadcasting and scalar products: coordinates one by one.

use hls4rs_fixed::{Format, Wide};
use hls4rs_ir::ops::{
    Broadcast, Cropping, GlobalPool, Op, Pool, PoolOp, PoolPadding, RepeatVector, Resize, ResizeBy,
    Transpose, ZeroPadding,
};
use hls4rs_ir::{Facts, Io, Node, Shape, Slot};

use super::{Value, tree};

/// What a layer sees beside its values.
pub(super) struct Around<'a> {
    pub(super) node: &'a Node,
    pub(super) facts: &'a Facts,
    pub(super) inputs: Vec<(&'a Node, &'a Facts)>,
    pub(super) shapes: Vec<&'a Shape>,
    pub(super) io: Io,
}

/// The coordinates of all elements of a shape, row major.
fn coordinates(shape: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for &extent in shape {
        all = all.into_iter().flat_map(|c| (0..extent).map(move |i| [&c[..], &[i]].concat())).collect();
    }
    all
}

fn flat(shape: &[usize], at: &[usize]) -> usize {
    shape.iter().zip(at).fold(0, |sum, (extent, i)| sum * extent + i)
}

/// Where an element of a result comes from; outside of the input for a zero.
type Source<'a> = dyn Fn(&[usize]) -> Option<Vec<usize>> + 'a;

/// A layer that moves values; `None` for another one.
pub(super) fn moved(op: &Op, cx: &Around<'_>, x: &[Value]) -> Option<Vec<Value>> {
    let from: Box<Source<'_>> = match op {
        Op::ZeroPadding(ZeroPadding { pad, .. }) => Box::new(move |at| {
            let before = |axis: usize| pad.get(2 * axis).copied().unwrap_or(0);
            at.iter().enumerate().map(|(axis, i)| i.checked_sub(before(axis))).collect()
        }),
        Op::Cropping(Cropping { crop, .. }) => Box::new(move |at| {
            let before = |axis: usize| crop.get(2 * axis).copied().unwrap_or(0);
            Some(at.iter().enumerate().map(|(axis, i)| i + before(axis)).collect())
        }),
        Op::Resize(Resize { by, sizes }) => Box::new(move |at| {
            let nearest = |(axis, &i): (usize, &usize)| {
                let (input, output) = (cx.shapes[0][axis], cx.node.shape[axis]);
                match by {
                    _ if axis + 1 == at.len() => i,
                    ResizeBy::Factor1d | ResizeBy::Factor2d => i / sizes.get(axis).unwrap_or(&sizes[0]),
                    ResizeBy::Extents2d => ((i * ((input << 16) / output + 1)) >> 16).min(input - 1),
                }
            };
            Some(at.iter().enumerate().map(nearest).collect())
        }),
        Op::Transpose(Transpose { axes }) => Box::new(move |at| {
            let rank = at.len();
            let mut source = vec![0; rank];
            for (n, &i) in at.iter().enumerate() {
                let axis = axes.get(n).map_or(rank - 1 - n, |axis| axis.rem_euclid(rank as i32) as usize);
                source[axis] = i;
            }
            Some(source)
        }),
        Op::RepeatVector(RepeatVector { .. }) => Box::new(|at| Some(vec![at[1]])),
        Op::Broadcast(Broadcast { .. }) => Box::new(|at| Some(spread(cx.shapes[0], at))),
        _ => return None,
    };
    let zero = Value { raw: Wide::ZERO, format: cx.facts.result() };
    let shape = cx.shapes[0];
    let value = |at: Vec<usize>| match from(&at) {
        Some(at) if at.iter().zip(shape.iter()).all(|(i, extent)| i < extent) => {
            x[flat(shape, &at)].cast(cx.facts.result())
        }
        _ => zero,
    };
    Some(coordinates(&cx.node.shape).into_iter().map(value).collect())
}

/// Where an element of a larger shape comes from.
fn spread(shape: &[usize], at: &[usize]) -> Vec<usize> {
    let inner = &at[at.len() - shape.len()..];
    shape.iter().zip(inner).map(|(&extent, &i)| if extent == 1 { 0 } else { i }).collect()
}

/// An operand in the shape of the result.
pub(super) fn operand(cx: &Around<'_>, n: usize, x: &[Value]) -> Vec<Value> {
    let shape = cx.shapes[n];
    coordinates(&cx.node.shape).iter().map(|at| x[flat(shape, &spread(shape, at))]).collect()
}

/// Rows, columns and channels.
fn image(shape: &[usize]) -> [usize; 3] {
    match *shape {
        [w, c] => [1, w, c],
        [h, w, c] => [h, w, c],
        _ => panic!("pooling is of images and sequences"),
    }
}

/// One number for each dimension of an image.
fn both(list: &[usize], image: bool) -> [usize; 2] {
    match (list, image) {
        (&[n], true) => [n, n],
        (&[n], false) => [1, n],
        (list, _) => [list[0], list[1]],
    }
}

pub(super) fn pool(pool: &Pool, cx: &Around<'_>, x: &[Value]) -> Vec<Value> {
    let [h, w, channels] = image(cx.shapes[0]);
    let kernel = both(&pool.pool, pool.image);
    let stride = if pool.stride.is_empty() { kernel } else { both(&pool.stride, pool.image) };
    let before = |axis: usize, extent: usize| match (&pool.padding, &pool.pad[..]) {
        (PoolPadding::Same, _) => {
            let outputs = extent.div_ceil(stride[axis]);
            ((outputs - 1) * stride[axis] + kernel[axis]).saturating_sub(extent) / 2
        }
        (_, []) => 0,
        (_, &[left, _]) => [0, left][axis],
        (_, &[top, _, left, _]) => [top, left][axis],
        _ => panic!("padding is of one or two dimensions"),
    };
    let before = [before(0, h), before(1, w)];
    let [rows, columns, _] = image(&cx.node.shape);
    let one = |at: Vec<usize>| {
        let mut window = Vec::new();
        for i in 0..kernel[0] {
            for j in 0..kernel[1] {
                let (r, s) = (at[0] * stride[0] + i, at[1] * stride[1] + j);
                let inside = r >= before[0] && s >= before[1] && r - before[0] < h && s - before[1] < w;
                window.push(inside.then(|| x[((r - before[0]) * w + s - before[1]) * channels + at[2]]));
            }
        }
        join(pool.op, cx, &window, pool.count_pad, false)
    };
    coordinates(&[rows, columns, channels]).into_iter().map(one).collect()
}

pub(super) fn global(pool: &GlobalPool, cx: &Around<'_>, x: &[Value]) -> Vec<Value> {
    let channels = cx.node.shape.channels();
    let one = |channel: usize| {
        let window: Vec<_> = x.iter().skip(channel).step_by(channels).copied().map(Some).collect();
        join(pool.op, cx, &window, false, true)
    };
    (0..channels).map(one).collect()
}

/// The largest value or the mean of a window, `None` for padding.
fn join(op: PoolOp, cx: &Around<'_>, window: &[Option<Value>], count_pad: bool, global: bool) -> Value {
    let accum = cx.facts.format(Slot::Accum);
    let zero = Value { raw: Wide::ZERO, format: accum };
    let streams = cx.io == Io::Stream;
    let values: Vec<Value> = window.iter().flatten().copied().collect();
    let cast: Vec<Value> = values.iter().map(|v| v.cast(accum)).collect();
    let greatest = |values: &[Value]| values.iter().copied().reduce(|a, b| if b.exceeds(a) { b } else { a });
    let value = match op {
        PoolOp::Max => greatest(if streams { &cast } else { &values }).expect("a value").cast(accum),
        PoolOp::Average => {
            let sum = match (streams, global) {
                (false, _) => values.iter().fold(zero, |sum, v| sum.plus(*v).cast(accum)),
                (true, true) => cast.iter().fold(zero, |sum, v| sum.plus(*v).cast(accum)),
                (true, false) => {
                    let all: Vec<_> = window.iter().map(|v| v.map_or(zero, |v| v.cast(accum))).collect();
                    tree(&all, accum)
                }
            };
            let n = if count_pad { window.len() } else { values.len() };
            Value { raw: truncated(sum.raw, n), format: accum }
        }
    };
    value.cast(cx.facts.result())
}

/// A quotient, truncated toward zero, bit by bit.
fn truncated(value: Wide, n: usize) -> Wide {
    let n = Wide::from_i64(n as i64);
    let mut rest = if value.is_negative() { -value } else { value };
    let mut quotient = Wide::ZERO;
    for bit in (0..200).rev() {
        if rest >> bit >= n {
            rest -= n << bit;
            quotient += Wide::ONE << bit;
        }
    }
    if value.is_negative() { -quotient } else { quotient }
}

pub(super) fn dot(cx: &Around<'_>, a: &[Value], b: &[Value]) -> Vec<Value> {
    let accum = cx.facts.format(Slot::Accum);
    let zero = Value { raw: Wide::ZERO, format: accum };
    let products = a.iter().zip(b).map(|(a, b)| a.times(*b).cast(accum));
    vec![products.fold(zero, |sum, product| sum.plus(product).cast(accum)).cast(cx.facts.result())]
}

/// The factor of selu for values that are not negative.
pub(super) fn selu_factor(cx: &Around<'_>, x: Format) -> Value {
    let format = if cx.io == Io::Stream { x } else { Format::ufixed(16, 1) };
    Value { raw: hls4rs_fixed::from_f64(1.050_700_987_355_480_5, format), format }
}
