//! Emission: the C++ of every backend compiles without a warning and gives the same bits; projects are written whole.

mod custom;
mod golden;
mod harness;
mod nets;
mod same_bits;
mod skips;
mod writing;
