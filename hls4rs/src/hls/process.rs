//! Layers between streams: the process that an array function becomes.

use super::directive::LoopHint;
use super::expr::{Condition, Expr, Index};
use super::stmt::Stmt;
use super::substitute::{Fixed, Scope, accesses};
use super::types::{Array, Carrier, Function, Param, Stream};

/// The process between streams that does what `function` does with arrays, after the functions that it calls.
///
/// Where every word of the result depends on one word of each input alone, the process goes word by word; else it
/// collects whole tensors.
pub(super) fn process(function: Function, name: String, inputs: &[Stream], result: &Stream) -> Vec<Function> {
    if let Some(by_word) = by_word(&function, inputs, result) {
        return vec![by_word];
    }
    let process = collecting(&function, name, inputs, result);
    vec![Function { interval: function.interval, ..function }, process]
}

/// The name of the word that is read from or written to a parameter.
fn word_of(param: &str) -> String {
    format!("{param}_word")
}

/// The name of the stream from which a parameter is filled, or to which it is written.
fn port_of(param: &Param) -> String {
    format!("{}_{}", param.name, if param.input { "in" } else { "out" })
}

/// The parameters as streams.
fn ports(
    function: &Function,
    inputs: &[Stream],
    result: &Stream,
    name: impl Fn(&Param) -> String,
) -> Vec<Param> {
    let streams = inputs.iter().chain([result]);
    let port = |(param, stream): (&Param, &Stream)| Param {
        name: name(param),
        carrier: Carrier::Stream(stream.clone()),
        ..param.clone()
    };
    function.params.iter().zip(streams).map(port).collect()
}

fn by_word(function: &Function, inputs: &[Stream], result: &Stream) -> Option<Function> {
    if inputs.iter().any(|stream| stream.words != result.words) {
        return None;
    }
    let (row, hint, inner) = match (result.words, function.body.as_slice()) {
        (1, body) => (None, None, body),
        (words, [Stmt::For { var, from: 0, to, step: 1, hint, body }]) if *to == words => {
            (Some(var.as_str()), *hint, body.as_slice())
        }
        _ => return None,
    };
    let params = ports(function, inputs, result, |param| param.name.clone());
    let mut access = |name: &str, at: &[Index], scope: &Scope| {
        let Some(param) = params.iter().find(|param| param.name == name) else { return Ok(None) };
        let channels = param.stream().map_or(1, |stream| stream.channels);
        let [index] = at else { return Err(Fixed) };
        let index = match row {
            None => index.clone(),
            Some(row) => {
                let index = within_row(index, row, channels).ok_or(Fixed)?;
                let inside = scope.most(&index).is_some_and(|most| most < channels);
                if !inside {
                    return Err(Fixed);
                }
                index
            }
        };
        Ok(Some((format!("{}.data", word_of(name)), vec![index])))
    };
    let computed = accesses(inner, &mut access).ok()?;
    let shares_multipliers = has_pipeline(inner);
    let flush = match hint {
        Some(LoopHint::Unroll) => Some(LoopHint::Flush { ii: function.interval.unwrap_or(1) }),
        Some(LoopHint::Pipeline { ii } | LoopHint::Flush { ii }) => Some(LoopHint::Flush { ii }),
        Some(LoopHint::Flatten) | None => None,
    };
    let mut body = Vec::new();
    let (y, xs) = params.split_last()?;
    for x in xs {
        let word = x.stream().map(|stream| stream.word.clone())?;
        body.push(Stmt::ReadWord { stream: x.name.clone(), word, name: word_of(&x.name) });
    }
    body.push(Stmt::Word { word: result.word.clone(), name: word_of(&y.name) });
    body.extend(computed);
    body.push(Stmt::WriteWord { stream: y.name.clone(), name: word_of(&y.name) });
    let (body, interval) = match row {
        None => (body, function.interval.filter(|_| !shares_multipliers)),
        Some(row) => {
            let hint = flush.filter(|_| !shares_multipliers);
            (vec![Stmt::repeated(row, result.words, hint, body)], None)
        }
    };
    Some(Function { params: params.clone(), interval, body, ..function.clone() })
}

/// What is added to `channels · row` in an index; `None` if the index is not of that form.
fn within_row(index: &Index, row: &str, channels: usize) -> Option<Index> {
    match index {
        Index::Var(name) if name == row && channels == 1 => Some(Index::At(0)),
        Index::Times(factor, x) if *factor == channels && matches!(&**x, Index::Var(name) if name == row) => {
            Some(Index::At(0))
        }
        Index::Sum(a, b) => match (within_row(a, row, channels), within_row(b, row, channels)) {
            (Some(rest), None) if !mentions(b, row) => Some(rest.plus((**b).clone())),
            (None, Some(rest)) if !mentions(a, row) => Some((**a).clone().plus(rest)),
            _ => None,
        },
        _ => None,
    }
}

