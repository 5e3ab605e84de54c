//! Trained values that come from outside: large constants as parameters of the top function.

use super::stmt::Stmt;
use super::types::{Carrier, Constant, Function, Module, Param};

/// Makes every trained constant of more than `most` elements a parameter, through all functions that lead to it.
pub(crate) fn from_outside(module: &mut Module, most: usize) {
    let (outside, inside): (Vec<_>, Vec<_>) =
        module.constants.drain(..).partition(|constant| constant.trained && constant.raw.len() > most);
    module.constants = inside;
    for constant in &outside {
        hand_down(&mut module.functions, &mut module.top.body, constant);
    }
    module.top.weights = outside;
}

fn hand_down(functions: &mut [Function], top: &mut [Stmt], constant: &Constant) {
    let mut needing: Vec<String> = Vec::new();
    for function in functions.iter_mut() {
        // A function stands behind those that it calls.
        let called = calls(&mut function.body, &needing, constant);
        if called || function.reads.contains(&constant.name) {
            function.reads.retain(|name| *name != constant.name);
            function.params.push(parameter(constant));
            needing.push(function.name.clone());
        }
    }
    calls(top, &needing, constant);
}

/// Adds the constant to the arguments of calls; whether there was one.
fn calls(body: &mut [Stmt], functions: &[String], constant: &Constant) -> bool {
    let mut any = false;
    for stmt in body {
        match stmt {
            Stmt::Call { function, args } if functions.contains(function) => {
                args.push(constant.name.clone());
                any = true;
            }
            Stmt::For { body, .. } | Stmt::If { body, .. } => any |= calls(body, functions, constant),
            _ => {}
        }
    }
    any
}

/// The parameter that a constant becomes.
pub(crate) fn parameter(constant: &Constant) -> Param {
    Param {
        name: constant.name.clone(),
        ty: constant.ty.clone(),
        carrier: Carrier::Matrix(constant.extents.clone()),
        input: true,
    }
}
