//! What may wrap: finding it, accepting it.

use crate::fault::{Fault, Faults};
use crate::{Graph, Op, Place, Precision, Site, Slot};

impl Graph {
    /// Every place whose values may wrap, whether that was accepted or not.
    ///
    /// # Errors
    /// Faults that leave a layer without meaning.
    pub fn what_may_wrap(&self) -> Result<Faults, Faults> {
        Ok(self.checked().resolve_with_warnings()?.1)
    }

    /// The same network, in which nothing may wrap.
    fn checked(&self) -> Graph {
        let mut graph = self.clone();
        for node in &mut graph.nodes {
            for &slot in Slot::ALL {
                if let Some(&Precision::MayWrap(format)) = node.precision.get(slot) {
                    node.precision.set(slot, Precision::Checked(format));
                }
            }
        }
        graph
    }

    /// The same network, in which every place whose values may wrap says so, and no other: as `Fixed<16, 6, Trn, Wrap>` does in
    /// `network!`.
    ///
    /// An imported network computes what its configuration asks for, wraps included; written as source, these are
    /// accepted where they can happen, and only there.
    ///
    /// # Errors
    /// Faults that leave a layer without meaning.
    pub fn accepting_wraps(&self) -> Result<Graph, Faults> {
        let mut graph = self.checked();
        for (at, node) in graph.nodes.iter_mut().enumerate() {
            node.site = Site(u32::try_from(at).expect("fewer than 2^32 layers"));
        }
        // A format that may wrap holds anything, so that layers behind it may have to accept more.
        loop {
            let (_, faults) = graph.resolve_with_warnings()?;
            if faults.is_empty() {
                break;
            }
            let before = graph.clone();
            faults.iter().for_each(|fault| graph.accept(fault));
            if graph == before {
                return Err(faults);
            }
        }
        for (node, original) in graph.nodes.iter_mut().zip(&self.nodes) {
            node.site = original.site;
        }
        Ok(graph)
    }

    fn accept(&mut self, fault: &Fault) {
        let node = &mut self.nodes[fault.site.0 as usize];
        if let (Op::Input(input), Place::Range) = (&mut node.op, &fault.place) {
            input.range = None;
        }
        let asked = match fault.place {
            Place::Precision(slot) | Place::Values(slot) => vec![slot],
            _ => Slot::ALL.to_vec(),
        };
        for slot in asked {
            if let Some(&Precision::Checked(format)) = node.precision.get(slot) {
                node.precision.set(slot, Precision::MayWrap(format));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, NodeSpec, Shape};

    #[test]
    fn only_what_can_wrap_is_accepted() {
        let mut net = Builder::new("net");
        let format = |text: &str| Precision::Checked(text.parse().expect("a format"));
        let x = net.input("x", Shape::new(&[2]).expect("a shape"), format("fixed<8,4>"));
        let mut narrow = NodeSpec::new("narrow", Op::from_keyword("linear").expect("a layer"), &[x]);
        narrow.precision.set(Slot::Result, format("fixed<6,2>"));
        let narrow = net.add(narrow);
        let mut same = NodeSpec::new("same", Op::from_keyword("linear").expect("a layer"), &[narrow]);
        same.precision.set(Slot::Result, format("fixed<6,2>"));
        let same = net.add(same);
        net.output(same);
        let (resolved, _) = net.finish_with_warnings().expect("a network with a meaning");
        let accepting = resolved.graph().accepting_wraps().expect("a network with a meaning");
        assert!(matches!(accepting.node(narrow).precision(Slot::Result), Precision::MayWrap(_)));
        assert!(matches!(accepting.node(same).precision(Slot::Result), Precision::Checked(_)));
        assert!(accepting.resolve().is_ok());
    }
}
