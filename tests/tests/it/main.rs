//! Recorded cases, random networks, and the comparisons themselves.

mod golden;
mod random;
mod simulation;
