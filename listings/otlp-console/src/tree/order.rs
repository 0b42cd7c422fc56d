//! The order of siblings.

use super::{Item, Node, Tree};
use std::{cmp::Ordering, slice};

/// Sorts all siblings: by start, and where some ran at the same time, those
/// by text if `concurrent_by_text`.
pub(super) fn sort(tree: &mut Tree<'_>, concurrent_by_text: bool) {
    let by_depth = from_the_top(tree);
    // From the bottom up, because ties look at sorted children.
    for at in by_depth.into_iter().rev() {
        let mut children = std::mem::take(&mut tree.nodes[at].children);
        siblings(&tree.nodes, &mut children, concurrent_by_text);
        tree.nodes[at].children = children;
    }
    let mut roots = std::mem::take(&mut tree.roots);
    let first_stand_in = roots
        .iter()
        .position(|at| !matches!(tree.nodes[*at].item, Item::Span(..)))
        .unwrap_or(roots.len());
    let (spans, stand_ins) = roots.split_at_mut(first_stand_in);
    siblings(&tree.nodes, spans, concurrent_by_text);
    siblings(&tree.nodes, stand_ins, concurrent_by_text);
    tree.roots = roots;
}

/// All nodes, each after its parent.
fn from_the_top(tree: &Tree<'_>) -> Vec<usize> {
    let mut nodes = tree.roots.clone();
    let mut next = 0;
    while let Some(at) = nodes.get(next) {
        nodes.extend(&tree.nodes[*at].children);
        next += 1;
    }
    nodes
}

fn siblings(nodes: &[Node<'_>], siblings: &mut [usize], by_text: bool) {
    siblings.sort_by(|a, b| {
        let (left, right) = (&nodes[*a], &nodes[*b]);
        (left.start, left.end)
            .cmp(&(right.start, right.end))
            .then_with(|| compare(nodes, *a, *b))
            .then_with(|| left.rank().cmp(&right.rank()))
    });
    if !by_text {
        return;
    }
    let overlaps = |latest_end: &mut u64, at: usize| {
        let overlaps = nodes[at].start < *latest_end;
        *latest_end = nodes[at].end.max(*latest_end);
        overlaps
    };
    let mut first = 0;
    let mut latest_end = 0;
    for next in 0..siblings.len() {
        if !overlaps(&mut latest_end, siblings[next]) {
            sort_by_text(nodes, &mut siblings[first..next]);
            first = next;
        }
    }
    sort_by_text(nodes, &mut siblings[first..]);
}

fn sort_by_text(nodes: &[Node<'_>], siblings: &mut [usize]) {
    siblings.sort_by(|a, b| compare(nodes, *a, *b));
}

/// Compares two nodes as they will be drawn: their text, then what is below.
///
/// It looks no further than to the first difference, and so not at more than
/// the smaller of the two holds: each span is looked at a few times, however
/// many siblings there are and whatever is below them.
fn compare(nodes: &[Node<'_>], a: usize, b: usize) -> Ordering {
    let mut left = Walk::new(nodes, a);
    let mut right = Walk::new(nodes, b);
    loop {
        let ((depth_left, left), (depth_right, right)) =
            match (left.next(), right.next()) {
                (Some(a), Some(b)) => (a, b),
                (a, b) => return a.is_some().cmp(&b.is_some()),
            };
        let order = depth_left
            .cmp(&depth_right)
            .then_with(|| left.text.cmp(&right.text))
            .then_with(|| {
                let remarks = left.remarks.iter().map(|remark| &remark.text);
                remarks.cmp(right.remarks.iter().map(|remark| &remark.text))
            });
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
thread_local! {
    /// Nodes that comparisons have looked at.
    pub(super) static STEPS: std::cell::Cell<usize> =
        const { std::cell::Cell::new(0) };
}

/// A node and all below it, from top to bottom, with their depths.
struct Walk<'t, 'a> {
    nodes: &'t [Node<'a>],
    first: Option<usize>,
    path: Vec<slice::Iter<'t, usize>>,
}

impl<'t, 'a> Walk<'t, 'a> {
    fn new(nodes: &'t [Node<'a>], first: usize) -> Self {
        Self {
            nodes,
            first: Some(first),
            path: Vec::new(),
        }
    }
}

impl<'t, 'a> Iterator for Walk<'t, 'a> {
    type Item = (usize, &'t Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let at = match self.first.take() {
            Some(first) => first,
            None => loop {
                match self.path.last_mut()?.next() {
                    Some(child) => break *child,
                    None => self.path.pop(),
                };
            },
        };
        #[cfg(test)]
        STEPS.set(STEPS.get() + 1);
        let node = &self.nodes[at];
        let depth = self.path.len();
        self.path.push(node.children.iter());
        Some((depth, node))
    }
}
