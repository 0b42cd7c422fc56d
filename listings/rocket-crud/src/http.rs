//! The web API: typed ids become users, versions become entity tags, and
//! errors become problems.

mod body;
mod catchers;
mod export;
mod guards;
mod health;
mod problem;
mod responders;
mod users;

use std::sync::Arc;

use rocket::{Build, Rocket, catchers, routes};
use telemetry::Telemetry;

use crate::{otel::OtelFairing, settings::Settings, users::Repository};
pub use guards::{AdminUser, AuthUser, IfMatch, IfNoneMatch, UserId};
pub use problem::{Kind, Problem, kinds};

/// Where the handlers find the users.
pub type Users = Arc<dyn Repository>;

/// What a handler answers, or a problem.
type Answer<T> = Result<T, Problem>;

/// Managed state for [`rocket`]: the users in `repository`.
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
    rocket::custom(settings.figment())
        .attach(otel)
        .manage(settings.api_keys())
        .mount("/users", users::routes())
        .mount("/exports", export::routes())
        .mount("/health", health::routes())
        .mount("/", routes![guards::me])
        .register("/", catchers![catchers::any])
}
// ANCHOR_END: rocket
