//! `bidirectional_lstm` and its like: two layers, and a third that puts their results side by side.

use hls4rs_ir::ops::{Concatenate, Op};
use hls4rs_ir::{NodeId, NodeSpec, Slot};
use proc_macro2::Ident;

use super::{Lowering, NodeSite, Parts};
use crate::ast::{Call, Setting, Spot};

/// The keywords.
pub(super) const KEYWORDS: [&str; 3] =
    ["bidirectional_simple_rnn", "bidirectional_lstm", "bidirectional_gru"];

/// The layer of one direction that a keyword stands for.
pub(super) fn half(keyword: &Ident) -> Option<Op> {
    let keyword = keyword.to_string();
    let op = Op::from_keyword(keyword.strip_prefix("bidirectional_")?)?;
    matches!(op, Op::Recurrent(_)).then_some(op)
}

impl Lowering<'_> {
    /// `NAME_forward`, `NAME_backward` and their concatenation `NAME`.
    pub(super) fn bidirectional(
        &mut self,
        name: &str,
        name_spot: Spot,
        call: &Call,
        half: Op,
        wrap: fn(Op) -> Op,
    ) -> Option<NodeId> {
        let before = self.report.count();
        call.settings.iter().for_each(|setting| self.check_both(name, setting));
        let (inputs, attrs) = self.split(name, Some(half.clone()), call);
        let parts = Parts { name_spot, call, inputs: &inputs, attrs: &attrs };
        let mut halves = Vec::new();
        for (suffix, backwards) in [("forward", false), ("backward", true)] {
            let mut op = half.clone();
            if let Op::Recurrent(layer) = &mut op {
                (layer.go_backwards, layer.restore_order) = (backwards, backwards);
            }
            let part = format!("{name}_{suffix}");
            self.referenced.insert(part.clone());
            halves.push(self.layer(&part, wrap(op), &parts, before)?);
        }
        let mut spec = NodeSpec::new(name, Concatenate::default(), &halves);
        let mut site = NodeSite::new(name_spot, (&call.keyword).into());
        self.format(&mut spec, &mut site, Slot::Result, call.format.as_ref());
        self.inherit(&mut spec, &mut site, &[]);
        (self.report.count() == before).then(|| self.add(spec, site))
    }

    /// What cannot be said of both directions at once.
    fn check_both(&mut self, name: &str, setting: &Setting) {
        let key = setting.key.to_string();
        let spot = (&setting.key).into();
        if key == "go_backwards" || key == "restore_order" {
            let message = format!("layer `{name}`: `{key}`: a bidirectional layer reads in both directions");
            self.report.add(spot, &message, Some(&format!("delete `{key}`")));
        } else if Slot::from_name(&key).is_some() && setting.value.is_some() {
            let message = format!("layer `{name}`: both directions would have the same `{key}`");
            let help = format!(
                "name arrays `{name}_forward.{key}` and `{name}_backward.{key}` in the weights file, or write two \
                 layers, one of them with `go_backwards: true, restore_order: true`, and `concatenate` them"
            );
            self.report.add(spot, &message, Some(&help));
        }
    }
}
