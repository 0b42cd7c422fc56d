//! A trace as a waterfall picture.
//!
//! The picture depends on nothing but the trace and its own markup: no font
//! is loaded, no script runs. It follows the reader's light or dark theme on
//! a plate of its own, so that it can stand on any page.

mod axis;
mod markup;
mod row;

use crate::{
    trace::Trace,
    tree::{Item, Layout, Row, Tree},
};
use row::Drawing;

/// Width of the picture in its own units; it scales to the page.
const WIDTH: f64 = 720.0;
const MARGIN: f64 = 14.0;
/// Where the rows begin, below the time axis.
const TOP: f64 = 38.0;
const ROW: f64 = 46.0;
/// Bars take turns with this many colours, one a service.
const SERVICE_COLORS: usize = 5;

/// Draws the trace: a row for each span with its name, kind, service,
/// duration, and a bar where it ran on the time axis.
///
/// Equal traces give equal pictures, byte for byte.
pub fn waterfall(trace: &Trace) -> String {
    let tree = Tree::new(trace, Layout::by_start());
    let rows = spans(&tree);
    let bottom = TOP + rows.len() as f64 * ROW;
    let mut picture = markup::opening(trace, &rows, bottom + MARGIN);
    axis::draw(&mut picture, trace.duration_nano(), bottom);
    let drawing = Drawing::new(trace);
    for (nth, (depth, item)) in rows.iter().enumerate() {
        let y = TOP + nth as f64 * ROW;
        picture += &match item {
            Item::Span(span, _) => drawing.span(y, *depth, span),
            item => drawing.stand_in(y, *depth, *item),
        };
    }
    picture + "</svg>\n"
}

/// The tree without its logs and events, with the depth of each line.
fn spans<'a>(tree: &Tree<'a>) -> Vec<(usize, Item<'a>)> {
    let rows = tree.rows(0);
    let items = rows.iter().filter_map(|row| match row {
        Row::Item(lead, item) => Some((lead.depth, *item)),
        Row::Remark(..) => None,
    });
    items.collect()
}

#[cfg(test)]
mod tests;
