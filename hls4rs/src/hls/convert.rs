//! Conversions that a vendor's number types do not have, or get wrong, written out.

use std::collections::BTreeMap;

use hls4rs_fixed::{Cast, Format, Overflow, Rounding, Wide};

use super::expr::{Comparison, Condition, Expr, Index, Node};
use super::stmt::Stmt;
use super::types::{Carrier, Function, Module, Param, Type};
use crate::backends::Dialect;

/// The format in which values of `format` are kept where its modes cannot be spelled: same bits, plain modes.
pub(crate) fn storage(format: Format) -> Format {
    format.with_rounding(Rounding::Trn).with_overflow(Overflow::Wrap(0))
}

/// Replaces every conversion to a format that the dialect does not spell by a call of a function that does the same,
/// and widens the source where the dialect asks for it.
///
/// # Errors
/// The first format that cannot be written out either: `WRAP_SM`.
pub(crate) fn write_out_casts(module: &mut Module, dialect: &dyn Dialect) -> Result<(), Format> {
    let mut writer = Writer { dialect, helpers: BTreeMap::new(), refused: None };
    for function in &mut module.functions {
        writer.block(&mut function.body);
    }
    if let Some(format) = writer.refused {
        return Err(format);
    }
    let helpers: Vec<_> = writer.helpers.into_values().collect();
    module.functions.splice(0..0, helpers);
    Ok(())
}

struct Writer<'a> {
    dialect: &'a dyn Dialect,
    helpers: BTreeMap<String, Function>,
    refused: Option<Format>,
}

impl Writer<'_> {
    fn block(&mut self, body: &mut [Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &mut Stmt) {
        match stmt {
            Stmt::Counter { .. }
            | Stmt::Array(_)
            | Stmt::Stream { .. }
            | Stmt::ReadWord { .. }
            | Stmt::Word { .. }
            | Stmt::WriteWord { .. }
            | Stmt::Call { .. } => {}
            Stmt::Let { ty, value, .. } | Stmt::Var { ty, value, .. } | Stmt::Return(ty, value) => {
                self.assigned(ty, value);
            }
            Stmt::Assign { at, ty, value, .. } => {
                at.iter_mut().for_each(|index| self.index(index));
                self.assigned(ty, value);
            }
            Stmt::Count { value, .. } => self.index(value),
            Stmt::For { body, .. } => self.block(body),
            Stmt::If { condition, body } => {
                self.condition(condition);
                self.block(body);
            }
        }
    }

    /// A value that a statement or a branch converts to `ty`.
    fn assigned(&mut self, ty: &Type, value: &mut Expr) {
        if value.format != ty.format && !self.dialect.spells(ty.format) {
            let inner = value.clone();
            *value = inner.cast(ty.clone());
        }
        self.expr(value);
        self.widen(value, ty.format);
    }

    fn expr(&mut self, expr: &mut Expr) {
        match &mut expr.node {
            Node::Constant(_) => {}
            Node::Read { at, .. } => at.iter_mut().for_each(|index| self.index(index)),
            Node::Binary(_, a, b) => {
                self.expr(a);
                self.expr(b);
            }
            Node::Select(ty, condition, a, b) => {
                let ty = ty.clone();
                self.condition(condition);
                self.assigned(&ty, a);
                self.assigned(&ty, b);
            }
            Node::Call(_, args) => args.iter_mut().for_each(|arg| self.expr(arg)),
            Node::Cast(ty, x) => {
                self.expr(x);
                if self.dialect.spells(ty.format) {
                    self.widen(x, ty.format);
                } else {
                    let node = self.written(x, ty.format);
                    expr.node = node;
                }
            }
        }
    }

    /// Casts the source of a conversion to `to` to a wider format first, if the dialect wants that.
    fn widen(&self, x: &mut Expr, to: Format) {
        if let (false, Some(wide)) = (matches!(x.node, Node::Constant(_)), self.dialect.widened(x.format, to))
        {
            *x = x.clone().cast(wide);
        }
    }

    fn condition(&mut self, condition: &mut Condition) {
        match condition {
            Condition::Compare(_, a, b) => {
                self.expr(a);
                self.expr(b);
            }
            Condition::Same(a, b) | Condition::Below(a, b) => {
                self.index(a);
                self.index(b);
            }
            Condition::And(a, b) | Condition::Or(a, b) => {
                self.condition(a);
                self.condition(b);
            }
        }
    }

    fn index(&mut self, index: &mut Index) {
        match index {
            Index::At(_) | Index::Var(_) => {}
            Index::Sum(a, b) => {
                self.index(a);
                self.index(b);
            }
            Index::Times(_, x) | Index::Quotient(x, _) | Index::Rest(_, x) => self.index(x),
            Index::Whole(x) | Index::TopBits(_, x) => self.expr(x),
            Index::Select(condition, a, b) => {
                self.condition(condition);
                self.index(a);
                self.index(b);
            }
        }
    }

    /// The conversion of `x` to a format that is not spelled.
    fn written(&mut self, x: &Expr, to: Format) -> Node {
        if let Node::Constant(raw) = x.node {
            return Node::Constant(Cast::new(x.format, to).wide(raw));
        }
        let from = storage(x.format);
        let name = format!("convert_{}_to_{}", words(from), words(to));
        if !self.helpers.contains_key(&name) {
            match helper(name.clone(), from, to, self.dialect) {
                Some(mut function) => {
                    self.block(&mut function.body);
                    self.helpers.insert(name.clone(), function);
                }
                None => self.refused = self.refused.or(Some(to)),
            }
        }
        Node::Call(name, vec![x.clone()])
    }
}

