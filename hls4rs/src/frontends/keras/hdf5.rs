//! HDF5 files: the groups, arrays and texts below one group, and nothing else of the format.
//!
//! The only module that knows the crate behind it.

mod scan;

use std::collections::BTreeMap;

use hdf5_pure::{AttrValue, DType, Dataset, File, Group};
use hls4rs_ir::{Shape, Tensor};

/// Groups within groups; Keras needs about ten.
const MAX_DEPTH: usize = 24;
/// Groups and arrays of a file; a link that leads back to where it came from makes more.
const MAX_OBJECTS: usize = 1 << 16;
/// Bytes of values for each byte of the file; Keras does not compress, and values of one byte become eight.
const MAX_EXPANSION: usize = 16;

/// What stands below a group, by path from there.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// The arrays.
    pub(super) arrays: BTreeMap<String, Tensor>,
    /// The attributes of groups that are texts, one or several.
    pub(super) texts: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Tree {
    /// The part below the group `path`.
    pub(super) fn below(&self, path: &str) -> Self {
        let prefix = format!("{path}/");
        let inner = |name: &String| name.strip_prefix(&prefix).map(str::to_owned);
        let arrays = self.arrays.range(prefix.clone()..).map_while(|(k, v)| Some((inner(k)?, v.clone())));
        let texts = self.texts.range(prefix.clone()..).map_while(|(k, v)| Some((inner(k)?, v.clone())));
        let mut below = Self { arrays: arrays.collect(), texts: texts.collect() };
        if let Some(own) = self.texts.get(path) {
            below.texts.insert(String::new(), own.clone());
        }
        below
    }

    /// A text of a group; those that are too long for one attribute are cut into `name0`, `name1`, ….
    pub(super) fn texts(&self, group: &str, name: &str) -> Vec<String> {
        let Some(attributes) = self.texts.get(group) else { return Vec::new() };
        if let Some(found) = attributes.get(name) {
            return found.clone();
        }
        (0..).map_while(|n| attributes.get(&format!("{name}{n}"))).flatten().cloned().collect()
    }
}

/// An open file.
pub(super) struct Hdf5 {
    file: File,
    left: Left,
}

/// What may still be read.
struct Left {
    objects: usize,
    bytes: usize,
}

impl Hdf5 {
    /// Opens a file that is in memory.
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, String> {
        scan::check(&bytes)?;
        let left = Left { objects: MAX_OBJECTS, bytes: bytes.len().saturating_mul(MAX_EXPANSION) };
        let file = File::from_bytes(bytes).map_err(|e| e.to_string())?;
        Ok(Self { file, left })
    }

    /// Whether there is a group of this name at the top.
    pub(super) fn has(&self, group: &str) -> bool {
        self.file.group(group).is_ok()
    }

    /// A text attribute of the file itself.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, String> {
        let mut attributes = self.file.root().attrs().map_err(|e| e.to_string())?;
        Ok(attributes.remove(name).and_then(|value| texts(value).into_iter().next()))
    }

    /// How many texts an attribute of the file has; one that is cut into several counts as its first part.
    pub(super) fn text_count(&self, name: &str) -> Result<usize, String> {
        let mut attributes = self.file.root().attrs().map_err(|e| e.to_string())?;
        let value = attributes.remove(name).or_else(|| attributes.remove(&format!("{name}0")));
        Ok(value.map_or(0, |value| texts(value).len()))
    }

    /// Everything below a group; the empty path is the file itself.
    pub(super) fn tree(&mut self, group: &str) -> Result<Tree, String> {
        let root = match group {
            "" => self.file.root(),
            path => self.file.group(path).map_err(|e| e.to_string())?,
        };
        let mut tree = Tree::default();
        self.left.walk(&root, String::new(), 0, &mut tree)?;
        Ok(tree)
    }
}

