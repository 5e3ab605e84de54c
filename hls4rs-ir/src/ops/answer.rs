//! What answers of spiking networks have in common.

use hls4rs_fixed::Wide;

use super::Unfit;
use super::membrane::check_window;
use crate::Shape;
use crate::range::{Interval, Ranges};
use crate::resolve::{Done, NodeCx};

/// The shape of an answer.
pub(super) fn answer(x: &Shape, difference: bool) -> Result<Shape, Unfit> {
    check_window(x)?;
    if difference && x.channels() != 2 {
        let expected = format!("two neurons for `binary_logit`, [{}, 2]", x[0]);
        return Err(Unfit::Input { n: 0, expected, help: None });
    }
    Ok(Shape::new(&[1]).expect("a valid shape"))
}

/// Settles the result for scores of which one wins, or two have a difference.
pub(super) fn settle_answer(cx: &mut NodeCx<'_>, scores: &Ranges, difference: bool) -> Done {
    let all = &scores.elements;
    let values = if difference {
        Ranges { frac_bits: scores.frac_bits, elements: vec![all[1].difference(all[0])] }
    } else {
        let winner = winners(all);
        Ranges { frac_bits: 0, elements: vec![winner] }
    };
    cx.settle_result(&values).into()
}

/// Which of the scores can be the first of the largest.
fn winners(scores: &[Interval]) -> Interval {
    // For each of them the greatest lower end of those behind it.
    let mut behind = vec![None; scores.len()];
    for j in (1..scores.len()).rev() {
        behind[j - 1] = behind[j].max(Some(scores[j].lo));
    }
    let mut before = None;
    let mut winners: Option<Interval> = None;
    for (j, score) in scores.iter().enumerate() {
        if before.is_none_or(|lo| score.hi > lo) && behind[j].is_none_or(|lo| score.hi >= lo) {
            let number = Interval::point(Wide::from_i64(j as i64));
            winners = Some(winners.map_or(number, |winners| winners.hull(number)));
        }
        before = before.max(Some(score.lo));
    }
    winners.expect("one of them wins")
}
