//! Habits that no compiler checks.

use std::path::{Path, PathBuf};

use hls4rs_tests::{Error, host};

/// The most lines of a file.
const MAX_LINES: usize = 600;

/// Beginnings of absolute paths; in two parts, so that this file does not hold them.
const ABSOLUTE: [(&str, &str); 6] =
    [("/wo", "rk/"), ("/ho", "me/"), ("/ro", "ot/"), ("/t", "mp/"), ("/Us", "ers/"), ("C:", "\\\\")];

/// Whether all files of the workspace are tidy; says what is not.
pub(crate) fn run() -> Result<bool, Error> {
    let root = host::root();
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    let mut complaints = Vec::new();
    for path in &files {
        let text = String::from_utf8_lossy(&host::read(path)?).into_owned();
        let shown = path.strip_prefix(&root).unwrap_or(path).display().to_string();
        complaints.extend(check(path, &text).map(|complaint| format!("{shown}:{complaint}")));
    }
    complaints.iter().for_each(|complaint| println!("{complaint}"));
    println!("tidy: {} files, {} complaints", files.len(), complaints.len());
    Ok(complaints.is_empty())
}

/// The texts that people write here, below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).map_err(Error::io(folder))?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        let name = host::name(&path);
        if path.is_dir() {
            if !matches!(name.as_str(), "target" | ".git" | "__pycache__") {
                collect(&path, files)?;
            }
        } else if is_ours(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    matches!(extension, "rs" | "py" | "md" | "toml" | "yml" | "yaml" | "sh") || path.ends_with(".ci/run")
}

/// What is not tidy in a text.
fn check<'a>(path: &Path, text: &'a str) -> impl Iterator<Item = String> + 'a {
    let rust = path.extension().is_some_and(|e| e == "rs");
    let lines = text.lines().count();
    let long = (lines > MAX_LINES).then(|| format!(" {lines} lines, more than {MAX_LINES}"));
    let lines = text.lines().enumerate().flat_map(move |(n, line)| {
        let found = [
            (rust && line.contains('\t')).then_some("a tab"),
            (rust && line.ends_with([' ', '\t'])).then_some("a space at the end of the line"),
            ABSOLUTE.iter().any(|(a, b)| line.contains(&format!("{a}{b}"))).then_some("an absolute path"),
        ];
        found.into_iter().flatten().map(move |what| format!("{}: {what}", n + 1))
    });
    long.into_iter().chain(lines)
}

#[cfg(test)]
mod tests {
    use super::check;
    use std::path::Path;

    #[test]
    fn untidy_lines_are_named() {
        let found: Vec<_> = check(Path::new("a.rs"), "ok\nspace \n\ttab\n").collect();
        assert_eq!(found, ["2: a space at the end of the line", "3: a tab"]);
        assert_eq!(check(Path::new("a.md"), "two spaces  \n").count(), 0);
    }
}
