//! The form of a question.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::dataset::Dataset;

// ANCHOR: query
/// Which rows, how summed up, in which order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// What it is about.
    pub dataset: Dataset,
    /// Columns of the answer, if nothing is summed up. Empty means all.
    #[serde(default)]
    pub select: Vec<String>,
    /// What holds for all rows that count.
    #[serde(default)]
    pub filters: Vec<Filter>,
    /// Columns whose values make groups.
    #[serde(default)]
    pub group_by: Vec<String>,
    /// What to know of each group, or of all rows.
    #[serde(default)]
    pub aggregates: Vec<Aggregate>,
    /// The order of the answer.
    #[serde(default)]
    pub sort: Vec<Sort>,
    /// The most rows of the answer.
    #[serde(default = "hundred")]
    pub limit: u32,
}
// ANCHOR_END: query

fn hundred() -> u32 {
    100
}

/// A comparison of a column with a value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The column.
    pub column: String,
    /// How it compares.
    pub is: Comparison,
    /// With what.
    pub value: Literal,
}

/// How a column compares with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Literal {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

/// A figure for each group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Aggregate {
    /// Which.
    pub function: Function,
    /// Of which column; none for a count of rows.
    #[serde(default)]
    pub of: Option<String>,
}

/// How many values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Function {
    Count,
    Distinct,
    Least,
    Mean,
    Most,
    Sum,
}

/// A part of the order of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// A column of the answer.
    pub by: String,
    /// Whether the greatest comes first.
    #[serde(default)]
    pub descending: bool,
}
