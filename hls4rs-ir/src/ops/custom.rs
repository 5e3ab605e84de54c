//! Layers that are defined outside of hls4rs.

use core::any::Any;
use core::fmt;

use super::{Arity, Layer, Parameter, Unfit};
use crate::attr::{Attr, AttrValue};
use crate::constants::MAX_CONSTANT_WIDTH;
use crate::fault::Problem;
use crate::hardware::{Multiplications, Strategy};
use crate::range::{Interval, Ranges};
use crate::resolve::{Done, NodeCx};
use crate::{Place, Shape, Slot};

/// A layer that somebody else has written, with whatever else it can do.
pub trait Definition: fmt::Debug + Send + Sync {
    /// Its rules.
    fn layer(&self) -> &dyn Layer;

    /// Its rules, to set attributes.
    fn layer_mut(&mut self) -> &mut dyn Layer;

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
        Self { layer: definition.layer().keyword().to_owned(), shape: None, definition: Some(definition) }
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

    fn rules(&self) -> Option<&dyn Layer> {
        Some(self.definition.as_ref()?.layer())
    }

    /// Settles what was asked for, where there are no rules.
    fn declare(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        for (slot, _) in cx.node().values.iter() {
            cx.store_values(slot)?;
        }
        for (slot, precision) in cx.node().precision.iter() {
            let stored = cx.constants.get(slot).is_some() || slot == Slot::Result;
            if let (false, Some(format)) = (stored, precision.format()) {
                cx.settle(slot, format);
            }
        }
        let (layer, kind) = (cx.node().name.clone(), self.layer.clone());
        let Some(format) = cx.precision(Slot::Result).format() else {
            cx.fault(Place::Precision(Slot::Result), Problem::CustomFormat { layer, kind });
            return None;
        };
        cx.settle(Slot::Result, format);
        Some(anything(format, cx).into())
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
        self.rules().map_or(Arity::AtLeast(1), |rules| rules.arity())
    }

    fn attrs(&mut self) -> Vec<Attr<'_>> {
        self.definition.as_mut().map_or(Vec::new(), |definition| definition.layer_mut().attrs())
    }

    fn slots(&self) -> &'static [Slot] {
        self.rules().map_or(Slot::ALL, |rules| rules.slots())
    }

    fn shape(&self, inputs: &[&Shape]) -> Result<Shape, Unfit> {
        let by_rule = self.rules().map(|rules| rules.shape(inputs)).transpose()?;
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
        match self.rules() {
            Some(rules) => rules.parameters(inputs),
            None => Slot::ALL.iter().filter(|slot| **slot != Slot::Result).map(any).collect(),
        }
    }

    fn takes(&self, parameter: &Parameter, found: &Shape) -> bool {
        self.rules().is_none_or(|rules| rules.takes(parameter, found))
    }

    fn multiplications(&self, inputs: &[&Shape]) -> Option<Multiplications> {
        self.rules()?.multiplications(inputs)
    }

    fn passes(&self, inputs: &[&Shape]) -> usize {
        self.rules().map_or(1, |rules| rules.passes(inputs))
    }

    fn strategies(&self) -> &'static [Strategy] {
        self.rules().map_or(&[Strategy::Latency], |rules| rules.strategies())
    }

    fn resolve(&self, cx: &mut NodeCx<'_>) -> Option<Done> {
        if !Self::fits(cx) {
            return None;
        }
        let done = match self.rules() {
            Some(rules) => rules.resolve(cx)?,
            None => self.declare(cx)?,
        };
        let (expected, found) = (cx.node().shape.elements(), done.range.elements.len());
        assert_eq!(found, expected, "`{}` gives a range for each element of its result", self.layer);
        let (layer, found) = (cx.node().name.clone(), *cx.formats.get(Slot::Result)?);
        if found.width > MAX_CONSTANT_WIDTH {
            cx.fault(Place::Precision(Slot::Result), Problem::CustomWidth { layer, what: "the result", found });
            return None;
        }
        let declared = cx.precision(Slot::Result).format();
        Some(declared.map_or(done, |format| anything(format, cx).into()))
    }
}

/// Every value that `format` holds, in every element of the result.
fn anything(format: hls4rs_fixed::Format, cx: &NodeCx<'_>) -> Ranges {
    let elements = vec![Interval::of_format(format); cx.node().shape.elements()];
    Ranges { frac_bits: format.frac_bits(), elements }
}