/// A format as part of an identifier.
fn words(format: Format) -> String {
    let text = format.to_string().replace('-', "m").to_lowercase();
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}

/// The function that converts `x` of format `from` to `to`.
fn helper(name: String, from: Format, to: Format, dialect: &dyn Dialect) -> Option<Function> {
    if matches!((to.rounding, to.overflow), (Rounding::RndConvOdd, Overflow::WrapSm(_))) {
        // `WRAP_SM` looks at a bit of the source as it was before rounding.
        return None;
    }
    let mut body = Vec::new();
    let x = Expr::var("x", from);
    // Rounded, with room for everything: only the overflow is left.
    let int_bits = from.int_bits + 2;
    let width = (int_bits + to.frac_bits()).max(2).unsigned_abs();
    let room = Format::fixed(width, width as i32 - to.frac_bits());
    let rounded = if from.frac_bits() <= to.frac_bits() {
        x
    } else if dialect.spells(room.with_rounding(to.rounding)) {
        let ty = Type::from(room.with_rounding(to.rounding));
        body.push(Stmt::bind("rounded", ty.clone(), x));
        Expr::var("rounded", ty.format)
    } else {
        round_to_odd(x, room, &mut body)
    };
    let limits = to.with_rounding(Rounding::Trn);
    let value = if dialect.spells(limits) {
        rounded.cast(limits)
    } else if let Overflow::Wrap(saturated) = to.overflow {
        saturate_bits(rounded, to, saturated)
    } else {
        return None;
    };
    let returned = Type::from(storage(to));
    body.push(Stmt::Return(returned.clone(), value));
    Some(Function {
        name,
        doc: vec![format!("Conversion to {to}, which the vendor's types do not have.")],
        params: vec![Param { name: "x".to_owned(), ty: from.into(), carrier: Carrier::Value, input: true }],
        returns: Some(returned),
        reads: Vec::new(),
        interval: None,
        multipliers: None,
        inline: true,
        body,
    })
}

/// To nearest, ties to odd.
fn round_to_odd(x: Expr, room: Format, body: &mut Vec<Stmt>) -> Expr {
    let frac_bits = room.frac_bits();
    body.push(Stmt::bind("below", room.into(), x.clone()));
    let below = Expr::var("below", room);
    // The lowest bit of `below` decides between the neighbours of a tie.
    let lowest = Format::ufixed(1, 1 - frac_bits);
    body.push(Stmt::bind("lowest", lowest.into(), below.clone()));
    let half = Expr::tight(Wide::ONE, frac_bits + 1);
    let rest = x.minus(below.clone());
    body.push(Stmt::bind("rest", rest.format.into(), rest.clone()));
    let rest = Expr::var("rest", rest.format);
    let up = rest.clone().compare(Comparison::Greater, half.clone()).or(rest
        .compare(Comparison::Equal, half)
        .and(Expr::var("lowest", lowest).compare(Comparison::Equal, Expr::whole(0))));
    let unit = Expr::tight(Wide::ONE, frac_bits);
    let next = below.clone().plus(unit);
    body.push(Stmt::bind("rounded", room.into(), Expr::select(room, up, next, below)));
    Expr::var("rounded", room)
}

/// The low bits as they are, and above them `saturated` bits that show in which direction the value is out of range.
fn saturate_bits(x: Expr, to: Format, saturated: u32) -> Expr {
    let plain = storage(to);
    let frac_bits = to.frac_bits();
    let kept = to.width - saturated;
    // What the saturated bits weigh: of a signed format 100…, or 011… above the range; of an unsigned one 111….
    let top = |raw: Wide| Expr::constant(raw, Format::holding(raw, raw, frac_bits));
    let low = |raw: Wide| match kept {
        0 => top(raw),
        _ => top(raw).plus(x.clone().cast(Format::ufixed(kept, kept as i32 - frac_bits))),
    };
    let weight = Wide::ONE << kept;
    let (above, below) = if to.signed {
        ((Wide::ONE << (to.width - 1)) - weight, -(Wide::ONE << (to.width - 1)))
    } else {
        ((Wide::ONE << to.width) - weight, (Wide::ONE << to.width) - weight)
    };
    let limit = |raw: Wide| Expr::constant(raw, Format::holding(raw, raw, frac_bits));
    let inside =
        Expr::select(plain, x.clone().compare(Comparison::Less, limit(to.min_raw())), low(below), x.clone());
    Expr::select(plain, x.clone().compare(Comparison::Greater, limit(to.max_raw())), low(above), inside)
}
