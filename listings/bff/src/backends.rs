//! Stand-ins for the services of other teams: persons, orders and products
//! that nobody ever bought, and every kind of trouble on demand.

mod catalogue;
pub mod faults;
mod handlers;
pub mod identity;
mod patience;
pub mod token;

pub use catalogue::PERSONS;

use std::{str::FromStr, sync::Arc};

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, put},
};
use telemetry::Telemetry;

use faults::Trouble;
use identity::Identity;
use token::TokenKey;

// ANCHOR: roles
/// Which of the services a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Knows persons.
    User,
    /// Knows what they have ordered.
    Order,
    /// Knows what there is to order.
    Product,
    /// Knows who is who.
    Identity,
}

impl Role {
    /// `service.name`.
    pub fn service_name(self) -> &'static str {
        match self {
            Self::User => "user-service",
            Self::Order => "order-service",
            Self::Product => "product-service",
            Self::Identity => "identity-provider",
        }
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "user" => Ok(Self::User),
            "order" => Ok(Self::Order),
            "product" => Ok(Self::Product),
            "identity" => Ok(Self::Identity),
            _ => Err(()),
        }
    }
}
// ANCHOR_END: roles

/// What the handlers of a backend share.
struct Service {
    key: TokenKey,
    persons: handlers::Persons,
}

// ANCHOR: router
/// The service `role`, which takes tokens that `key` has signed. For the
/// identity provider there is [`identity_router`].
pub fn router(telemetry: &Telemetry, role: Role, key: TokenKey) -> Router {
    let persons = handlers::Persons::default();
    let service = Arc::new(Service { key, persons });
    let routes = match role {
        Role::User => Router::new()
            .route("/me", get(handlers::me).patch(handlers::rename)),
        Role::Order => Router::new().route("/orders", get(handlers::orders)),
        Role::Product => Router::new()
            .route("/products", get(handlers::products))
            .route("/recommendations", get(handlers::recommendations)),
        Role::Identity => Router::new(),
    };
    troubled(telemetry, routes.with_state(service))
}

/// The identity provider.
pub fn identity_router(
    telemetry: &Telemetry,
    identity: Arc<Identity>,
) -> Router {
    troubled(telemetry, identity::routes(identity))
}

/// With every kind of trouble on demand.
fn troubled(telemetry: &Telemetry, routes: Router) -> Router {
    let trouble = Arc::new(Trouble::default());
    routes
        .layer(from_fn_with_state(Arc::clone(&trouble), faults::inject))
        .layer(from_fn(patience::heed))
        .route("/health/live", get(async || ()))
        .route(
            "/faults",
            put(faults::set).get(faults::seen).with_state(trouble),
        )
        .layer(from_fn_with_state(patience::ARRIVAL, patience::arrived))
        .layer(telemetry.http_server_layer())
}
// ANCHOR_END: router
