//! Attention, as the products, quantizers and the softmax that it is made of.

use hls4rs_ir::ops::Einsum;
use serde_json::{Map, Value as Json, json};

use super::super::super::attributes::Object;
use super::super::super::call::{Call, Value};
use super::super::super::weights::Stored;
use crate::frontends::Problem;

/// The attributes of a product, and which ones of the attention they are.
const OF_PRODUCTS: &[(&str, &str)] = &[
    ("iq_conf", "qkvo_iq_conf"),
    ("kq_conf", "qkvo_kq_conf"),
    ("bq_conf", "qkvo_bq_conf"),
    ("oq_conf", "qkvo_oq_conf"),
    ("enable_ebops", "enable_ebops"),
];
/// The attributes of the softmax, and which ones of the attention they are.
const OF_SOFTMAX: &[(&str, &str)] = &[
    ("exp_iq_conf", "softmax_exp_iq_conf"),
    ("exp_oq_conf", "softmax_exp_oq_conf"),
    ("inv_iq_conf", "softmax_inv_iq_conf"),
    ("inv_oq_conf", "softmax_inv_oq_conf"),
    ("oq_conf", "softmax_oq_conf"),
    ("allow_heterogeneous_table", "softmax_allow_heterogeneous_table"),
    ("stable", "stable_softmax"),
    ("enable_ebops", "enable_ebops"),
];

/// The layer `QMultiHeadAttention`.
pub(super) fn multi_head(call: &mut Call<'_>) -> Option<Value> {
    let attention = Attention::read(call);
    let inputs = query_value_key(call)?;
    attention?.apply(call, inputs)
}

/// The layer `QLinformerAttention`: before the attention, products make fewer positions of those of key and value.
pub(super) fn linformer(call: &mut Call<'_>) -> Option<Value> {
    let attributes = &call.attributes;
    let shared = attributes.flag("share_kv_proj", false);
    // The stored values say it, too.
    attributes.ignore(&["lin_kv_proj_dim"]);
    attributes.only("lin_kv_proj_mode", &"dense".into());
    let attention = Attention::read(call);
    let [query, value, key] = query_value_key(call)?;
    let attention = attention?;
    let key = project(call, "_lin_k_proj", key)?;
    let value = project(call, if shared { "_lin_k_proj" } else { "_lin_v_proj" }, value)?;
    attention.apply(call, [query, value, key])
}

/// The three tensors; in a sequential model there is one for all.
fn query_value_key(call: &Call<'_>) -> Option<[Value; 3]> {
    let last = call.arity().saturating_sub(1);
    let input = |n: usize| call.input(n.min(last));
    Some([input(0)?, input(1)?, input(2)?])
}

/// What the file says of an attention.
struct Attention {
    heads: usize,
    key_dim: usize,
    value_dim: usize,
    /// The number of axes that take the place of the last one of the query.
    given: usize,
    biased: bool,
    /// Whether query, key and value are quantized.
    reads: bool,
    fuse: Fuse,
    /// The axes of positions, if the file says it.
    axes: Option<Vec<i64>>,
}

/// Which of query, key and value share the quantizer of their input.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fuse {
    None,
    KeyAndValue,
    All,
}

impl Attention {
    /// Reads all attributes of an attention.
    fn read(call: &Call<'_>) -> Option<Self> {
        let attributes = &call.attributes;
        attributes.ignore(&super::OWN_KEYS);
        // HGQ2 makes the softmax without a quantizer of its input.
        attributes.ignore(&["softmax_iq_conf"]);
        OF_PRODUCTS.iter().chain(OF_SOFTMAX).for_each(|(_, key)| attributes.ignore(&[key]));
        attributes.only("enable_oq", &false.into());
        attributes.only("use_gate", &false.into());
        let key_dim = attributes.size("key_dim");
        let fuse = match attributes.value("fuse").map(Json::as_str) {
            None | Some(Some("none")) => Some(Fuse::None),
            Some(Some("kv")) => Some(Fuse::KeyAndValue),
            Some(Some("qkv")) => Some(Fuse::All),
            Some(_) => {
                attributes.wrong("fuse", "expected none, kv or qkv");
                None
            }
        };
        Some(Self {
            heads: attributes.size("num_heads"),
            key_dim,
            value_dim: if attributes.has("value_dim") { attributes.size("value_dim") } else { key_dim },
            given: attributes.value("output_shape").and_then(Json::as_array).map_or(1, Vec::len),
            biased: attributes.flag("use_bias", true),
            reads: attributes.flag("enable_iq", true),
            axes: attributes.value("attention_axes").map(|_| attributes.integers("attention_axes")),
            fuse: fuse?,
        })
    }

