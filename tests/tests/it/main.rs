//! Recorded cases, random networks, and the comparisons themselves.

mod build_scripts;
mod configs;
mod floats;
mod golden;
mod hdf5;
mod keras;
mod output_modes;
mod random;
mod simulation;
