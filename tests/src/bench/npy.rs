//! Single NumPy arrays of `float32`, as they go to and come from the peer.

use std::path::Path;

use crate::{Error, host};

/// Writes a matrix, row major.
///
/// # Errors
/// If the file cannot be written.
/// # Source
/// NumPy, `numpy/lib/format.py` (NEP 1), version 1.0.
pub(super) fn write(path: &Path, values: &[f32], columns: usize) -> Result<(), Error> {
    let rows = values.len() / columns;
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let begin = b"\x93NUMPY\x01\x00";
    // Magic, length and header fill whole blocks of 64 bytes; the header ends with a line break.
    while !(begin.len() + 2 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let length = (header.len() as u16).to_le_bytes();
    let mut bytes = [&begin[..], &length, header.as_bytes()].concat();
    bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    host::write(path, bytes)
}

/// Reads the values of an array of `float32`, row major.
///
/// # Errors
/// If the file cannot be read or holds something else.
pub(super) fn read(path: &Path) -> Result<Vec<f32>, Error> {
    Ok(read_any(path)?.into_iter().map(|v| v as f32).collect())
}

/// Reads the values of an array of `float32` or `float64`, row major.
///
/// # Errors
/// If the file cannot be read or holds something else.
pub(super) fn read_any(path: &Path) -> Result<Vec<f64>, Error> {
    let bytes = host::read(path)?;
    let malformed = || Error::malformed(path.display(), "not an array of floats, version 1.0, C order");
    let length = bytes.get(8..10).ok_or_else(malformed)?;
    let end = 10 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    let header = String::from_utf8_lossy(bytes.get(10..end).ok_or_else(malformed)?).into_owned();
    let values = &bytes[end..];
    let (singles, doubles) = (values.chunks_exact(4), values.chunks_exact(8));
    match header {
        header if !header.contains("'fortran_order': False") => Err(malformed()),
        header if header.contains("'<f4'") => {
            Ok(singles.map(|v| f32::from_le_bytes([v[0], v[1], v[2], v[3]]).into()).collect())
        }
        header if header.contains("'<f8'") => {
            Ok(doubles.filter_map(|v| v.try_into().ok().map(f64::from_le_bytes)).collect())
        }
        _ => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.npy");
        let values = [1.5f32, -2.0, 0.0, 3.25];
        super::write(&path, &values, 2).expect("written");
        assert_eq!(super::read(&path).expect("read"), values);
    }
}
