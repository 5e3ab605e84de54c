//! Reads the vectors printed by the vendors' compiled headers.
//!
//! The complete files are kept outside the repository, in `shared/reference` beside the workspace.
//! `tests/vectors` has every 61st row of each; it is used where the complete files are missing.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

use flate2::read::GzDecoder;
use hls4rs_fixed::{Format, Overflow, Rounding};

/// The rows of one file, and where they come from.
pub(crate) struct Vectors {
    columns: Vec<String>,
    rows: Vec<String>,
}

/// One row; fields are found by the names in the file's first line.
pub(crate) struct Row<'a> {
    columns: &'a [String],
    fields: Vec<&'a str>,
}

impl Vectors {
    /// Opens a file of `total` rows (or of every 61st of them).
    #[track_caller]
    pub(crate) fn open(name: &str, total: usize) -> Vectors {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let complete = here.join("../../shared/reference").join(name);
        let (path, expected) = if complete.exists() {
            (complete, total)
        } else {
            (here.join("tests/vectors").join(name), total.div_ceil(61))
        };
        let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut text = String::new();
        GzDecoder::new(file).read_to_string(&mut text).expect("the vectors are gzipped text");
        let mut lines = text.lines();
        let columns = lines.next().expect("a line of names").split(',').map(String::from).collect();
        let rows: Vec<String> = lines.map(String::from).collect();
        assert_eq!(rows.len(), expected, "rows of {}", path.display());
        println!("{name}: checking all {} rows of {}", rows.len(), path.display());
        Vectors { columns, rows }
    }

    /// Calls `check` with every row; says which row it was if `check` panics.
    #[track_caller]
    pub(crate) fn for_each(&self, mut check: impl FnMut(&Row)) {
        struct Blame<'a>(&'a str);
        impl Drop for Blame<'_> {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    eprintln!("in the row {}", self.0);
                }
            }
        }
        for line in &self.rows {
            let _blame = Blame(line);
            check(&Row { columns: &self.columns, fields: line.split(',').collect() });
        }
    }
}

impl Row<'_> {
    pub(crate) fn text(&self, column: &str) -> &str {
        let index = self.columns.iter().position(|name| name == column);
        self.fields[index.unwrap_or_else(|| panic!("no column {column}"))]
    }

    pub(crate) fn get<T: FromStr>(&self, column: &str) -> T {
        self.text(column).parse().unwrap_or_else(|_| panic!("{column}: {}", self.text(column)))
    }

    pub(crate) fn f64(&self, column: &str) -> f64 {
        f64::from_bits(u64::from_str_radix(self.text(column), 16).expect("hexadecimal bits"))
    }

    /// The format in the columns `PREFIX_W`, `PREFIX_I`, `PREFIX_S`.
    pub(crate) fn plain_format(&self, prefix: &str) -> Format {
        let width = self.get(&format!("{prefix}_W"));
        let int_bits = self.get(&format!("{prefix}_I"));
        if self.text(&format!("{prefix}_S")) == "1" {
            Format::fixed(width, int_bits)
        } else {
            Format::ufixed(width, int_bits)
        }
    }

    /// The format with the modes in `PREFIX_Q`, `PREFIX_O`, `PREFIX_N`.
    pub(crate) fn format(&self, prefix: &str) -> Format {
        let bare = |column: &str| self.text(column)[3..].to_string();
        let (rounding, overflow) = (bare(&format!("{prefix}_Q")), bare(&format!("{prefix}_O")));
        let rounding =
            Rounding::ALL.into_iter().find(|mode| mode.name() == rounding).expect("a rounding mode");
        let overflow =
            Overflow::ALL.into_iter().find(|mode| mode.name() == overflow).expect("an overflow mode");
        let saturated_bits = self.get(&format!("{prefix}_N"));
        let overflow = match overflow {
            Overflow::Wrap(_) => Overflow::Wrap(saturated_bits),
            Overflow::WrapSm(_) => Overflow::WrapSm(saturated_bits),
            other => other,
        };
        self.plain_format(prefix).with_rounding(rounding).with_overflow(overflow)
    }
}
