//! Each layer as a call of its typed function.

use hls4rs_ir::ops::{Concatenate, Function, Implementation, Softmax};
use hls4rs_ir::{Io, NodeId, Op, Shape, Slot};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::{Context, types};

mod custom;
mod garnet;
mod lookup;
mod moves;
mod pool;
mod products;
mod recurrent;
mod spiking;
mod sums;
mod time_distributed;

/// The expression that computes a layer.
pub(super) fn value(cx: &Context<'_>, id: NodeId) -> TokenStream {
    let node = cx.node(id);
    let x = node.inputs.first().map(|&input| cx.reference(input));
    let constant = |slot| constant(cx, id, slot);
    let scalar = |slot| scalar(cx, id, slot);
    match &node.op {
        Op::Input(_) => quote!(#x),
        Op::Dense(_) => sums::dense(cx, id),
        Op::Conv(conv) => sums::conv(cx, id, conv),
        Op::BatchNorm(_) => {
            let (scale, bias) = (constant(Slot::Scale), constant_or_zeros(cx, id, Slot::Bias, 1));
            quote!(layers::batch_norm(#x, #scale, #bias))
        }
        Op::Linear(_) | Op::Reshape(_) => quote!(layers::linear(#x)),
        Op::Relu(relu) => match relu.max {
            Some(max) => {
                // A whole number; that was checked.
                let max = Literal::u64_unsuffixed(max as u64);
                quote!(layers::relu_max(#x, #max))
            }
            None => quote!(layers::relu(#x)),
        },
        Op::LeakyRelu(_) => {
            let alpha = scalar(Slot::Alpha);
            quote!(layers::leaky_relu(#x, #alpha))
        }
        Op::ThresholdedRelu(_) => {
            let theta = scalar(Slot::Alpha);
            quote!(layers::thresholded_relu(#x, #theta))
        }
        Op::Prelu(_) => {
            let alpha = constant(Slot::Alpha);
            quote!(layers::prelu(#x, #alpha))
        }
        Op::Elu(_) => {
            let (alpha, table) = (scalar(Slot::Alpha), constant(Slot::Table));
            quote!(layers::elu(#x, #alpha, #table))
        }
        Op::TableActivation(activation) => {
            let function = match activation.function {
                Function::Sigmoid => quote!(sigmoid),
                Function::Tanh => quote!(tanh),
                Function::Softplus => quote!(softplus),
                Function::Softsign => quote!(softsign),
                Function::Selu if cx.resolved.graph().io() == Io::Stream => quote!(selu_in_streams),
                Function::Selu => quote!(selu),
            };
            let table = constant(Slot::Table);
            quote!(layers::#function(#x, #table))
        }
        Op::Hard(hard) => {
            let function = if hard.tanh { quote!(hard_tanh) } else { quote!(hard_sigmoid) };
            let (slope, shift) = (scalar(Slot::Slope), scalar(Slot::Shift));
            quote!(layers::#function(#x, #slope, #shift))
        }
        Op::Merge(merge) => moves::merge(cx, id, merge),
        Op::Dot(_) => {
            let (other, accum) = (cx.reference(node.inputs[1]), accum(cx, id));
            quote!(layers::dot(#x, #other, #accum))
        }
        Op::Pool(pool) => pool::pool(cx, id, pool),
        Op::GlobalPool(pool) => pool::global(cx, id, pool),
        Op::ZeroPadding(layer) => moves::moved(cx, id, layer),
        Op::Cropping(layer) => moves::moved(cx, id, layer),
        Op::Resize(layer) => moves::moved(cx, id, layer),
        Op::Transpose(layer) => moves::moved(cx, id, layer),
        Op::RepeatVector(layer) => moves::moved(cx, id, layer),
        Op::Broadcast(layer) => moves::moved(cx, id, layer),
        Op::Concatenate(concatenate) => concatenation(cx, id, concatenate),
        Op::Softmax(softmax) => softmax_value(cx, id, softmax),
        Op::Einsum(einsum) => products::einsum(cx, id, einsum),
        Op::LayerNorm(norm) => products::layer_norm(cx, id, norm),
        Op::EinsumDense(dense) => products::einsum_dense(cx, id, dense),
        Op::Quantize(quantize) => lookup::quantize(cx, id, quantize),
        Op::UnaryLut(_) => lookup::unary_lut(cx, id),
        Op::Embedding(_) => lookup::embedding(cx, id),
        Op::QuantizedTanh(tanh) => lookup::quantized_tanh(cx, id, tanh),
        Op::Threshold(threshold) => lookup::threshold(cx, id, threshold),
        Op::Recurrent(layer) => recurrent::value(cx, id, layer),
        Op::Garnet(layer) => garnet::value(cx, id, layer),
        Op::TimeDistributed(layer) => time_distributed::value(cx, id, layer),
        Op::Custom(_) => custom::value(cx, id),
        Op::IntegrateAndFire(layer) => spiking::neurons(cx, id, layer),
        Op::SpikeReadout(layer) => spiking::spike_readout(cx, id, layer),
        Op::MembraneReadout(layer) => spiking::membrane_readout(cx, id, layer),
    }
}

fn softmax_value(cx: &Context<'_>, id: NodeId, softmax: &Softmax) -> TokenStream {
    let node = cx.node(id);
    let rows = softmax.rows(&node.shape);
    let mut x = cx.reference(node.inputs[0]);
    if let Some(axes) = rows.contiguous() {
        let view = moves::sized_view(&x, &axes);
        x = quote!(&#view);
    }
    let row = Literal::usize_unsuffixed(rows.n);
    let constant = |slot| constant(cx, id, slot);
    let number = |slot| types::number(cx.resolved.facts(id).format(slot));
    let value = match softmax.implementation {
        Implementation::Stable => {
            let (exp, inv) = (constant(Slot::ExpTable), constant(Slot::InvTable));
            let (norm, accum, address) =
                (number(Slot::InputNorm), number(Slot::Accum), number(Slot::InvInput));
            let types = quote!(layers::SoftmaxTypes::<#norm, #accum, #address>::new());
            quote!(layers::softmax_stable(#x, #exp, #inv, #types, #row))
        }
        Implementation::Latency => {
            let (exp, inv) = (constant(Slot::ExpTable), constant(Slot::InvTable));
            // The exponential table is addressed by the input itself.
            let norm = types::number(cx.resolved.facts(node.inputs[0]).result());
            let (accum, address) = (number(Slot::Accum), number(Slot::InvInput));
            let types = quote!(layers::SoftmaxTypes::<#norm, #accum, #address>::new());
            quote!(layers::softmax_latency(#x, #exp, #inv, #types, #row))
        }
        Implementation::Legacy => {
            let (exp, inv) = (constant(Slot::ExpTable), constant(Slot::InvTable));
            quote!(layers::softmax_legacy(#x, #exp, #inv, #row))
        }
        Implementation::Argmax => quote!(layers::softmax_argmax(#x, #row)),
    };
    rows.back().map_or(value.clone(), |axes| moves::view(&quote!(&#value), &axes))
}

/// Each input copied to its place in every row of the result.
fn concatenation(cx: &Context<'_>, id: NodeId, concatenate: &Concatenate) -> TokenStream {
    let node = cx.node(id);
    let shapes: Vec<&Shape> = node.inputs.iter().map(|&input| &cx.node(input).shape).collect();
    let (_, shares) = concatenate.rounds(&shapes);
    let number = |n: usize| Literal::usize_unsuffixed(n);
    let (elements, row) = (number(node.shape.elements()), number(shares.iter().sum()));
    let mut offset = 0;
    // A name that no layer can have: two underscores follow each other.
    let joined = Ident::new(&format!("{}__joined", node.name), Span::call_site());
    let places = node.inputs.iter().zip(&shares).map(|(&input, &share)| {
        let (x, at, share_of_row) = (cx.reference(input), number(offset), number(share));
        offset += share;
        quote!(layers::place(#x, &mut #joined, #share_of_row, #row, #at);)
    });
    let places: Vec<_> = places.collect();
    quote! {{
        let mut #joined = [::core::default::Default::default(); #elements];
        #(#places)*
        #joined
    }}
}

fn constant(cx: &Context<'_>, id: NodeId, slot: Slot) -> TokenStream {
    cx.constants.reference(id, slot).expect("a resolved layer has its constants")
}

/// The constant, or zeros for a layer that has none there.
fn constant_or_zeros(cx: &Context<'_>, id: NodeId, slot: Slot, n: usize) -> TokenStream {
    cx.constants.reference(id, slot).unwrap_or_else(|| {
        let n = Literal::usize_unsuffixed(n);
        quote!(&const { layers::Constants::<fixed::Uint<1>, #n>::new(&[0; #n]) })
    })
}

/// A parameter of an activation as a number.
fn scalar(cx: &Context<'_>, id: NodeId, slot: Slot) -> TokenStream {
    let tensor = cx.resolved.facts(id).constant(slot);
    let (number, raw) = (types::number(tensor.format), Literal::i64_unsuffixed(tensor.raw[0]));
    quote!(<#number>::from_bits(#raw))
}

fn accum(cx: &Context<'_>, id: NodeId) -> TokenStream {
    let number = types::number(cx.resolved.facts(id).format(Slot::Accum));
    quote!(layers::accum::<#number>())
}

/// Whether a slot of this layer is a parameter that is written into the call, not a constant of its own.
pub(super) fn is_scalar(op: &Op, slot: Slot) -> bool {
    match op.inside() {
        Op::LeakyRelu(_) | Op::ThresholdedRelu(_) | Op::Elu(_) => slot == Slot::Alpha,
        Op::Hard(_) | Op::Quantize(_) => true,
        _ => false,
    }
}
