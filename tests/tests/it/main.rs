//! Recorded cases, random networks, and the comparisons themselves.

mod configs;
mod golden;
mod keras;
mod random;
mod simulation;