fn mentions(index: &Index, var: &str) -> bool {
    match index {
        Index::At(_) => false,
        Index::Var(name) => name == var,
        Index::Sum(a, b) => mentions(a, var) || mentions(b, var),
        Index::Times(_, x) | Index::Quotient(x, _) | Index::Rest(_, x) => mentions(x, var),
        // Anything may be in there.
        Index::Whole(_) | Index::TopBits(..) | Index::Select(..) => true,
    }
}

/// Whether there is a pipelined loop among the statements.
pub(super) fn has_pipeline(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        Stmt::For { hint, body, .. } => {
            matches!(hint, Some(LoopHint::Pipeline { .. } | LoopHint::Flush { .. })) || has_pipeline(body)
        }
        Stmt::If { body, .. } => has_pipeline(body),
        _ => false,
    })
}

/// Reads all inputs, calls the function, writes the result.
fn collecting(function: &Function, name: String, inputs: &[Stream], result: &Stream) -> Function {
    // A local name that is the function's own would hide it.
    let hides = |param: &Param| [&*param.name, &port_of(param)].contains(&&*function.name);
    let suffix = if function.params.iter().any(hides) { "_" } else { "" };
    let renamed = |param: &Param| Param { name: format!("{}{suffix}", param.name), ..param.clone() };
    let called = Function { params: function.params.iter().map(renamed).collect(), ..function.clone() };
    let params = ports(&called, inputs, result, port_of);
    let mut body: Vec<_> = called.params.iter().map(array_of).collect();
    body.push(reading(&called.params, inputs));
    let args = called.params.iter().map(|param| param.name.clone()).collect();
    body.push(Stmt::Call { function: called.name.clone(), args });
    body.push(writing(&called.params[inputs.len()], result));
    let doc = format!("{} between streams: collects its input, hands on its result.", function.name);
    Function::plain(name, doc, params, body)
}

/// A process that only puts the same values into other words.
pub(super) fn repacking(name: String, x: Param, y: Param) -> Function {
    let (from, to) = (x.stream().cloned(), y.stream().cloned());
    let (Some(from), Some(to)) = (from, to) else { unreachable!("called for streams") };
    let array = |param: &Param, name: &str| Param {
        name: name.to_owned(),
        carrier: Carrier::Array(param.len()),
        ..param.clone()
    };
    let inner = array(&x, "x");
    let body = vec![array_of(&inner), reading(core::slice::from_ref(&inner), &[from]), {
        let y = Param { name: "x".to_owned(), ..array(&y, "y") };
        writing_as(&y, "y_out", &to)
    }];
    let params = vec![Param { name: "x_in".to_owned(), ..x }, Param { name: "y_out".to_owned(), ..y }];
    let doc = format!("{name}: the same values in words of another length.");
    Function::plain(name, doc, params, body)
}

fn array_of(param: &Param) -> Stmt {
    Stmt::Array(Array::registers(&param.name, param.ty.clone(), param.len()))
}

/// Fills arrays from streams, a word of each in every step.
fn reading(params: &[Param], inputs: &[Stream]) -> Stmt {
    let longest = inputs.iter().map(|stream| stream.words).max().unwrap_or(1);
    let mut body = Vec::new();
    for (param, stream) in params.iter().zip(inputs) {
        let word = word_of(&param.name);
        let to = Index::var("word").times(stream.channels).plus(Index::var("c"));
        let value = Expr::element(&format!("{word}.data"), param.ty.format, [Index::var("c")]);
        let copy = Stmt::assign(&param.name, [to], param.ty.clone(), value);
        let read = vec![
            Stmt::ReadWord { stream: format!("{}_in", param.name), word: stream.word.clone(), name: word },
            Stmt::unrolled("c", stream.channels, vec![copy]),
        ];
        if stream.words == longest {
            body.extend(read);
        } else {
            let condition = Condition::Below(Index::var("word"), Index::At(stream.words));
            body.push(Stmt::If { condition, body: read });
        }
    }
    Stmt::repeated("word", longest, Some(LoopHint::Flush { ii: 1 }), body)
}

/// Writes an array to its stream.
fn writing(y: &Param, result: &Stream) -> Stmt {
    writing_as(y, &format!("{}_out", y.name), result)
}

fn writing_as(array: &Param, stream: &str, result: &Stream) -> Stmt {
    let from = Index::var("word").times(result.channels).plus(Index::var("c"));
    let value = Expr::element(&array.name, array.ty.format, [from]);
    let copy = Stmt::assign("y_word.data", [Index::var("c")], array.ty.clone(), value);
    let body = vec![
        Stmt::Word { word: result.word.clone(), name: "y_word".to_owned() },
        Stmt::unrolled("c", result.channels, vec![copy]),
        Stmt::WriteWord { stream: stream.to_owned(), name: "y_word".to_owned() },
    ];
    Stmt::repeated("word", result.words, Some(LoopHint::Flush { ii: 1 }), body)
}
