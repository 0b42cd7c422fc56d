//! `shop` serves orders: what was ordered, what it costs, and whether all of
//! it is in stock.

mod stock_client;

// ANCHOR: imports
use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram},
};
use serde::{Deserialize, Serialize};
use telemetry::Telemetry;

use crate::problem::{self, Problem};
pub use stock_client::{StockClient, StockUnavailable};
// ANCHOR_END: imports

/// One line of an order.
#[derive(Debug)]
struct Line {
    sku: &'static str,
    pieces: u32,
    unit_price_cents: u64,
}

/// The answer to `GET /orders/{id}`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The order's number.
    pub id: u32,
    /// The sum of all lines, in cents.
    pub total_cents: u64,
    /// Whether every line can be shipped today.
    pub in_stock: bool,
}

/// Why an order is not served.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The number in the path is not a number.
    #[error("the order number is not a number")]
    Malformed(#[from] PathRejection),
    /// No order has this number.
    #[error("no such order")]
    NoSuchOrder,
    /// `stock` did not say what is on the shelf.
    #[error("stock gave no answer")]
    Stock(#[from] StockUnavailable),
}

// ANCHOR: instruments
/// What the handlers share: the way to `stock` and the instruments.
struct Shop {
    stock: StockClient,
    orders: Counter<u64>,
    order_value: Histogram<u64>,
}

impl Shop {
    fn new(telemetry: &Telemetry, stock: StockClient) -> Self {
        let meter = telemetry.meter("shop");
        Self {
            stock,
            orders: meter
                .u64_counter("shop.orders")
                .with_unit("{order}")
                .with_description("Orders asked for, by outcome.")
                .build(),
            order_value: meter
                .u64_histogram("shop.order.value")
                .with_unit("{cent}")
                .with_description("What the served orders cost.")
                .with_boundaries(vec![1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5])
                .build(),
        }
    }
}
// ANCHOR_END: instruments

// ANCHOR: router
/// The routes of `shop`, each traced by `telemetry`.
pub fn router(telemetry: &Telemetry, stock: StockClient) -> Router {
    let routes = Router::new()
        .route("/orders/{id}", get(order))
        .with_state(Arc::new(Shop::new(telemetry, stock)));
    problem::with_fallbacks(routes).layer(telemetry.http_server_layer())
}
// ANCHOR_END: router

// ANCHOR: handler
async fn order(
    State(shop): State<Arc<Shop>>,
    id: Result<Path<u32>, PathRejection>,
) -> Result<Json<Order>, OrderError> {
    let result = match id {
        Ok(Path(id)) => shop.order(id).await,
        Err(rejection) => Err(rejection.into()),
    };
    let outcome = match &result {
        Ok(_) => "served",
        Err(OrderError::Malformed(_)) => "malformed",
        Err(OrderError::NoSuchOrder) => "not_found",
        Err(OrderError::Stock(_)) => "failed",
    };
    shop.orders
        .add(1, &[KeyValue::new("shop.order.outcome", outcome)]);
    result.map(Json)
}
// ANCHOR_END: handler

// ANCHOR: order
impl Shop {
    async fn order(&self, id: u32) -> Result<Order, OrderError> {
        let lines = lines(id).ok_or(OrderError::NoSuchOrder)?;
        let mut in_stock = true;
        for line in lines {
            in_stock &= self.stock.on_hand(line.sku).await? >= line.pieces;
        }
        let total_cents = total(lines);
        self.order_value.record(total_cents, &[]);
        tracing::info!(
            name: "order.served",
            { shop.order.in_stock = in_stock },
            "order served"
        );
        Ok(Order {
            id,
            total_cents,
            in_stock,
        })
    }
}

#[tracing::instrument(
    name = "order.price",
    skip_all,
    fields(shop.order.lines = lines.len() as i64)
)]
fn total(lines: &[Line]) -> u64 {
    lines
        .iter()
        .map(|line| u64::from(line.pieces) * line.unit_price_cents)
        .sum()
}
// ANCHOR_END: order

fn lines(id: u32) -> Option<&'static [Line]> {
    const fn line(sku: &'static str, pieces: u32, cents: u64) -> Line {
        Line {
            sku,
            pieces,
            unit_price_cents: cents,
        }
    }
    const TEA_FOR_TWO: &[Line] =
        &[line("teapot", 1, 2_450), line("cup", 2, 690)];
    const TEA_FOR_FIFTY: &[Line] = &[line("cup", 50, 690)];
    const SAMOVAR: &[Line] = &[line("samovar", 1, 18_900)];
    match id {
        1 => Some(TEA_FOR_TWO),
        2 => Some(TEA_FOR_FIFTY),
        3 => Some(SAMOVAR),
        _ => None,
    }
}

impl IntoResponse for OrderError {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed(_) => Problem::new(
                StatusCode::BAD_REQUEST,
                "/problems/malformed-order-number",
                "An order number is a whole number.",
            ),
            Self::NoSuchOrder => Problem::new(
                StatusCode::NOT_FOUND,
                "/problems/no-such-order",
                "No order has this number.",
            ),
            Self::Stock(StockUnavailable::TimedOut) => Problem::new(
                StatusCode::GATEWAY_TIMEOUT,
                "/problems/stock-timed-out",
                "Stock did not answer in time.",
            ),
            Self::Stock(_) => Problem::new(
                StatusCode::BAD_GATEWAY,
                "/problems/stock-unavailable",
                "Stock gave no usable answer.",
            ),
        }
        .into_response()
    }
}
