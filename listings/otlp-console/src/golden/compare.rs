//! A rendering against the file that holds the expected one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// How a rendering and its golden file differ.
#[derive(Debug, thiserror::Error)]
pub enum Difference {
    /// The first line that is not as expected.
    #[error(
        "{}:{line}: expected {expected:?}, found {found:?}\n\
         The whole rendering is:\n{rendered}\n\
         If it is right, run the test again with UPDATE_GOLDEN=1.",
        path.display()
    )]
    Line {
        /// The golden file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// The line in the file; empty after its end.
        expected: String,
        /// The rendered line; empty after its end.
        found: String,
        /// All rendered lines.
        rendered: String,
    },
    /// The golden file cannot be read or written.
    #[error(
        "{}: {source}\n\
         To write the file, run the test again with UPDATE_GOLDEN=1. \
         The rendering is:\n{rendered}",
        path.display()
    )]
    File {
        /// The golden file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
        /// All rendered lines.
        rendered: String,
    },
}

// ANCHOR: assert-matches
/// Compares a rendering with the file `path`, which is looked up from the
/// directory of the tested crate. With `UPDATE_GOLDEN=1` in the environment
/// it writes the file instead.
///
/// # Panics
///
/// When they differ or the file is missing: with the file, the line, both
/// texts, and the whole rendering.
#[track_caller]
#[expect(clippy::panic, reason = "an assertion fails by panicking")]
pub fn assert_matches(path: impl AsRef<Path>, rendered: &str) {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some_and(|on| on == "1");
    if let Err(difference) = check(path.as_ref(), rendered, update) {
        panic!("{difference}");
    }
}
// ANCHOR_END: assert-matches

/// Does what [`assert_matches`] does, without panicking.
///
/// # Errors
///
/// When they differ, or the file cannot be read, or written on `update`.
pub fn check(
    path: &Path,
    rendered: &str,
    update: bool,
) -> Result<(), Difference> {
    let file_error = |source| Difference::File {
        path: path.to_owned(),
        source,
        rendered: rendered.to_owned(),
    };
    if update {
        return write(path, rendered).map_err(file_error);
    }
    let expected = fs::read_to_string(path).map_err(file_error)?;
    let mut expected = expected.lines();
    let mut found = rendered.lines();
    for line in 1.. {
        match (expected.next(), found.next()) {
            (None, None) => break,
            (expected, found) if expected == found => {}
            (expected, found) => {
                return Err(Difference::Line {
                    path: path.to_owned(),
                    line,
                    expected: expected.unwrap_or_default().to_owned(),
                    found: found.unwrap_or_default().to_owned(),
                    rendered: rendered.to_owned(),
                });
            }
        }
    }
    Ok(())
}

fn write(path: &Path, rendered: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(path, rendered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_line_that_differs() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("trace.txt");
        fs::write(&path, "a\nb\nc\n").unwrap();
        check(&path, "a\nb\nc\n", false).unwrap();
        for (rendered, line) in
            [("a\nB\nc\n", 2), ("a\nb\n", 3), ("a\nb\nc\nd\n", 4)]
        {
            let difference = check(&path, rendered, false).unwrap_err();
            let start = format!("{}:{line}: expected", path.display());
            assert!(difference.to_string().starts_with(&start));
        }
    }

    #[test]
    fn a_missing_file_fails_until_it_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("traces/new.txt");
        let missing = check(&path, "a\n", false).unwrap_err().to_string();
        assert!(missing.contains("UPDATE_GOLDEN=1"), "{missing}");
        check(&path, "a\n", true).unwrap();
        check(&path, "a\n", false).unwrap();
    }
}
