//! The `.keras` archive: a zip file with the configuration and an HDF5 file of weights.

use std::io::{Cursor, Read};

use zip::ZipArchive;

/// What an archive holds.
pub(super) struct Archive {
    /// `config.json`.
    pub(super) config: Vec<u8>,
    /// `model.weights.h5`.
    pub(super) weights: Vec<u8>,
    /// `metadata.json`, which says who wrote the archive.
    pub(super) metadata: Option<Vec<u8>>,
}

/// Bytes of all entries for each byte of the archive.
const MAX_EXPANSION: u64 = 16;
/// Bytes that are allowed whatever the size of the archive: a small configuration packs well.
const ALLOWANCE: u64 = 1 << 16;

/// Unpacks an archive.
pub(super) fn read(bytes: &[u8]) -> Result<Archive, String> {
    let mut left = (bytes.len() as u64).saturating_mul(MAX_EXPANSION).saturating_add(ALLOWANCE);
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| format!("not a zip file: {e}"))?;
    let mut entry = |name: &str| -> Result<Vec<u8>, String> {
        let mut file = zip.by_name(name).map_err(|e| format!("`{name}`: {e}"))?;
        // Room at once, since a vector that grows takes three times as much. The header may lie about the size, so that
        // what comes out is counted too.
        let limit = left;
        let mut content = Vec::with_capacity(usize::try_from(file.size().min(limit)).unwrap_or(0));
        let read = file.by_ref().take(limit.saturating_add(1)).read_to_end(&mut content);
        read.map_err(|e| format!("`{name}`: {e}"))?;
        left = limit.checked_sub(content.len() as u64).ok_or_else(|| {
            format!("`{name}`: unpacks to more than {MAX_EXPANSION} times the size of the file")
        })?;
        content.shrink_to_fit();
        Ok(content)
    };
    let (config, weights) = (entry("config.json")?, entry("model.weights.h5")?);
    Ok(Archive { config, weights, metadata: entry("metadata.json").ok() })
}
