//! Why a run has no result.

use std::{io, path::PathBuf};

use polars::prelude::PolarsError;

use super::{Rejected, Totals};

/// Why there is no new result. The one before, if any, is still there.
#[derive(Debug, thiserror::Error)]
pub enum EtlError {
    /// A file cannot be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A file is of no use to Polars.
    #[error("cannot read {}: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What Polars says.
        cause: PolarsError,
    },
    /// A file is not what it should be.
    #[error("{} is not as expected: {expected}", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        expected: String,
    },
    /// Too many orders are wrong, or all of them.
    #[error(
        "{} of {orders} orders are wrong ({:.2} % are allowed, and never all); \
         they are in {}",
        rejected.total(), most * 100.0, quarantine.display()
    )]
    Quality {
        /// Orders that were read.
        orders: u64,
        /// Orders that are wrong.
        rejected: Rejected,
        /// The share that is allowed.
        most: f64,
        /// Where they are.
        quarantine: PathBuf,
    },
    /// What was made is not what came in. It is not published.
    #[error(
        "the sales are not those of the orders: there are {:+} orders, {:+} \
         units and {:+} cents more than were accepted",
        more.orders, more.units, more.revenue_cents
    )]
    Balance {
        /// By how much the sales are too large.
        more: Totals,
    },
    /// More memory was allocated than allowed.
    #[error("stage {stage}: stopped, since it takes too much memory")]
    Memory {
        /// Where.
        stage: &'static str,
    },
    /// Nobody wants the result any more.
    #[error("stage {stage}: stopped")]
    Stopped {
        /// Where.
        stage: &'static str,
    },
    /// The engine gave up.
    #[error("stage {stage}, with {}: {cause}", path.display())]
    Engine {
        /// Where.
        stage: &'static str,
        /// The file that the stage reads.
        path: PathBuf,
        /// What it says.
        cause: PolarsError,
    },
}

impl EtlError {
    /// The kind of the error: one of a few words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Read { .. } | Self::Input { .. } => "input",
            Self::Quality { .. } => "quality",
            Self::Balance { .. } => "balance",
            Self::Memory { .. } => "memory",
            Self::Stopped { .. } => "stopped",
            Self::Engine { .. } => "engine",
        }
    }
}
