//! Changed model files: reading and converting them ends, in time, in memory, without a panic.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use hls4rs::frontends::{Config, import, keras};
use hls4rs_ir::Io;

use crate::golden::{case, committed};
use crate::progress::Progress;
use crate::rng::Rng;
use crate::{Error, host};

/// How long a file may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Reading a file, and converting one that is refused, may take so many times the size of the file.
const MOST: usize = 50;

/// What that may take in any case. Unpacking an archive takes 56 kB whatever its size, and as much room as its entries
/// claim to need, up to 64 kB and 16 times its size: 204 kB for the largest archive that this is more for. The rest is
/// for what reads the entries, which then are smaller than they claim.
const LEAST: usize = 256 << 10;

/// The memory in use and its peak, as the allocator of a program counts them.
#[derive(Clone, Copy)]
pub struct Memory {
    /// Bytes in use.
    pub now: fn() -> usize,
    /// The most bytes in use since the last `reset`.
    pub peak: fn() -> usize,
    /// Begins anew.
    pub reset: fn(),
}

/// How many files of a kind were read, and what the worst of them took.
#[derive(Default)]
struct Counts {
    files: usize,
    understood: usize,
    slowest: Duration,
    largest: usize,
    share: f64,
}

/// Changes `count` files and says what came out; whether all ended as they should.
///
/// # Errors
/// If the models cannot be read.
pub fn run(count: usize, seed: u64, memory: Memory) -> Result<bool, Error> {
    let models = models()?;
    let progress = Progress::new("files changed", count);
    let mut table: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut wrong = 0;
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for n in 0..count {
        let (path, bytes) = &models[n % models.len()];
        let mut rng = Rng::of(seed, n as u64);
        let (kind, bytes) = variant(&mut rng, path, bytes);
        let found = one(&host::name(path), bytes.clone(), memory, table.entry(kind).or_default());
        if let Some(what) = found {
            wrong += 1;
            let kept = host::target().join(format!("mutate/{n}_{}", host::name(path)));
            host::write(&kept, bytes)?;
            println!("{}: {what}", kept.display());
        }
        progress.step();
    }
    std::panic::set_hook(quiet);
    let head = ["kind", "files", "understood", "slowest", "taken", "of the file"];
    println!("{:<24}{:>9}{:>12}{:>11}{:>14}{:>13}", head[0], head[1], head[2], head[3], head[4], head[5]);
    for (kind, counts) in &table {
        let Counts { files, understood, slowest, largest, share } = counts;
        let (slowest, largest) = (slowest.as_secs_f64(), *largest as f64 / 1e6);
        println!("{kind:<24}{files:>9}{understood:>12}{slowest:>9.3} s{largest:>11.1} MB{share:>11.1} x");
    }
    println!("mutate: {count} files, {wrong} wrong");
    Ok(wrong == 0)
}

/// Reads and converts one file; what is wrong with how that went.
fn one(name: &str, bytes: Vec<u8>, memory: Memory, counts: &mut Counts) -> Option<String> {
    let size = bytes.len();
    (memory.reset)();
    let before = (memory.now)();
    let start = Instant::now();
    let mut taken = 0;
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let draft = keras::read_bytes(name, bytes);
        let peak = || (memory.peak)().saturating_sub(before);
        taken = peak();
        let network = import(draft.ok()?, &Config::default(), Io::Parallel).ok();
        // A sound network may be larger than its file: images have pixels. What is refused must not be.
        if network.is_none() {
            taken = peak();
        }
        network
    }));
    let elapsed = start.elapsed();
    counts.files += 1;
    counts.slowest = counts.slowest.max(elapsed);
    counts.largest = counts.largest.max(taken);
    counts.share = counts.share.max(taken as f64 / size.max(1) as f64);
    match ended {
        Err(_) => Some("a panic".to_owned()),
        Ok(_) if elapsed > LIMIT => Some(format!("{:.1} s", elapsed.as_secs_f64())),
        Ok(_) if taken > LEAST.max(MOST * size) => Some(format!("{taken} bytes for a file of {size}")),
        Ok(imported) => {
            counts.understood += usize::from(imported.is_some());
            None
        }
    }
}

/// Model files of committed cases.
fn models() -> Result<Vec<(PathBuf, Vec<u8>)>, Error> {
    let folders = case::folders(&committed())?;
    let files = folders.iter().flat_map(|folder| ["model.keras", "model.h5"].map(|name| folder.join(name)));
    let files = files.filter(|file| file.is_file());
    files.map(|file| Ok((file.clone(), fs::read(&file).map_err(Error::io(&file))?))).collect()
}

/// A changed file and how it was changed.
fn variant(rng: &mut Rng, path: &std::path::Path, bytes: &[u8]) -> (&'static str, Vec<u8>) {
    let archive = path.extension().is_some_and(|extension| extension == "keras");
    match rng.below(4) {
        0 if archive => ("archive", changed(rng, bytes.to_vec())),
        1 if archive => ("archive, its model", repacked(rng, bytes, "config.json")),
        _ if archive => ("archive, its weights", repacked(rng, bytes, "model.weights.h5")),
        _ => ("HDF5", changed(rng, bytes.to_vec())),
    }
}

/// Changes some bytes, moves some, and cuts the end off now and then.
fn changed(rng: &mut Rng, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..=rng.below(4) {
        let at = rng.below(bytes.len());
        match rng.below(3) {
            0 => bytes[at] = rng.below(256) as u8,
            1 => bytes[at] ^= 1 << rng.below(8),
            _ => {
                let from = rng.below(bytes.len());
                let length = rng.below(16).min(bytes.len() - at.max(from));
                bytes.copy_within(from..from + length, at);
            }
        }
    }
    if rng.below(6) == 0 {
        bytes.truncate(rng.below(bytes.len()));
    }
    bytes
}

/// An archive with one of its files changed, past the checksums.
fn repacked(rng: &mut Rng, bytes: &[u8], which: &str) -> Vec<u8> {
    let mut source = zip::ZipArchive::new(Cursor::new(bytes)).expect("a committed archive");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["config.json", "model.weights.h5"] {
        let mut content = Vec::new();
        let mut entry = source.by_name(name).expect("an entry of a committed archive");
        entry.read_to_end(&mut content).expect("the bytes of an entry");
        let content = if name == which { changed(rng, content) } else { content };
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry in memory");
        zip.write_all(&content).expect("bytes in memory");
    }
    zip.finish().expect("an archive in memory").into_inner()
}
