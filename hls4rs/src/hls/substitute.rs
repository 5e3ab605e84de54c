//! Rewriting the accesses to arrays in statements.

use super::expr::{Condition, Expr, Index, Node};
use super::stmt::Stmt;

/// What becomes of an access to `name[at…]`: another one, or `None` to leave it; an error if it cannot be rewritten.
pub(super) type Access<'a> =
    dyn FnMut(&str, &[Index], &Scope) -> Result<Option<(String, Vec<Index>)>, Fixed> + 'a;

/// A statement that cannot be rewritten.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fixed;

/// The loop variables around a statement, each with the number that it stays below.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope(Vec<(String, usize)>);

impl Scope {
    /// The greatest value of an index, if only loop variables are in it.
    pub(super) fn most(&self, index: &Index) -> Option<usize> {
        match index {
            Index::At(n) => Some(*n),
            Index::Var(name) => {
                let (_, to) = self.0.iter().rev().find(|(var, _)| var == name)?;
                to.checked_sub(1)
            }
            Index::Sum(a, b) => Some(self.most(a)? + self.most(b)?),
            Index::Times(factor, x) => Some(factor * self.most(x)?),
            Index::Quotient(x, n) => Some(self.most(x)? / n),
            Index::Rest(n, _) => Some(*n),
            Index::Whole(_) | Index::TopBits(..) | Index::Select(..) => None,
        }
    }
}

/// The statements with every access rewritten.
pub(super) fn accesses(body: &[Stmt], access: &mut Access<'_>) -> Result<Vec<Stmt>, Fixed> {
    let mut body = body.to_vec();
    Rewriter { access, scope: Scope::default() }.block(&mut body)?;
    Ok(body)
}

/// The value of an expression where the index `var` is `index`.
fn index_in(expr: &mut Expr, var: &str, index: &Index) {
    let mut replace = |at: &mut Index| replaced(at, var, index);
    indices_of_expr(expr, &mut replace);
}

/// The statements where the index `var` is `index`.
pub(super) fn index_in_block(body: &mut [Stmt], var: &str, index: &Index) {
    for stmt in body {
        match stmt {
            Stmt::Let { value, .. } | Stmt::Var { value, .. } | Stmt::Return(_, value) => {
                index_in(value, var, index);
            }
            Stmt::Assign { at, value, .. } => {
                at.iter_mut().for_each(|at| replaced(at, var, index));
                index_in(value, var, index);
            }
            Stmt::Count { value, .. } => replaced(value, var, index),
            Stmt::For { body, .. } => index_in_block(body, var, index),
            Stmt::If { condition, body } => {
                indices_of_condition(condition, &mut |at| replaced(at, var, index));
                index_in_block(body, var, index);
            }
            Stmt::Counter { .. }
            | Stmt::Array(_)
            | Stmt::Stream { .. }
            | Stmt::ReadWord { .. }
            | Stmt::Word { .. }
            | Stmt::WriteWord { .. }
            | Stmt::Call { .. } => {}
        }
    }
}

fn replaced(at: &mut Index, var: &str, index: &Index) {
    match at {
        Index::Var(name) if name == var => *at = index.clone(),
        Index::At(_) | Index::Var(_) => {}
        Index::Sum(a, b) => {
            replaced(a, var, index);
            replaced(b, var, index);
        }
        Index::Times(_, x) | Index::Quotient(x, _) | Index::Rest(_, x) => replaced(x, var, index),
        Index::Whole(x) | Index::TopBits(_, x) => index_in(x, var, index),
        Index::Select(condition, a, b) => {
            indices_of_condition(condition, &mut |at| replaced(at, var, index));
            replaced(a, var, index);
            replaced(b, var, index);
        }
    }
}

fn indices_of_expr(expr: &mut Expr, f: &mut dyn FnMut(&mut Index)) {
    match &mut expr.node {
        Node::Constant(_) => {}
        Node::Read { at, .. } => at.iter_mut().for_each(f),
        Node::Binary(_, a, b) => {
            indices_of_expr(a, f);
            indices_of_expr(b, f);
        }
        Node::Cast(_, x) => indices_of_expr(x, f),
        Node::Select(_, condition, a, b) => {
            indices_of_condition(condition, f);
            indices_of_expr(a, f);
            indices_of_expr(b, f);
        }
        Node::Call(_, args) => args.iter_mut().for_each(|arg| indices_of_expr(arg, f)),
    }
}

