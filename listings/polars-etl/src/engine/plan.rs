//! What a query is going to do, without what it is about.

use std::fmt::Write as _;

use polars::prelude::PlSmallStr;
use polars_plan::plans::{AExpr, FunctionIR, IR, IRPlan, expr_ir::ExprIR};
use polars_utils::arena::{Arena, Node};
use sha2::{Digest as _, Sha256};

/// Stands for a value in an expression.
const VALUE: &str = "?";

/// An optimised plan as text: what is done with which columns. Values and
/// paths are not in it, since they may be anybody's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    text: String,
}

impl Plan {
    pub(super) fn of(plan: &IRPlan) -> Self {
        let writer = Writer {
            nodes: &plan.lp_arena,
            expressions: without_values(&plan.expr_arena),
        };
        let mut text = String::new();
        writer.write(plan.lp_top, 0, &mut text);
        Self { text }
    }
}

// ANCHOR: plan-hash
impl Plan {
    /// The same for two queries that differ in nothing but values and files.
    pub fn hash(&self) -> String {
        let digest = Sha256::digest(self.text.as_bytes());
        let short = digest.iter().take(8);
        short.map(|byte| format!("{byte:02x}")).collect()
    }
}
// ANCHOR_END: plan-hash

impl Plan {
    /// One line for each step, the last step first.
    pub fn text(&self) -> &str {
        &self.text
    }
}

// ANCHOR: without-values
fn without_values(expressions: &Arena<AExpr>) -> Arena<AExpr> {
    let mut expressions = expressions.clone();
    for number in 0..expressions.len() {
        let expression = expressions.get_mut(Node(number));
        if matches!(expression, AExpr::Literal(_)) {
            *expression = AExpr::Column(PlSmallStr::from_static(VALUE));
        }
    }
    expressions
}
// ANCHOR_END: without-values

struct Writer<'a> {
    nodes: &'a Arena<IR>,
    expressions: Arena<AExpr>,
}

impl Writer<'_> {
    fn write(&self, node: Node, depth: usize, text: &mut String) {
        let step = self.nodes.get(node);
        // A `String` takes whatever one writes to it.
        let _ = writeln!(text, "{:depth$}{}", "", self.step(step));
        for input in step.inputs() {
            self.write(input, depth + 1, text);
        }
    }

    fn step(&self, step: &IR) -> String {
        match step {
            IR::Scan {
                file_info,
                output_schema,
                predicate,
                scan_type,
                ..
            } => {
                let all = file_info.schema.len();
                let some = output_schema.as_ref().map_or(all, |s| s.len());
                let name: &str = scan_type.as_ref().into();
                let read = format!(
                    "scan {}: {some} of {all} columns",
                    name.to_lowercase()
                );
                match predicate {
                    Some(rows) => format!("{read}, where {}", self.one(rows)),
                    None => read,
                }
            }
            IR::DataFrameScan {
                schema,
                output_schema,
                ..
            } => {
                let all = schema.len();
                let some = output_schema.as_ref().map_or(all, |s| s.len());
                format!("frame: {some} of {all} columns")
            }
            IR::Filter { predicate, .. } => {
                format!("filter {}", self.one(predicate))
            }
            IR::Select { expr, .. } => format!("select {}", self.list(expr)),
            IR::HStack { exprs, .. } => format!("with {}", self.list(exprs)),
            IR::GroupBy { keys, aggs, .. } => {
                let (keys, aggs) = (self.list(keys), self.list(aggs));
                format!("group by {keys}: {aggs}")
            }
            IR::Join {
                left_on,
                right_on,
                options,
                ..
            } => {
                let (left, right) = (self.list(left_on), self.list(right_on));
                format!("{} join {left} = {right}", options.args.how)
            }
            IR::Sort { by_column, .. } => {
                format!("sort by {}", self.list(by_column))
            }
            IR::SimpleProjection { columns, .. } => {
                format!("project {} columns", columns.len())
            }
            IR::MapFunction {
                function: FunctionIR::FastCount { .. },
                ..
            } => "count".to_owned(),
            other => {
                let name: &str = other.into();
                name.to_lowercase()
            }
        }
    }

    fn one(&self, expression: &ExprIR) -> String {
        let text = expression.display(&self.expressions).to_string();
        text.replace(&format!("col(\"{VALUE}\")"), VALUE)
    }

    fn list(&self, expressions: &[ExprIR]) -> String {
        let all = expressions.iter().map(|own| self.one(own));
        format!("[{}]", all.collect::<Vec<_>>().join(", "))
    }
}
