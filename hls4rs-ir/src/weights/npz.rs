//! NumPy's `.npz`: a zip archive of `.npy` arrays.

use std::io::{Cursor, Read, Write};

use super::{Arrays, Collector, Element, Header, MAX_VALUES, WeightsError};
use crate::Tensor;

/// Room for the header of an array beside its values.
const MAX_HEADER: u64 = 1 << 16;

/// Reads every array of an `.npz` file.
///
/// Floats of 16, 32 and 64 bits, integers and booleans; either byte order; C and Fortran order.
///
/// # Errors
/// What is wrong with the archive, or with which array. Values that are not finite are not looked for here.
/// # Source
/// NumPy, `numpy/lib/format.py` (NEP 1), versions 1.0 to 3.0 of the format.
pub fn read_npz(bytes: &[u8]) -> Result<Arrays, WeightsError> {
    let malformed = |e: &dyn core::fmt::Display| WeightsError::File { format: ".npz", reason: e.to_string() };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| malformed(&e))?;
    let mut collector = Collector::new();
    for n in 0..archive.len() {
        let mut entry = archive.by_index(n).map_err(|e| malformed(&e))?;
        let file = entry.name().map_err(|e| malformed(&e))?.into_owned();
        let Some(array) = file.strip_suffix(".npy") else {
            return Err(malformed(&format!("`{file}` is not an array (`.npy`)")));
        };
        // Eight bytes is the widest element; the limit on the number of values is exact and follows below.
        let limit = 8 * MAX_VALUES as u64 + MAX_HEADER;
        let mut content = Vec::new();
        entry
            .by_ref()
            .take(limit + 1)
            .read_to_end(&mut content)
            .map_err(|e| WeightsError::Array { array: array.to_owned(), reason: e.to_string() })?;
        if content.len() as u64 > limit {
            return Err(WeightsError::TooLarge { array: array.to_owned() });
        }
        let (header, data) = split(array, &content)?;
        collector.add(&header, data)?;
    }
    Ok(collector.arrays)
}

/// Writes arrays as an `.npz` file, in single precision where that holds every value of an array.
///
/// The same arrays give the same bytes.
///
/// # Errors
/// A name that a zip archive cannot have.
pub fn write_npz<'a>(
    arrays: impl IntoIterator<Item = (&'a str, &'a Tensor)>,
) -> Result<Vec<u8>, WeightsError> {
    let failed = |e: &dyn core::fmt::Display| WeightsError::File { format: ".npz", reason: e.to_string() };
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, tensor) in arrays {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(format!("{name}.npy"), options).map_err(|e| failed(&e))?;
        archive.write_all(&npy(tensor)).map_err(|e| failed(&e))?;
    }
    Ok(archive.finish().map_err(|e| failed(&e))?.into_inner())
}

/// An array as a `.npy` file of version 1.0.
fn npy(tensor: &Tensor) -> Vec<u8> {
    let short = tensor.values().iter().all(|&v| f64::from(v as f32).to_bits() == v.to_bits());
    let extents: Vec<_> = tensor.shape().iter().map(|extent| format!("{extent},")).collect();
    let (ty, shape) = (if short { "<f4" } else { "<f8" }, extents.join(" "));
    let header = format!("{{'descr': '{ty}', 'fortran_order': False, 'shape': ({shape}), }}");
    // The header ends at a multiple of 64 bytes.
    let length = (header.len() + 11).next_multiple_of(64) - 10;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend(format!("{header:<width$}\n", width = length - 1).bytes());
    if short {
        bytes.extend(tensor.values().iter().flat_map(|&v| (v as f32).to_le_bytes()));
    } else {
        bytes.extend(tensor.values().iter().flat_map(|v| v.to_le_bytes()));
    }
    bytes
}

