//! The printer: from the tree to C++, with what differs between vendors asked from the dialect.

use core::fmt::Write as _;
use std::collections::BTreeSet;

use genco::fmt as gfmt;
use hls4rs_fixed::Format;

use super::decimal::{Literal, literal};
use super::directive::LoopHint;
use super::expr::{Condition, Expr, Index, Node, Operator};
use super::stmt::Stmt;
use super::types::{Carrier, Constant, Function, Param, Type};
use crate::backends::Dialect;

/// C++ as genco prints it: lines, indentation, and includes that travel with what needs them.
pub(crate) type Tokens = genco::Tokens<Cpp>;

genco::impl_lang! {
    /// C++ with its includes sorted and unique at the top.
    pub(crate) Cpp {
        type Config = ();
        type Format = ();
        type Item = Any;

        fn format_file(tokens: &Tokens, out: &mut gfmt::Formatter<'_>, config: &()) -> gfmt::Result {
            let mut top = Tokens::new();
            // System headers come last, as `"` sorts before `<`.
            let includes: BTreeSet<_> = tokens.iter_lang().map(|item| match &item.kind {
                AnyKind::Include(include) => format!("#include {}", include.0),
            }).collect();
            for include in &includes {
                top.append(include.clone());
                top.push();
            }
            if !includes.is_empty() {
                top.line();
            }
            top.format(out, config, &())?;
            tokens.format(out, config, &())
        }
    }

    Include(Include) {
        fn format(&self, out: &mut gfmt::Formatter<'_>, _: &(), _: &()) -> gfmt::Result {
            write!(out, "{}", self.0)
        }
    }
}

/// A header, with its quotes or angle brackets.
#[derive(Clone, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Include(pub(crate) String);

/// Lines of C++ for one vendor.
pub(crate) struct Printer<'a> {
    dialect: &'a dyn Dialect,
    out: Tokens,
}

impl<'a> Printer<'a> {
    /// An empty file.
    pub(crate) fn new(dialect: &'a dyn Dialect) -> Self {
        Self { dialect, out: Tokens::new() }
    }

    /// The text below a header comment and the includes.
    pub(crate) fn finish(self, before: &str) -> String {
        let body = self.out.to_file_string().expect("writing to a string cannot fail");
        format!("{before}{}\n", body.trim_end())
    }

    /// Includes a header: `"defines.h"` or `<cstdio>`.
    pub(crate) fn include(&mut self, header: &str) {
        self.out.register(Include(header.to_owned()));
    }

    /// One line.
    pub(crate) fn line(&mut self, text: impl Into<String>) {
        self.out.append(text.into());
        self.out.push();
    }

    /// Several lines.
    pub(crate) fn lines(&mut self, lines: impl IntoIterator<Item = String>) {
        lines.into_iter().for_each(|line| self.line(line));
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) {
        self.out.line();
    }

    /// Lines inside of braces.
    pub(crate) fn indented(&mut self, inside: impl FnOnce(&mut Self)) {
        self.out.indent();
        inside(self);
        self.out.unindent();
    }

    /// A function definition.
    pub(crate) fn function(&mut self, function: &Function, reads: &[&Constant]) {
        for line in &function.doc {
            self.line(format!("// {line}"));
        }
        let returns = function.returns.as_ref().map_or("void".to_owned(), |ty| self.ty(ty));
        let params = function.params.iter().map(|p| self.param(p)).collect::<Vec<_>>().join(", ");
        let inline = if function.inline { "inline " } else { "" };
        self.line(format!("static {inline}{returns} {}({params}) {{", function.name));
        let pragmas = self.dialect.function_pragmas(function, reads);
        self.indented(|p| {
            let any = !pragmas.is_empty();
            p.lines(pragmas);
            if any {
                p.gap();
            }
            p.block(&function.body);
        });
        self.line("}");
        self.gap();
    }

    /// A parameter.
    pub(crate) fn param(&self, param: &Param) -> String {
        let constant = if param.input { "const " } else { "" };
        let ty = self.ty(&param.ty);
        match &param.carrier {
            Carrier::Array(len) => format!("{constant}{ty} {}[{len}]", param.name),
            Carrier::Matrix(sizes) => format!("{constant}{ty} {}{}", param.name, extents(sizes)),
            Carrier::Value => format!("{constant}{ty} &{}", param.name),
            Carrier::Stream(stream) => format!("{} &{}", self.dialect.stream(&stream.word), param.name),
        }
    }

