//! Layers that are defined outside of hls4rs.

use core::any::Any;
use core::fmt;

use super::{Arity, Layer, Parameter, Unfit};
use crate::attr::{Attr, AttrValue};
use crate::constants::MAX_CONSTANT_WIDTH;
use crate::fault::Problem;
use crate::range::{Interval, Ranges};
use crate::resolve::{Done, NodeCx};
use crate::{Place, Shape, Slot};

/// The rules of a layer that somebody else has written: what [`Layer`] is for the layers of hls4rs.
pub trait Rules {
    /// The name in saved graphs and messages.
    fn keyword(&self) -> &'static str;

    /// How many inputs it reads.
    fn arity(&self) -> Arity {
        Arity::Exactly(1)
    }

    /// Its attributes: what a saved graph keeps of it.
    fn attrs(&mut self) -> Vec<Attr<'_>> {
        Vec::new()
    }

    /// The slots for which a format can be asked, other than the result.
    fn slots(&self) -> &'static [Slot] {
        &[]
    }

    /// The shape of the result.
    ///
    /// # Errors
    /// Which input or attribute does not fit.
    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit>;

    /// The values it stores; called only with shapes that [`shape`](Self::shape) has accepted.
    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let _ = inputs;
        Vec::new()
    }

    /// What each element of the result can be before it is cast; values are stored and formats settled.
    fn range(&self, cx: &NodeCx<'_>) -> Ranges;
}

/// A layer that somebody else has written, with whatever else it can do.
pub trait Definition: fmt::Debug + Send + Sync {
    /// Its rules.
    fn rules(&self) -> &dyn Rules;

    /// Its rules, to set attributes.
    fn rules_mut(&mut self) -> &mut dyn Rules;

    /// A copy.
    fn boxed(&self) -> Box<dyn Definition>;

    /// Itself, for the crate that knows what else it can do.
    fn as_any(&self) -> &dyn Any;
}

impl Clone for Box<dyn Definition> {
    fn clone(&self) -> Self {
        self.boxed()
    }
}

/// Finds the definition of a layer in a saved graph, from the node's name and the layer's.
pub type Definitions<'a> = dyn FnMut(&str, &str) -> Option<Box<dyn Definition>> + 'a;

/// A layer that is defined outside of hls4rs.
///
/// Where its definition cannot run, as in `network!`, the shape and the format of its result are declared, and that
/// is all that is known of it.
///
/// # Shapes
/// The shape that the definition gives, or the one that is declared; they must be equal.
/// # Precision
/// With a declared format, the result is taken to be anything that the format holds: what follows is settled in the
/// same way whether the definition is known or not. `auto`, where the definition is known, is the narrowest format
/// for its range. Inputs, values and result have at most 63 bits.
#[derive(Clone, Debug)]
pub struct Custom {
    layer: String,
    shape: Option<Shape>,
    definition: Option<Box<dyn Definition>>,
}

impl Custom {
    /// A layer of which only the name and the shape of the result are known.
    pub fn declared(layer: impl Into<String>, shape: Shape) -> Self {
        Self { layer: layer.into(), shape: Some(shape), definition: None }
    }

    /// A layer with its definition.
    pub fn defined(definition: Box<dyn Definition>) -> Self {
        Self { layer: definition.rules().keyword().to_owned(), shape: None, definition: Some(definition) }
    }

    /// The same layer with a declared shape, which must be the one that its definition gives.
    #[must_use]
    pub fn with_shape(self, shape: Shape) -> Self {
        Self { shape: Some(shape), ..self }
    }

    /// What the layer is called: its keyword, or the path of its type where it is not defined.
    pub fn name(&self) -> &str {
        &self.layer
    }

    /// The declared shape of the result.
    pub fn declared_shape(&self) -> Option<&Shape> {
        self.shape.as_ref()
    }

    /// The definition, where it is known.
    pub fn definition(&self) -> Option<&dyn Definition> {
        self.definition.as_deref()
    }

    fn attributes(&self) -> Vec<(&'static str, Option<AttrValue>)> {
        let mut copy = self.clone();
        copy.attrs().iter().map(|attr| (attr.name, attr.value.get())).collect()
    }

