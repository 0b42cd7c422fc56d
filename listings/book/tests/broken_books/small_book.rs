use std::{fs, path::Path};

use book::{Book, Fault};
use tempfile::TempDir;
use walkdir::WalkDir;

/// A copy of the sound book, for one test to break.
pub(crate) struct SmallBook {
    folder: TempDir,
}

impl SmallBook {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sound =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sound");
        for entry in WalkDir::new(&sound) {
            let entry = entry.unwrap();
            let path = entry.path().strip_prefix(&sound).unwrap();
            let copy = folder.path().join(path);
            if entry.file_type().is_dir() {
                fs::create_dir_all(copy).unwrap();
            } else {
                fs::copy(entry.path(), copy).unwrap();
            }
        }
        Self { folder }
    }

    /// A copy in which `from`, which must be in `file`, is `to`.
    pub(crate) fn with(file: &str, from: &str, to: &str) -> Self {
        let book = Self::new();
        book.replace(file, from, to);
        book
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn open(&self) -> Book {
        Book::open(self.path()).unwrap()
    }

    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} does not have {from:?}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, file: &str) {
        fs::remove_file(self.path().join(file)).unwrap();
    }

    /// Expects exactly these faults, each by how it begins.
    #[track_caller]
    pub(crate) fn assert_faults(
        &self,
        check: fn(&Book) -> Vec<Fault>,
        expected: &[&str],
    ) {
        assert_same(check(&self.open()), expected);
    }
}

#[track_caller]
pub(crate) fn assert_same(faults: Vec<Fault>, expected: &[&str]) {
    let mut found: Vec<_> = faults.iter().map(Fault::to_string).collect();
    found.sort();
    let is_same = found.len() == expected.len()
        && found.iter().zip(expected).all(|(f, e)| f.starts_with(e));
    assert!(is_same, "expected {expected:#?}\nfound {found:#?}");
}
