//! A tree as lines, each with the branches that lead to it.

use super::{Item, Tree};
use crate::detail::Remark;

/// Deeper spans are not moved further to the right.
const DEEPEST_INDENT: usize = 40;

/// One line of a drawn tree.
pub(crate) enum Row<'t, 'a> {
    /// A span or its stand-in.
    Item(Lead, Item<'a>),
    /// A log or event in the span above.
    Remark(Lead, &'t Remark),
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
    branches: String,
    below: String,
}

impl<'a> Tree<'a> {
    /// The lines from top to bottom.
    pub(crate) fn rows(&self) -> Vec<Row<'_, 'a>> {
        let mut rows = Vec::new();
        let roots = self.roots.iter().rev().map(root);
        let mut todo: Vec<_> = roots.map(Todo::Branch).collect();
        while let Some(next) = todo.pop() {
            match next {
                Todo::Remark(lead, remark) => {
                    rows.push(Row::Remark(lead, remark));
                }
                Todo::Branch(step) => {
                    let lead = step.lead(step.branches.clone());
                    rows.push(Row::Item(lead, self.nodes[step.at].item));
                    todo.extend(self.below(&step).into_iter().rev());
                }
            }
        }
        rows
    }

    /// The children of a node and the remarks on it, in the order of time.
    fn below(&self, step: &Step) -> Vec<Todo<'_>> {
        let node = &self.nodes[step.at];
        let starts = self.starts(&node.children);
        let trails = node.remarks.last().is_some_and(|last| {
            starts.last().is_some_and(|start| *start <= last.time)
        });
        let mut remarks = node.remarks.iter().peekable();
        let mut below = Vec::new();
        for (nth, (child, start)) in
            node.children.iter().zip(&starts).enumerate()
        {
            while let Some(remark) =
                remarks.next_if(|remark| remark.time < *start)
            {
                below.push(Todo::Remark(step.remark("│  "), remark));
            }
            let is_last = nth + 1 == node.children.len() && !trails;
            below.push(Todo::Branch(step.child(*child, is_last)));
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

fn root(at: &usize) -> Step {
    Step {
        at: *at,
        depth: 0,
        branches: String::new(),
        below: String::new(),
    }
}

impl Step {
    fn lead(&self, text: String) -> Lead {
        let depth = self.depth;
        Lead { text, depth }
    }

    fn remark(&self, branch: &str) -> Lead {
        self.lead(format!("{}{branch}· ", self.below))
    }

    fn child(&self, at: usize, is_last: bool) -> Self {
        let depth = self.depth + 1;
        if depth > DEEPEST_INDENT {
            let below = self.below.clone();
            let branches = format!("{below}⋯{depth} ");
            return Self {
                at,
                depth,
                branches,
                below,
            };
        }
        let (branch, trunk) = if is_last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        Self {
            at,
            depth,
            branches: format!("{}{branch}", self.below),
            below: format!("{}{trunk}", self.below),
        }
    }
}
