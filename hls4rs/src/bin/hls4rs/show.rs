//! `hls4rs show`: the layers and what they cost.

use std::process::ExitCode;

use hls4rs::ir::{Facts, Node, Resolved, Shape, Slot};
use serde_json::json;

use crate::model::{self, Model};
use crate::{Done, print};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    model: model::Source,
}

/// What a layer costs.
struct Cost {
    weights: usize,
    zeros: usize,
    multiplications: usize,
}

pub(crate) fn run(args: &Args, as_json: bool) -> Done {
    let Model { network, .. } = args.model.read()?;
    let costs: Vec<_> = network.iter().map(|(_, node, facts)| cost(&network, node, facts)).collect();
    let total = |of: fn(&Cost) -> usize| costs.iter().map(of).sum::<usize>();
    let (weights, zeros, products) = (total(|c| c.weights), total(|c| c.zeros), total(|c| c.multiplications));
    if as_json {
        let layers = network.iter().zip(&costs).map(|((_, node, facts), cost)| {
            let formats =
                facts.formats.iter().map(|(slot, f)| (slot.name().to_owned(), json!(f.to_string())));
            json!({
                "name": node.name,
                "op": node.op.words(),
                "shape": node.shape.to_vec(),
                "formats": formats.collect::<serde_json::Map<_, _>>(),
                "weights": cost.weights,
                "zeros": cost.zeros,
                "multiplications": cost.multiplications,
                "strategy": node.strategy.name(),
                "reuse_factor": node.reuse_factor,
            })
        });
        let layers: Vec<_> = layers.collect();
        println!(
            "{}",
            json!({ "network": network.graph().name(), "layers": layers, "weights": weights,
            "zeros": zeros, "multiplications": products })
        );
        return Ok(ExitCode::SUCCESS);
    }
    let rows = network.iter().zip(&costs).map(|((_, node, facts), cost)| {
        let format = |slot| facts.formats.get(slot).map(ToString::to_string).unwrap_or_default();
        let number = |n: usize| if n == 0 { String::new() } else { print::grouped(n) };
        vec![
            node.name.clone(),
            node.op.words(),
            node.shape.to_string(),
            facts.result().to_string(),
            format(Slot::Weight),
            format(Slot::Accum),
            number(cost.weights),
            number(cost.zeros),
            number(cost.multiplications),
        ]
    });
    let head =
        ["layer", "op", "shape", "result", "weight", "accum", "#weights", "#zeros", "#multiplications"];
    print::table(&head, &rows.collect::<Vec<_>>());
    println!(
        "\n{}: {} weights, {} of them zero, {} multiplications for an inference",
        network.graph().name(),
        print::grouped(weights),
        print::grouped(zeros),
        print::grouped(products)
    );
    Ok(ExitCode::SUCCESS)
}

fn cost(network: &Resolved, node: &Node, facts: &Facts) -> Cost {
    let inputs: Vec<&Shape> = node.inputs.iter().map(|&id| &network.graph().node(id).shape).collect();
    let layer = node.op.layer();
    let matrix = layer.multiplications(&inputs).map_or(0, |m| m.n_in * m.n_out);
    let trained = facts.constants.iter().filter(|(slot, _)| node.values.get(*slot).is_some());
    let (mut weights, mut zeros) = (0, 0);
    for (_, tensor) in trained {
        weights += tensor.raw.len();
        zeros += tensor.raw.iter().filter(|raw| **raw == 0).count();
    }
    Cost { weights, zeros, multiplications: matrix * layer.passes(&inputs) }
}
