use std::{fs, io, path::Path};

use crate::Fault;

/// A text file of the repository.
#[derive(Debug, Clone, Default)]
pub(crate) struct Source {
    /// Path from the repository's root, with `/` between its parts.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) text: String,
}

impl Source {
    /// Reads the file `path` below `root`.
    pub(crate) fn read(root: &Path, path: &str) -> io::Result<Self> {
        let text = fs::read_to_string(root.join(path))?;
        let path = path.to_owned();
        Ok(Self { path, text })
    }

    /// The lines with their numbers, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The number of the line that holds the byte at `offset`.
    pub(crate) fn line_at(&self, offset: usize) -> usize {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    /// The name of the file's kind: `rs` for `src/main.rs`.
    pub(crate) fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    pub(crate) fn fault(&self, line: usize, what: impl Into<String>) -> Fault {
        Fault {
            file: self.path.clone(),
            line,
            what: what.into(),
        }
    }
}

/// The repository path that `link` means in the file `from`, or `None` when
/// it leads out of the repository.
pub(crate) fn resolve(from: &str, link: &str) -> Option<String> {
    if link.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
