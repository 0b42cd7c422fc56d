//! The order of siblings.

use super::{Item, Node, Tree};
use std::cmp::Ordering;

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
fn compare(nodes: &[Node<'_>], a: usize, b: usize) -> Ordering {
    let mut left = vec![(0, a)];
    let mut right = vec![(0, b)];
    loop {
        let (below_left, below_right) = match (left.pop(), right.pop()) {
            (Some(a), Some(b)) => (a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        let key = |(depth, at): (usize, usize)| {
            let node: &Node<'_> = &nodes[at];
            let remarks = node.remarks.iter().map(|remark| &remark.text);
            (depth, node.text.as_str(), remarks.collect::<Vec<_>>())
        };
        let order = key(below_left).cmp(&key(below_right));
        if order != Ordering::Equal {
            return order;
        }
        let below = |(depth, at): (usize, usize)| {
            let children = nodes[at].children.iter().rev();
            children.map(move |child| (depth + 1, *child))
        };
        left.extend(below(below_left));
        right.extend(below(below_right));
    }
}
