//! When a span ran, as a bar in the width of its trace.

use crate::{model::Span, trace::Extent};

/// Left parts of a cell, from one eighth to seven.
const LEFT: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar of `cells` columns, exact to an eighth of a column where Unicode
/// has the blocks for it.
pub(super) fn text(extent: Extent, span: &Span, cells: usize) -> String {
    let total = extent.total.max(1) as f64;
    let (from, to) = extent.of(span);
    let eighths = |nanoseconds: u64| {
        (nanoseconds as f64 / total * cells as f64 * 8.0).round() as usize
    };
    let start = eighths(from).min((cells * 8).saturating_sub(1));
    let end = eighths(to).max(start + 1);
    let part = |at: usize| at.clamp(0, 8);
    (0..cells)
        .map(|cell| {
            let left = cell * 8;
            let from = part(start.saturating_sub(left));
            block(from, part(end.saturating_sub(left)))
        })
        .collect()
}

/// The block that covers a cell from one eighth to another.
fn block(from: usize, to: usize) -> char {
    match (from, to) {
        (0..=2, 8) => '█',
        (3..=5, 8) => '▐',
        (6..=7, 8) => '▕',
        // In the middle of a cell only the length can be shown.
        (from, to) if from < to => LEFT[to - from - 1],
        _ => ' ',
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn covers_the_cell_as_the_span_does() {
        let blocks = [(0, 8), (0, 3), (4, 8), (7, 8), (3, 5), (8, 8), (0, 0)];
        let drawn = blocks.map(|(from, to)| super::block(from, to));
        assert_eq!(drawn, ['█', '▍', '▐', '▕', '▎', ' ', ' ']);
    }
}