fn indices_of_condition(condition: &mut Condition, f: &mut dyn FnMut(&mut Index)) {
    match condition {
        Condition::Compare(_, a, b) => {
            indices_of_expr(a, f);
            indices_of_expr(b, f);
        }
        Condition::Same(a, b) | Condition::Below(a, b) => {
            f(a);
            f(b);
        }
        Condition::And(a, b) | Condition::Or(a, b) => {
            indices_of_condition(a, f);
            indices_of_condition(b, f);
        }
    }
}

struct Rewriter<'a, 'b> {
    access: &'a mut Access<'b>,
    scope: Scope,
}

impl Rewriter<'_, '_> {
    fn block(&mut self, body: &mut [Stmt]) -> Result<(), Fixed> {
        body.iter_mut().try_for_each(|stmt| self.stmt(stmt))
    }

    fn stmt(&mut self, stmt: &mut Stmt) -> Result<(), Fixed> {
        match stmt {
            Stmt::Let { value, .. } | Stmt::Var { value, .. } | Stmt::Return(_, value) => self.expr(value),
            Stmt::Assign { name, at, value, .. } => {
                self.expr(value)?;
                at.iter_mut().try_for_each(|index| self.index(index))?;
                self.place(name, at)
            }
            Stmt::Count { value, .. } => self.index(value),
            Stmt::For { var, to, body, .. } => {
                self.scope.0.push((var.clone(), *to));
                let done = self.block(body);
                self.scope.0.pop();
                done
            }
            Stmt::If { condition, body } => {
                self.condition(condition)?;
                self.block(body)
            }
            // Whole arrays are handed over, which only those can be that are left as they are.
            Stmt::Call { args, .. } => args.iter().try_for_each(|arg| {
                let left = (self.access)(arg, &[], &self.scope)?;
                if left.is_none() { Ok(()) } else { Err(Fixed) }
            }),
            Stmt::Counter { .. }
            | Stmt::Array(_)
            | Stmt::Stream { .. }
            | Stmt::ReadWord { .. }
            | Stmt::Word { .. }
            | Stmt::WriteWord { .. } => Ok(()),
        }
    }

    fn place(&mut self, name: &mut String, at: &mut Vec<Index>) -> Result<(), Fixed> {
        if let Some((new_name, new_at)) = (self.access)(name, at, &self.scope)? {
            (*name, *at) = (new_name, new_at);
        }
        Ok(())
    }

    fn expr(&mut self, expr: &mut Expr) -> Result<(), Fixed> {
        match &mut expr.node {
            Node::Constant(_) => Ok(()),
            Node::Read { name, at } => {
                at.iter_mut().try_for_each(|index| self.index(index))?;
                self.place(name, at)
            }
            Node::Binary(_, a, b) => {
                self.expr(a)?;
                self.expr(b)
            }
            Node::Cast(_, x) => self.expr(x),
            Node::Select(_, condition, a, b) => {
                self.condition(condition)?;
                self.expr(a)?;
                self.expr(b)
            }
            Node::Call(_, args) => args.iter_mut().try_for_each(|arg| self.expr(arg)),
        }
    }

    fn condition(&mut self, condition: &mut Condition) -> Result<(), Fixed> {
        match condition {
            Condition::Compare(_, a, b) => {
                self.expr(a)?;
                self.expr(b)
            }
            Condition::Same(a, b) | Condition::Below(a, b) => {
                self.index(a)?;
                self.index(b)
            }
            Condition::And(a, b) | Condition::Or(a, b) => {
                self.condition(a)?;
                self.condition(b)
            }
        }
    }

    fn index(&mut self, index: &mut Index) -> Result<(), Fixed> {
        match index {
            Index::At(_) | Index::Var(_) => Ok(()),
            Index::Sum(a, b) => {
                self.index(a)?;
                self.index(b)
            }
            Index::Times(_, x) | Index::Quotient(x, _) | Index::Rest(_, x) => self.index(x),
            Index::Whole(x) | Index::TopBits(_, x) => self.expr(x),
            Index::Select(condition, a, b) => {
                self.condition(condition)?;
                self.index(a)?;
                self.index(b)
            }
        }
    }
}
