//! From what the user asked for to what the hardware gets: formats, raw weights, ranges, faults.

use hls4rs_fixed::{Cast, Format, Wide, from_f64};

use crate::fault::{Fault, Faults, Problem};
use crate::graph::{Graph, Node, NodeId};
use crate::range::{Interval, Ranges, quantized};
use crate::{Place, Precision, RawTensor, Shape, Slot, SlotMap, Tensor};

/// What is known of a node once every format is settled.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The format of every slot the layer has.
    pub formats: SlotMap<Format>,
    /// Stored values, in their formats: weights, biases, function tables.
    pub constants: SlotMap<RawTensor>,
    /// What the result can be.
    pub range: Ranges,
    /// For layers that sum products: what the sum can be.
    pub accumulation: Option<Accumulation>,
}

impl Facts {
    /// The format of `slot`.
    ///
    /// # Panics
    /// If the layer has no such slot.
    pub fn format(&self, slot: Slot) -> Format {
        *self.formats.get(slot).unwrap_or_else(|| panic!("the layer has no slot `{slot}`"))
    }

    /// The format of the result.
    pub fn result(&self) -> Format {
        self.format(Slot::Result)
    }

    /// The stored values of `slot`.
    ///
    /// # Panics
    /// If the layer stores nothing there.
    pub fn constant(&self, slot: Slot) -> &RawTensor {
        self.constants.get(slot).unwrap_or_else(|| panic!("the layer stores nothing in `{slot}`"))
    }
}

/// What a sum of products can be, in units of the accumulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accumulation {
    /// Every partial sum, in any order, before the accumulator's limits are applied.
    pub partial: Interval,
    /// The final sum, before the limits are applied.
    pub total: Interval,
    /// No product and no bias loses a bit on its way into the accumulator.
    pub exact: bool,
}

/// A graph with everything settled: what simulation, emission and reports work from.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    graph: Graph,
    facts: Vec<Facts>,
}

impl Resolved {
    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What is known of a node.
    pub fn facts(&self, id: NodeId) -> &Facts {
        &self.facts[id.index()]
    }

    /// The nodes with their ids and facts.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node, &Facts)> {
        self.graph.iter().map(|(id, node)| (id, node, &self.facts[id.index()]))
    }

    /// The same network with all formats fixed, for any input that the input formats can hold.
    ///
    /// Declared input ranges justify formats; an actual input may still lie outside of them, and then the
    /// hardware wraps. Whoever computes needs ranges that hold for every input.
    pub fn for_any_input(&self) -> Resolved {
        let mut graph = self.graph.clone();
        for (node, facts) in graph.nodes.iter_mut().zip(&self.facts) {
            for (slot, &format) in facts.formats.iter() {
                node.precision.set(slot, Precision::MayWrap(format));
            }
            node.op.forget_range();
        }
        graph.resolve_any()
    }
}

impl Graph {
    /// Settles every format, and checks that nothing wraps that the user has not allowed to.
    ///
    /// # Errors
    /// Every place where a value may wrap, a weight does not fit, or an attribute makes no sense.
    pub fn resolve(&self) -> Result<Resolved, Faults> {
        let (resolved, faults) = resolve_nodes(&self.nodes, &vec![true; self.nodes.len()]);
        match (faults.is_empty(), complete(self, resolved)) {
            (true, Some(resolved)) => Ok(resolved),
            _ => Err(faults),
        }
    }

    /// Settles every format, and gives the faults that are only about wrapping as a list.
    ///
    /// # Errors
    /// Faults that leave a layer without meaning.
    pub fn resolve_with_warnings(&self) -> Result<(Resolved, Faults), Faults> {
        let (resolved, faults) = resolve_nodes(&self.nodes, &vec![true; self.nodes.len()]);
        match complete(self, resolved) {
            Some(resolved) if faults.iter().all(Fault::is_about_range) => Ok((resolved, faults)),
            _ => Err(faults),
        }
    }

    fn resolve_any(&self) -> Resolved {
        let (resolved, _) = resolve_nodes(&self.nodes, &vec![true; self.nodes.len()]);
        complete(self, resolved).expect("a graph that was resolved before has no fatal fault")
    }
}

