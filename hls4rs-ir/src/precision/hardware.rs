//! Strategy, reuse factor and parallelism of every layer, with hls4ml's corrections of what is not possible.

use super::attributes::set;
use crate::attr::AttrValue;
use crate::draft::{Config, Draft, DraftFault, DraftFaults, DraftNode, Setting};
use crate::hardware::{Io, Multiplications, Strategy};
use crate::{Op, Shape};

/// Sets strategy, reuse factor and parallelism of all nodes.
///
/// # Errors
/// A strategy that does not exist, or one that cannot share multipliers but is asked to.
pub fn arrange(draft: &mut Draft, config: &Config, io: Io) -> Result<(), DraftFaults> {
    let shapes = draft.shapes()?;
    let mut faults = DraftFaults::default();
    for at in 0..draft.nodes.len() {
        let inputs: Vec<_> = draft.sources(at).into_iter().map(|at| &shapes[at]).collect();
        if let Err(problem) = arrange_node(&mut draft.nodes[at], config, io, &inputs, &shapes[at]) {
            faults.push(DraftFault::new(&draft.nodes[at], problem));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn arrange_node(
    node: &mut DraftNode,
    config: &Config,
    io: Io,
    inputs: &[&Shape],
    shape: &Shape,
) -> Result<(), String> {
    let op = node.whole_op().into_owned();
    let rules = op.layer();
    let Some(m) = rules.multiplications(inputs) else { return Ok(()) };
    let available = rules.strategies();
    let reuse = match config.setting(node, "reuse_factor") {
        None => 1,
        Some(setting) => setting.size().ok_or("`ReuseFactor`: expected a whole number of at least 1")?,
    };
    let mut strategy = asked(config, node)?;
    let compresses = config.setting(node, "compression").is_some_and(Setting::is_set);
    if compresses && strategy == Strategy::Resource && available.contains(&Strategy::Compressed) {
        strategy = Strategy::Compressed;
    }
    let is_conv = matches!(node.op, Op::Conv(_)) || node.class.starts_with("Conv");
    if strategy == Strategy::ResourceUnrolled && (reuse == 1 || (is_conv && io == Io::Parallel)) {
        strategy = Strategy::Resource;
    }
    if strategy == Strategy::DistributedArithmetic && reuse != 1 && available.contains(&strategy) {
        return Err(format!(
            "reuse factor {reuse} does not go with strategy `{strategy}`, which shares nothing"
        ));
    }
    if !available.contains(&strategy) {
        strategy = Strategy::Latency;
    }
    node.strategy = strategy;
    let steps = if node.details.every_step { shape[0] } else { 1 };
    let positions = shape.elements() / shape.channels() / steps;
    let reuse = for_cycles(config, node, strategy, m, positions)?.unwrap_or(reuse as f64);
    node.reuse_factor = possible(m, strategy, reuse);
    if let Op::Recurrent(cell) = &mut node.op {
        let own = Multiplications::matrix(cell.units, m.n_out);
        cell.recurrent_reuse_factor = possible(own, strategy, reuse);
    }
    if let Op::Conv(_) = node.op
        && io == Io::Parallel
    {
        let asked = config.attribute(node, "parallelization_factor").and_then(|setting| setting.size());
        let Some(asked) = asked.filter(|&asked| asked > 1) else { return Ok(()) };
        let divisors: Vec<_> = (1..=positions).filter(|&n| positions.is_multiple_of(n)).collect();
        set(node, "parallelization_factor", &AttrValue::Number(nearest(&divisors, asked as f64) as f64))?;
    }
    Ok(())
}

fn asked(config: &Config, node: &DraftNode) -> Result<Strategy, String> {
    let Some(setting) = config.setting(node, "strategy") else { return Ok(Strategy::Latency) };
    let word = setting.word().unwrap_or_default();
    match snake_case(word).as_str() {
        "da" => Ok(Strategy::DistributedArithmetic),
        // hls4ml reads a word that it does not know as latency; of those, only this one was ever documented.
        "unrolled" => Ok(Strategy::Latency),
        other => Strategy::from_name(other).ok_or_else(|| {
            let names: Vec<_> = Strategy::ALL.iter().map(|s| format!("`{s}`")).collect();
            format!("`{word}` is not a strategy; expected one of {}", names.join(", "))
        }),
    }
}

/// Cycles in which data come and go, for every output of a dense layer or every position of a convolution.
const SHUFFLE_CYCLES: f64 = 6.0;

/// The reuse factor with which a layer that shares multipliers takes the cycles that are asked for.
///
/// # Source
/// hls4ml `backends/fpga/fpga_backend.py`.
fn for_cycles(
    config: &Config,
    node: &DraftNode,
    strategy: Strategy,
    m: Multiplications,
    positions: usize,
) -> Result<Option<f64>, String> {
    let Some(setting) = config.setting(node, "target_cycles") else { return Ok(None) };
    let cycles = setting.size().ok_or("`TargetCycles`: expected a whole number of at least 1")?;
    let rounds = match node.op {
        Op::Dense(_) => m.n_out,
        Op::Conv(_) => positions,
        _ => return Ok(None),
    } as f64;
    if !strategy.shares_multipliers() {
        return Ok(None);
    }
    let least = SHUFFLE_CYCLES * rounds;
    let left = cycles as f64 - least;
    if left < 0.0 {
        return Err(format!(
            "`TargetCycles`: {cycles} cycles are too few, moving the data alone takes {least}"
        ));
    }
    Ok(Some(left / rounds))
}

/// The nearest reuse factor that the layer can have; of two the smaller.
fn possible(m: Multiplications, strategy: Strategy, asked: f64) -> usize {
    match strategy {
        Strategy::Latency => (asked as usize).clamp(1, m.n_in * m.n_out),
        Strategy::DistributedArithmetic => 1,
        Strategy::Resource | Strategy::Compressed => nearest(&m.legal(), asked),
        Strategy::ResourceUnrolled => {
            let mut legal = m.legal();
            if legal.len() > 1 {
                legal.pop();
            }
            nearest(&legal, asked)
        }
    }
}

fn nearest(sorted: &[usize], asked: f64) -> usize {
    let distance = |n: usize| (n as f64 - asked).abs();
    sorted.iter().copied().min_by(|&a, &b| distance(a).total_cmp(&distance(b))).unwrap_or(1)
}

/// `ResourceUnrolled` as `resource_unrolled`.
pub fn snake_case(word: &str) -> String {
    let mut snake = String::new();
    for c in word.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
