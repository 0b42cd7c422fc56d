//! OTLP over HTTP and gRPC, in front of a [`Sink`].

mod attributes;
pub(crate) mod batch;
pub(crate) mod encode;
mod grpc;
mod http;
mod intake;
pub(crate) mod json;
mod logs;
mod metrics;
pub(crate) mod schema;
mod traces;
mod wire;

pub(crate) use intake::Room;

use crate::{
    limits::Limits,
    model::{LogRecord, Metric, Origin, Span},
    sockets::Sockets,
};
use batch::Reader;
use intake::Intake;
use schema::Schema;
use serde_json::{Value, json};
use std::{
    future::{Future, pending},
    io,
    time::Duration,
};

/// How long one request may take, from its headers to our answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The telemetry of one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Arrival {
    pub(crate) spans: Vec<Span>,
    pub(crate) logs: Vec<LogRecord>,
    pub(crate) metrics: Vec<Metric>,
}

/// Takes what arrives. The sender gets its answer afterwards, so a slow sink
/// slows its senders down instead of filling the memory.
pub(crate) trait Sink: Clone + Send + Sync + 'static {
    /// Takes one request's telemetry, and keeps `room` until it is where
    /// memory is bounded otherwise; fails when nobody takes any more.
    fn deliver(
        &self,
        arrival: Arrival,
        room: Room,
    ) -> impl Future<Output = Result<(), Closed>> + Send;
}

/// The sink takes nothing any more.
#[derive(Debug)]
pub(crate) struct Closed;

/// What of a request was not taken in, and why.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) count: i64,
    pub(crate) reason: String,
}

impl Rejected {
    /// Counts `items` as rejected. The first reason stands for all.
    fn add(&mut self, items: usize, reason: &impl ToString) {
        self.count = self.count.saturating_add_unsigned(items as u64);
        if self.reason.is_empty() {
            self.reason = reason.to_string();
        }
    }

    /// The JSON form of the answer; 64-bit integers are text there.
    fn json(&self, count_field: &str) -> Value {
        if *self == Self::default() {
            return json!({});
        }
        let count = self.count.to_string();
        json!({"partialSuccess": {
            count_field: count,
            "errorMessage": self.reason,
        }})
    }

    /// The two fields of a partial success; `None` when all was taken in.
    fn partial<T>(self, build: impl FnOnce(i64, String) -> T) -> Option<T> {
        (self != Self::default()).then(|| build(self.count, self.reason))
    }
}

/// One of the three `Export*ServiceRequest` messages.
pub(crate) trait Export: Send + 'static {
    /// Its `Export*ServiceResponse`.
    type Response: prost::Message;
    /// JSON name of the response's rejection counter.
    const REJECTED_FIELD: &'static str;
    /// Its fields.
    const SCHEMA: &'static Schema;

    /// How many items may be held.
    fn most(limits: &Limits) -> usize;

    /// How many items one span, log record or metric is.
    fn count(_item: &[u8]) -> usize {
        1
    }

    /// Reads one span, log record or metric into the batch.
    fn read(item: &[u8], origin: &Origin, reader: &mut Reader);

    /// The answer to a message of which `rejected` was not taken in.
    fn response(rejected: Rejected) -> Self::Response;
}

/// Serves both protocols until the future is dropped.
pub(crate) async fn serve<S: Sink>(
    sockets: Sockets,
    limits: Limits,
    sink: S,
) -> io::Result<()> {
    let http = tokio::net::TcpListener::from_std(sockets.http)?;
    let grpc = tokio::net::TcpListener::from_std(sockets.grpc)?;
    let intake = Intake::new(limits, sink);
    let routes = http::router(intake.clone());
    let http = service::serve(http, routes, limits.connections, pending());
    let grpc = grpc::serve(grpc, intake);
    tokio::select! {
        () = http => Ok(()),
        ended = grpc => ended.map_err(io::Error::other),
    }
}
