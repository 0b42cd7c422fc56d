//! A tree as lines, each with the branches that lead to it.

use super::{Item, Tree};
use crate::detail::Remark;
use std::rc::Rc;

/// One line of a drawn tree.
pub(crate) enum Row<'t, 'a> {
    /// A span or its stand-in.
    Item(Lead, Item<'a>),
    /// A log or event in the span above.
    Remark(Lead, &'t Remark),
}

impl Row<'_, '_> {
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Item(lead, _) | Self::Remark(lead, _) => lead.depth,
        }
    }
}

/// The branches in front of a line, such as `│  └─ `.
#[derive(Clone)]
pub(crate) struct Lead {
    pub(crate) text: String,
    /// Number of ancestors.
    pub(crate) depth: usize,
}

/// What is still to be drawn: a branch, or a line in between.
enum Todo<'t> {
    Branch(Step),
    Remark(Lead, &'t Remark),
}

struct Step {
    at: usize,
    depth: usize,
    /// What leads to the parent's children, shared among them.
    before: Rc<str>,
    branch: &'static str,
    /// What leads to its own children.
    below: Rc<str>,
}

impl<'a> Tree<'a> {
    /// The lines from top to bottom. What is below `deepest` is not moved
    /// further to the right, and says how deep it is: otherwise a trace of
    /// `n` spans in one another would take `n * n` columns.
    pub(crate) fn rows(&self, deepest: usize) -> Vec<Row<'_, 'a>> {
        let mut rows = Vec::new();
        let roots = self.roots.iter().rev().map(|at| Step::root(*at));
        let mut todo: Vec<_> = roots.map(Todo::Branch).collect();
        while let Some(next) = todo.pop() {
            match next {
                Todo::Remark(lead, remark) => {
                    rows.push(Row::Remark(lead, remark));
                }
                Todo::Branch(step) => {
                    let lead = step.own(deepest);
                    rows.push(Row::Item(lead, self.nodes[step.at].item));
                    todo.extend(self.below(&step, deepest).into_iter().rev());
                }
            }
        }
        rows
    }

    /// The children of a node and the remarks on it, in the order of time.
    fn below(&self, step: &Step, deepest: usize) -> Vec<Todo<'_>> {
        let node = &self.nodes[step.at];
        let starts = self.starts(&node.children);
        let trails = node.remarks.last().is_some_and(|last| {
            starts.last().is_some_and(|start| *start <= last.time)
        });
        let mut remarks = node.remarks.iter().peekable();
        let mut below = Vec::new();
        let trunks = step.trunks(deepest);
        for (nth, (child, start)) in
            node.children.iter().zip(&starts).enumerate()
        {
            while let Some(remark) =
                remarks.next_if(|remark| remark.time < *start)
            {
                below.push(Todo::Remark(step.remark("│  "), remark));
            }
            let is_last = nth + 1 == node.children.len() && !trails;
            let trunk = &trunks[usize::from(is_last)];
            below.push(Todo::Branch(step.child(*child, is_last, trunk)));
        }
        while let Some(remark) = remarks.next() {
            let branch = match (trails, remarks.peek()) {
                (false, _) => "",
                (true, Some(_)) => "│  ",
                (true, None) => "└─ ",
            };
            below.push(Todo::Remark(step.remark(branch), remark));
        }
        below
    }

    /// When each child started; of children that ran at the same time, the
    /// first. Their order says nothing, so no remark stands between them.
    fn starts(&self, children: &[usize]) -> Vec<u64> {
        let mut earliest = u64::MAX;
        let mut starts: Vec<_> = children
            .iter()
            .rev()
            .map(|at| {
                earliest = earliest.min(self.nodes[*at].start);
                earliest
            })
            .collect();
        starts.reverse();
        let mut latest_end = 0;
        for nth in 1..children.len() {
            latest_end = self.nodes[children[nth - 1]].end.max(latest_end);
            if starts[nth] < latest_end {
                starts[nth] = starts[nth - 1];
            }
        }
        starts
    }
}

impl Step {
    fn root(at: usize) -> Self {
        Self {
            at,
            depth: 0,
            before: Rc::from(""),
            branch: "",
            below: Rc::from(""),
        }
    }

    fn lead(&self, text: String) -> Lead {
        let depth = self.depth;
        Lead { text, depth }
    }

    fn own(&self, deepest: usize) -> Lead {
        let Self {
            before,
            branch,
            depth,
            ..
        } = self;
        match *depth > deepest {
            true => self.lead(format!("{before}⋯{depth} ")),
            false => self.lead(format!("{before}{branch}")),
        }
    }

    fn remark(&self, branch: &str) -> Lead {
        self.lead(format!("{}{branch}· ", self.below))
    }

    /// What leads past a child that others follow, and past the last one.
    fn trunks(&self, deepest: usize) -> [Rc<str>; 2] {
        ["│  ", "   "].map(|trunk| match self.depth < deepest {
            true => format!("{}{trunk}", self.below).into(),
            false => Rc::clone(&self.below),
        })
    }

    fn child(&self, at: usize, is_last: bool, below: &Rc<str>) -> Self {
        Self {
            at,
            depth: self.depth + 1,
            before: Rc::clone(&self.below),
            branch: if is_last { "└─ " } else { "├─ " },
            below: Rc::clone(below),
        }
    }
}