fn complete(graph: &Graph, facts: Vec<Option<Facts>>) -> Option<Resolved> {
    let facts = facts.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Resolved { graph: graph.clone(), facts })
}

/// Resolves the nodes that are sound; a node that reads from an unsound one is passed over in silence.
pub(crate) fn resolve_nodes(nodes: &[Node], sound: &[bool]) -> (Vec<Option<Facts>>, Faults) {
    let mut facts: Vec<Option<Facts>> = Vec::with_capacity(nodes.len());
    let mut faults = Faults::default();
    for (node, &sound) in nodes.iter().zip(sound) {
        let inputs = node
            .inputs
            .iter()
            .map(|id| facts[id.index()].as_ref().map(|f| (&nodes[id.index()], f)))
            .collect::<Option<Vec<_>>>();
        let settled = inputs.filter(|_| sound).and_then(|inputs| {
            let mut cx = NodeCx::new(node, inputs, &mut faults);
            let done = node.op.resolve(&mut cx);
            done.map(|done| cx.finish(done))
        });
        facts.push(settled);
    }
    (facts, faults)
}

/// What a layer's rule hands back: everything else it has put into the context.
#[derive(Clone, Debug)]
pub struct Done {
    /// What the result can be, already in the format of [`Slot::Result`].
    pub range: Ranges,
    /// For layers that sum products.
    pub accumulation: Option<Accumulation>,
}

impl From<Ranges> for Done {
    fn from(range: Ranges) -> Self {
        Self { range, accumulation: None }
    }
}

/// What a layer's rule sees of its node, and where it leaves what it settles.
pub struct NodeCx<'a> {
    node: &'a Node,
    inputs: Vec<(&'a Node, &'a Facts)>,
    formats: SlotMap<Format>,
    constants: SlotMap<RawTensor>,
    faults: &'a mut Faults,
}

impl<'a> NodeCx<'a> {
    fn new(node: &'a Node, inputs: Vec<(&'a Node, &'a Facts)>, faults: &'a mut Faults) -> Self {
        Self { node, inputs, formats: SlotMap::default(), constants: SlotMap::default(), faults }
    }

    fn finish(self, done: Done) -> Facts {
        Facts {
            formats: self.formats,
            constants: self.constants,
            range: done.range,
            accumulation: done.accumulation,
        }
    }

