//! Hints about hardware, as values.

/// Where an array lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Registers or wires, every element for itself.
    Registers,
    /// A memory that is only read, one element at a time for each port.
    Rom,
    /// A memory that is only read, in rows: the elements of the inner dimensions form one word of the outermost.
    WideRom,
    /// Memories that keep their values from call to call: one for each element of the first dimension, addressed by
    /// the second, with words of all that is inside.
    Lines,
}

/// How a loop runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // `ii` is the initiation interval.
pub enum LoopHint {
    /// All steps at once.
    Unroll,
    /// A step every `ii` cycles.
    Pipeline { ii: usize },
    /// A step every `ii` cycles that finishes what is under way when a stream runs dry.
    Flush { ii: usize },
    /// One loop together with the loop inside, which is all there is in its body.
    Flatten,
}
