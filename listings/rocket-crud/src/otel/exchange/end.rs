//! What becomes of a request, and the end of its span.

use std::sync::PoisonError;

use opentelemetry::{
    KeyValue,
    trace::{Status as SpanStatus, TraceContextExt},
};
use opentelemetry_semantic_conventions::attribute::{
    ERROR_TYPE, HTTP_RESPONSE_STATUS_CODE, HTTP_ROUTE,
};
use rocket::{Request, http::Status};

use super::{Exchange, SoFar};

/// How many routes have passed a request on to the next.
const ROCKET_FORWARDS: &str = "rocket.forwards";

// ANCHOR: outcomes
impl Exchange {
    /// Takes note that a route has passed the request on.
    pub(in crate::otel) fn forward(&self, status: Status) {
        let mut so_far = self.so_far();
        so_far.forwarded = Some(status);
        so_far.forwards += 1;
    }

    /// The status that the last route passed on, or 404 if none has matched.
    pub(in crate::otel) fn forwarded(&self) -> Status {
        self.so_far().forwarded.unwrap_or(Status::NotFound)
    }

    /// Takes note of the response. Whichever comes last counts.
    pub(in crate::otel) fn respond(
        &self,
        request: &Request<'_>,
        status: Status,
    ) {
        if self.so_far().context.is_none() {
            self.enter(request, None);
        }
        self.so_far().status = Some(status);
    }

    /// Takes note of an error by a name out of a small set.
    pub(in crate::otel) fn fail(&self, error: &'static str) {
        self.so_far().error.get_or_insert(error.into());
    }
}
// ANCHOR_END: outcomes

// ANCHOR: exchange-end
impl Drop for Exchange {
    fn drop(&mut self) {
        let so_far = self.so_far.get_mut();
        let so_far = so_far.unwrap_or_else(PoisonError::into_inner);
        self.instruments.active.end(self.kind);
        let outcome = so_far.outcome();
        so_far.end_span(&outcome);
        let mut point = Vec::with_capacity(5);
        point.extend(self.kind.attributes());
        let [status, error] = outcome;
        point.extend(status);
        point.extend(error);
        point.extend(so_far.route.map(|r| KeyValue::new(HTTP_ROUTE, r)));
        let seconds = self.started.elapsed().as_secs_f64();
        self.instruments.duration.record(seconds, &point);
    }
}

impl SoFar {
    /// The status, and what went wrong.
    fn outcome(&self) -> [Option<KeyValue>; 2] {
        let status = self.status.map(|status| {
            KeyValue::new(HTTP_RESPONSE_STATUS_CODE, i64::from(status.code))
        });
        let is_ours = |status: &Status| status.class().is_server_error();
        let failed = self.status.filter(is_ours).map(|s| s.code.to_string());
        let error = self.error.clone().or(failed.map(Into::into));
        [status, error.map(|error| KeyValue::new(ERROR_TYPE, error))]
    }
}
// ANCHOR_END: exchange-end

// ANCHOR: end-span
impl SoFar {
    fn end_span(&self, outcome: &[Option<KeyValue>; 2]) {
        let Some(context) = &self.context else {
            return;
        };
        let span = context.span();
        // One that is not sampled has no end either.
        if !span.is_recording() {
            return;
        }
        span.set_attributes(outcome.iter().flatten().cloned());
        if self.forwards > 0 {
            let forwards = KeyValue::new(ROCKET_FORWARDS, self.forwards);
            span.set_attribute(forwards);
        }
        if outcome[1].is_some() {
            span.set_status(SpanStatus::error(""));
        }
        span.end();
    }
}
// ANCHOR_END: end-span
