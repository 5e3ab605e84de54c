//! A look at the structures of an HDF5 file before they are read: what they claim must be in the file.
//!
//! The crate that reads the file makes room for counts before it sees what is counted, and follows addresses wherever
//! they lead.
//! So every structure that it would visit is visited here first, without any allocation for what is claimed; all
//! together they may not have more bytes than the file, which also ends every circle.
//! What neither h5py nor Keras writes unless asked to is refused.

/// Names for values; h5py writes truth values with two.
const MAX_MEMBERS: u64 = 256;
/// Bytes of a chunk for each byte of the file.
const MAX_EXPANSION: usize = 16;

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
/// Set in the flags of a message that is stored elsewhere.
const SHARED: u64 = 2;

/// Whether the file can be read in time and memory that its size explains.
///
/// # Errors
/// If it is not an HDF5 file, claims more than it has, or has structures that are not read.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let mut scan = Scan::begin(bytes)?;
    while let Some(at) = scan.objects.pop() {
        scan.object(at).map_err(|reason| format!("object at byte {at}: {reason}"))?;
    }
    Ok(())
}

/// Fields that follow one another.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or("it ends too early")?;
        self.0 = rest;
        Ok(taken)
    }

    /// A number of up to eight bytes, the lowest first.
    fn number(&mut self, width: usize) -> Result<u64, String> {
        Ok(self.take(width)?.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// A number that counts bytes or entries.
    fn count(&mut self, width: usize) -> Result<usize, String> {
        usize::try_from(self.number(width)?).map_err(|e| e.to_string())
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    /// How many bytes an address has.
    address: usize,
    /// How many bytes a length has.
    length: usize,
    /// Bytes that no structure has claimed yet.
    left: usize,
    /// Objects to be visited.
    objects: Vec<u64>,
}

impl<'a> Scan<'a> {
    /// Reads the superblock.
    fn begin(bytes: &'a [u8]) -> Result<Self, String> {
        let mut fields = Fields(bytes);
        if fields.take(SIGNATURE.len()) != Ok(SIGNATURE) {
            return Err("it does not begin as an HDF5 file does".to_owned());
        }
        let version = fields.number(1)?;
        // Versions of other structures, then, past the widths, the sizes of nodes and flags.
        let (before, after) = match version {
            0 => (4, 9),
            1 => (4, 13),
            2 | 3 => (0, 1),
            _ => return Err(format!("superblock of version {version}, expected 0, 1, 2 or 3")),
        };
        fields.take(before)?;
        let (address, length) = (fields.count(1)?, fields.count(1)?);
        if ![2, 4, 8].contains(&address) || ![2, 4, 8].contains(&length) {
            return Err(format!("addresses of {address} and lengths of {length} bytes; expected 2, 4 or 8"));
        }
        fields.take(after)?;
        if fields.number(address)? != 0 {
            return Err("its addresses do not count from its beginning".to_owned());
        }
        fields.take(if version < 2 { 3 * address + length } else { 2 * address })?;
        let objects = vec![fields.number(address)?];
        Ok(Self { bytes, address, length, left: bytes.len(), objects })
    }

    /// The fields from here on.
    fn at(&self, at: u64) -> Result<Fields<'a>, String> {
        let rest = usize::try_from(at).ok().and_then(|at| self.bytes.get(at..));
        rest.map(Fields).ok_or_else(|| format!("byte {at} is behind the end of the file"))
    }

    /// Says that a structure has so many bytes.
    fn claim(&mut self, length: usize) -> Result<(), String> {
        let left = self.left.checked_sub(length);
        self.left = left.ok_or("what it holds and what others hold is more than the file has")?;
        Ok(())
    }

    /// All messages of an object.
    fn object(&mut self, at: u64) -> Result<(), String> {
        let mut head = self.at(at)?;
        let newer = head.0.starts_with(b"OHDR");
        let (size, count, prefix) = if newer {
            head.take(5)?;
            let flags = head.number(1)?;
            let bit = |bit: u64| usize::from(flags & bit != 0);
            head.take(16 * bit(0x20) + 4 * bit(0x10))?;
            (head.count(1 << (flags & 3))?, usize::MAX, 4 + 2 * bit(4))
        } else {
            head.take(2)?;
            let count = head.count(2)?;
            head.take(4)?;
            let size = head.count(4)?;
            head.take(4)?;
            (size, count, 8)
        };
        // What continues an object has a signature and a checksum in the newer versions.
        let frame = if newer { 4 } else { 0 };
        self.claim(8)?;
        let mut parts = vec![(head.take(size)?, count)];
        while let Some((part, count)) = parts.pop() {
            self.claim(part.len())?;
            let mut messages = Fields(part);
            for _ in 0..count {
                let Some((kind, flags, body)) = message(&mut messages, newer, prefix) else { break };
                if kind == 0x10 {
                    let mut body = Fields(body);
                    let (at, length) = (body.number(self.address)?, body.count(self.length)?);
                    let mut part = Fields(self.at(at)?.take(length)?);
                    part.take(frame)?;
                    // No less than a message has, so that an empty part cannot be continued for ever.
                    self.claim(8)?;
                    parts.push((part.take(part.0.len().saturating_sub(frame))?, usize::MAX));
                } else if kind != 0 && flags & SHARED != 0 {
                    return Err("it refers to a message of another object, which is not read".to_owned());
                } else {
                    self.message(kind, body)?;
                }
            }
        }
        Ok(())
    }

    fn message(&mut self, kind: u64, body: &[u8]) -> Result<(), String> {
        let mut fields = Fields(body);
        match kind {
            0x02 => self.compact(fields, 8),
            0x03 => datatype(body, false),
            0x06 => self.link(fields),
            0x08 => self.layout(fields),
            0x0C => self.attribute(fields),
            0x11 => {
                let (tree, heap) = (fields.number(self.address)?, fields.number(self.address)?);
                self.group(tree, heap)
            }
            0x15 => self.compact(fields, 2),
            _ => Ok(()),
        }
    }

    /// Links or attributes must be in the object itself.
    fn compact(&self, mut fields: Fields<'_>, order: usize) -> Result<(), String> {
        fields.take(1)?;
        let flags = fields.number(1)?;
        fields.take(if flags & 1 == 0 { 0 } else { order })?;
        if fields.take(self.address)?.iter().all(|&byte| byte == 0xFF) {
            return Ok(());
        }
        Err("its links or attributes are in a heap of their own, which is not read; \
             write the file without `libver='latest'` and `track_order`"
            .to_owned())
    }

    fn link(&mut self, mut fields: Fields<'_>) -> Result<(), String> {
        fields.take(1)?;
        let flags = fields.number(1)?;
        let kind = if flags & 8 == 0 { 0 } else { fields.number(1)? };
        fields.take(if flags & 4 == 0 { 0 } else { 8 } + usize::from(flags & 0x10 != 0))?;
        let name = fields.count(1 << (flags & 3))?;
        fields.take(name)?;
        if kind != 0 {
            return Err("a link that is not to an object of the file; it is not read".to_owned());
        }
        self.objects.push(fields.number(self.address)?);
        Ok(())
    }

    /// The links of a group of the older versions: a tree of nodes with entries, the names in a heap.
    fn group(&mut self, tree: u64, heap: u64) -> Result<(), String> {
        let mut head = self.at(heap)?;
        head.take(8 + 2 * self.length)?;
        let names = head.number(self.address)?;
        for node in self.tree(tree, 0, self.length)? {
            let mut node = self.at(node)?;
            node.take(6)?;
            let count = node.count(2)?;
            self.claim(8)?;
            for _ in 0..count {
                let mut entry = Fields(node.take(self.length + self.address + 24)?);
                let name = self.at(names.saturating_add(entry.number(self.length)?))?;
                let letters = name.0.iter().position(|&byte| byte == 0).ok_or("a name has no end")?;
                self.claim(letters + entry.0.len())?;
                self.objects.push(entry.number(self.address)?);
            }
        }
        Ok(())
    }

    /// What the leaves of a tree point to.
    fn tree(&mut self, root: u64, kind: u64, key: usize) -> Result<Vec<u64>, String> {
        let (mut nodes, mut found) = (vec![root], Vec::new());
        while let Some(at) = nodes.pop() {
            let mut node = self.at(at)?;
            if node.take(4)? != b"TREE" || node.number(1)? != kind {
                return Err(format!("there is no node of its tree at byte {at}"));
            }
            let (level, count) = (node.number(1)?, node.count(2)?);
            node.take(2 * self.address)?;
            let size = count * (key + self.address) + key;
            self.claim(size)?;
            let mut entries = Fields(node.take(size)?);
            for _ in 0..count {
                entries.take(key)?;
                let children = if level == 0 { &mut found } else { &mut nodes };
                children.push(entries.number(self.address)?);
            }
        }
        Ok(found)
    }

    fn attribute(&mut self, mut fields: Fields<'_>) -> Result<(), String> {
        let (version, flags) = (fields.number(1)?, fields.number(1)?);
        let sizes = [fields.count(2)?, fields.count(2)?, fields.count(2)?];
        let [name, kind, space] = sizes.map(|n| if version == 1 { n.next_multiple_of(8) } else { n });
        fields.take(usize::from(version == 3) + name)?;
        if version != 1 && flags & 3 != 0 {
            return Err("an attribute has the type or shape of another object, which is not read".to_owned());
        }
        let kind = fields.take(kind)?;
        datatype(kind, false)?;
        fields.take(space)?;
        if class(kind) == 9 {
            for reference in fields.0.chunks_exact(8 + self.address) {
                self.claim(Fields(reference).count(4)?)?;
            }
        }
        Ok(())
    }

    /// Where the values of an array are.
    fn layout(&mut self, mut fields: Fields<'_>) -> Result<(), String> {
        match (fields.number(1)?, fields.number(1)?) {
            (3, 2) => {
                let rank = fields.count(1)?;
                let index = fields.take(self.address)?;
                let extents = (0..rank).map(|_| fields.count(4)).collect::<Result<Vec<_>, _>>()?;
                let size = extents.iter().fold(1, |size: usize, &extent| size.saturating_mul(extent));
                if size / MAX_EXPANSION > self.bytes.len() {
                    return Err(format!("its chunks have {size} bytes each, more than the file can hold"));
                }
                if index.iter().any(|&byte| byte != 0xFF) {
                    self.tree(Fields(index).number(self.address)?, 1, 8 + 8 * rank)?;
                }
                Ok(())
            }
            (4, 2 | 3) => Err("chunks of HDF5 1.10; write the file without `libver='latest'`".to_owned()),
            _ => Ok(()),
        }
    }
}

/// The next message: its kind, its flags and the rest.
fn message<'a>(fields: &mut Fields<'a>, newer: bool, prefix: usize) -> Option<(u64, u64, &'a [u8])> {
    let mut head = Fields(fields.take(prefix).ok()?);
    let kind = head.number(if newer { 1 } else { 2 }).ok()?;
    let size = head.count(2).ok()?;
    let flags = head.number(1).ok()?;
    Some((kind, flags, fields.take(size).ok()?))
}

fn class(datatype: &[u8]) -> u8 {
    datatype.first().map_or(0, |first| first & 15)
}

/// Numbers, texts, and names for numbers: no type that consists of several.
fn datatype(body: &[u8], inner: bool) -> Result<(), String> {
    let mut fields = Fields(body);
    let members = fields.number(3)? >> 8;
    fields.take(5)?;
    match class(body) {
        0..=5 | 7 => Ok(()),
        8 if members > MAX_MEMBERS => Err(format!("a type with {members} names, more than {MAX_MEMBERS}")),
        8 | 9 if !inner => datatype(fields.0, true),
        class => Err(format!("a type of class {class} of HDF5, expected numbers or texts")),
    }
}
