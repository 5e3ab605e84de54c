//! Layers that multiply with trained values.

use hls4rs_ir::Slot;
use hls4rs_ir::draft::Quantizer;
use hls4rs_ir::ops::{Dense, EinsumDense, Embedding};

use super::super::call::{Call, Value, reshaped, set};
use super::super::quantizers::Quantizers;
use super::activation::{Written, after, written};

/// A dense layer, on the last axis of whatever it reads.
pub(super) fn dense(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let (units, activation) = (attributes.size("units"), written(attributes));
    let quantizers =
        Quantizers::of(attributes, [(Slot::Weight, "kernel_quantizer"), (Slot::Bias, "bias_quantizer")]);
    let [kernel, bias] = call.stored.variables("", ["kernel", "bias"]);
    let has_bias = attributes.flag("use_bias", true);
    let x = call.only_input()?;
    let mut node = call.node("Dense", Dense { units }, &[&x]);
    node.values.set(Slot::Weight, call.needed("kernel", kernel)?);
    set(&mut node, Slot::Bias, bias.filter(|_| has_bias));
    quantizers.set(&mut node);
    let quantizer = match call.attributes.class() {
        "BinaryDense" => Some(Quantizer::Sign),
        "TernaryDense" => Some(Quantizer::Thirds),
        _ => None,
    };
    if let Some(quantizer) = quantizer {
        node.quantizers.set(Slot::Weight, quantizer.clone());
        node.quantizers.set(Slot::Bias, quantizer);
    }
    let y = call.push(node)?;
    after(call, y, activation)
}

/// A product along any axes.
pub(super) fn einsum_dense(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let (equation, activation) = (attributes.word("equation"), written(attributes));
    attributes.ignore(&["output_shape"]);
    let has_bias = attributes.value("bias_axes").is_some();
    let [kernel, bias] = call.stored.variables("", ["kernel", "bias"]);
    let x = call.only_input()?;
    let Some(equation) = Equation::parse(equation, x.shape.rank()) else {
        let reason = format!("expected an equation such as \"abc,cd->abd\" that fits {}", x.shape);
        call.attributes.wrong("equation", reason);
        return None;
    };
    let kernel = call.needed("kernel", kernel)?;
    let extent = |letter: &char| {
        let of_x = equation.x.iter().position(|l| l == letter).map(|at| x.shape[at]);
        of_x.or_else(|| kernel.shape().get(equation.kernel.iter().position(|l| l == letter)?).copied())
    };
    let shape: Vec<usize> = equation.y.iter().filter_map(extent).collect();
    // Keras leaves out the axes in front along which the bias is the same.
    let bias = bias.filter(|_| has_bias).map(|bias| {
        let missing = shape.len().saturating_sub(bias.shape().rank());
        let extents = [vec![1; missing], bias.shape().to_vec()].concat();
        reshaped(bias, &extents)
    });
    let op = EinsumDense { equation: equation.text(), shape };
    let mut node = call.node("EinsumDense", op, &[&x]);
    node.values.set(Slot::Weight, kernel);
    set(&mut node, Slot::Bias, bias);
    let y = call.push(node)?;
    after(call, y, activation)
}

/// The letters of an equation, without the axis of samples.
pub(super) struct Equation {
    pub(super) x: Vec<char>,
    pub(super) kernel: Vec<char>,
    pub(super) y: Vec<char>,
}

impl Equation {
    /// Reads `x,kernel->y` for an input of `rank` axes beside the one of samples, which every tensor but the kernel has
    /// as its first letter or within its ellipsis.
    pub(super) fn parse(text: &str, rank: usize) -> Option<Self> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (inputs, y) = plain.split_once("->")?;
        let (x, kernel) = inputs.split_once(',')?;
        let named = |text: &str| -> Option<Vec<char>> {
            text.chars().all(|c| c.is_ascii_alphabetic()).then(|| text.chars().collect())
        };
        let kernel = named(kernel)?;
        let Some(rest) = x.strip_prefix("...") else {
            let (x, y) = (named(x)?, named(y)?);
            let (samples, x) = x.split_first()?;
            let (first, y) = y.split_first()?;
            let sound = samples == first && !kernel.contains(samples) && x.len() == rank;
            return sound.then(|| Self { x: x.to_vec(), kernel, y: y.to_vec() });
        };
        // An ellipsis stands for the axis of samples and those that the letters leave.
        let (rest, y) = (named(rest)?, named(y.strip_prefix("...")?)?);
        let free = ('A'..='Z')
            .chain('a'..='z')
            .filter(|c| !rest.contains(c) && !kernel.contains(c) && !y.contains(c));
        let along: Vec<char> = free.take(rank.checked_sub(rest.len())?).collect();
        Some(Self { x: [along.clone(), rest].concat(), kernel, y: [along, y].concat() })
    }

    pub(super) fn text(&self) -> String {
        let word = |letters: &[char]| letters.iter().collect::<String>();
        format!("{},{}->{}", word(&self.x), word(&self.kernel), word(&self.y))
    }
}

/// Numbers that become vectors.
pub(super) fn embedding(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let op = Embedding { units: attributes.size("output_dim"), vocabulary: attributes.size("input_dim") };
    attributes.only("mask_zero", &false.into());
    let [embeddings] = call.stored.variables("", ["embeddings"]);
    let x = call.only_input()?;
    let mut node = call.node("Embedding", op, &[&x]);
    node.values.set(Slot::Embeddings, call.needed("embeddings", embeddings)?);
    let y = call.push(node)?;
    after(call, y, Written::none())
}

#[cfg(test)]
mod tests {
    use super::Equation;

    #[test]
    fn the_axis_of_samples_is_left_out() {
        let text = |equation, rank| Equation::parse(equation, rank).map(|e| e.text());
        assert_eq!(text("abc, cd->abd", 2).as_deref(), Some("bc,cd->bd"));
        assert_eq!(text("...x,xy->...y", 3).as_deref(), Some("ABx,xy->ABy"));
        assert_eq!(text("abc,cd->dba", 2), None);
        assert_eq!(text("abc,ad->abd", 2), None);
        assert_eq!(text("abc,cd", 2), None);
    }
}
