//! From the layer table of a case to a graph.

use std::collections::BTreeMap;

use hls4rs_fixed::{Format, from_f64, to_f64};
use hls4rs_ir::ops::TimeDistributed;
use hls4rs_ir::resolve::MAX_CONSTANT_WIDTH;
use hls4rs_ir::weights::Arrays;
use hls4rs_ir::{Builder, Io, NodeId, NodeSpec, Op, Precision, Resolved, Shape, Slot, Tensor};

use super::case::{Case, Layer, values};
use super::layers;
use crate::Error;
use crate::ops::make;

/// Why a case is not replayed.
#[derive(Debug)]
pub enum Unbuilt {
    /// It needs something that does not exist here yet: the words name it.
    NotYet(String),
    /// It should have been possible.
    Broken(Error),
}

impl From<Error> for Unbuilt {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// Something that is left for later.
pub fn not_yet<T>(what: impl Into<String>) -> Result<T, Unbuilt> {
    Err(Unbuilt::NotYet(what.into()))
}

/// A graph in the making, with the names of hls4ml's tensors.
pub struct Assembly<'a> {
    case: &'a Case,
    arrays: &'a Arrays,
    builder: Builder,
    tensors: BTreeMap<String, (NodeId, Format)>,
    names: BTreeMap<String, usize>,
    /// Whether layers are between the two ends of a time-distributed one.
    steps: bool,
}

/// The network of a case, with every format settled.
///
/// # Errors
/// What is not there yet, or what is wrong.
pub fn network(case: &Case, arrays: &Arrays) -> Result<Resolved, Unbuilt> {
    let mut assembly = Assembly {
        case,
        arrays,
        builder: Builder::new("network"),
        tensors: BTreeMap::new(),
        names: BTreeMap::new(),
        steps: false,
    };
    // What is missing is told for the whole table, not only for the first layer.
    let missing: Vec<_> = case.layers.iter().filter_map(layers::missing).collect();
    if let Some(first) = missing.first() {
        return not_yet(first.clone());
    }
    if assembly.streams() {
        assembly.builder.io(Io::Stream);
    }
    for port in &case.inputs {
        assembly.input(&port.name)?;
    }
    for layer in case.layers.iter().filter(|layer| layer.class_name != "Input") {
        layers::add(&mut assembly, layer)?;
    }
    for port in &case.outputs {
        let id = assembly.port(&port.name, &port.shape)?;
        assembly.builder.output(id);
    }
    match assembly.builder.finish_with_warnings() {
        Ok((resolved, _)) => Ok(resolved),
        Err(faults) => Err(Error::refused(&case.id, faults).into()),
    }
}

impl<'a> Assembly<'a> {
    /// Whether values go through streams.
    pub fn streams(&self) -> bool {
        self.case.io_type == "io_stream"
    }

    fn input(&mut self, name: &str) -> Result<(), Unbuilt> {
        let Some(layer) = self.case.layers.iter().find(|l| l.class_name == "Input" && l.outputs[0] == name)
        else {
            return Err(Error::malformed(&self.case.id, format!("no layer for the input `{name}`")).into());
        };
        let format = self.format(layer, "result_t")?;
        let shape = self.shape(layer)?;
        let node = self.name(&layer.name);
        let id = self.builder.input(node, shape, Precision::MayWrap(format));
        self.tensors.insert(name.to_owned(), (id, format));
        Ok(())
    }

    /// The node whose result is the output variable `name`: a tensor's own name, or `layer7_out` for the layer of
    /// index 7.
    ///
    /// Some layers are replaced late, and then the index is that of a layer that is no more: what is meant is the last
    /// layer of that shape that no other one reads.
    fn port(&self, name: &str, shape: &[usize]) -> Result<NodeId, Unbuilt> {
        if let Some((id, _)) = self.tensors.get(name) {
            return Ok(*id);
        }
        let digits: String =
            name.strip_prefix("layer").unwrap_or("").chars().take_while(char::is_ascii_digit).collect();
        let index = digits.parse().ok();
        self.case
            .layers
            .iter()
            .filter(|layer| index.is_some() && layer.size("index") == index)
            .find_map(|layer| layer.outputs.first())
            .or_else(|| self.unread(shape))
            .and_then(|tensor| self.tensors.get(tensor))
            .map(|(id, _)| *id)
            .ok_or_else(|| {
                Error::malformed(&self.case.id, format!("no layer for the output `{name}`")).into()
            })
    }

