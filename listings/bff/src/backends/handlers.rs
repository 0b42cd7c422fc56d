//! What the backends answer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json,
    extract::{FromRequestParts, Query, State},
    http::{StatusCode, header::AUTHORIZATION, request::Parts},
};
use serde::Deserialize;

use super::{Service, catalogue};
use crate::model::{Order, Product, User};

/// The most that is asked for in one request.
const MOST: usize = 100;

/// What persons want to be called, where it is not their own name.
pub(super) type Persons = Mutex<HashMap<String, String>>;

/// Whoever the token belongs to.
pub(super) struct Bearer(String);

impl FromRequestParts<Arc<Service>> for Bearer {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, StatusCode> {
        let value = parts.headers.get(AUTHORIZATION);
        let token = value
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let subject = token.and_then(|token| service.key.verify(token));
        subject.map(Self).ok_or(StatusCode::UNAUTHORIZED)
    }
}

/// How much, or which.
#[derive(Deserialize)]
pub(super) struct Which {
    limit: Option<u32>,
    ids: Option<String>,
}

impl Which {
    fn ids(&self) -> Result<Vec<&str>, StatusCode> {
        let ids: Vec<&str> = match &self.ids {
            Some(ids) => ids.split(',').collect(),
            None => Vec::new(),
        };
        match ids.len() {
            ..=MOST => Ok(ids),
            _ => Err(StatusCode::BAD_REQUEST),
        }
    }
}

/// `GET /me`
pub(super) async fn me(
    State(service): State<Arc<Service>>,
    Bearer(id): Bearer,
) -> Result<Json<User>, StatusCode> {
    let mut user = catalogue::user(&id).ok_or(StatusCode::NOT_FOUND)?;
    let names = service.persons.lock();
    let names = names.unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = names.get(&id) {
        user.display_name.clone_from(name);
    }
    Ok(Json(user))
}

/// What to change of a person.
#[derive(Deserialize)]
pub(super) struct Rename {
    display_name: String,
}

/// `PATCH /me`
pub(super) async fn rename(
    State(service): State<Arc<Service>>,
    Bearer(id): Bearer,
    Json(Rename { display_name }): Json<Rename>,
) -> Result<Json<User>, StatusCode> {
    let mut user = catalogue::user(&id).ok_or(StatusCode::NOT_FOUND)?;
    user.display_name.clone_from(&display_name);
    let names = service.persons.lock();
    let mut names = names.unwrap_or_else(PoisonError::into_inner);
    names.insert(id, display_name);
    Ok(Json(user))
}

/// `GET /orders?limit=` or `?ids=`: of the bearer, and of nobody else.
pub(super) async fn orders(
    Bearer(user): Bearer,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Order>>, StatusCode> {
    if which.ids.is_some() {
        let prefix = format!("o-{user}-");
        let numbers = which.ids()?.into_iter();
        let numbers = numbers.filter_map(|id| catalogue::number(id, &prefix));
        let orders = numbers.filter_map(|n| catalogue::order(&user, n));
        return Ok(Json(orders.collect()));
    }
    let newest_first = (1..=catalogue::ORDERS).rev();
    let orders = newest_first.filter_map(|n| catalogue::order(&user, n));
    let limit = which.limit.unwrap_or(20);
    Ok(Json(orders.take(limit as usize).collect()))
}

/// `GET /products?ids=`: for everybody.
pub(super) async fn products(
    Query(which): Query<Which>,
) -> Result<Json<Vec<Product>>, StatusCode> {
    let ids = which.ids()?.into_iter();
    let numbers = ids.filter_map(|id| catalogue::number(id, "p-"));
    Ok(Json(numbers.filter_map(catalogue::product).collect()))
}

/// `GET /recommendations?limit=`
pub(super) async fn recommendations(
    Bearer(user): Bearer,
    Query(which): Query<Which>,
) -> Json<Vec<Product>> {
    let taste = user.bytes().map(u32::from).sum::<u32>();
    let limit = which.limit.unwrap_or(6).min(20);
    let numbers = (0..limit).map(|n| (taste + n * 31) % catalogue::PRODUCTS);
    let products = numbers.filter_map(|n| catalogue::product(n + 1));
    Json(products.collect())
}