    /// The node.
    pub fn node(&self) -> &'a Node {
        self.node
    }

    /// The facts of the n-th input.
    pub fn input(&self, n: usize) -> &'a Facts {
        self.inputs[n].1
    }

    /// The shape of the n-th input.
    pub fn input_shape(&self, n: usize) -> &'a Shape {
        &self.inputs[n].0.shape
    }

    /// The name of the n-th input.
    pub fn input_name(&self, n: usize) -> &'a str {
        &self.inputs[n].0.name
    }

    /// How many inputs there are.
    pub fn n_inputs(&self) -> usize {
        self.inputs.len()
    }

    /// What was asked for in `slot`.
    pub fn precision(&self, slot: Slot) -> Precision {
        self.node.precision(slot)
    }

    /// Reports a fault at a place of this node.
    pub fn fault(&mut self, place: Place, problem: Problem) {
        self.faults.push(Fault::new(self.node, place, problem));
    }

    /// Settles the format of a slot: the one asked for, or else `auto`.
    pub fn settle(&mut self, slot: Slot, auto: Format) -> Format {
        let format = self.precision(slot).format().unwrap_or(auto);
        self.formats.set(slot, format);
        format
    }

    /// Settles a slot into which values are cast, and returns what they are afterwards.
    ///
    /// `auto` is the narrowest format without loss. A value that wraps in a format that was not declared as
    /// one that may wrap is a fault, made by `problem` from the format that would be enough.
    pub fn settle_cast(
        &mut self,
        slot: Slot,
        values: &Ranges,
        problem: impl FnOnce(Overflow<'_>) -> Problem,
    ) -> Ranges {
        let format = self.settle(slot, values.format());
        let rounded = values.map(format.frac_bits(), |e| quantized(e, values.frac_bits, format));
        let wraps = wraps(format);
        if let (Some(unit), true) = (worst(&rounded, format), wraps)
            && matches!(self.precision(slot), Precision::Checked(_))
        {
            let hull = rounded.hull();
            let signed = Format::holding(hull.lo, hull.hi, format.frac_bits());
            let needed = Format { rounding: format.rounding, overflow: format.overflow, ..signed };
            let problem = problem(Overflow { slot, unit, needed, found: format, name: &self.node.name });
            self.fault(Place::Precision(slot), problem);
        }
        limited(&rounded, format)
    }

    /// Settles the result, into which `values` are cast element by element.
    pub fn settle_result(&mut self, values: &Ranges) -> Ranges {
        self.settle_cast(Slot::Result, values, |o| Problem::ResultOverflow {
            layer: o.name.to_owned(),
            slot: o.slot,
            unit: o.unit,
            needed: o.needed,
            found: o.found,
        })
    }

    /// Stores the trained values of `slot` in their format, and returns them.
    ///
    /// `auto` is the narrowest format that holds them exactly. Values beyond the limits of a wrapping format are a
    /// fault. Missing values are `None`; whether they may be missing was checked when the node was added.
    pub fn store_values(&mut self, slot: Slot) -> Option<&RawTensor> {
        let tensor = self.node.values.get(slot)?;
        let Some(auto) = exact_format(tensor) else {
            self.fault(Place::Values(slot), Problem::NotFinite { layer: self.node.name.clone(), slot });
            return None;
        };
        let asked = self.precision(slot);
        let format = asked.format().unwrap_or(auto);
        if format.width > MAX_CONSTANT_WIDTH {
            let problem = Problem::ConstantTooWide {
                layer: self.node.name.clone(),
                slot,
                width: format.width,
                auto: asked.format().is_none(),
            };
            self.fault(Place::Precision(slot), problem);
            return None;
        }
        if let Some(problem) = self.misfits(slot, tensor, format)
            && !matches!(asked, Precision::MayWrap(_))
        {
            self.fault(Place::Precision(slot), problem);
        }
        let raw = tensor.values().iter().map(|&v| narrow(from_f64(v, format))).collect();
        Some(self.store(slot, RawTensor { shape: tensor.shape().clone(), format, raw }))
    }

    /// Keeps constants that the layer has computed, such as a function table.
    pub fn store(&mut self, slot: Slot, constant: RawTensor) -> &RawTensor {
        self.formats.set(slot, constant.format);
        self.constants.set(slot, constant);
        self.constants.get(slot).expect("just stored")
    }

    /// What was stored in `slot`.
    ///
    /// # Panics
    /// If nothing was.
    pub fn stored(&self, slot: Slot) -> &RawTensor {
        self.constants.get(slot).expect("stored before")
    }

    fn misfits(&self, slot: Slot, tensor: &Tensor, format: Format) -> Option<Problem> {
        if !wraps(format) {
            return None;
        }
        let limits = Interval::of_format(format);
        let (lo, hi) = (to_f64(limits.lo, format), to_f64(limits.hi, format));
        let step = to_f64(Wide::ONE, format);
        let outside =
            |v: f64| if v < lo { lo - v } else if v >= hi + step { v - hi } else { 0.0 };
        let count = tensor.values().iter().filter(|&&v| outside(v) > 0.0).count();
        let (at, &worst) = tensor
            .values()
            .iter()
            .enumerate()
            .max_by(|a, b| outside(*a.1).total_cmp(&outside(*b.1)))?;
        (count > 0).then(|| {
            let ends = tensor.values().iter().fold((0.0f64, 0.0f64), |(a, b), &v| (a.min(v), b.max(v)));
            Problem::ValuesDoNotFit {
                layer: self.node.name.clone(),
                slot,
                count,
                total: tensor.values().len(),
                worst,
                at,
                needed: holding_f64(ends.0, ends.1, format),
                found: format,
            }
        })
    }
}

/// The widest constant that is stored.
pub const MAX_CONSTANT_WIDTH: u32 = 63;

