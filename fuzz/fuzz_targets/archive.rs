//! An archive of two files, stored as they are.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// A `.keras` file with this configuration and these weights.
pub(crate) fn archive(config: &[u8], weights: &[u8]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [("config.json", config), ("model.weights.h5", weights)] {
        zip.start_file(name, options).expect("an entry");
        zip.write_all(content).expect("its bytes");
    }
    zip.finish().expect("an archive").into_inner()
}
