//! The shapes of a draft's tensors.

use std::collections::BTreeMap;

use super::{Draft, DraftFault, DraftFaults, DraftNode, MAX_NODES};
use crate::Shape;
use crate::ops::Unfit;
use crate::shape::MAX_TOTAL_ELEMENTS;

impl Draft {
    /// The shape of every node's result.
    ///
    /// # Errors
    /// Every node that cannot take its inputs.
    pub fn shapes(&self) -> Result<Vec<Shape>, DraftFaults> {
        if self.nodes.len() > MAX_NODES {
            let problem =
                format!("the network has {} layers, at most {MAX_NODES} are possible", self.nodes.len());
            return Err(DraftFault { place: String::new(), problem }.into());
        }
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        let unknown = Shape::new(&[1]).expect("a valid shape");
        let mut shapes: Vec<Option<Shape>> = Vec::new();
        let mut faults = DraftFaults::default();
        let mut total = 0usize;
        for node in &self.nodes {
            let sources: Vec<_> = node.inputs.iter().map(|name| known.get(name.as_str()).copied()).collect();
            if known.insert(&node.name, shapes.len()).is_some() {
                faults.push(DraftFault::new(node, "two layers have this name"));
            }
            if let Some(n) = sources.iter().position(Option::is_none) {
                let problem = format!("reads `{}`, which no layer before it writes", node.inputs[n]);
                faults.push(DraftFault::new(node, problem));
                shapes.push(None);
                continue;
            }
            let inputs: Option<Vec<_>> =
                sources.into_iter().flatten().map(|at| shapes[at].as_ref()).collect();
            let op = node.whole_op();
            let rules = op.layer();
            // What reads an unsound node is not reported again.
            let shape = inputs.and_then(|inputs| {
                let allowed = rules.arity().allows(inputs.len());
                let arity = || format!("takes {}, not {}", rules.arity().words(), inputs.len());
                let shape = if allowed { rules.shape(&inputs).map_err(words) } else { Err(arity()) };
                shape.map_err(|problem| faults.push(DraftFault::new(node, problem))).ok()
            });
            total = total.saturating_add(shape.as_ref().map_or(0, Shape::elements));
            if total > MAX_TOTAL_ELEMENTS {
                let problem = format!("the network has more than {MAX_TOTAL_ELEMENTS} elements up to here");
                return Err(DraftFault::new(node, problem).into());
            }
            shapes.push(shape);
        }
        match faults.is_empty() {
            true => Ok(shapes.into_iter().map(|shape| shape.unwrap_or_else(|| unknown.clone())).collect()),
            false => Err(faults),
        }
    }
}

impl Draft {
    /// Checks that types and quantizers are possible and that all trained values have the shapes that their layers
    /// want; `shapes` are those of [`shapes`](Self::shapes).
    ///
    /// # Errors
    /// Everything that is missing, misshapen, not finite or of no possible type.
    pub fn check_values(&self, shapes: &[Shape]) -> Result<(), DraftFaults> {
        let mut faults = DraftFaults::default();
        for (at, node) in self.nodes.iter().enumerate() {
            let inputs = self.sources(at).into_iter().map(|at| &shapes[at]);
            check_types(node, &mut faults);
            let op = node.whole_op();
            let rules = op.layer();
            for parameter in rules.parameters(&inputs.collect::<Vec<_>>()) {
                let slot = parameter.slot;
                let problem = match node.values.get(slot).map(|tensor| (tensor.shape(), tensor.values())) {
                    None if parameter.optional => continue,
                    None => format!("has no `{slot}`, expected shape {}", parameter.shape),
                    Some((found, _))
                        if *found != parameter.shape
                            && Some(found) != parameter.alternative.as_ref()
                            && !rules.takes(&parameter, found) =>
                    {
                        format!("`{slot}` has shape {found}, expected {}", parameter.shape)
                    }
                    Some((_, values)) if !values.iter().all(|v| v.is_finite()) => {
                        format!("`{slot}` has values that are not finite")
                    }
                    Some(_) => continue,
                };
                faults.push(DraftFault::new(node, problem));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// Whether there are numbers of the types that are set, and of those that quantizers have.
fn check_types(node: &DraftNode, faults: &mut DraftFaults) {
    for (slot, quantizer) in node.quantizers.iter() {
        if let Err(problem) = quantizer.check() {
            faults.push(DraftFault::new(node, format!("the quantizer of `{slot}`: {problem}")));
        }
    }
    for (slot, ty) in node.types.iter() {
        if let Some(Err(problem)) = ty.format().map(|format| format.check()) {
            faults.push(DraftFault::new(node, format!("the type of `{slot}`: {problem}")));
        }
    }
}

fn words(unfit: Unfit) -> String {
    match unfit {
        Unfit::Input { n, expected, .. } => format!("input {} does not fit: expected {expected}", n + 1),
        Unfit::Attr { name, expected, found } => format!("`{name}`: expected {expected}, found {found}"),
    }
}
