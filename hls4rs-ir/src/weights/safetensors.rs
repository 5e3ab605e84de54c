//! Safetensors: a JSON header and the bytes of all arrays.

use std::collections::BTreeMap;

use super::{Arrays, Collector, Element, Header, WeightsError};

/// What the header says of an array.
#[derive(serde::Deserialize)]
struct Info {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

/// Reads every array of a safetensors file.
///
/// `F16`, `BF16`, `F32`, `F64`, integers of 8 to 64 bits and booleans.
///
/// # Errors
/// What is wrong with the file, or with which array. Values that are not finite are not looked for here.
/// # Source
/// <https://github.com/huggingface/safetensors>, "Format": eight bytes of length, a JSON object, the data.
pub fn read_safetensors(bytes: &[u8]) -> Result<Arrays, WeightsError> {
    let malformed = |reason: String| WeightsError::File { format: ".safetensors", reason };
    let short = || malformed("the header is cut short".to_owned());
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(short)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| short())?;
    let (header, data) = rest.split_at_checked(length).ok_or_else(short)?;
    let entries: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(header).map_err(|e| malformed(e.to_string()))?;
    let mut collector = Collector::new();
    for (array, info) in entries.into_iter().filter(|(name, _)| name != "__metadata__") {
        let wrong = |reason: String| WeightsError::Array { array: array.clone(), reason };
        let info: Info = serde_json::from_value(info).map_err(|e| wrong(e.to_string()))?;
        let Some(element) = element(&info.dtype) else {
            return Err(WeightsError::Element { array, found: info.dtype });
        };
        let (start, end) = info.data_offsets;
        let Some(data) = data.get(start..end) else {
            return Err(wrong(format!(
                "bytes {start}..{end} lie outside of the {} bytes of data",
                data.len()
            )));
        };
        let extents = info.shape;
        let header = Header { array: &array, element, big_endian: false, fortran: false, extents };
        collector.add(&header, data)?;
    }
    Ok(collector.arrays)
}

fn element(dtype: &str) -> Option<Element> {
    Some(match dtype {
        "BOOL" => Element::Bool,
        "I8" => Element::Int(1),
        "I16" => Element::Int(2),
        "I32" => Element::Int(4),
        "I64" => Element::Int(8),
        "U8" => Element::Uint(1),
        "U16" => Element::Uint(2),
        "U32" => Element::Uint(4),
        "U64" => Element::Uint(8),
        "F16" => Element::Float(2),
        "F32" => Element::Float(4),
        "F64" => Element::Float(8),
        "BF16" => Element::Bfloat,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    const SOUND: &str = r#"{"__metadata__":{"format":"pt"},
        "fc1.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},
        "fc1.bias":{"dtype":"BF16","shape":[],"data_offsets":[8,10]}}"#;

    fn data() -> Vec<u8> {
        let mut data: Vec<u8> = [0.5f32, -2.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        data.extend([0xc0, 0x3f]);
        data
    }

    #[test]
    fn arrays_come_out_by_name() {
        let arrays = read_safetensors(&file(SOUND, &data())).expect("a sound file");
        assert_eq!(arrays["fc1.weight"].shape().to_string(), "[2, 1]");
        assert_eq!(arrays["fc1.weight"].values(), [0.5, -2.0]);
        assert_eq!(arrays["fc1.bias"].values(), [1.5]);
    }

    #[track_caller]
    fn check(info: &str, error: &str) {
        let bytes = file(&format!(r#"{{"a":{info}}}"#), &[0; 8]);
        assert_eq!(read_safetensors(&bytes).expect_err("an unsound file").to_string(), error);
    }

    #[test]
    fn errors_name_the_array() {
        check(
            r#"{"dtype":"F32","shape":[3],"data_offsets":[0,8]}"#,
            "array `a`: shape [3] of 4-byte elements needs 12 bytes of data, found 8",
        );
        check(
            r#"{"dtype":"F32","shape":[3],"data_offsets":[0,12]}"#,
            "array `a`: bytes 0..12 lie outside of the 8 bytes of data",
        );
        check(
            r#"{"dtype":"F32","shape":[2],"data_offsets":[8,0]}"#,
            "array `a`: bytes 8..0 lie outside of the 8 bytes of data",
        );
        check(
            r#"{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}"#,
            "array `a`: elements of type `F8_E4M3` cannot be read; expected floats of 16, 32 or 64 bits, integers \
             of up to 64 bits, or booleans",
        );
        check(r#"{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}"#, {
            "array `a`: invalid value: integer `-1`, expected usize"
        });
        let cut = read_safetensors(&[0xff; 12]).expect_err("a length beyond the end");
        assert_eq!(cut.to_string(), "not a .safetensors file: the header is cut short");
    }

    #[test]
    fn changed_bytes_do_not_panic() {
        let sound = file(SOUND, &data());
        let mut state = 0x2545_f491_4f6c_dd1du64;
        let mut random = |n: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % n as u64) as usize
        };
        for _ in 0..20_000 {
            let mut bytes = sound.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            let _ = read_safetensors(&bytes);
        }
    }
}