/// What [`NodeCx::settle_cast`] knows about a cast that may wrap.
pub struct Overflow<'a> {
    /// The name of the layer.
    pub name: &'a str,
    /// The slot.
    pub slot: Slot,
    /// The element with the largest excess.
    pub unit: usize,
    /// A format that is wide enough.
    pub needed: Format,
    /// The format that was asked for.
    pub found: Format,
}

/// Whether values beyond the limits of `format` come out as something else than the nearest limit or zero.
pub fn wraps(format: Format) -> bool {
    use hls4rs_fixed::Overflow::{Wrap, WrapSm};
    matches!(format.overflow, Wrap(_) | WrapSm(_))
}

/// What ranges become under the limits of `format`: themselves where they fit, else what the mode allows.
pub fn limited(ranges: &Ranges, format: Format) -> Ranges {
    let all = Interval::of_format(format);
    // A conversion at the limits themselves tells how the mode treats them (`SAT_SYM` moves the lower one).
    let cast = Cast::new(format, format);
    ranges.map(ranges.frac_bits, |e| {
        if e.fits(format) {
            Interval::new(cast.wide(e.lo), cast.wide(e.hi))
        } else if wraps(format) || format.overflow == hls4rs_fixed::Overflow::SatZero {
            all
        } else {
            let clamp = |raw: Wide| cast.wide(raw.max(all.lo).min(all.hi));
            Interval { lo: clamp(e.lo), hi: clamp(e.hi) }
        }
    })
}

/// The element that exceeds `format` the most.
fn worst(ranges: &Ranges, format: Format) -> Option<usize> {
    let limits = Interval::of_format(format);
    let excess = |e: &Interval| (limits.lo - e.lo).max(e.hi - limits.hi);
    ranges
        .elements
        .iter()
        .enumerate()
        .filter(|(_, e)| !e.fits(format))
        .max_by_key(|(_, e)| excess(e))
        .map(|(at, _)| at)
}

/// The narrowest format that holds all values of a tensor exactly; `None` if one is not finite.
fn exact_format(tensor: &Tensor) -> Option<Format> {
    let mut frac_bits = i32::MIN;
    for &value in tensor.values() {
        if !value.is_finite() {
            return None;
        }
        if value != 0.0 {
            frac_bits = frac_bits.max(-trailing_exponent(value));
        }
    }
    if frac_bits == i32::MIN {
        frac_bits = 0;
    }
    let raw = |v: f64| from_f64(v, Format::fixed(Format::MAX_WIDTH, Format::MAX_WIDTH as i32 - frac_bits));
    let ends = tensor.values().iter().fold((0.0f64, 0.0f64), |(a, b), &v| (a.min(v), b.max(v)));
    if ends.1.max(-ends.0).log2() + f64::from(frac_bits) > f64::from(Format::MAX_WIDTH - 2) {
        return Some(Format::fixed(Format::MAX_WIDTH, Format::MAX_WIDTH as i32 - frac_bits));
    }
    Some(Format::holding(raw(ends.0), raw(ends.1), frac_bits))
}

/// The weight of the lowest bit that is set in the binary expansion of a finite value other than zero.
fn trailing_exponent(value: f64) -> i32 {
    let bits = value.to_bits();
    let (exponent, fraction) = (((bits >> 52) & 0x7ff) as i32, bits & ((1 << 52) - 1));
    let (exponent, significand) =
        if exponent == 0 { (-1074, fraction) } else { (exponent - 1075, fraction | 1 << 52) };
    exponent + significand.trailing_zeros() as i32
}

/// The format like `like` with enough integer bits for `lo..=hi`.
fn holding_f64(lo: f64, hi: f64, like: Format) -> Format {
    let room = Format { overflow: hls4rs_fixed::Overflow::Sat, ..crate::range::unlimited(like) };
    let tight = Format::holding(from_f64(lo, room), from_f64(hi, room), like.frac_bits());
    Format { rounding: like.rounding, overflow: like.overflow, ..tight }
}

fn to_f64(raw: Wide, format: Format) -> f64 {
    hls4rs_fixed::to_f64(raw, format.frac_bits())
}

fn narrow(raw: Wide) -> i64 {
    raw.to_i128().and_then(|raw| i64::try_from(raw).ok()).expect("constants are at most 63 bits wide")
}
