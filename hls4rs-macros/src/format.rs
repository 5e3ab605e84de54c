//! From a format as it is written to a precision of the graph.

use hls4rs_fixed::{Format, Overflow, Rounding};
use hls4rs_ir::Precision;

use crate::ast::{FormatArg, FormatSpec, Number};
use crate::parse::FORMATS;
use crate::report::{OVERFLOWS, Report, error, unknown};

/// The widest number that has a Rust type.
pub(crate) const MAX_WIDTH: u32 = 128;

/// The precision that `spec` stands for; mistakes go to the report.
///
/// A format whose overflow mode is written out as one that wraps is one in which values may wrap.
pub(crate) fn precision(spec: &FormatSpec, report: &mut Report) -> Option<Precision> {
    match parse(spec) {
        Ok(precision) => Some(precision),
        Err(error) => {
            report.syntax(error);
            None
        }
    }
}

fn parse(spec: &FormatSpec) -> syn::Result<Precision> {
    let name = spec.name.to_string();
    let usage = |text: &str| {
        let found = match spec.args.len() {
            0 => "nothing".to_owned(),
            1 => "1 parameter".to_owned(),
            n => format!("{n} parameters"),
        };
        error(spec.spot, &format!("format `{name}`: expected {text}, found {found}"), &[], None)
    };
    match (name.as_str(), spec.args.as_slice()) {
        ("auto", []) => Ok(Precision::Auto),
        ("auto", _) => Err(usage("no parameters")),
        ("Int" | "Uint", [width]) => {
            let width = width_of(width)?;
            Ok(Precision::Checked(if name == "Int" { Format::int(width) } else { Format::uint(width) }))
        }
        ("Int" | "Uint", _) => Err(usage(&format!("the width, such as `{name}<8>`"))),
        ("Fixed" | "UFixed", [width, int_bits, modes @ ..]) if modes.len() <= 2 => {
            let (width, int_bits) = (width_of(width)?, int_bits_of(int_bits)?);
            let mut format = if name == "Fixed" {
                Format::fixed(width, int_bits)
            } else {
                Format::ufixed(width, int_bits)
            };
            if let Some(mode) = modes.first() {
                format.rounding = rounding(mode)?;
            }
            let Some(mode) = modes.get(1) else { return Ok(Precision::Checked(format)) };
            format.overflow = overflow(mode)?;
            Ok(if hls4rs_ir::resolve::wraps(format) {
                Precision::MayWrap(format)
            } else {
                Precision::Checked(format)
            })
        }
        ("Fixed" | "UFixed", _) => Err(usage(&format!(
            "width, integer bits and optional modes, such as `{name}<16, 6>` or `{name}<16, 6, Rnd, Sat>`"
        ))),
        _ => Err(unknown((&spec.name).into(), "format", &name, &FORMATS)),
    }
}

fn width_of(arg: &FormatArg) -> syn::Result<u32> {
    whole(arg)
        .filter(|w| (1..=i64::from(MAX_WIDTH)).contains(w))
        .and_then(|w| u32::try_from(w).ok())
        .ok_or_else(|| error(arg.spot(), &format!("expected a width of 1 to {} bits", MAX_WIDTH), &[], None))
}

fn int_bits_of(arg: &FormatArg) -> syn::Result<i32> {
    whole(arg)
        .and_then(|bits| i32::try_from(bits).ok())
        .ok_or_else(|| error(arg.spot(), "expected the number of integer bits, a whole number", &[], None))
}

fn whole(arg: &FormatArg) -> Option<i64> {
    match arg {
        FormatArg::Number(Number { value, .. }) if value.fract() == 0.0 && value.abs() < 1e9 => {
            Some(*value as i64)
        }
        _ => None,
    }
}

fn rounding(arg: &FormatArg) -> syn::Result<Rounding> {
    match arg {
        FormatArg::Mode(mode, None) => {
            let found = mode.to_string();
            let names = Rounding::ALL.map(Rounding::type_name);
            let known = Rounding::ALL.into_iter().find(|rounding| rounding.type_name() == found);
            known.ok_or_else(|| unknown(mode.into(), "rounding mode", &found, &names))
        }
        _ => Err(error(arg.spot(), "expected a rounding mode, such as `Rnd`", &[], None)),
    }
}

fn overflow(arg: &FormatArg) -> syn::Result<Overflow> {
    let FormatArg::Mode(mode, number) = arg else {
        return Err(error(arg.spot(), "expected an overflow mode, such as `Sat`", &[], None));
    };
    let found = mode.to_string();
    let bits = number.map(|n| {
        whole(&FormatArg::Number(n))
            .and_then(|n| u32::try_from(n).ok())
            .ok_or_else(|| error(n.spot, "expected the number of saturated bits, a whole number", &[], None))
    });
    match (found.as_str(), bits.transpose()?) {
        ("Wrap", None) => Ok(Overflow::Wrap(0)),
        ("Sat", None) => Ok(Overflow::Sat),
        ("SatZero", None) => Ok(Overflow::SatZero),
        ("SatSym", None) => Ok(Overflow::SatSym),
        ("WrapN", Some(n)) => Ok(Overflow::Wrap(n)),
        ("WrapSm", Some(n)) => Ok(Overflow::WrapSm(n)),
        ("WrapN" | "WrapSm", None) => Err(error(
            mode.into(),
            &format!("overflow mode `{found}`: expected the number of saturated bits"),
            &[],
            Some(&format!("write `{found}<1>`")),
        )),
        (known, Some(_)) if OVERFLOWS.contains(&known) => {
            Err(error(mode.into(), &format!("overflow mode `{found}` takes no number"), &[], None))
        }
        _ => Err(unknown(mode.into(), "overflow mode", &found, &OVERFLOWS)),
    }
}
