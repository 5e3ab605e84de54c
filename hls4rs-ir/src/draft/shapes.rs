//! The shapes of a draft's tensors.

use super::{Draft, DraftFault, DraftFaults};
use crate::Shape;
use crate::ops::Unfit;

impl Draft {
    /// The shape of every node's result.
    ///
    /// # Errors
    /// Every node that cannot take its inputs.
    pub fn shapes(&self) -> Result<Vec<Shape>, DraftFaults> {
        let unknown = Shape::new(&[1]).expect("a valid shape");
        let mut shapes: Vec<Option<Shape>> = Vec::new();
        let mut faults = DraftFaults::default();
        for node in &self.nodes {
            let sources: Vec<_> = node.inputs.iter().map(|name| self.position(name)).collect();
            if let Some(n) = sources.iter().position(|at| at.is_none_or(|at| at >= shapes.len())) {
                let problem = format!("reads `{}`, which no layer before it writes", node.inputs[n]);
                faults.push(DraftFault::new(node, problem));
                shapes.push(None);
                continue;
            }
            let inputs: Option<Vec<_>> =
                sources.into_iter().flatten().map(|at| shapes[at].as_ref()).collect();
            let rules = node.op.layer();
            // What reads an unsound node is not reported again.
            let shape = inputs.and_then(|inputs| {
                let allowed = rules.arity().allows(inputs.len());
                let arity = || format!("takes {}, not {}", rules.arity().words(), inputs.len());
                let shape = if allowed { rules.shape(&inputs).map_err(words) } else { Err(arity()) };
                shape.map_err(|problem| faults.push(DraftFault::new(node, problem))).ok()
            });
            shapes.push(shape);
        }
        match faults.is_empty() {
            true => Ok(shapes.into_iter().map(|shape| shape.unwrap_or_else(|| unknown.clone())).collect()),
            false => Err(faults),
        }
    }
}

fn words(unfit: Unfit) -> String {
    match unfit {
        Unfit::Input { n, expected, .. } => format!("input {} does not fit: expected {expected}", n + 1),
        Unfit::Attr { name, expected, found } => format!("`{name}`: expected {expected}, found {found}"),
    }
}
