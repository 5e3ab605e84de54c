//! The layer that replaces numbers by vectors.

use hls4rs_fixed::TableIndex;

use super::{Layer, Parameter, Unfit};
use crate::attr::{Attr, AttrRef};
use crate::range::Ranges;
use crate::resolve::{Done, NodeCx};
use crate::tables::{Extremes, MAX_SIZE, Reach};
use crate::{Shape, Slot};

/// Embedding: each number is the index of a vector, `y[…, i] = embeddings[x[…]][i]`.
///
/// # Shapes
/// `x: any`, `embeddings: [vocabulary, units]`, `y` as `x` with a last axis of `units`.
/// # Precision
/// The index is `x` truncated toward zero and limited to `0..vocabulary`: a number beyond is the last one's, a negative
/// one the first's (the reference reads whatever lies there). One cast of each entry to the result; `auto` is the
/// narrowest format for the entries that the range of `x` reaches.
/// # Source
/// hls4ml `nnet_utils/nnet_embed.h`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Embedding {
    /// The length of a vector.
    pub units: usize,
    /// The number of vectors.
    pub vocabulary: usize,
}

impl Layer for Embedding {
    fn keyword(&self) -> &'static str {
        "embedding"
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        vec![
            Attr { name: "units", doc: "length of a vector", value: AttrRef::Size(&mut self.units) },
            Attr { name: "vocabulary", doc: "number of vectors", value: AttrRef::Size(&mut self.vocabulary) },
        ]
    }

    fn slots(&self) -> &'static [Slot] {
        &[Slot::Embeddings]
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        if !(1..=MAX_SIZE).contains(&self.vocabulary) {
            return Err(Unfit::Attr {
                name: "vocabulary",
                expected: format!("the number of vectors, 1 to {MAX_SIZE}"),
                found: self.vocabulary.to_string(),
            });
        }
        let mut extents = inputs[0].to_vec();
        extents.push(self.units);
        let result = Shape::new(&extents);
        result.and_then(|result| Shape::new(&[self.vocabulary, self.units]).map(|_| result)).map_err(|_| {
            Unfit::Attr {
                name: "units",
                expected: "the length of a vector, at least 1 and small enough to store all".to_owned(),
                found: self.units.to_string(),
            }
        })
    }

    fn parameters(&self, _: &[&Shape]) -> Vec<Parameter> {
        let shape = Shape::new(&[self.vocabulary, self.units]).expect("checked with the input's shape");
        vec![Parameter { slot: Slot::Embeddings, shape, alternative: None, optional: false }]
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        let x = cx.input(0);
        let index = TableIndex::whole(x.result(), self.vocabulary);
        let embeddings = cx.store_values(Slot::Embeddings)?;
        let column = |i: usize| -> Vec<i64> {
            embeddings.raw.iter().skip(i).step_by(self.units).copied().collect()
        };
        let columns: Vec<_> = (0..self.units).map(|i| Extremes::new(&column(i))).collect();
        let frac_bits = embeddings.format.frac_bits();
        let vectors = x.range.elements.iter().flat_map(|&e| {
            let reach = index.reach(e);
            columns.iter().map(move |column| column.between(reach))
        });
        let elements = vectors.collect();
        Some(cx.settle_result(&Ranges { frac_bits, elements }).into())
    }
}