    /// Statements.
    pub(crate) fn block(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let { name, ty, value } => {
                let (ty, value) = (self.ty(ty), self.assigned(value, ty));
                self.line(format!("const {ty} {name} = {value};"));
            }
            Stmt::Var { name, ty, value } => {
                let (ty, value) = (self.ty(ty), self.assigned(value, ty));
                self.line(format!("{ty} {name} = {value};"));
            }
            Stmt::Counter { name, value } => self.line(format!("int {name} = {value};")),
            Stmt::Array(array) => {
                let prefix = self.dialect.local_prefix(array.storage);
                let (ty, extents) = (self.ty(&array.ty), extents(&array.extents));
                self.line(format!("{prefix}{ty} {}{extents};", array.name));
                let pragmas = self.dialect.array_pragmas(&array.name, array.extents.len(), array.storage);
                self.lines(pragmas);
            }
            Stmt::Assign { name, at, ty, value } => {
                let value = self.assigned(value, ty);
                let place = self.place(name, at);
                self.line(format!("{place} = {value};"));
            }
            Stmt::Count { name, value } => {
                let value = self.index(value, Level::Ternary);
                self.line(format!("{name} = {value};"));
            }
            Stmt::For { var, from, to, step, hint, body } => {
                let before = hint.and_then(|hint| self.dialect.before_loop(hint));
                self.lines(before);
                let step = if *step == 1 { format!("{var}++") } else { format!("{var} += {step}") };
                self.line(format!("for (int {var} = {from}; {var} < {to}; {step}) {{"));
                let inside = hint.and_then(|hint: LoopHint| self.dialect.in_loop(hint));
                self.indented(|p| {
                    p.lines(inside);
                    p.block(body);
                });
                self.line("}");
            }
            Stmt::If { condition, body } => {
                let condition = self.condition(condition, Level::Or);
                self.line(format!("if ({condition}) {{"));
                self.indented(|p| p.block(body));
                self.line("}");
            }
            Stmt::Stream { name, word, depth } => {
                let lines = self.dialect.stream_declaration(name, word, *depth);
                self.lines(lines);
            }
            Stmt::ReadWord { stream, word, name } => {
                self.line(format!("const {word} {name} = {stream}.read();"));
            }
            Stmt::Word { word, name } => self.line(format!("{word} {name};")),
            Stmt::WriteWord { stream, name } => self.line(format!("{stream}.write({name});")),
            Stmt::Call { function, args } => self.line(format!("{function}({});", args.join(", "))),
            Stmt::Return(ty, value) => {
                let value = self.assigned(value, ty);
                self.line(format!("return {value};"));
            }
        }
    }

    /// A type: its alias, or else as the dialect spells the format.
    pub(crate) fn ty(&self, ty: &Type) -> String {
        ty.name.clone().unwrap_or_else(|| self.dialect.number(ty.format))
    }

    /// A value that is converted to `ty` where it goes.
    fn assigned(&self, value: &Expr, ty: &Type) -> String {
        match (&value.node, literal_of(value)) {
            (Node::Constant(_), Some(text)) => text,
            // Where it goes, a cast to the same type says nothing.
            (Node::Cast(to, inner), _)
                if to.format == ty.format && !matches!(inner.node, Node::Constant(_)) =>
            {
                self.expr(inner, Level::Ternary)
            }
            _ => self.expr(value, Level::Ternary),
        }
    }

    fn expr(&self, expr: &Expr, level: Level) -> String {
        match &expr.node {
            Node::Read { name, at } => self.place(name, at),
            Node::Constant(_) => self.constant(expr, &expr.format.into()),
            Node::Binary(operator, a, b) => {
                let own = if *operator == Operator::Mul { Level::Product } else { Level::Sum };
                let (a, b) = (self.expr(a, own), self.expr(b, own.tighter()));
                parenthesized(format!("{a} {} {b}", operator.symbol()), own, level)
            }
            Node::Cast(ty, x) => match x.node {
                Node::Constant(_) => self.constant(x, ty),
                _ => format!("{}({})", self.ty(ty), self.expr(x, Level::Ternary)),
            },
            Node::Select(ty, condition, a, b) => {
                let condition = self.condition(condition, Level::Or);
                let (a, b) = (self.branch(a, ty), self.branch(b, ty));
                parenthesized(format!("{condition} ? {a} : {b}"), Level::Ternary, level)
            }
            Node::Call(function, args) => {
                let args: Vec<_> = args.iter().map(|arg| self.expr(arg, Level::Ternary)).collect();
                format!("{function}({})", args.join(", "))
            }
        }
    }

    /// A branch of a selection: both need the same C++ type.
    fn branch(&self, expr: &Expr, ty: &Type) -> String {
        match &expr.node {
            Node::Constant(_) => self.constant(expr, ty),
            Node::Read { .. } | Node::Cast(..) | Node::Call(..) if expr.format == ty.format => {
                self.expr(expr, Level::Product)
            }
            Node::Select(..) if expr.format == ty.format => self.expr(expr, Level::Ternary),
            _ => format!("{}({})", self.ty(ty), self.expr(expr, Level::Ternary)),
        }
    }

    /// A constant as a value of `ty`.
    fn constant(&self, expr: &Expr, ty: &Type) -> String {
        let Node::Constant(raw) = expr.node else { unreachable!("called for constants") };
        let name = self.ty(ty);
        match literal(raw, expr.format.frac_bits()) {
            Literal::Exact(text) => format!("{name}({text})"),
            Literal::Sum(high, low) => {
                let wide = self.dialect.number(expr.format);
                format!("{name}({wide}({high}) + {wide}({low}))")
            }
        }
    }

    fn condition(&self, condition: &Condition, level: Level) -> String {
        match condition {
            Condition::Compare(relation, a, b) => {
                let (left, right) = (self.compared(a, b.format), self.compared(b, a.format));
                parenthesized(format!("{left} {} {right}", relation.symbol()), Level::Compare, level)
            }
            Condition::Same(a, b) => {
                let (a, b) = (self.index(a, Level::Sum), self.index(b, Level::Sum));
                parenthesized(format!("{a} == {b}"), Level::Compare, level)
            }
            Condition::Below(a, b) => {
                let (a, b) = (self.index(a, Level::Sum), self.index(b, Level::Sum));
                parenthesized(format!("{a} < {b}"), Level::Compare, level)
            }
            Condition::And(a, b) => {
                let (a, b) = (self.condition(a, Level::And), self.condition(b, Level::And));
                parenthesized(format!("{a} && {b}"), Level::And, level)
            }
            Condition::Or(a, b) => {
                let (a, b) = (self.condition(a, Level::AndInOr), self.condition(b, Level::AndInOr));
                parenthesized(format!("{a} || {b}"), Level::Or, level)
            }
        }
    }

    /// An operand of a comparison; a small whole number needs no type.
    fn compared(&self, operand: &Expr, other: Format) -> String {
        if let Node::Constant(raw) = operand.node
            && operand.format.frac_bits() == 0
            && raw.bits() <= 31
            && (other.signed || !raw.is_negative())
            && let Some(text) = literal_of(operand)
        {
            return text;
        }
        self.expr(operand, Level::Sum)
    }

    fn index(&self, index: &Index, level: Level) -> String {
        match index {
            Index::At(n) => n.to_string(),
            Index::Var(name) => name.clone(),
            Index::Sum(a, b) => {
                let text = format!("{} + {}", self.index(a, Level::Sum), self.index(b, Level::Sum));
                parenthesized(text, Level::Sum, level)
            }
            Index::Times(n, x) => {
                parenthesized(format!("{n} * {}", self.index(x, Level::Unary)), Level::Product, level)
            }
            Index::Quotient(x, n) => {
                parenthesized(format!("{} / {n}", self.index(x, Level::Unary)), Level::Product, level)
            }
            Index::Rest(n, x) => {
                parenthesized(format!("{n} - {}", self.index(x, Level::Product)), Level::Sum, level)
            }
            Index::Whole(x) => format!("{}.to_int()", self.expr(x, Level::Unary)),
            Index::TopBits(bits, x) => self.dialect.top_bits(&self.expr(x, Level::Unary), x.format, *bits),
            Index::Select(condition, a, b) => {
                let condition = self.condition(condition, Level::Or);
                let (a, b) = (self.index(a, Level::Ternary), self.index(b, Level::Ternary));
                parenthesized(format!("{condition} ? {a} : {b}"), Level::Ternary, level)
            }
        }
    }

    fn place(&self, name: &str, at: &[Index]) -> String {
        let at = at.iter().map(|index| format!("[{}]", self.index(index, Level::Ternary)));
        format!("{name}{}", at.collect::<String>())
    }
}

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ternary,
    Or,
    /// `&&` inside of `||` is in parentheses, because compilers ask for them.
    AndInOr,
    And,
    Compare,
    Sum,
    Product,
    Unary,
}

impl Level {
    fn tighter(self) -> Self {
        if self == Self::Sum { Self::Product } else { Self::Unary }
    }
}

fn parenthesized(text: String, own: Level, around: Level) -> String {
    let loose = own < around || (own == Level::And && around == Level::AndInOr);
    if loose { format!("({text})") } else { text }
}

/// The literal of a constant that one literal holds.
fn literal_of(expr: &Expr) -> Option<String> {
    let Node::Constant(raw) = expr.node else { return None };
    match literal(raw, expr.format.frac_bits()) {
        Literal::Exact(text) => Some(text),
        Literal::Sum(..) => None,
    }
}

/// `[2][3]`.
pub(crate) fn extents(extents: &[usize]) -> String {
    extents.iter().map(|n| format!("[{n}]")).collect()
}
