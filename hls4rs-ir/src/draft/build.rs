//! From a draft with a type in every slot to a graph.

use std::collections::BTreeMap;

use hls4rs_fixed::{Format, from_f64, to_f64};

use super::{Draft, DraftFault, DraftFaults, DraftNode, Type};
use crate::constants::MAX_CONSTANT_WIDTH;
use crate::hardware::{Io, Strategy};
use crate::names::is_identifier;
use crate::ops::BatchNorm;
use crate::{Builder, Faults, NodeId, NodeSpec, Op, Precision, Resolved, Shape, Site, Slot, Tensor};

impl Draft {
    /// The network, with what its formats may cut off as warnings.
    ///
    /// # Errors
    /// Everything that leaves the network without a meaning.
    pub fn build(&self, io: Io) -> Result<(Resolved, Vec<String>), DraftFaults> {
        let mut assembly = Assembly {
            draft: self,
            builder: Builder::new(identifier(&self.name, "network", &mut BTreeMap::new())),
            ids: Vec::new(),
            names: BTreeMap::new(),
            faults: DraftFaults::default(),
        };
        assembly.builder.io(io);
        for (at, node) in self.nodes.iter().enumerate() {
            assembly.add(at, node);
        }
        for name in &self.outputs {
            match self.position(name) {
                Some(at) => assembly.builder.output(assembly.ids[at]),
                None => assembly.faults.push(DraftFault {
                    place: String::new(),
                    problem: format!("the output `{name}` is not the result of any layer"),
                }),
            }
        }
        if !assembly.faults.is_empty() {
            return Err(assembly.faults);
        }
        match assembly.builder.finish_with_warnings() {
            Ok((resolved, warnings)) => {
                Ok((resolved, self.words(&warnings).map(|f| f.to_string()).collect()))
            }
            Err(faults) => {
                let mut all = DraftFaults::default();
                self.words(&faults).for_each(|fault| all.push(fault));
                Err(all)
            }
        }
    }

    /// Faults of the graph at their places in the file.
    fn words(&self, faults: &Faults) -> impl Iterator<Item = DraftFault> {
        faults.iter().map(|fault| {
            let problem = fault.problem.to_string();
            match (fault.site.0 as usize).checked_sub(1).and_then(|at| self.nodes.get(at)) {
                Some(node) => DraftFault::new(node, problem),
                None => DraftFault { place: String::new(), problem },
            }
        })
    }
}

/// A graph in the making.
struct Assembly<'a> {
    draft: &'a Draft,
    builder: Builder,
    ids: Vec<NodeId>,
    names: BTreeMap<String, usize>,
    faults: DraftFaults,
}

