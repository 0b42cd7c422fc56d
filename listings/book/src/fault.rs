use std::fmt;

/// One thing that is wrong with the book.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Path from the repository's root.
    pub file: String,
    /// Line in that file, counted from 1.
    pub line: usize,
    /// What is wrong and how to put it right.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// Faults in the order of the files, one a line. A test that returns them as
/// its error prints just these lines.
#[derive(Clone, PartialEq, Eq)]
pub struct Report(Vec<Fault>);

impl Report {
    /// Fails with the faults if there are any.
    ///
    /// # Errors
    ///
    /// The faults.
    pub fn of(mut faults: Vec<Fault>) -> Result<(), Self> {
        faults.sort();
        faults.dedup();
        match faults.is_empty() {
            true => Ok(()),
            false => Err(Self(faults)),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.0 {
            write!(f, "\n{fault}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Report {}
