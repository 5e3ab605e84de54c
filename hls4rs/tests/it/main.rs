//! The simulation: layers against recorded vectors of the reference, typed functions against the engine, batches.

#[cfg(feature = "simulate")]
mod batches;
#[cfg(feature = "simulate")]
mod nets;
#[cfg(feature = "simulate")]
mod spiking;
mod typed;
#[cfg(feature = "simulate")]
mod vectors;
#[cfg(feature = "simulate")]
mod vectors_compressed;
#[cfg(feature = "simulate")]
mod vectors_data;
#[cfg(feature = "simulate")]
mod vectors_garnet;
#[cfg(feature = "simulate")]
mod vectors_recurrent;
#[cfg(feature = "simulate")]
mod vectors_tensor;
