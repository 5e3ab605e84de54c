//! From what the user asked for to what the hardware gets: formats, raw weights, ranges, faults.

use hls4rs_fixed::{Cast, Format, Wide};

use crate::fault::{Fault, Faults, Problem};
use crate::graph::{Graph, Node, NodeId};
use crate::hardware::Io;
use crate::range::{Interval, Ranges, quantized};
use crate::{Place, Precision, RawTensor, Shape, Slot, SlotMap};

pub use crate::constants::MAX_CONSTANT_WIDTH;

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
    /// Every product, before the limits are applied.
    pub product: Interval,
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

    /// A part of a network that was checked as a whole: an input, then the layer that reads it.
    pub(crate) fn of_step(io: Io, nodes: Vec<Node>, facts: Vec<Facts>) -> Self {
        let outputs = vec![NodeId(1)];
        Self { graph: Graph { name: "step".to_owned(), io, nodes, outputs }, facts }
    }
}

impl Graph {
    /// Settles every format, and checks that nothing wraps that the user has not allowed to.
    ///
    /// # Errors
    /// Every place where a value may wrap, a weight does not fit, or an attribute makes no sense.
    pub fn resolve(&self) -> Result<Resolved, Faults> {
        let (resolved, faults) = resolve_nodes(self, &vec![true; self.nodes.len()]);
        match (faults.is_empty(), complete(self.clone(), resolved)) {
            (true, Some(resolved)) => Ok(resolved),
            _ => Err(faults),
        }
    }

    /// Settles every format, and gives the faults that are only about wrapping as a list.
    ///
    /// # Errors
    /// Faults that leave a layer without meaning.
    pub fn resolve_with_warnings(&self) -> Result<(Resolved, Faults), Faults> {
        let (resolved, faults) = resolve_nodes(self, &vec![true; self.nodes.len()]);
        match complete(self.clone(), resolved) {
            Some(resolved) if faults.iter().all(Fault::is_about_range) => Ok((resolved, faults)),
            _ => Err(faults),
        }
    }

    fn resolve_any(&self) -> Resolved {
        let (resolved, _) = resolve_nodes(self, &vec![true; self.nodes.len()]);
        complete(self.clone(), resolved).expect("a graph that was resolved before has no fatal fault")
    }
}

pub(crate) fn complete(graph: Graph, facts: Vec<Option<Facts>>) -> Option<Resolved> {
    let facts = facts.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Resolved { graph, facts })
}

