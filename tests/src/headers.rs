//! The vendors' open headers, `ap_types` and `ac_types`, taken out of the hls4ml wheel.
//!
//! They are fetched once by the ordinary pip client, pinned by version and hash, and live under `target/`.

use std::env;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Error, host};

/// The wheel, as pip's requirements file has it.
const REQUIREMENT: &str = "hls4ml==1.3.0 \
     --hash=sha256:01bf1de2cd9bca56699b9fe3385cb1735026b022f9580fe1d73faf192dfb90f2\n";

/// Where the folders are inside of the wheel, and what they are called here.
const FOLDERS: [(&str, &str); 2] =
    [("hls4ml/templates/vivado/ap_types/", "ap_types"), ("hls4ml/templates/quartus/ac_types/", "ac_types")];

/// The most that one header may have.
const MAX_HEADER: u64 = 1 << 24;

/// The folder that holds `ap_types` and `ac_types`, fetched if it is not there yet.
///
/// `$HLS4RS_HEADERS` names another folder that holds them.
///
/// # Errors
/// If they are not there and cannot be fetched.
pub fn folder() -> Result<PathBuf, Error> {
    if let Some(given) = env::var_os("HLS4RS_HEADERS") {
        let given = PathBuf::from(given);
        return match is_complete(&given) {
            true => Ok(given),
            false => Err(Error::malformed(
                given.display(),
                "HLS4RS_HEADERS must be a folder that holds `ap_types` and `ac_types`",
            )),
        };
    }
    let folder = host::target().join("headers");
    if !is_complete(&folder) {
        fetch(&folder)?;
    }
    Ok(folder)
}

fn is_complete(folder: &Path) -> bool {
    folder.join("ap_types/ap_fixed.h").is_file() && folder.join("ac_types/ac_fixed.h").is_file()
}

fn fetch(folder: &Path) -> Result<(), Error> {
    let python = host::python()?;
    let pip = Command::new(&python).args(["-m", "pip", "--version"]).output();
    if !pip.is_ok_and(|out| out.status.success()) {
        return Err(Error::Missing { tool: format!("{python} -m pip"), install: "python3 with pip" });
    }
    eprintln!("fetching the vendor headers (once)");
    let target = host::target();
    fs::create_dir_all(&target).map_err(Error::io(&target))?;
    let aside = tempfile::tempdir_in(&target).map_err(Error::io(&target))?;
    let requirements = aside.path().join("requirements.txt");
    host::write(&requirements, REQUIREMENT)?;
    let download = ["-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--dest"];
    host::run(
        "the download of the vendor headers by pip",
        Command::new(&python).args(download).arg(aside.path()).arg("-r").arg(&requirements),
    )?;
    let wheel = fs::read_dir(aside.path())
        .map_err(Error::io(aside.path()))?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|e| e == "whl"))
        .ok_or_else(|| Error::malformed("the download by pip", "no wheel has come"))?;
    let unpacked = aside.path().join("headers");
    unpack(&host::read(&wheel)?, &unpacked)?;
    // A rename is all or nothing: nobody sees half of the headers, and whoever comes second keeps the first.
    match fs::rename(&unpacked, folder) {
        Err(_) if is_complete(folder) => Ok(()),
        renamed => renamed.map_err(Error::io(folder)),
    }
}

/// Writes the header folders of a wheel into `folder`.
fn unpack(wheel: &[u8], folder: &Path) -> Result<(), Error> {
    let malformed = |e: &dyn std::fmt::Display| Error::malformed("the hls4ml wheel", e);
    let mut archive = zip::ZipArchive::new(Cursor::new(wheel)).map_err(|e| malformed(&e))?;
    for n in 0..archive.len() {
        let mut entry = archive.by_index(n).map_err(|e| malformed(&e))?;
        let Some(path) = entry.enclosed_name() else { continue };
        let name = path.to_string_lossy().replace('\\', "/");
        let inside = FOLDERS.iter().find_map(|(from, to)| Some((*to, name.strip_prefix(from)?)));
        let Some((to, rest)) = inside.filter(|_| entry.is_file()) else { continue };
        let mut content = Vec::new();
        entry.by_ref().take(MAX_HEADER).read_to_end(&mut content).map_err(|e| malformed(&e))?;
        host::write(&folder.join(to).join(rest), content)?;
    }
    match is_complete(folder) {
        true => Ok(()),
        false => Err(malformed(&"the header folders are not in it")),
    }
}
