//! Emitted C++.
use std::path::Path;
use hls4rs_fixed::Format;
use hls4rs_ir::Resolved;
use crate::{Error, random::Raw};
/// stub
pub struct Cxx;
impl Cxx {
    /// stub
    pub fn new(_: &str) -> Result<Self, Error> { Err(Error::malformed("cxx", "not yet")) }
    /// stub
    pub fn spells(&self, _: Format) -> bool { true }
    /// stub
    pub fn outputs(&self, _: &Resolved, _: &[Vec<Raw>]) -> Result<Vec<Vec<Raw>>, Error> { Err(Error::malformed("cxx", "not yet")) }
    /// stub
    pub fn write(&self, _: &Resolved, _: &[Vec<Raw>], _: &Path) -> Result<(), Error> { Ok(()) }
}