/// Resolves the nodes that are sound; a node that reads from an unsound one is passed over in silence.
pub(crate) fn resolve_nodes(graph: &Graph, sound: &[bool]) -> (Vec<Option<Facts>>, Faults) {
    let nodes = &graph.nodes;
    let mut facts: Vec<Option<Facts>> = Vec::with_capacity(nodes.len());
    let mut faults = Faults::default();
    for (node, &sound) in nodes.iter().zip(sound) {
        let inputs = node
            .inputs
            .iter()
            .map(|id| facts[id.index()].as_ref().map(|f| (&nodes[id.index()], f)))
            .collect::<Option<Vec<_>>>();
        let settled = inputs.filter(|_| sound).and_then(|inputs| {
            let mut cx = NodeCx::new(graph.io, node, inputs, &mut faults);
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
    io: Io,
    pub(crate) node: &'a Node,
    inputs: Vec<(&'a Node, &'a Facts)>,
    pub(crate) formats: SlotMap<Format>,
    pub(crate) constants: SlotMap<RawTensor>,
    faults: &'a mut Faults,
}

impl<'a> NodeCx<'a> {
    fn new(io: Io, node: &'a Node, inputs: Vec<(&'a Node, &'a Facts)>, faults: &'a mut Faults) -> Self {
        Self { io, node, inputs, formats: SlotMap::default(), constants: SlotMap::default(), faults }
    }

    fn finish(self, done: Done) -> Facts {
        Facts {
            formats: self.formats,
            constants: self.constants,
            range: done.range,
            accumulation: done.accumulation,
        }
    }

    /// How tensors travel between layers: a few layers compute differently in streams.
    pub fn io(&self) -> Io {
        self.io
    }

    /// The node.
    pub fn node(&self) -> &'a Node {
        self.node
    }

    /// The facts of the n-th input.
    pub fn input(&self, n: usize) -> &'a Facts {
        self.inputs[n].1
    }

    /// The node of the n-th input.
    pub(crate) fn input_node(&self, n: usize) -> &'a Node {
        self.inputs[n].0
    }

    /// Settles another node in place of this one, from one input.
    pub(crate) fn within<T>(
        &mut self,
        node: &Node,
        input: (&Node, &Facts),
        resolve: impl FnOnce(&mut NodeCx<'_>) -> T,
    ) -> T {
        let mut cx = NodeCx::new(self.io, node, vec![input], self.faults);
        let done = resolve(&mut cx);
        (self.formats, self.constants) = (cx.formats, cx.constants);
        done
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
    /// one that may wrap is a fault.
    pub fn settle_cast(&mut self, slot: Slot, values: &Ranges) -> Ranges {
        self.settle_cast_to(slot, values.format(), values)
    }

    /// Settles a slot like [`settle_cast`](Self::settle_cast), with a choice of `auto`.
    pub fn settle_cast_to(&mut self, slot: Slot, auto: Format, values: &Ranges) -> Ranges {
        let format = self.settle(slot, auto);
        let layer = || self.node.name.clone();
        let finer = format.frac_bits().saturating_sub(values.frac_bits).max(0).unsigned_abs();
        let hull = values.hull();
        if finer + hull.lo.bits().max(hull.hi.bits()) > Format::MAX_WIDTH - HEADROOM {
            let reason = format!(
                "its unit, 2^{}, is too far below the values, which have the format {}; write a coarser format",
                -format.frac_bits(),
                values.format()
            );
            self.fault(Place::Precision(slot), Problem::Format { layer: layer(), slot, reason });
            return values.map(format.frac_bits(), |_| Interval::of_format(format));
        }
        let rounded = values.map(format.frac_bits(), |e| quantized(e, values.frac_bits, format));
        if wraps(format)
            && matches!(self.precision(slot), Precision::Checked(_))
            && let Some(unit) = worst(&rounded, format)
        {
            let hull = rounded.hull();
            let tight = Format::holding(hull.lo, hull.hi, format.frac_bits());
            let needed = Format { rounding: format.rounding, overflow: format.overflow, ..tight };
            let problem = Problem::ResultOverflow { layer: layer(), slot, unit, needed, found: format };
            self.fault(Place::Precision(slot), problem);
        }
        limited(&rounded, format)
    }

    /// Settles the result, into which `values` are cast element by element.
    pub fn settle_result(&mut self, values: &Ranges) -> Ranges {
        self.settle_cast(Slot::Result, values)
    }

    /// Gives `format` back if exact values of it can be computed here; else a fault at the n-th input.
    pub fn exact(&mut self, n: usize, format: Format) -> Option<Format> {
        if format.width <= MAX_EXACT {
            return Some(format);
        }
        let inputs = (0..self.n_inputs()).map(|n| self.input(n).result()).collect();
        let problem = Problem::TooWide { layer: self.node.name.clone(), needed: format.width, inputs };
        self.fault(Place::Input(n), problem);
        None
    }
}

/// Bits that exact intermediate values leave free, so that sums of many of them stay exact as well.
pub const HEADROOM: u32 = 32;

/// The widest format of exact intermediate values.
pub const MAX_EXACT: u32 = Format::MAX_WIDTH - HEADROOM;

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
        // Of several, `max_by_key` takes the last, which is the first from behind.
        .rev()
        .max_by_key(|(_, e)| excess(e))
        .map(|(at, _)| at)
}
