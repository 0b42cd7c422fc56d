//! How the width of a terminal is shared out.

use crate::{
    text::{escaped, width},
    tree::{Item, Row},
};
use std::collections::BTreeSet;

/// Room for `999.9 ms`.
pub(super) const DURATION: usize = 8;

const GAP: usize = 2;
const NARROWEST_WITH_BAR: usize = 80;

/// Widths in columns; 0 leaves a column out.
pub(super) struct Columns {
    pub(super) all: usize,
    pub(super) name: usize,
    pub(super) kind: usize,
    pub(super) service: usize,
    pub(super) bar: usize,
    pub(super) detail: usize,
}

impl Columns {
    pub(super) fn new(all: usize, rows: &[Row<'_, '_>]) -> Self {
        let mut services = BTreeSet::new();
        let (mut name, mut kind) = (0, 0);
        for row in rows {
            if let Row::Item(lead, Item::Span(span, _)) = row {
                name =
                    name.max(width(&lead.text) + width(&escaped(&span.name)));
                kind = kind.max(width(&span.kind.to_string()));
                services.insert(escaped(span.origin.service()));
            }
        }
        let service = match services.len() {
            0 | 1 => 0,
            _ => services.iter().map(|name| width(name)).max().unwrap_or(0),
        };
        let service = service.min(all / 6);
        let bar = match all {
            NARROWEST_WITH_BAR.. => (all / 5).min(40),
            _ => 0,
        };
        let taken = [kind, service, DURATION, bar]
            .into_iter()
            .filter(|width| *width > 0)
            .map(|width| width + GAP);
        let rest = all.saturating_sub(taken.sum::<usize>());
        // A third of the rest belongs to the detail, but not left empty.
        let name = name.min((rest * 2 / 3).max(12));
        let detail = rest.saturating_sub(name + GAP);
        Self {
            all,
            name,
            kind,
            service,
            bar,
            detail,
        }
    }
}