    /// Query, value and key become the result.
    fn apply(&self, call: &mut Call<'_>, [query, value, key]: [Value; 3]) -> Option<Value> {
        super::variables(call, 0);
        let rank = query.shape.rank();
        let alike = [&value, &key].iter().all(|x| x.shape.rank() == rank);
        if rank < 2 || !alike || value.shape[..rank - 1] != key.shape[..rank - 1] {
            let shapes = format!("{}, {} and {}", query.shape, value.shape, key.shape);
            call.attributes.fault(format!("query, value and key of {shapes} do not fit each other"));
            return None;
        }
        if self.axes.as_ref().is_some_and(|axes| !axes.iter().copied().eq(1..rank as i64)) {
            call.attributes.wrong("attention_axes", "only all axes but the last are supported");
            return None;
        }
        let project = |bound: usize, given: usize| Projection::of(rank, bound, given);
        let query = self.product(call, "query_dense", &project(1, 2), self.biased, query)?;
        let key = self.product(call, "key_dense", &project(1, 2), false, key)?;
        let value = self.product(call, "value_dense", &project(1, 2), self.biased, value)?;
        let ends = |x: &Value, dim: usize| x.shape[rank - 1..] == [self.heads, dim];
        if !ends(&query, self.key_dim) || !ends(&key, self.key_dim) || !ends(&value, self.value_dim) {
            call.attributes.fault("the stored values do not fit the number and size of the heads");
            return None;
        }
        let [of_query, of_key, scores] = letters_of_scores(rank);
        let dot = einsum(call, "QK", format!("{of_key},{of_query}->{scores}"), &key, &query)?;
        let weights = self.softmax(call, rank, dot)?;
        let sum = einsum(call, "aV", format!("{scores},{of_key}->{of_query}"), &weights, &value)?;
        self.product(call, "output_dense", &project(2, self.given), self.biased, sum)
    }

    /// One of the products with trained values.
    fn product(
        &self,
        call: &mut Call<'_>,
        path: &'static str,
        projection: &Projection,
        biased: bool,
        x: Value,
    ) -> Option<Value> {
        let mut stored = call.stored.below(path);
        let shares = match self.fuse {
            Fuse::None => false,
            Fuse::KeyAndValue => path == "value_dense",
            Fuse::All => matches!(path, "query_dense" | "value_dense"),
        };
        if shares {
            // A file has what several parts share only in the first of them.
            stored.share("iq", &call.stored.below("key_dense"));
        }
        let is_last = path == "output_dense";
        let name = if is_last { "attention_output" } else { path.trim_end_matches("_dense") };
        let own = json!({
            "equation": projection.equation,
            "bias_axes": biased.then_some(&projection.given),
            "activation": "linear",
            "enable_iq": self.reads || is_last,
            "enable_oq": !is_last,
        });
        let part = Part { path, name, class: "QEinsumDense", renamed: OF_PRODUCTS };
        part.make(call, &stored, own, x)
    }

    /// The softmax of the scores, `[heads, …, …]`, along all positions of the key.
    fn softmax(&self, call: &mut Call<'_>, rank: usize, scores: Value) -> Option<Value> {
        let axes: Vec<usize> = (rank + 1..2 * rank).collect();
        let own = json!({
            "axes": axes,
            "input_scaler": 1.0 / (self.key_dim as f64).sqrt(),
            "enable_iq": false,
            "enable_oq": true,
        });
        let path = "_softmax";
        let stored = call.stored.below(path);
        let name = call.stored.name_of(path).unwrap_or("q_softmax").to_owned();
        let part = Part { path, name: &name, class: "QSoftmax", renamed: OF_SOFTMAX };
        part.make(call, &stored, own, scores)
    }
}

