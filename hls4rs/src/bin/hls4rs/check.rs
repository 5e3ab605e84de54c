//! `hls4rs check`: what can go wrong with a network before it is built.

use std::process::ExitCode;

use hls4rs::fixed::to_f64;
use hls4rs::ir::{Fault, Faults};
use serde_json::json;

use crate::model::{self, Model};
use crate::{Done, print};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: model::Source,
    /// Fail if anything may overflow.
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(args: &Args, as_json: bool) -> Done {
    let Model { network, mut warnings, .. } = args.model.read()?;
    warnings.extend(overflows(&network.graph().what_may_wrap()?));
    let rows: Vec<_> = network
        .iter()
        .map(|(_, node, facts)| {
            let hull = facts.range.hull();
            let end = |raw| to_f64(raw, facts.range.frac_bits);
            (node, facts, end(hull.lo), end(hull.hi))
        })
        .collect();
    if as_json {
        let layers: Vec<_> = rows
            .iter()
            .map(|(node, facts, lo, hi)| {
                json!({ "name": node.name, "op": node.op.words(), "shape": node.shape.to_vec(),
                    "result": facts.result().to_string(), "least": lo, "greatest": hi })
            })
            .collect();
        println!("{}", json!({ "network": network.graph().name(), "layers": layers, "warnings": warnings }));
    } else {
        let text = rows.iter().map(|(node, facts, lo, hi)| {
            let result = facts.result().to_string();
            vec![node.name.clone(), node.op.words(), node.shape.to_string(), result, short(*lo), short(*hi)]
        });
        print::table(&["layer", "op", "shape", "result", "#least", "#greatest"], &text.collect::<Vec<_>>());
        println!();
        warnings.iter().for_each(|warning| print::warning(warning));
        match warnings.len() {
            0 => println!("nothing can overflow"),
            1 => println!("1 warning"),
            n => println!("{n} warnings"),
        }
    }
    Ok(if args.strict && !warnings.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What may wrap, each with what would do.
fn overflows(faults: &Faults) -> Vec<String> {
    let words = |fault: &Fault| {
        let notes = fault.problem.notes().into_iter().map(|note| format!("\n  note: {note}"));
        let help = fault.problem.help(&|format| format.to_string()).map(|help| format!("\n  help: {help}"));
        fault.problem.to_string() + &notes.chain(help).collect::<String>()
    };
    faults.iter().map(words).collect()
}

/// A number with up to six digits that matter.
fn short(value: f64) -> String {
    let text = format!("{value:.6}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
