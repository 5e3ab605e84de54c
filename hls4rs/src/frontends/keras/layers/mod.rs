//! What each layer of Keras becomes: one module for each family.

use super::call::{Call, Value};

mod activation;
mod conv;
mod garnet;
mod hgq;
mod hgq2;
mod image;
mod merge;
mod normalization;
mod pool;
mod products;
mod qkeras;
mod recurrent;
mod rescaling;
mod shape;

pub(super) use shape::{input, step};

/// The nodes that a layer becomes, and its result; `None` if something is wrong with it.
pub(super) fn layer(call: &mut Call<'_>) -> Option<Value> {
    if !call.keras3 && call.attributes.class().starts_with('Q') {
        return of_qkeras(call);
    }
    if call.keras3 && call.attributes.is_of_hgq2() {
        return hgq2::layer(call);
    }
    match call.attributes.class() {
        "Dense" | "BinaryDense" | "TernaryDense" => products::dense(call),
        "EinsumDense" => products::einsum_dense(call),
        "Embedding" => products::embedding(call),
        "Conv1D" | "DepthwiseConv1D" => conv::conv(call, 1),
        "Conv2D" | "DepthwiseConv2D" => conv::conv(call, 2),
        "SeparableConv1D" => conv::separable(call, 1),
        "SeparableConv2D" => conv::separable(call, 2),
        "BatchNormalization" => normalization::batch(call),
        "LayerNormalization" => normalization::layer(call),
        "Rescaling" => rescaling::rescaling(call),
        "Normalization" => rescaling::normalization(call),
        "Activation" => activation::activation(call),
        "ReLU" | "LeakyReLU" | "ThresholdedReLU" | "ELU" => activation::of_elements(call),
        "PReLU" => activation::prelu(call),
        "Softmax" => activation::softmax(call),
        "MaxPooling1D" | "MaxPooling2D" | "AveragePooling1D" | "AveragePooling2D" => pool::pool(call),
        "GlobalMaxPooling1D" | "GlobalMaxPooling2D" | "GlobalAveragePooling1D" | "GlobalAveragePooling2D" => {
            pool::global(call)
        }
        "ZeroPadding1D" | "ZeroPadding2D" => image::zero_padding(call),
        "Cropping1D" | "Cropping2D" => image::cropping(call),
        "UpSampling1D" | "UpSampling2D" => image::upsampling(call),
        "Reshape" => shape::reshape(call),
        "Flatten" => shape::flatten(call),
        "Permute" => shape::permute(call),
        "RepeatVector" => shape::repeat_vector(call),
        "Add" | "Subtract" | "Multiply" | "Average" | "Maximum" | "Minimum" => merge::merge(call),
        "Concatenate" => merge::concatenate(call),
        "Dot" => merge::dot(call),
        "SimpleRNN" | "LSTM" | "GRU" => recurrent::recurrent(call),
        "Bidirectional" => recurrent::bidirectional(call),
        "GarNet" if !call.keras3 => garnet::garnet(call),
        "GarNetStack" if !call.keras3 => garnet::stack(call),
        "FixedPointQuantizer" => hgq::quantizer(call),
        "UnaryLUT" => hgq::unary_lut(call),
        class if activation::only_in_training(class) => activation::skipped(call),
        class => {
            let reason = match class {
                "Lambda" => "functions of Python cannot be read from a file",
                "TimeDistributed" => "is within another one, which is not supported",
                _ => "layers of this class are not supported",
            };
            call.attributes.unknown_class(reason);
            None
        }
    }
}

/// Layers of QKeras: those of Keras with quantizers, and a few of its own.
fn of_qkeras(call: &mut Call<'_>) -> Option<Value> {
    match call.attributes.class() {
        "QDense" => products::dense(call),
        "QConv1D" => conv::conv(call, 1),
        "QConv2D" | "QDepthwiseConv2D" | "QConv2DBatchnorm" => conv::conv(call, 2),
        "QSeparableConv1D" => conv::separable(call, 1),
        "QSeparableConv2D" => conv::separable(call, 2),
        "QBatchNormalization" => normalization::batch(call),
        "QActivation" => qkeras::activation(call),
        "QSimpleRNN" | "QLSTM" | "QGRU" => recurrent::recurrent(call),
        "QBidirectional" => recurrent::bidirectional(call),
        _ => {
            call.attributes.unknown_class("layers of this class are not supported");
            None
        }
    }
}