/// The product that makes fewer positions; whether its input and its result are quantized is not in the configuration.
fn project(call: &mut Call<'_>, path: &'static str, x: Value) -> Option<Value> {
    let rank = x.shape.rank();
    let (positions, fewer) = (letters(1, rank - 1), letters(rank + 1, rank - 1));
    let last = letters(rank, 1);
    let has = |part: &str| call.stored.name_of(&format!("{path}/{part}")).is_some();
    let own = json!({
        "equation": format!("a{positions}{last},{positions}{fewer}->a{fewer}{last}"),
        "bias_axes": null,
        "activation": "linear",
        "enable_iq": has("iq"),
        "enable_oq": has("oq"),
    });
    let stored = call.stored.below(path);
    let name = call.stored.name_of(path).unwrap_or("q_einsum_dense").to_owned();
    let part = Part { path, name: &name, class: "QEinsumDense", renamed: OF_PRODUCTS };
    part.make(call, &stored, own, x)
}

/// A part of the attention that is a layer of HGQ2 itself.
struct Part<'a> {
    /// Where its stored values are.
    path: &'static str,
    name: &'a str,
    class: &'static str,
    renamed: &'static [(&'static str, &'static str)],
}

impl Part<'_> {
    /// Makes the nodes of the part from attributes of its own and those of the attention.
    fn make(&self, call: &mut Call<'_>, stored: &Stored, own: Json, x: Value) -> Option<Value> {
        let Json::Object(mut config) = own else { return None };
        for (key, of_attention) in self.renamed {
            if let Some(value) = call.attributes.value(of_attention) {
                config.insert((*key).to_owned(), value.clone());
            }
        }
        let raw = Map::new();
        let object = Object { class: self.class, raw: &raw, config: &config };
        // In hls4ml the products with fewer positions have the names that Keras gives to layers without one.
        let prefix = match self.path.starts_with("_lin_") {
            true => String::new(),
            false => format!("{}_", call.attributes.layer()),
        };
        let (result, problems) = call.inner(self.name, object, stored, &prefix, vec![x], super::layer);
        let (layer, class) = (call.attributes.layer(), call.attributes.class());
        let of_attention = |problem: Problem| Problem {
            layer: layer.to_owned(),
            class: class.to_owned(),
            reason: match problem.attribute {
                None => format!("`{}`: {}", self.path, problem.reason),
                Some(_) => problem.reason,
            },
            attribute: problem.attribute.map(|attribute| self.of_attention(&attribute)),
        };
        call.attributes.include(problems.into_iter().map(of_attention).collect());
        result.filter(|_| call.attributes.is_sound())
    }

    /// What an attribute of the part is called in the attention.
    fn of_attention(&self, attribute: &str) -> String {
        let (key, rest) = attribute.split_at(attribute.find('.').unwrap_or(attribute.len()));
        let renamed = self.renamed.iter().find(|(own, _)| *own == key);
        format!("{}{rest}", renamed.map_or(key, |(_, of_attention)| of_attention))
    }
}

/// A product along the last axes of a tensor, with letters of the alphabet in the order of `…, bound, given`.
struct Projection {
    equation: String,
    given: String,
}

impl Projection {
    /// The product that replaces `bound` axes by `given` ones behind `kept` axes, samples included.
    fn of(kept: usize, bound: usize, given: usize) -> Self {
        let (before, along, given) = (letters(0, kept), letters(kept, bound), letters(kept + bound, given));
        Self { equation: format!("{before}{along},{along}{given}->{before}{given}"), given }
    }
}

/// The axes of query, key and scores for tensors of so many axes: those of samples left out.
fn letters_of_scores(rank: usize) -> [String; 3] {
    let (of_query, of_key) = (letters(1, rank - 1), letters(rank + 2, rank - 1));
    let (head, dim) = (letters(rank, 1), letters(rank + 1, 1));
    [format!("{of_query}{head}{dim}"), format!("{of_key}{head}{dim}"), format!("{head}{of_query}{of_key}")]
}

fn letters(from: usize, n: usize) -> String {
    ('a'..='z').chain('A'..='Z').skip(from).take(n).collect()
}

/// One of the two products of tensors.
fn einsum(call: &mut Call<'_>, suffix: &str, equation: String, a: &Value, b: &Value) -> Option<Value> {
    let layer = call.attributes.layer();
    let mut node = call.node("Einsum", Einsum { equation: Some(equation) }, &[a, b]);
    node.name = format!("{layer}_{layer}_{suffix}");
    call.push(node)
}