/// Splits a `.npy` file into its header and its data.
fn split<'a>(array: &'a str, content: &'a [u8]) -> Result<(Header<'a>, &'a [u8]), WeightsError> {
    let malformed = |reason: &str| WeightsError::Array { array: array.to_owned(), reason: reason.to_owned() };
    let short = || malformed("the header is cut short");
    let rest = content.strip_prefix(b"\x93NUMPY").ok_or_else(|| malformed("not a `.npy` array"))?;
    let (&[major, _], rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
    let (length, rest) = match major {
        1 => {
            let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        2 | 3 => {
            let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
            (u32::from_le_bytes(*length) as usize, rest)
        }
        _ => return Err(malformed(&format!("version {major} of the `.npy` format is not known"))),
    };
    let (text, data) = rest.split_at_checked(length).ok_or_else(short)?;
    let text = core::str::from_utf8(text).map_err(|_| malformed("the header is not text"))?;
    let entries = Scanner(text).dictionary().ok_or_else(|| malformed("the header is not understood"))?;
    let find = |key: &str| entries.iter().find(|(k, _)| *k == key).map(|(_, value)| value);
    let (Some(Value::Text(descr)), Some(&Value::Flag(fortran)), Some(Value::Extents(extents))) =
        (find("descr"), find("fortran_order"), find("shape"))
    else {
        return Err(malformed("the header lacks `descr`, `fortran_order` or `shape`"));
    };
    let Some((element, big_endian)) = element(descr) else {
        return Err(WeightsError::Element { array: array.to_owned(), found: (*descr).to_owned() });
    };
    Ok((Header { array, element, big_endian, fortran, extents: extents.clone() }, data))
}

/// Element type and byte order of a type string such as `<f4`.
fn element(descr: &str) -> Option<(Element, bool)> {
    let kind = descr.trim_start_matches(['<', '>', '=', '|']);
    if descr.len() - kind.len() != 1 {
        return None;
    }
    let element = match kind {
        "b1" => Element::Bool,
        "i1" | "i2" | "i4" | "i8" => Element::Int(usize::from(kind.as_bytes()[1] - b'0')),
        "u1" | "u2" | "u4" | "u8" => Element::Uint(usize::from(kind.as_bytes()[1] - b'0')),
        "f2" | "f4" | "f8" => Element::Float(usize::from(kind.as_bytes()[1] - b'0')),
        _ => return None,
    };
    Some((element, descr.starts_with('>')))
}

/// A value in the header of an array.
enum Value<'a> {
    Text(&'a str),
    Flag(bool),
    Extents(Vec<usize>),
}

/// Reads the Python dictionary that is the header of an array.
struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    fn eat(&mut self, token: &str) -> bool {
        self.0 = self.0.trim_start();
        let rest = self.0.strip_prefix(token);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn dictionary(mut self) -> Option<Vec<(&'a str, Value<'a>)>> {
        let mut entries = Vec::new();
        if !self.eat("{") {
            return None;
        }
        while !self.eat("}") {
            let key = self.text()?;
            if !self.eat(":") {
                return None;
            }
            entries.push((key, self.value()?));
            if !self.eat(",") && !self.0.trim_start().starts_with('}') {
                return None;
            }
        }
        self.0.trim().is_empty().then_some(entries)
    }

    fn text(&mut self) -> Option<&'a str> {
        let quote = if self.eat("'") { '\'' } else { self.eat("\"").then_some('"')? };
        let (text, rest) = self.0.split_once(quote)?;
        self.0 = rest;
        Some(text)
    }

    fn value(&mut self) -> Option<Value<'a>> {
        if self.eat("True") {
            Some(Value::Flag(true))
        } else if self.eat("False") {
            Some(Value::Flag(false))
        } else if self.eat("(") {
            let mut extents = Vec::new();
            while !self.eat(")") {
                extents.push(self.number()?);
                if !self.eat(",") && !self.0.trim_start().starts_with(')') {
                    return None;
                }
            }
            Some(Value::Extents(extents))
        } else if self.eat("[") {
            // A structured type: said to be of an unknown type, not of an unknown header.
            let (list, rest) = self.0.rsplit_once(']')?;
            self.0 = rest;
            Some(Value::Text(list))
        } else {
            self.text().map(Value::Text)
        }
    }

    fn number(&mut self) -> Option<usize> {
        self.0 = self.0.trim_start();
        let digits = self.0.len() - self.0.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest.strip_prefix('L').unwrap_or(rest);
        number.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An `.npy` file with this header text, padded as NumPy does.
    fn raw_npy(header: &str, data: &[u8]) -> Vec<u8> {
        let padded = format!("{header:<117}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((padded.len() as u16).to_le_bytes());
        bytes.extend(padded.as_bytes());
        bytes.extend(data);
        bytes
    }

    fn npz(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
            zip.write_all(content).expect("its bytes");
        }
        zip.finish().expect("an archive").into_inner()
    }

    fn f4(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    fn small() -> Vec<u8> {
        let weight = raw_npy(
            "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }",
            &f4(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]),
        );
        let bias =
            raw_npy("{'descr': '>i2', 'fortran_order': False, 'shape': (3,), }", &[0, 1, 0xff, 0xff, 0, 2]);
        let scalar =
            raw_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", &0.25f64.to_le_bytes());
        npz(&[("fc1.weight.npy", weight), ("fc1.bias.npy", bias), ("s.npy", scalar)])
    }

    #[test]
    fn arrays_come_out_in_row_major_order() {
        let arrays = read_npz(&small()).expect("a sound archive");
        assert_eq!(arrays["fc1.weight"].shape().to_string(), "[2, 3]");
        assert_eq!(arrays["fc1.weight"].values(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(arrays["fc1.bias"].values(), [1.0, -1.0, 2.0]);
        assert_eq!(arrays["s"].shape().to_string(), "[1]");
        assert_eq!(arrays["s"].values(), [0.25]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let shape = crate::Shape::new(&[2, 3]).expect("a shape");
        let single =
            Tensor::new(shape.clone(), vec![0.5, -1.0, 2.0, 0.25, 1e-3f32.into(), 0.0]).expect("six");
        let double = Tensor::new(shape, vec![0.1; 6]).expect("six");
        let bytes = write_npz([("a.weight", &single), ("a.bias", &double)]).expect("an archive");
        let arrays = read_npz(&bytes).expect("a sound archive");
        assert_eq!((&arrays["a.weight"], &arrays["a.bias"]), (&single, &double));
    }

    #[track_caller]
    fn check(header: &str, data: &[u8], error: &str) {
        let bytes = npz(&[("a.npy", raw_npy(header, data))]);
        assert_eq!(read_npz(&bytes).expect_err("an unsound array").to_string(), error);
    }

    #[test]
    fn errors_name_the_array() {
        check(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
            &f4(&[0.0; 5]),
            "array `a`: shape [2, 3] of 4-byte elements needs 24 bytes of data, found 20",
        );
        check(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999, 2)}",
            &[],
            "array `a`: the shape has more than 268435456 elements",
        );
        check(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}",
            &[],
            "array `a`: extent 0 of the shape is 0; every extent must be at least 1",
        );
        check(
            "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}",
            &[0; 8],
            "array `a`: elements of type `<c8` cannot be read; expected floats of 16, 32 or 64 bits, integers of \
             up to 64 bits, or booleans",
        );
        check("{'descr': '<f4'", &[], "array `a`: the header is not understood");
        check("{'descr': '<f4'}", &[], "array `a`: the header lacks `descr`, `fortran_order` or `shape`");
        assert!(read_npz(b"not a zip").is_err());
        let twice = npz(&[("a.txt", Vec::new())]);
        let error = read_npz(&twice).expect_err("no array");
        assert_eq!(error.to_string(), "not a .npz file: `a.txt` is not an array (`.npy`)");
    }

    #[test]
    fn changed_bytes_do_not_panic() {
        let sound = small();
        // An xorshift generator, seeded: the same bytes are changed in every run.
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut random = |n: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % n as u64) as usize
        };
        for _ in 0..4000 {
            let mut bytes = sound.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            bytes.truncate(bytes.len() - if random(3) == 0 { random(bytes.len()) } else { 0 });
            let _ = read_npz(&bytes);
            // Past the checksums of the archive: the array itself.
            let mut array =
                raw_npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", &f4(&[0.0; 6]));
            for _ in 0..=random(4) {
                let at = random(90);
                array[at] = random(256) as u8;
            }
            if let Ok((header, data)) = split("a", &array) {
                let _ = Collector::new().add(&header, data);
            }
        }
    }
}
