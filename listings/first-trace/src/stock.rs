//! `stock` knows how many pieces of each item are on the shelf.

use std::{num::ParseIntError, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use telemetry::Telemetry;

use crate::problem::{self, Problem};

/// The answer to `GET /items/{sku}`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The article number.
    pub sku: String,
    /// Pieces on the shelf.
    pub on_hand: u32,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    /// The shelf has no such article.
    #[error("no such item")]
    NoSuchItem,
    /// Somebody typed a count that is not a number.
    #[error("the count on the shelf is not a number")]
    UnreadableCount(#[source] ParseIntError),
}

/// Counts as the warehouse wrote them down, by article number.
#[derive(Clone)]
struct Shelf(Arc<[(&'static str, &'static str)]>);

/// The routes of `stock`, each traced by `telemetry`.
pub fn router(telemetry: &Telemetry) -> Router {
    let counts = [("teapot", "12"), ("cup", "48"), ("samovar", "tw0")];
    let routes = Router::new()
        .route("/items/{sku}", get(item))
        .with_state(Shelf(Arc::new(counts)));
    problem::with_fallbacks(routes).layer(telemetry.http_server_layer())
}

async fn item(
    State(shelf): State<Shelf>,
    Path(sku): Path<String>,
) -> Result<Json<Item>, StockError> {
    let on_hand = shelf.count(&sku)?;
    Ok(Json(Item { sku, on_hand }))
}

impl Shelf {
    fn count(&self, sku: &str) -> Result<u32, StockError> {
        let (_, count) = self
            .0
            .iter()
            .find(|(name, _)| *name == sku)
            .ok_or(StockError::NoSuchItem)?;
        count.parse().map_err(StockError::UnreadableCount)
    }
}

// ANCHOR: error
impl IntoResponse for StockError {
    fn into_response(self) -> Response {
        match self {
            Self::NoSuchItem => Problem::new(
                StatusCode::NOT_FOUND,
                "/problems/no-such-item",
                "The shelf has no such item.",
            ),
            Self::UnreadableCount(cause) => {
                // The one place that knows the cause is the one that logs it.
                tracing::error!(
                    name: "stock.count.unreadable",
                    { exception.message = %cause },
                    "count unreadable"
                );
                Problem::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "/problems/count-unreadable",
                    "The count of this item cannot be read.",
                )
            }
        }
        .into_response()
    }
}
// ANCHOR_END: error
