//! Questions about the results: JSON that can name columns of a list, compare
//! them, and sum them up. There is no SQL in it, no path and no address, so
//! there is nothing to inject.

mod groups;
mod question;

use polars::prelude::{Expr, LazyFrame, SortMultipleOptions, col, len, lit};

use crate::dataset::{Column, Dataset, Kind};
pub use groups::TOO_MANY_GROUPS;
pub use question::{
    Aggregate, Comparison, Filter, Function, Literal, Query, Sort,
};

/// The most rows of an answer.
const MOST_ROWS: u32 = 10_000;

/// The most entries of each list of a question.
const MOST_PARTS: usize = 16;

/// The most bytes of a text to compare with.
const MOST_TEXT: usize = 64;

/// Why a question is not asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer} is not {expected}")]
pub struct QueryError {
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What should be there.
    pub expected: String,
}

type Checked<T> = Result<T, QueryError>;

fn wrong<T>(
    pointer: impl Into<String>,
    expected: impl Into<String>,
) -> Checked<T> {
    Err(QueryError {
        pointer: pointer.into(),
        expected: expected.into(),
    })
}

// ANCHOR: on
impl Query {
    /// The question, put to `rows`.
    ///
    /// # Errors
    /// When it names what is not there, mixes what does not go together, or is
    /// larger than is allowed.
    pub fn on(&self, rows: LazyFrame) -> Checked<LazyFrame> {
        self.check_size()?;
        let mut rows = rows;
        for (number, filter) in self.filters.iter().enumerate() {
            rows = rows.filter(filter.expression(self.dataset, number)?);
        }
        let (rows, names) = if self.aggregates.is_empty() {
            self.choose(rows)?
        } else {
            self.sum_up(rows)?
        };
        Ok(self.sort(rows, &names)?.limit(self.limit))
    }
}
// ANCHOR_END: on

impl Query {
    fn choose(&self, rows: LazyFrame) -> Checked<(LazyFrame, Vec<String>)> {
        if !self.group_by.is_empty() {
            return wrong("/group_by", "without aggregates");
        }
        let names = match self.select.is_empty() {
            true => {
                let all = self.dataset.columns().iter();
                all.map(|column| column.name.to_owned()).collect()
            }
            false => self.names("/select", &self.select)?,
        };
        let columns: Vec<_> = names.iter().map(col).collect();
        Ok((rows.select(columns), names))
    }

    fn sum_up(&self, rows: LazyFrame) -> Checked<(LazyFrame, Vec<String>)> {
        if !self.select.is_empty() {
            return wrong("/select", "empty where there are aggregates");
        }
        let mut names = self.names("/group_by", &self.group_by)?;
        let keys: Vec<_> = names.iter().map(col).collect();
        let mut sums = Vec::new();
        for (number, aggregate) in self.aggregates.iter().enumerate() {
            let (name, sum) = aggregate.expression(self.dataset, number)?;
            if names.contains(&name) {
                return wrong(format!("/aggregates/{number}"), "named once");
            }
            sums.push(sum.alias(name.as_str()));
            names.push(name);
        }
        let rows = match keys.is_empty() {
            true => rows.select(sums),
            false => groups::limited(rows.group_by(keys).agg(sums)),
        };
        Ok((rows, names))
    }

    fn sort(&self, rows: LazyFrame, names: &[String]) -> Checked<LazyFrame> {
        for (number, sort) in self.sort.iter().enumerate() {
            if !names.contains(&sort.by) {
                let pointer = format!("/sort/{number}/by");
                return wrong(pointer, "a column of the result");
            }
        }
        // What is equal so far is told apart by the rest: the same question
        // has the same answer.
        let asked = self.sort.iter().map(|sort| (&sort.by, sort.descending));
        let others = names
            .iter()
            .filter(|name| self.sort.iter().all(|sort| sort.by != **name));
        let all = asked.chain(others.map(|name| (name, false)));
        let (by, descending): (Vec<_>, Vec<_>) = all
            .map(|(name, descending)| (col(name), descending))
            .unzip();
        let order = SortMultipleOptions::default();
        let order = order.with_order_descending_multi(descending);
        Ok(rows.sort_by_exprs(by, order))
    }

