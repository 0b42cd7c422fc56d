//! The fairing, and the second one that it brings along.

// ANCHOR: imports
use std::sync::Arc;

use opentelemetry::metrics::Meter;
use opentelemetry_sdk::trace::SdkTracer;
use rocket::{
    Build, Data, Request, Response, Rocket,
    fairing::{self, Fairing, Info, Kind},
};

use super::{
    body, catchers,
    exchange::Exchange,
    instruments::{Instruments, Propagator},
    routes,
};
// ANCHOR_END: imports

// ANCHOR: otel-fairing
/// Gives every request exactly one server span, and measures it.
///
/// Attach it before all other fairings: the span begins with it.
///
/// - The span is `{method} {route}`, or `{method}` where no route matched.
///   Guards, data guards and handlers run in its context: `tracing` spans,
///   logs and outgoing calls inside belong to it.
/// - It ends with the last byte of the response body. A streamed body that a
///   client does not wait for ends there, with `error.type=cancelled`.
/// - A request that one route forwards to the next stays one span: the last
///   route names it, and `rocket.forwards` counts the routes before.
/// - Status 5xx is an error, 4xx is not: the client made it. A panic is one,
///   with `error.type=panic`.
/// - No query, no user agent and no client address are recorded.
/// - Metrics: `http.server.request.duration`, `http.server.active_requests`.
///
/// Three things are beyond a fairing of Rocket 0.5. [`traced`] takes care of
/// the first:
///
/// - A catcher for one status (`#[catch(404)]`) does not run in the context.
///   One for all (`#[catch(default)]`) does.
/// - A route for `HEAD` that forwards runs twice.
/// - A route that another fairing mounts from inside a fairing of its own, when
///   all others have ignited, has a span, and its handler no context.
///
/// [`traced`]: super::traced
#[derive(Debug)]
pub struct OtelFairing {
    instruments: Arc<Instruments>,
}
// ANCHOR_END: otel-fairing

impl OtelFairing {
    /// A fairing that makes spans with `tracer` and metrics with `meter`, and
    /// asks `propagator` for the caller's context.
    pub fn new(
        tracer: SdkTracer,
        meter: &Meter,
        propagator: Propagator,
    ) -> Self {
        let instruments = Instruments::new(tracer, meter, propagator);
        Self {
            instruments: Arc::new(instruments),
        }
    }
}

// ANCHOR: on-request
#[rocket::async_trait]
impl Fairing for OtelFairing {
    fn info(&self) -> Info {
        Info {
            name: "OpenTelemetry",
            kind: Kind::Ignite | Kind::Request | Kind::Singleton,
        }
    }

    /// Others may mount routes when they ignite. What is attached now
    /// ignites after all of them.
    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let last = Last {
            instruments: Arc::clone(&self.instruments),
        };
        Ok(rocket.manage(Arc::clone(&self.instruments)).attach(last))
    }

    /// The clock starts. The span waits for the route, its name.
    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        Exchange::received(&self.instruments, request);
    }
}
// ANCHOR_END: on-request

/// Ignites after all other fairings, and sees the response after them.
#[derive(Debug)]
struct Last {
    instruments: Arc<Instruments>,
}

// ANCHOR: on-response
#[rocket::async_trait]
impl Fairing for Last {
    fn info(&self) -> Info {
        Info {
            name: "OpenTelemetry: routes, catchers, responses",
            kind: Kind::Ignite | Kind::Response,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let rocket = routes::observe(rocket, &self.instruments);
        Ok(catchers::observe(rocket))
    }

    /// Here the status is the client's. The body is still to come.
    async fn on_response<'r>(
        &self,
        request: &'r Request<'_>,
        response: &mut Response<'r>,
    ) {
        let exchange = Exchange::of(request, &self.instruments);
        exchange.respond(request, response.status());
        body::observe(exchange, response).await;
    }
}
// ANCHOR_END: on-response
