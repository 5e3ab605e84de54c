//! Hints about hardware, as values.

/// How the elements of an array are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArrayHint {
    /// Every element is a register of its own.
    Partition,
    /// All elements form one wide word.
    Reshape,
}

/// Where an array lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// Registers or wires.
    Registers(ArrayHint),
    /// A memory that is only read, one element at a time for each port.
    Rom,
    /// A memory that is only read, in rows: the elements of the inner dimensions form one word of the outermost.
    WideRom,
}

/// How a loop runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoopHint {
    /// All steps at once.
    Unroll,
    /// A step every `ii` cycles.
    Pipeline { ii: usize },
    /// One loop together with the loop inside, which is all there is in its body.
    Flatten,
}