impl Left {
    fn walk(&mut self, group: &Group, path: String, depth: usize, tree: &mut Tree) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("group `{path}`: more than {MAX_DEPTH} groups within each other"));
        }
        let at = |error: hdf5_pure::Error| format!("group `{path}`: {error}");
        let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        let attributes = group.attrs().map_err(at)?;
        let attributes: BTreeMap<_, _> = attributes.into_iter().map(|(k, v)| (k, texts(v))).collect();
        if !attributes.is_empty() {
            tree.texts.insert(path.clone(), attributes);
        }
        for (name, dataset) in group.iter_datasets().map_err(at)? {
            let path = join(&name);
            self.take_object(&path)?;
            if let Some(tensor) =
                self.array(&dataset).map_err(|reason| format!("array `{path}`: {reason}"))?
            {
                tree.arrays.insert(path, tensor);
            }
        }
        for (name, inner) in group.iter_groups().map_err(at)? {
            let path = join(&name);
            self.take_object(&path)?;
            self.walk(&inner, path, depth + 1, tree)?;
        }
        Ok(())
    }

    fn take_object(&mut self, path: &str) -> Result<(), String> {
        self.objects = self
            .objects
            .checked_sub(1)
            .ok_or_else(|| format!("`{path}`: the file has more than {MAX_OBJECTS} groups and arrays"))?;
        Ok(())
    }

    /// The values of an array of numbers; `None` for texts and for arrays without elements.
    fn array(&mut self, dataset: &Dataset) -> Result<Option<Tensor>, String> {
        let extents = dataset.shape().map_err(|e| e.to_string())?;
        let dtype = dataset.dtype().map_err(|e| e.to_string())?;
        if extents.contains(&0) || matches!(dtype, DType::String | DType::VariableLengthString) {
            return Ok(None);
        }
        let extents = extents.iter().map(|&e| usize::try_from(e).ok()).collect::<Option<Vec<_>>>();
        let extents = extents.ok_or("the shape is too large")?;
        let shape =
            Shape::new(if extents.is_empty() { &[1] } else { &extents }).map_err(|e| e.to_string())?;
        let elements = shape.elements();
        let size = usize::try_from(dataset.element_size().map_err(|e| e.to_string())?).unwrap_or(usize::MAX);
        let bytes = elements.saturating_mul(size.max(size_of::<f64>()));
        self.bytes = self
            .bytes
            .checked_sub(bytes)
            .ok_or_else(|| format!("{elements} values are more than a file of this size can hold"))?;
        let values = values(dataset, &dtype)?;
        let found = values.len();
        Tensor::new(shape, values).map(Some).map_err(|_| format!("{found} values, expected {elements}"))
    }
}

/// The values as `f64`, which must hold them exactly.
fn values(dataset: &Dataset, dtype: &DType) -> Result<Vec<f64>, String> {
    let exact = |value: i128| {
        let float = value as f64;
        (float as i128 == value).then_some(float).ok_or_else(|| format!("{value} is too large"))
    };
    let read = |result: Result<Vec<f64>, hdf5_pure::Error>| result.map_err(|e| e.to_string());
    match dtype {
        DType::F32
        | DType::F64
        | DType::I8
        | DType::I16
        | DType::I32
        | DType::U8
        | DType::U16
        | DType::U32 => read(dataset.read_f64()),
        DType::I64 => {
            let values = dataset.read_i64().map_err(|e| e.to_string())?;
            values.into_iter().map(|v| exact(v.into())).collect()
        }
        DType::U64 => {
            let values = dataset.read_u64().map_err(|e| e.to_string())?;
            values.into_iter().map(|v| exact(v.into())).collect()
        }
        other => Err(format!(
            "elements of type {other} cannot be read; expected floats of 32 or 64 bits or integers of up to 64 bits"
        )),
    }
}

/// The texts of an attribute; none if it is something else.
fn texts(value: AttrValue) -> Vec<String> {
    match value {
        AttrValue::String(text)
        | AttrValue::AsciiString(text)
        | AttrValue::VarLenString(text)
        | AttrValue::VarLenAsciiString(text)
        | AttrValue::StringSized { value: text, .. }
        | AttrValue::AsciiStringSized { value: text, .. } => vec![text],
        AttrValue::StringArray(texts)
        | AttrValue::AsciiStringArray(texts)
        | AttrValue::VarLenStringArray(texts)
        | AttrValue::VarLenAsciiStringArray(texts)
        | AttrValue::StringArraySized { values: texts, .. }
        | AttrValue::AsciiStringArraySized { values: texts, .. } => texts,
        _ => Vec::new(),
    }
}
