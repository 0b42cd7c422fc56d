//! The shape of a trace: which span is under which.

mod order;
mod parents;
mod rows;

pub(crate) use rows::Row;

use parents::{Parent, break_circles};

use crate::{
    detail::Remark,
    model::{LogRecord, Span, SpanId},
    trace::Trace,
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

/// How a tree names its spans and puts siblings in order.
#[derive(Clone, Copy)]
pub(crate) struct Layout<'f> {
    /// The text of a span; equal spans of two runs have equal text.
    pub(crate) text: &'f dyn for<'s> Fn(&'s Span) -> Cow<'s, str>,
    /// Siblings that ran at the same time: by text, so that every run gives
    /// the same tree? Otherwise by start.
    pub(crate) concurrent_by_text: bool,
}

impl Layout<'_> {
    /// Siblings by start, then by name.
    pub(crate) fn by_start() -> Self {
        Self {
            text: &|span| Cow::Borrowed(&span.name),
            concurrent_by_text: false,
        }
    }
}

/// Spans, and what stands in for spans that were not received.
pub(crate) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    roots: Vec<usize>,
}

struct Node<'a> {
    item: Item<'a>,
    text: Cow<'a, str>,
    start: u64,
    end: u64,
    /// Logs and events inside, by time.
    remarks: Vec<Remark>,
    children: Vec<usize>,
}

/// What one line of a tree is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Item<'a> {
    /// A span, with its place in the order of arrival.
    Span(&'a Span, usize),
    /// Its children name a parent that was not received.
    MissingParent(SpanId),
    /// The span below it is its own ancestor.
    Circle,
    /// Logs of a span that was not received.
    MissingSpan,
}

impl<'a> Tree<'a> {
    /// Arranges a trace. Every span gets one place, whatever its parent says,
    /// and the order of arrival makes no difference.
    pub(crate) fn new(trace: &'a Trace, layout: Layout<'_>) -> Self {
        let mut nodes: Vec<_> = trace
            .spans
            .iter()
            .enumerate()
            .map(|(arrival, span)| Node::new(span, arrival, layout))
            .collect();
        nodes.sort_by(|a, b| a.rank().cmp(&b.rank()));
        let mut by_id = HashMap::new();
        for (at, node) in nodes.iter().enumerate() {
            if let Item::Span(span, _) = node.item {
                by_id.entry(span.span_id).or_insert(at);
            }
        }
        let mut tree = Self {
            nodes,
            roots: Vec::new(),
        };
        let strays = tree.place_logs(&trace.logs, &by_id);
        tree.place_spans(&by_id);
        tree.place_strays(strays);
        for node in &mut tree.nodes {
            node.remarks.sort();
        }
        order::sort(&mut tree, layout.concurrent_by_text);
        tree
    }

    fn place_spans(&mut self, by_id: &HashMap<SpanId, usize>) {
        let mut parents: Vec<_> =
            self.nodes.iter().map(|node| node.parent(by_id)).collect();
        break_circles(&mut parents);
        let mut stand_ins = BTreeMap::new();
        for (at, parent) in parents.into_iter().enumerate() {
            match parent {
                Parent::Node(parent) => self.nodes[parent].children.push(at),
                Parent::None => self.roots.push(at),
                Parent::Missing(id) => {
                    let item = Item::MissingParent(id);
                    let group = stand_ins.entry(Some(id));
                    group.or_insert((item, vec![])).1.push(at);
                }
                Parent::Circle => {
                    let group = stand_ins.entry(None);
                    group.or_insert((Item::Circle, vec![])).1.push(at);
                }
            }
        }
        for (item, children) in stand_ins.into_values() {
            self.add_stand_in(item, children, Vec::new());
        }
    }

    /// Puts each log under its span; returns those whose span is missing.
    fn place_logs(
        &mut self,
        logs: &[LogRecord],
        by_id: &HashMap<SpanId, usize>,
    ) -> Vec<Remark> {
        let mut strays = Vec::new();
        for (arrival, log) in logs.iter().enumerate() {
            let remark = Remark::log(log, arrival);
            match log.span_id.and_then(|id| by_id.get(&id)) {
                Some(at) => self.nodes[*at].remarks.push(remark),
                None => strays.push(remark),
            }
        }
        strays
    }

    fn place_strays(&mut self, strays: Vec<Remark>) {
        if !strays.is_empty() {
            self.add_stand_in(Item::MissingSpan, Vec::new(), strays);
        }
    }

    fn add_stand_in(
        &mut self,
        item: Item<'a>,
        children: Vec<usize>,
        remarks: Vec<Remark>,
    ) {
        let text = Cow::Borrowed("");
        let first = children.iter().map(|at| self.nodes[*at].start).min();
        let last = children.iter().map(|at| self.nodes[*at].end).max();
        self.roots.push(self.nodes.len());
        self.nodes.push(Node {
            item,
            text,
            start: first.unwrap_or(u64::MAX),
            end: last.unwrap_or(u64::MAX),
            remarks,
            children,
        });
    }
}

impl<'a> Node<'a> {
    fn new(span: &'a Span, arrival: usize, layout: Layout<'_>) -> Self {
        Self {
            item: Item::Span(span, arrival),
            text: (layout.text)(span),
            start: span.start_unix_nano,
            end: span.end_unix_nano,
            remarks: span.events.iter().map(Remark::event).collect(),
            children: Vec::new(),
        }
    }

    /// Spans of equal rank are drawn alike.
    fn rank(&self) -> impl Ord {
        let ids = match self.item {
            Item::Span(span, _) => Some((span.span_id, span.parent_span_id)),
            _ => None,
        };
        (self.start, self.end, &self.text, ids)
    }

    fn parent(&self, by_id: &HashMap<SpanId, usize>) -> Parent {
        let Item::Span(
            Span {
                parent_span_id: Some(id),
                ..
            },
            _,
        ) = self.item
        else {
            return Parent::None;
        };
        match by_id.get(id) {
            Some(at) => Parent::Node(*at),
            None => Parent::Missing(*id),
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod scale;
#[cfg(test)]
mod tests;
