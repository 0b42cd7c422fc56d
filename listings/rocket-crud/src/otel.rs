//! OpenTelemetry for Rocket 0.5, without a word in any handler.
//!
//! ```
//! # use std::sync::Arc;
//! # use opentelemetry::trace::TracerProvider;
//! # use opentelemetry::metrics::MeterProvider;
//! # use opentelemetry_sdk::{trace::SdkTracerProvider, metrics::SdkMeterProvider};
//! # use opentelemetry_sdk::propagation::TraceContextPropagator;
//! # use rocket_crud::otel::OtelFairing;
//! # let (tracers, meters) = (SdkTracerProvider::default(), SdkMeterProvider::default());
//! # let routes = rocket::routes![];
//! let otel = OtelFairing::new(
//!     tracers.tracer("rocket"),
//!     &meters.meter("rocket"),
//!     Arc::new(TraceContextPropagator::new()),
//! );
//! let rocket = rocket::build().attach(otel).mount("/", routes);
//! # drop(rocket);
//! ```
//!
//! Every request then has exactly one server span, whatever becomes of it, and
//! guards and handlers run in its context.
//!
//! A fairing sees a request before and after, but cannot stand around it, as
//! a tower layer does. It can add routes, though. So the fairing gives each
//! route a *twin* that ranks before it: the same guards and the same handler,
//! run in the context of the server span. See [`OtelFairing`].

mod active;
mod body;
mod catchers;
mod exchange;
mod fairing;
mod guard;
mod headers;
mod instruments;
mod routes;

pub use catchers::traced;
pub use fairing::OtelFairing;
pub use guard::TraceCtx;
pub use instruments::Propagator;
