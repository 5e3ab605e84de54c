//! Separable convolutions: two layers under one keyword.

use proc_macro2::Ident;

use crate::ast::{Arg, Call, Expr, Setting, Value};

/// The keywords.
pub(super) const KEYWORDS: [&str; 2] = ["separable_conv1d", "separable_conv2d"];

/// Attributes of the windows, which are those of the depthwise layer.
const WINDOWS: [&str; 5] = ["kernel", "stride", "dilation", "padding", "pad"];

/// A separable convolution as a depthwise convolution and one with a kernel of one position, which reads the other by
/// its name; `None` for another keyword.
///
/// `NAME_depthwise` has no bias of its own; its settings are written with `depthwise_` before them.
pub(super) fn parts(name: &str, call: &Call) -> Option<(Call, Call)> {
    let keyword = call.keyword.to_string();
    let axes = 1 + KEYWORDS.iter().position(|known| *known == keyword)?;
    let ident = |name: &str| Ident::new(name, call.keyword.span());
    let (mut inputs, mut values) = (Vec::new(), Vec::new());
    for arg in &call.args {
        match arg {
            Arg::Expr(Expr::Name { format: None, .. }) if !inputs.is_empty() => values.push(arg.clone()),
            Arg::Expr(_) => inputs.push(arg.clone()),
            Arg::Value(_) => values.push(arg.clone()),
        }
    }
    let mut depthwise = Call {
        keyword: ident(&format!("depthwise_conv{axes}d")),
        args: inputs,
        settings: Vec::new(),
        format: None,
        own: None,
    };
    let read = Expr::Name { name: ident(&depthwise_name(name)), format: None };
    let mut pointwise = Call {
        keyword: ident(&format!("conv{axes}d")),
        args: vec![Arg::Expr(read)],
        settings: Vec::new(),
        format: call.format.clone(),
        own: None,
    };
    // By position: the filters, then the windows.
    let mut values = values.into_iter();
    pointwise.args.extend(values.next());
    depthwise.args.extend(values);
    for setting in &call.settings {
        let key = setting.key.to_string();
        let own = key.strip_prefix("depthwise_").map(|rest| Ident::new(rest, setting.key.span()));
        match own {
            Some(key) => depthwise.settings.push(Setting { key, ..setting.clone() }),
            None if WINDOWS.contains(&key.as_str()) => depthwise.settings.push(setting.clone()),
            None => pointwise.settings.push(setting.clone()),
        }
    }
    pointwise.settings.push(Setting { key: ident("kernel"), value: Some(one(call)), format: None });
    Some((depthwise, pointwise))
}

/// The name of the first of the two layers.
pub(super) fn depthwise_name(name: &str) -> String {
    format!("{name}_depthwise")
}

fn one(call: &Call) -> Value {
    Value::Number(crate::ast::Number { value: 1.0, spot: (&call.keyword).into() })
}
