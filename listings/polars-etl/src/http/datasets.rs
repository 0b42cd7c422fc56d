//! What one can ask about.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dataset::{Column, Dataset};

/// Rows that questions can be about, and their columns.
#[derive(Serialize, ToSchema)]
pub(super) struct Description {
    name: Dataset,
    columns: &'static [Column],
}

/// See what there is to ask about
#[utoipa::path(
    get,
    path = "/v1/datasets",
    tag = "questions",
    responses((status = 200, description = "All.", body = [Description])),
)]
pub(super) async fn list() -> Json<[Description; 2]> {
    Json(Dataset::ALL.map(|name| Description {
        name,
        columns: name.columns(),
    }))
}
