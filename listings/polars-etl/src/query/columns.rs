//! What may be asked for, and how much of it.

use super::{Checked, wrong};

/// The most rows of an answer.
pub(super) const MOST_ROWS: u32 = 10_000;

/// The most entries of each list of a question.
pub(super) const MOST_PARTS: usize = 16;

/// The most bytes of a text to compare with.
pub(super) const MOST_TEXT: usize = 64;

/// A column of the sales.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    /// Otherwise, whole numbers are in it.
    pub(super) is_text: bool,
}

const fn text(name: &'static str) -> Column {
    Column {
        name,
        is_text: true,
    }
}

const fn number(name: &'static str) -> Column {
    Column {
        name,
        is_text: false,
    }
}

impl Column {
    /// All that there are.
    pub(super) const ALL: [Self; 7] = [
        text("month"),
        text("country"),
        text("category"),
        number("orders"),
        number("units"),
        number("revenue_cents"),
        number("margin_cents"),
    ];

    /// The column of this name, for which somebody has asked at `pointer`.
    pub(super) fn find(pointer: &str, name: &str) -> Checked<Self> {
        match Self::ALL.into_iter().find(|column| column.name == name) {
            Some(column) => Ok(column),
            None => {
                let all = Self::ALL.map(|column| column.name).join(", ");
                wrong(pointer, format!("one of {all}"))
            }
        }
    }
}
