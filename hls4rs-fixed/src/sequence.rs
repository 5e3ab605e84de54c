//! In which order the steps of a sequence are read, and where the results go.

/// How a recurrent layer walks through its steps; rules, kernels and C++ share it.
///
/// ```
/// use hls4rs_fixed::sequence::Sequence;
/// let last = Sequence { steps: 3, return_sequences: false, go_backwards: true, restore_order: false };
/// assert_eq!([0, 1, 2].map(|n| (last.step(n), last.row(n))), [(2, None), (1, None), (0, Some(0))]);
/// let all = Sequence { return_sequences: true, ..last };
/// assert_eq!([0, 1, 2].map(|n| (all.step(n), all.row(n))), [(2, Some(0)), (1, Some(1)), (0, Some(2))]);
/// let beside = Sequence { restore_order: true, ..all };
/// assert_eq!([0, 1, 2].map(|n| (beside.step(n), beside.row(n))), [(2, Some(2)), (1, Some(1)), (0, Some(0))]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The number of steps.
    pub steps: usize,
    /// Whether every step has a result, not only the last that is computed.
    pub return_sequences: bool,
    /// Whether the steps are read from the last to the first.
    pub go_backwards: bool,
    /// Whether results stand beside the steps they belong to, not in the order of computation.
    pub restore_order: bool,
}

impl Sequence {
    /// The step that is read as the `n`-th.
    #[inline(always)]
    pub const fn step(&self, n: usize) -> usize {
        if self.go_backwards { self.steps - 1 - n } else { n }
    }

    /// The row of the result that is written after the `n`-th step.
    #[inline(always)]
    pub const fn row(&self, n: usize) -> Option<usize> {
        match (self.return_sequences, self.restore_order) {
            (true, true) => Some(self.step(n)),
            (true, false) => Some(n),
            (false, _) if n + 1 == self.steps => Some(0),
            (false, _) => None,
        }
    }

    /// The number of rows of the result.
    pub const fn rows(&self) -> usize {
        if self.return_sequences { self.steps } else { 1 }
    }
}
