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
        let mut steps: Vec<_> = self.roots.iter().rev().map(root).collect();
        while let Some(step) = steps.pop() {
            let node = &self.nodes[step.at];
            let children = node.children.len();
            let through = if children > 0 { "│  " } else { "" };
            let lead = |text| Lead {
                text,
                depth: step.depth,
            };
            let remark_lead = lead(format!("{}{through}· ", step.below));
            rows.push(Row::Item(lead(step.branches.clone()), node.item));
            rows.extend(
                node.remarks
                    .iter()
                    .map(|remark| Row::Remark(remark_lead.clone(), remark)),
            );
            for (nth, child) in node.children.iter().enumerate().rev() {
                steps.push(step.child(*child, nth + 1 == children));
            }
        }
        rows
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
