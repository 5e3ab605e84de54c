//! Properties of the comparisons themselves.

mod random;
