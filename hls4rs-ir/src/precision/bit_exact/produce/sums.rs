//! Layers that sum products, with the weights that they have.

use hls4rs_fixed::window::{Convolution, Window};

use super::super::span::Span;
use super::{Place, mean_bits};
use crate::ops::Axes;
use crate::precision::kif::Kif;
use crate::precision::stored_values;
use crate::{Op, Shape, Slot};

pub(super) fn sums(place: &Place<'_>) -> Result<Vec<Kif>, String> {
    let x: Vec<_> = place.kifs[0].iter().map(|&kif| Span::of(kif)).collect();
    let words = |unfit| format!("{unfit:?}");
    let bias = stored_values(place.node, Slot::Bias);
    let spans = match &place.node.op {
        Op::Dense(dense) => dense_sums(place, &x, dense.units),
        Op::Conv(conv) => convolved(place, &x, &conv.geometry(place.inputs[0]).map_err(words)?),
        Op::Einsum(op) => {
            let axes = op.axes(&place.inputs).map_err(words)?;
            let y: Vec<_> = place.kifs[1].iter().map(|&kif| Span::of(kif)).collect();
            contracted(&axes, |a, b| x[a].times(y[b]))
        }
        Op::EinsumDense(op) => {
            let weight = stored_values(place.node, Slot::Weight);
            let axes = op.axes(place.inputs[0]).map_err(words)?;
            contracted(&axes, |a, b| x[a].times_constant(weight[b]))
        }
        Op::Dot(_) => {
            let products = x.iter().zip(place.kifs[1]).map(|(&x, &y)| x.times(Span::of(y)));
            vec![Span::sum(products)]
        }
        _ => {
            let scale = stored_values(place.node, Slot::Scale);
            let factor = |at: usize| scale.get(at % scale.len().max(1)).copied().unwrap_or(1.0);
            x.iter().enumerate().map(|(at, x)| x.times_constant(factor(at))).collect()
        }
    };
    let term = |at: usize| match &place.node.op {
        Op::EinsumDense(_) => {
            let tensor = place.node.values.get(Slot::Bias)?;
            bias.get(crate::ops::broadcast_index(place.shape, tensor.shape(), at)).copied()
        }
        Op::Einsum(_) | Op::Dot(_) => None,
        // A missing bias is a list of zeros to hls4ml, which changes nothing.
        _ => Some(bias.get(at % bias.len().max(1)).copied().unwrap_or(0.0)),
    };
    let sums = spans.into_iter().enumerate();
    Ok(sums.map(|(at, span)| term(at).map_or(span, |term| span.plus_constant(term)).kif()).collect())
}

fn dense_sums(place: &Place<'_>, x: &[Span], units: usize) -> Vec<Span> {
    let weight = stored_values(place.node, Slot::Weight);
    let n_in = place.inputs[0].channels();
    let rows = x.chunks(n_in);
    let one = |row: &[Span], unit: usize| {
        Span::sum(row.iter().enumerate().map(|(i, &x)| x.times_constant(weight[i * units + unit])))
    };
    rows.flat_map(|row| (0..units).map(|unit| one(row, unit)).collect::<Vec<_>>()).collect()
}

fn convolved(place: &Place<'_>, x: &[Span], geometry: &Convolution) -> Vec<Span> {
    let weight = stored_values(place.node, Slot::Weight);
    let padding = Span::of(Kif::default());
    let per_group = geometry.filters / geometry.groups;
    let depthwise = geometry.groups == geometry.channels && geometry.groups > 1;
    let one = |output: usize, filter: usize| {
        let group = filter / per_group;
        let term = |row: usize| {
            let value = geometry.element(output, group, row).map_or(padding, |at| x[at]);
            let column =
                if depthwise { row * geometry.channels + group } else { row * geometry.filters + filter };
            value.times_constant(weight[column])
        };
        Span::sum((0..geometry.rows()).map(term))
    };
    let outputs = 0..geometry.window.outputs();
    if depthwise && per_group == 1 {
        // To hls4ml it is a convolution with one filter for all channels, whose sum is never smaller.
        let all = |output: usize| Span::sum((0..geometry.filters).map(|filter| one(output, filter)));
        return outputs.flat_map(|output| vec![all(output); geometry.filters]).collect();
    }
    outputs
        .flat_map(|output| (0..geometry.filters).map(move |filter| (output, filter)))
        .map(|(output, filter)| one(output, filter))
        .collect()
}

fn contracted(axes: &Axes, product: impl Fn(usize, usize) -> Span) -> Vec<Span> {
    let geometry = axes.contraction();
    let one = |n: usize| {
        let (a, b) = geometry.output(n);
        Span::sum((0..geometry.products()).map(|c| {
            let (step_a, step_b) = geometry.product(c);
            product(a + step_a, b + step_b)
        }))
    };
    (0..geometry.outputs()).map(one).collect()
}

/// The greatest under each window; for a mean, with the digits of the quotient.
pub(super) fn pooled(place: &Place<'_>, window: &Window, mean: bool, count_pad: bool) -> Vec<Kif> {
    let x: (&Shape, &[Kif]) = (place.inputs[0], place.kifs[0]);
    let channels = x.0.channels();
    let one = |output: usize, channel: usize| {
        let under = (0..window.taps()).map(|tap| {
            let position = window.position(output, tap);
            position.map_or(Kif::default(), |position| x.1[position * channels + channel])
        });
        let mut kif = under.reduce(Kif::max).unwrap_or_default();
        if mean {
            kif.frac_bits += mean_bits(window.divisor(output, count_pad));
        }
        kif
    };
    let outputs = 0..window.outputs();
    outputs
        .flat_map(|output| (0..channels).map(move |channel| (output, channel)))
        .map(|(output, channel)| one(output, channel))
        .collect()
}
