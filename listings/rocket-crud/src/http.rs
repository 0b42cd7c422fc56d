//! The web API: typed ids become users, versions become entity tags, and
//! errors become problems.

mod body;
mod catchers;
mod export;
pub mod fairings;
mod guards;
mod health;
mod openapi;
mod problem;
mod responders;
mod users;

use std::sync::Arc;

use rocket::{
    Build, Rocket, catchers, routes,
    shield::{Frame, Referrer, Shield},
};
use telemetry::Telemetry;

use crate::{otel::OtelFairing, settings::Settings, users::Repository};
use fairings::{Cors, Methods, RequestIds};
pub use guards::{
    AdminUser, AuthUser, IfMatch, IfNoneMatch, RateLimits, UserId,
};
pub use problem::{Kind, Problem, kinds};

/// Where the handlers find the users.
pub type Users = Arc<dyn Repository>;

/// What a handler answers, or a problem.
type Answer<T> = Result<T, Problem>;

/// Managed state for [`rocket()`]: the users in `repository`.
pub fn users_in(repository: impl Repository + 'static) -> Users {
    Arc::new(repository)
}

// ANCHOR: rocket
/// The service, but for its users: `manage` [`users_in`] a repository.
pub fn rocket(telemetry: &Telemetry, settings: &Settings) -> Rocket<Build> {
    let otel = OtelFairing::new(
        telemetry.tracer("rocket_crud.otel"),
        &telemetry.meter("rocket_crud.otel"),
        Arc::clone(telemetry.propagator()),
    );
    let rocket = rocket::custom(settings.figment()).attach(otel);
    routes(rocket, telemetry, settings)
}
// ANCHOR_END: rocket

// ANCHOR: routes
/// All routes, catchers and fairings, but for the one that traces them.
pub fn routes(
    rocket: Rocket<Build>,
    telemetry: &Telemetry,
    settings: &Settings,
) -> Rocket<Build> {
    rocket
        .attach(RequestIds)
        .attach(Cors::new(settings.cors_origins()))
        .attach(Methods)
        .attach(shield())
        .manage(settings.api_keys())
        .manage(rate_limits(telemetry, settings))
        .mount("/users", users::routes())
        .mount("/exports", export::routes())
        .mount("/health", health::routes())
        .mount("/", routes![guards::me, openapi::document])
        .register("/", catchers![catchers::any])
}
// ANCHOR_END: routes

// ANCHOR: shield
/// Headers by which a browser protects its user. Rocket has a default; this is
/// stricter, since no page of ours belongs into a frame.
fn shield() -> Shield {
    Shield::default()
        .enable(Frame::Deny)
        .enable(Referrer::NoReferrer)
}
// ANCHOR_END: shield

fn rate_limits(telemetry: &Telemetry, settings: &Settings) -> RateLimits {
    let (per_second, burst) = settings.rate_limit();
    let meter = telemetry.meter("rocket_crud.rate_limit");
    RateLimits::new(&settings.api_keys(), per_second, burst, &meter)
}