impl Assembly<'_> {
    fn add(&mut self, at: usize, node: &DraftNode) {
        let inputs = self.draft.sources(at);
        let inputs: Vec<_> = inputs.into_iter().map(|at| self.ids[at]).collect();
        let mut spec = NodeSpec::new(
            identifier(&node.name, "layer", &mut self.names),
            node.whole_op().into_owned(),
            &inputs,
        );
        spec.site = Site(at as u32 + 1);
        spec.strategy = node.strategy;
        spec.reuse_factor = node.reuse_factor;
        for (slot, ty) in node.types.iter().filter(|(slot, _)| takes_format(node, *slot)) {
            if let Type::Fixed(format) = ty {
                spec.precision.set(slot, Precision::MayWrap(*format));
            }
        }
        if node.types.get(Slot::Result) == Some(&Type::Xnor) {
            spec.precision.set(Slot::Result, Precision::MayWrap(Format::uint(1)));
        }
        for (slot, tensor) in node.values.iter() {
            if let Err(problem) = self.store(node, slot, tensor, &mut spec) {
                self.faults.push(DraftFault::new(node, problem));
            }
        }
        if matches!(node.op, Op::Dense(_) | Op::Conv(_)) {
            self.signs(node, &mut spec);
        }
        let id = self.builder.add(spec);
        self.ids.push(id);
    }

    fn store(
        &self,
        node: &DraftNode,
        slot: Slot,
        tensor: &Tensor,
        spec: &mut NodeSpec,
    ) -> Result<(), String> {
        let quantized = match node.quantizer(slot) {
            Some(quantizer) => {
                let quantized = quantizer.apply(tensor);
                quantized
                    .ok_or_else(|| format!("the quantizer of `{slot}` is not supported: {quantizer:?}"))?
                    .values
            }
            None => tensor.values().to_vec(),
        };
        let with = |values| Tensor::new(tensor.shape().clone(), values).expect("as many as there were");
        let multiplies = matches!(slot, Slot::Weight | Slot::Bias);
        let exact = node.strategy == Strategy::DistributedArithmetic && multiplies;
        let (values, precision) = match node.types.get(slot) {
            _ if exact => (quantized, Precision::Auto),
            Some(Type::Fixed(format)) => {
                let written: Vec<_> = quantized.iter().map(|&v| as_written(v, *format)).collect();
                let holds = |&v: &f64| to_f64(from_f64(v, *format), format.frac_bits()) == v;
                // Wider than what is stored here, but the values themselves need not be.
                let auto = format.width > MAX_CONSTANT_WIDTH && written.iter().all(holds);
                (written, if auto { Precision::Auto } else { Precision::MayWrap(*format) })
            }
            Some(Type::Exponent(width)) => {
                let source =
                    self.draft.node(&node.inputs[0]).and_then(|x| x.types.get(Slot::Result)?.format());
                let exact = |v| source.is_some_and(|x| shifts_exactly(x, *width, power_as_written(v)));
                if !quantized.iter().all(|&v| exact(v)) {
                    return Err(format!("`{slot}`: a shift by these powers of two loses bits of the input"));
                }
                (quantized.into_iter().map(power_as_written).collect(), Precision::Auto)
            }
            Some(Type::Xnor) | None => (quantized, Precision::Auto),
        };
        spec.values.set(slot, with(values));
        if takes_format(node, slot) {
            spec.precision.set(slot, precision);
        }
        Ok(())
    }

    /// Turns one-bit data back into -1 and 1 for a layer that multiplies.
    fn signs(&mut self, node: &DraftNode, spec: &mut NodeSpec) {
        let source = self.draft.node(&node.inputs[0]);
        if source.and_then(|x| x.types.get(Slot::Result)) != Some(&Type::Xnor) {
            return;
        }
        let channels = self.builder.shape(spec.inputs[0]).map_or(1, Shape::channels);
        let name = identifier(&format!("{} signs", node.name), "layer", &mut self.names);
        let mut signs = NodeSpec::new(name, BatchNorm, &spec.inputs);
        signs.site = spec.site;
        let shape = Shape::new(&[channels]).expect("an extent of a shape");
        for (slot, value) in [(Slot::Scale, 2.0), (Slot::Bias, -1.0)] {
            let values = vec![value; channels];
            signs.values.set(slot, Tensor::new(shape.clone(), values).expect("one for each channel"));
        }
        spec.inputs = vec![self.builder.add(signs)];
    }
}

/// Whether a format can be asked for in a slot of the node as it is.
fn takes_format(node: &DraftNode, slot: Slot) -> bool {
    if node.strategy == Strategy::DistributedArithmetic && slot == Slot::Accum {
        return false;
    }
    let stored = [Slot::Weight, Slot::Bias, Slot::RecurrentWeight, Slot::RecurrentBias];
    if stored.contains(&slot) && node.values.get(slot).is_none() {
        return false;
    }
    slot == Slot::Result || node.op.layer().slots().contains(&slot)
}

/// The value of the text that hls4ml writes: rounded to as many decimal digits as the format has fraction bits.
pub fn as_written(value: f64, format: Format) -> f64 {
    let digits = format.frac_bits().max(0) as usize;
    format!("{value:.digits$}").parse().unwrap_or(value)
}

/// The power of two that is stored for a value: its exponent is rounded toward zero.
fn power_as_written(value: f64) -> f64 {
    (value.abs() as f32).log2().trunc().exp2().copysign(value as f32).into()
}

/// Whether the shift that multiplies `x` with a power of two loses nothing, so that it is an ordinary product.
///
/// The shift happens in a signed format with `x.width + width` bits on either side of the point.
pub fn shifts_exactly(x: Format, width: u32, factor: f64) -> bool {
    let exponent = factor.abs().log2();
    if !exponent.is_finite() || exponent.fract() != 0.0 || factor.abs() != exponent.exp2() {
        return false;
    }
    let room = f64::from(x.width) + f64::from(width);
    f64::from(x.int_bits) + exponent < room && f64::from(x.frac_bits()) - exponent <= room
}

/// A name that suits Rust and C++ and is not taken.
fn identifier(name: &str, usual: &str, taken: &mut BTreeMap<String, usize>) -> String {
    let parts: Vec<_> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).collect();
    let plain = parts.join("_");
    let plain = match plain.as_str() {
        "" => usual.to_owned(),
        plain if is_identifier(plain) => plain.to_owned(),
        plain => format!("{usual}_{plain}"),
    };
    let uses = taken.entry(plain.clone()).or_insert(0);
    *uses += 1;
    if *uses == 1 { plain } else { format!("{plain}_use{uses}") }
}
