//! Recorded cases, random networks, and the comparisons themselves.

mod golden;
mod keras;
mod random;
mod simulation;
