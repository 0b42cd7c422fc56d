//! Parents that are missing, or each other's.

use crate::model::SpanId;

/// What a span says of its parent, and whether that can be.
pub(super) enum Parent {
    None,
    Node(usize),
    Missing(SpanId),
    Circle,
}

/// Cuts each circle of parents at its first span.
pub(super) fn break_circles(parents: &mut [Parent]) {
    const NEW: usize = usize::MAX;
    let mut seen_from = vec![NEW; parents.len()];
    for start in 0..parents.len() {
        let mut at = start;
        while seen_from[at] == NEW {
            seen_from[at] = start;
            match parents[at] {
                Parent::Node(parent) => at = parent,
                _ => break,
            }
        }
        if seen_from[at] != start {
            continue;
        }
        if let Some(first) = first_on_circle(parents, at) {
            parents[first] = Parent::Circle;
        }
    }
}

/// The lowest span on the circle through `at`, if there is a circle.
fn first_on_circle(parents: &[Parent], at: usize) -> Option<usize> {
    let mut first = at;
    let mut next = at;
    loop {
        match parents[next] {
            Parent::Node(parent) if parent == at => return Some(first),
            Parent::Node(parent) => next = parent,
            _ => return None,
        }
        first = first.min(next);
    }
}
