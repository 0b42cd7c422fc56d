//! Many small questions of a desktop program, in one request.

// ANCHOR: imports
use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::instrument;

use crate::clients::{CallError, Caller, Clients};
// ANCHOR_END: imports

/// The most operations in one request.
pub const MOST: usize = 100;

// ANCHOR: bulk
/// `POST /desktop/bulk`: what the program has gathered since it last asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// At most [`MOST`] of them.
    pub operations: Vec<Operation>,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "get", rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// The person who asks.
    Me,
    /// One of their orders.
    Order {
        /// Its number.
        id: String,
    },
    /// A product.
    Product {
        /// Its number.
        id: String,
    },
}

/// The answers, in the order of the questions.
#[derive(Debug, Serialize)]
pub struct BulkAnswer {
    results: Vec<Outcome>,
}

/// One answer: a status of its own, and what was asked for.
#[derive(Debug, Serialize)]
struct Outcome {
    status: u16,
    #[serde(skip_serializing_if = "Value::is_null")]
    value: Value,
}
// ANCHOR_END: bulk

/// What a backend had to say about several things at once.
type Batch = Result<HashMap<String, Value>, CallError>;

// ANCHOR: answer
/// Answers all operations with at most one call per backend. One that fails
/// takes none of the others with it.
#[instrument(
    name = "answer bulk",
    skip_all,
    fields(bff.bulk.operations = operations.len() as i64)
)]
pub async fn answer(
    clients: &Clients,
    caller: &Caller,
    operations: &[Operation],
) -> BulkAnswer {
    let wants_me = operations.contains(&Operation::Me);
    let orders = ids(operations, |operation| match operation {
        Operation::Order { id } => Some(id),
        _ => None,
    });
    let products = ids(operations, |operation| match operation {
        Operation::Product { id } => Some(id),
        _ => None,
    });
    let me = async { Ok(vec![clients.me(caller).await?]) };
    let (me, orders, products) = tokio::join!(
        ask(wants_me, me, |_| ""),
        ask(
            !orders.is_empty(),
            clients.orders_by_id(caller, &orders),
            |order| &order.id
        ),
        ask(
            !products.is_empty(),
            clients.products(caller, &products),
            |product| &product.id
        ),
    );
    BulkAnswer::of(operations, &me, &orders, &products)
}
// ANCHOR_END: answer

/// Each id that the operations name, once.
fn ids<'a>(
    operations: &'a [Operation],
    id: impl Fn(&'a Operation) -> Option<&'a String>,
) -> Vec<String> {
    let ids: BTreeSet<&String> = operations.iter().filter_map(id).collect();
    ids.into_iter().cloned().collect()
}

/// Makes the call if anybody wants it: a future does nothing by itself.
async fn ask<T: Serialize>(
    is_wanted: bool,
    call: impl Future<Output = Result<Vec<T>, CallError>>,
    id: impl Fn(&T) -> &str,
) -> Batch {
    let found = if is_wanted { call.await? } else { Vec::new() };
    let value = |thing: &T| serde_json::to_value(thing).unwrap_or_default();
    let by_id = found.iter().map(|it| (id(it).to_owned(), value(it)));
    Ok(by_id.collect())
}

impl BulkAnswer {
    fn of(
        operations: &[Operation],
        me: &Batch,
        orders: &Batch,
        products: &Batch,
    ) -> Self {
        let outcome = |operation: &Operation| match operation {
            Operation::Me => Outcome::of(me, ""),
            Operation::Order { id } => Outcome::of(orders, id),
            Operation::Product { id } => Outcome::of(products, id),
        };
        Self {
            results: operations.iter().map(outcome).collect(),
        }
    }
}

impl Outcome {
    fn of(batch: &Batch, id: &str) -> Self {
        let (status, value) = match batch {
            Ok(found) => match found.get(id) {
                Some(value) => (200, value.clone()),
                None => (404, Value::Null),
            },
            Err(CallError::TimedOut) => (504, Value::Null),
            Err(CallError::Unauthorized) => (401, Value::Null),
            Err(_) => (502, Value::Null),
        };
        Self { status, value }
    }
}
