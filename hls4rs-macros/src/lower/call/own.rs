//! Layers of one's own: what is declared of them is all that is known here.

use hls4rs_ir::ops::Custom;
use hls4rs_ir::{NodeId, NodeSpec, Op, Place, Slot};
use quote::{ToTokens, quote};

use super::{Draft, Lowering, NodeSite, nested_name};
use crate::ast::{Arg, Call, Own, Spot};
use crate::values::{self, tensor};

impl Lowering<'_> {
    /// Lowers a layer of one's own, and keeps the Rust that makes its definition.
    pub(super) fn own(&mut self, name: &str, name_spot: Spot, call: &Call, own: &Own) -> Option<NodeId> {
        let before = self.report.count();
        let mut site = NodeSite::new(name_spot, (&call.keyword).into());
        let inputs = self.own_inputs(name, call, &mut site);
        let path = own.path.to_token_stream().to_string().replace(' ', "");
        let Some(list) = &own.shape else {
            let message = format!("layer `{name}`: the shape of the result of `{path}` is not given");
            let help = format!("a layer of your own declares it: `{path}(…) -> [16] as Fixed<16, 6>`");
            self.report.add((&call.keyword).into(), &message, Some(&help));
            return None;
        };
        site.places.push((Place::Attr("shape"), list.spot));
        let shape = values::shape(list, &format!("layer `{name}`"), self.report)?;
        let op = Op::from(Custom::declared(path, shape.clone()));
        let spec = NodeSpec::new(name, op.clone(), &[]);
        let mut draft = Draft { name, op, spec, site, attrs: Vec::new(), values: Vec::new(), epsilon: None };
        for setting in &call.settings {
            self.setting(&mut draft, setting);
        }
        let Draft { mut spec, mut site, values, .. } = draft;
        self.format(&mut spec, &mut site, Slot::Result, call.format.as_ref());
        for (slot, value) in values {
            let what = format!("layer `{name}`: `{slot}`");
            if let Some(tensor) = tensor(value, &shape, &what, self.report) {
                spec.values.set(slot, tensor);
            }
        }
        for &slot in Slot::ALL.iter().filter(|slot| **slot != Slot::Result) {
            let array = format!("{name}.{slot}");
            if spec.values.get(slot).is_none()
                && let Some(tensor) = self.weights.take(&array)
            {
                site.arrays.push((slot, array));
                spec.values.set(slot, tensor);
            }
        }
        let stored: Vec<Slot> = spec.values.iter().map(|(slot, _)| slot).collect();
        self.inherit(&mut spec, &mut site, &stored);
        spec.reuse_factor = 1;
        spec.inputs = inputs?;
        if self.report.count() > before {
            return None;
        }
        let (path, fields) = (&own.path, &own.fields);
        let fields = fields.iter().map(|(name, value)| quote!(#name: #value));
        let value = if own.fields.is_empty() { quote!(#path) } else { quote!(#path { #(#fields),* }) };
        self.own.push((name.to_owned(), own.path.clone(), value));
        Some(self.add(spec, site))
    }

    fn own_inputs(&mut self, name: &str, call: &Call, site: &mut NodeSite) -> Option<Vec<NodeId>> {
        let mut inputs = Vec::new();
        for (n, arg) in call.args.iter().enumerate() {
            match arg {
                Arg::Expr(expr) => {
                    let (id, spot) = self.argument(&nested_name(name, &call.args, n), expr);
                    site.places.push((Place::Input(n), spot));
                    inputs.push(id);
                }
                Arg::Value(value) => {
                    let message = format!("layer `{name}`: expected a layer");
                    let help = format!("write a value as a field: `{}(…) {{ name: … }}`", call.keyword);
                    self.report.add(value.spot(), &message, Some(&help));
                    inputs.push(None);
                }
            }
        }
        inputs.into_iter().collect()
    }
}