    fn check_size(&self) -> Checked<()> {
        if !(1..=MOST_ROWS).contains(&self.limit) {
            return wrong("/limit", format!("from 1 to {MOST_ROWS}"));
        }
        let lists = [
            ("/select", self.select.len()),
            ("/filters", self.filters.len()),
            ("/group_by", self.group_by.len()),
            ("/aggregates", self.aggregates.len()),
            ("/sort", self.sort.len()),
        ];
        let most = MOST_PARTS;
        match lists.iter().find(|(_, length)| *length > most) {
            Some((pointer, _)) => {
                wrong(*pointer, format!("a list of at most {most}"))
            }
            None => Ok(()),
        }
    }
}

impl Query {
    fn names(&self, pointer: &str, asked: &[String]) -> Checked<Vec<String>> {
        let mut names = Vec::new();
        for (number, name) in asked.iter().enumerate() {
            let pointer = format!("{pointer}/{number}");
            let column = column(self.dataset, &pointer, name)?;
            if names.iter().any(|known| known == column.name) {
                return wrong(pointer, "named once");
            }
            names.push(column.name.to_owned());
        }
        Ok(names)
    }
}

// ANCHOR: column
/// The column of this name, for which somebody has asked at `pointer`.
fn column(of: Dataset, pointer: &str, name: &str) -> Checked<Column> {
    match of.columns().iter().find(|column| column.name == name) {
        Some(column) => Ok(*column),
        None => {
            let all: Vec<_> = of.columns().iter().map(|it| it.name).collect();
            wrong(pointer, format!("one of {}", all.join(", ")))
        }
    }
}
// ANCHOR_END: column

impl Filter {
    fn expression(&self, of: Dataset, number: usize) -> Checked<Expr> {
        let pointer = format!("/filters/{number}");
        let column = column(of, &format!("{pointer}/column"), &self.column)?;
        let at = format!("{pointer}/value");
        let value = match (&self.value, column.kind) {
            (Literal::Text(text), Kind::Text) if text.len() <= MOST_TEXT => {
                lit(text.as_str())
            }
            (Literal::Text(_), Kind::Text) => {
                let most = MOST_TEXT;
                return wrong(at, format!("a text of at most {most} bytes"));
            }
            (Literal::Number(number), Kind::Integer | Kind::Key) => {
                lit(*number)
            }
            (_, Kind::Text) => return wrong(at, "a text"),
            (_, Kind::Integer | Kind::Key) => {
                return wrong(at, "a whole number");
            }
        };
        let column = col(column.name);
        Ok(match self.is {
            Comparison::Equal => column.eq(value),
            Comparison::NotEqual => column.neq(value),
            Comparison::Less => column.lt(value),
            Comparison::AtMost => column.lt_eq(value),
            Comparison::Greater => column.gt(value),
            Comparison::AtLeast => column.gt_eq(value),
        })
    }
}

impl Aggregate {
    /// The name in the result, and how to get it.
    fn expression(
        &self,
        dataset: Dataset,
        number: usize,
    ) -> Checked<(String, Expr)> {
        let pointer = format!("/aggregates/{number}/of");
        let of = match (&self.of, self.function) {
            (None, Function::Count) => return Ok(("count".to_owned(), len())),
            (Some(_), Function::Count) => return wrong(pointer, "absent"),
            (None, _) => return wrong(pointer, "there"),
            (Some(name), _) => column(dataset, &pointer, name)?,
        };
        let is_sum = matches!(self.function, Function::Sum | Function::Mean);
        if is_sum && of.kind != Kind::Integer {
            return wrong(pointer, "a column that can be added up");
        }
        let column = col(of.name);
        let (word, sum) = match self.function {
            Function::Sum => ("sum", column.sum()),
            Function::Mean => ("mean", column.mean()),
            Function::Least => ("least", column.min()),
            Function::Most => ("most", column.max()),
            Function::Distinct => ("distinct", column.n_unique()),
            Function::Count => ("count", len()),
        };
        Ok((format!("{word}_{}", of.name), sum))
    }
}