    /// Settles the formats that were asked for in places without values.
    fn settle_slots(&self, cx: &mut NodeCx<'_>) {
        for (slot, precision) in cx.node().precision.iter() {
            let stored = cx.constants.get(slot).is_some() || slot == Slot::Result;
            if let (false, Some(format)) = (stored, precision.format()) {
                cx.settle(slot, format);
            }
        }
    }

    /// Whether everything that the kernel reads fits the integers that it computes with.
    fn fits(cx: &mut NodeCx<'_>) -> bool {
        let wide = (0..cx.n_inputs()).find(|&n| cx.input(n).result().width > MAX_CONSTANT_WIDTH);
        if let Some(n) = wide {
            let (layer, found) = (cx.node().name.clone(), cx.input(n).result());
            cx.fault(Place::Input(n), Problem::CustomWidth { layer, what: "an input", found });
        }
        wide.is_none()
    }
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.definition, &other.definition);
        self.layer == other.layer
            && self.shape == other.shape
            && a.is_some() == b.is_some()
            && self.attributes() == other.attributes()
    }
}

impl Layer for Custom {
    fn keyword(&self) -> &'static str {
        "custom"
    }

    fn arity(&self) -> Arity {
        self.definition.as_ref().map_or(Arity::AtLeast(1), |definition| definition.rules().arity())
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        self.definition.as_mut().map_or(Vec::new(), |definition| definition.rules_mut().attrs())
    }

    fn slots(&self) -> &'static [Slot] {
        self.definition.as_ref().map_or(Slot::ALL, |definition| definition.rules().slots())
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let by_rule = self.definition.as_ref().map(|definition| definition.rules().shape(inputs)).transpose()?;
        match (by_rule, &self.shape) {
            (Some(shape), Some(declared)) if shape != *declared => Err(Unfit::Attr {
                name: "shape",
                expected: format!("{shape}, which is what `{}` gives", self.layer),
                found: declared.to_string(),
            }),
            (Some(shape), _) => Ok(shape),
            (None, Some(declared)) => Ok(declared.clone()),
            (None, None) => unreachable!("a layer is declared or defined"),
        }
    }

    fn parameters(&self, inputs: &[&Shape]) -> Vec<Parameter> {
        let one = Shape::new(&[1]).expect("a valid shape");
        let any = |&slot: &Slot| Parameter { slot, shape: one.clone(), alternative: None, optional: true };
        match &self.definition {
            Some(definition) => definition.rules().parameters(inputs),
            None => Slot::ALL.iter().filter(|slot| **slot != Slot::Result).map(any).collect(),
        }
    }

    fn takes(&self, _: &Parameter, _: &Shape) -> bool {
        self.definition.is_none()
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        if !Self::fits(cx) {
            return None;
        }
        for (slot, _) in cx.node().values.iter() {
            cx.store_values(slot)?;
        }
        self.settle_slots(cx);
        let declared = cx.precision(Slot::Result).format();
        let proved = match &self.definition {
            Some(definition) => {
                let range = definition.rules().range(cx);
                let (found, expected) = (range.elements.len(), cx.node().shape.elements());
                assert_eq!(found, expected, "ranges of `{}`, one for each element of its result", self.layer);
                Some(cx.settle_result(&range))
            }
            None => declared.map(|format| {
                cx.settle(Slot::Result, format);
                anything(format, cx)
            }),
        };
        let layer = cx.node().name.clone();
        let Some(range) = proved else {
            cx.fault(Place::Precision(Slot::Result), Problem::CustomFormat { layer, kind: self.layer.clone() });
            return None;
        };
        let found = *cx.formats.get(Slot::Result).expect("settled above");
        if found.width > MAX_CONSTANT_WIDTH {
            cx.fault(Place::Precision(Slot::Result), Problem::CustomWidth { layer, what: "the result", found });
            return None;
        }
        Some(declared.map_or(range, |format| anything(format, cx)).into())
    }
}

/// Every value that `format` holds, in every element of the result.
fn anything(format: hls4rs_fixed::Format, cx: &NodeCx<'_>) -> Ranges {
    let elements = vec![Interval::of_format(format); cx.node().shape.elements()];
    Ranges { frac_bits: format.frac_bits(), elements }
}