    fn unread(&self, shape: &[usize]) -> Option<&'a String> {
        let layers = &self.case.layers;
        let last = layers.iter().rev().flat_map(|layer| {
            layer.outputs.iter().filter(|name| layer.output_shapes.get(*name).is_some_and(|s| s == shape))
        });
        last.into_iter().find(|name| layers.iter().all(|layer| !layer.inputs.contains(name)))
    }

    /// The n-th input of a layer.
    pub fn source(&self, layer: &Layer, n: usize) -> Result<(NodeId, Format), Unbuilt> {
        let name = layer.inputs.get(n).map_or("", String::as_str);
        self.tensors.get(name).copied().ok_or_else(|| {
            let reason = format!("layer `{}` reads `{name}`, which no layer writes", layer.name);
            Error::malformed(&self.case.id, reason).into()
        })
    }

    /// The shape of the n-th input, if all is well with it.
    pub fn source_shape(&self, layer: &Layer, n: usize) -> Result<Shape, Unbuilt> {
        let (id, _) = self.source(layer, n)?;
        let shape = self.builder.shape(id).cloned().ok_or_else(|| {
            Error::malformed(&self.case.id, format!("an input of `{}` is unsound", layer.name))
        })?;
        if !self.steps {
            return Ok(shape);
        }
        Shape::new(&shape[1..]).map_err(|e| Error::malformed(&layer.name, e).into())
    }

    /// The shape of a layer's first output.
    pub fn shape(&self, layer: &Layer) -> Result<Shape, Unbuilt> {
        let extents = layer.outputs.first().and_then(|name| layer.output_shapes.get(name));
        let extents = extents.map_or(&[][..], Vec::as_slice);
        Shape::new(extents)
            .map_err(|e| Error::malformed(format!("{}/{}", self.case.id, layer.name), e).into())
    }

    /// A format of a layer, by hls4ml's name for it.
    pub fn format(&self, layer: &Layer, name: &str) -> Result<Format, Unbuilt> {
        match self.optional_format(layer, name)? {
            Some(format) => Ok(format),
            None => Err(Error::malformed(
                format!("{}/{}", self.case.id, layer.name),
                format!("there is no type `{name}`"),
            )
            .into()),
        }
    }

    /// A format that a layer may have.
    pub fn optional_format(&self, layer: &Layer, name: &str) -> Result<Option<Format>, Unbuilt> {
        let Some(text) = layer.types.get(name) else { return Ok(None) };
        match text.parse() {
            Ok(format) => Ok(Some(format)),
            Err(_) => not_yet(format!("type {text}")),
        }
    }

    /// A node with the layer's name, reading the layer's first `n` inputs, with the layer's result format.
    pub fn spec(&mut self, layer: &Layer, op: impl Into<Op>, n: usize) -> Result<NodeSpec, Unbuilt> {
        let inputs =
            (0..n).map(|n| self.source(layer, n).map(|(id, _)| id)).collect::<Result<Vec<_>, _>>()?;
        let mut spec = NodeSpec::new(self.name(&layer.name), op, &inputs);
        spec.precision.set(Slot::Result, Precision::MayWrap(self.format(layer, "result_t")?));
        Ok(spec)
    }

    /// An array that was recorded or added for a layer.
    pub fn array(&self, layer: &Layer, name: &str) -> Option<&Tensor> {
        values(self.arrays, &layer.name, name, false)
    }

    /// Adds the node that a layer becomes.
    pub fn add(&mut self, layer: &Layer, spec: NodeSpec) -> Result<(), Unbuilt> {
        let format = self.format(layer, "result_t")?;
        let id = self.add_extra(spec);
        self.define(layer, id, format);
        Ok(())
    }

    /// Adds a node that no layer of the table stands for.
    pub fn add_extra(&mut self, spec: NodeSpec) -> NodeId {
        if self.steps {
            let op = TimeDistributed::new(spec.op).into();
            return self.builder.add(NodeSpec { op, ..spec });
        }
        self.builder.add(spec)
    }

    /// One of the two ends of a time-distributed layer, between which every layer is applied to each step; its result
    /// is its input.
    pub fn time_distributed(&mut self, layer: &Layer) -> Result<(), Unbuilt> {
        let (id, format) = self.source(layer, 0)?;
        if self.format(layer, "result_t")? != format {
            return not_yet("time-distributed layers with a cast");
        }
        self.steps = !self.steps;
        self.define(layer, id, format);
        Ok(())
    }

    /// Says that all tensors that a layer writes are the result of a node.
    pub fn define(&mut self, layer: &Layer, id: NodeId, format: Format) {
        for name in &layer.outputs {
            self.tensors.insert(name.clone(), (id, format));
        }
    }

    /// A name for a node that suits Rust and C++ and is not taken.
    pub fn name(&mut self, name: &str) -> String {
        let plain: Vec<_> =
            name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
        let plain = format!("n_{}", plain.join("_"));
        let uses = self.names.entry(plain.clone()).or_insert(0);
        *uses += 1;
        if *uses == 1 { plain } else { format!("{plain}_use{uses}") }
    }

    /// Gives a node the stored values of a layer in their format, shaped as `shape`.
    pub fn store(
        &self,
        spec: &mut NodeSpec,
        layer: &Layer,
        stored: Stored<'_>,
        order: impl FnOnce(&Tensor) -> Vec<f64>,
    ) -> Result<(), Unbuilt> {
        let Stored { weight, slot, shape } = stored;
        let place = format!("{}/{}/{weight}", self.case.id, layer.name);
        let mut kind = layer.weights.get(weight).map_or("fixed", |w| w.kind.as_str());
        if layer.is_distributed() {
            kind = "exact";
        }
        // The text of an exponent is a pair of sign and exponent; its array holds the value.
        let Some(tensor) = values(self.arrays, &layer.name, weight, !matches!(kind, "exponent" | "exact"))
        else {
            if weight == "bias" {
                return Ok(());
            }

            return not_yet(format!("{} without recorded weights", layer.class_name));
        };
        let ordered = Tensor::new(shape.clone(), order(tensor)).map_err(|values| {
            Error::malformed(place, format!("{} values, expected {shape}", values.len()))
        })?;
        match kind {
            "fixed" | "integer" => {
                let format = self.format(layer, &format!("{weight}_t"))?;
                // Wider than what is stored here, but the values themselves need not be.
                let exact = |&v: &f64| to_f64(from_f64(v, format), format.frac_bits()) == v;
                let auto = format.width > MAX_CONSTANT_WIDTH && ordered.values().iter().all(exact);
                let asked = if auto { Precision::Auto } else { Precision::MayWrap(format) };
                spec.precision.set(slot, asked);
            }
            "exponent" => {
                let format = self.format(layer, &format!("{weight}_t"))?;
                let (_, x) = self.source(layer, 0)?;
                if !ordered.values().iter().all(|&v| shifts_exactly(x, format.width, v)) {
                    return not_yet("weights of kind exponent");
                }
                spec.precision.set(slot, Precision::Auto);
            }
            "exact" => spec.precision.set(slot, Precision::Auto),
            "xnor" => {
                // One bit: 0 stands for -1.
                let signs = ordered.values().iter().map(|&v| if v == 0.0 { -1.0 } else { 1.0 }).collect();
                let signs = Tensor::new(shape, signs).expect("as many as there were");
                spec.precision.set(slot, Precision::Auto);
                spec.values.set(slot, signs);
                return Ok(());
            }
            other => return not_yet(format!("weights of kind {other}")),
        }
        spec.values.set(slot, ordered);
        Ok(())
    }

    /// Turns the data of a layer that multiplies back into -1 and 1 where they are kept in one bit.
    pub fn signs(&mut self, spec: &mut NodeSpec, layer: &Layer) -> Result<(), Unbuilt> {
        let read = layer.inputs.first();
        let source = self.case.layers.iter().find(|l| read.is_some_and(|name| l.outputs.contains(name)));
        let kind = source.and_then(|l| l.types_cpp.get("result_t")).and_then(|t| t.kind.as_deref());
        if kind != Some("xnor") {
            return Ok(());
        }
        let name = self.name(&format!("{} signs", layer.name));
        let op = make("batch_norm", &[]).map_err(Unbuilt::NotYet)?;
        let mut signs = NodeSpec::new(name, op, &spec.inputs);
        let shape = Shape::new(&[self.channels(spec)]).map_err(|e| Error::malformed(&layer.name, e))?;
        for (slot, value) in [(Slot::Scale, 2.0), (Slot::Bias, -1.0)] {
            let values = vec![value; shape.elements()];
            signs.values.set(slot, Tensor::new(shape.clone(), values).expect("one for each channel"));
        }
        spec.inputs = vec![self.add_extra(signs)];
        Ok(())
    }

    fn channels(&self, spec: &NodeSpec) -> usize {
        self.builder.shape(spec.inputs[0]).map_or(1, Shape::channels)
    }
}

/// Which stored values of a layer go where.
pub struct Stored<'a> {
    /// hls4ml's name.
    pub weight: &'a str,
    /// The slot.
    pub slot: Slot,
    /// The shape here.
    pub shape: Shape,
}

/// Whether the shift that multiplies `x` with a power of two loses nothing, so that it is an ordinary product.
///
/// The shift happens in a signed format with `x.width + width` bits on either side of the point
/// (reference/layers.md, 0.1).
fn shifts_exactly(x: Format, width: u32, factor: f64) -> bool {
    let exponent = factor.abs().log2();
    if !exponent.is_finite() || exponent.fract() != 0.0 || factor.abs() != exponent.exp2() {
        return false;
    }
    let room = f64::from(x.width + width);
    f64::from(x.int_bits) + exponent < room && f64::from(x.frac_bits()) - exponent <= room
}
