//! A limit for groups: each of them is kept in memory until all rows are read.

use std::sync::atomic::{AtomicUsize, Ordering};

use polars::prelude::{DataFrame, LazyFrame, OptFlags, PolarsError};

/// The most groups of an answer, before it is sorted and cut.
const MOST: usize = 100_000;

/// What the error of a query says when it has more.
pub const TOO_MANY_GROUPS: &str = "too many groups";

// ANCHOR: limited
/// The same groups, if there are not too many.
pub(super) fn limited(groups: LazyFrame) -> LazyFrame {
    let seen = AtomicUsize::new(0);
    let check = move |groups: DataFrame| {
        let before = seen.fetch_add(groups.height(), Ordering::Relaxed);
        match before + groups.height() <= MOST {
            true => Ok(groups),
            false => Err(PolarsError::ComputeError(TOO_MANY_GROUPS.into())),
        }
    };
    groups.map(check, OptFlags::STREAMING, None, Some("groups"))
}
// ANCHOR_END: limited
