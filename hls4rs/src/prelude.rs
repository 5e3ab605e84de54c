//! What a file that writes a network needs.

pub use crate::fixed::{
    Fixed, Int, Number, Rnd, RndConv, RndInf, RndMinInf, RndZero, Sat, SatSym, SatZero, Trn, TrnZero, UFixed,
    Uint, Wrap,
};
pub use crate::network;
#[cfg(feature = "simulate")]
pub use crate::simulate::{Dispatch, Engine};
#[cfg(feature = "backends")]
pub use crate::{backends::Backend, project::Project};
