//! OTLP/HTTP: protobuf and JSON, gzip or not.

use super::{
    Export, REQUEST_TIMEOUT, Sink,
    batch::{Format, Refused},
    intake::{Counted, Held, Intake},
};
use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Request, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::post,
};
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest,
    metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};
use prost::Message;
use serde_json::{Value, json};
use std::sync::Arc;
use tonic_types::Status;
use tower_http::{
    decompression::RequestDecompressionLayer, limit::RequestBodyLimitLayer,
    timeout::TimeoutLayer,
};

pub(super) fn router<S: Sink>(intake: Intake<S>) -> Router {
    let message_bytes = intake.limits.message_bytes;
    Router::new()
        .route("/v1/traces", post(export::<ExportTraceServiceRequest, S>))
        .route(
            "/v1/metrics",
            post(export::<ExportMetricsServiceRequest, S>),
        )
        .route("/v1/logs", post(export::<ExportLogsServiceRequest, S>))
        .fallback(StatusCode::NOT_FOUND)
        .method_not_allowed_fallback(async || StatusCode::METHOD_NOT_ALLOWED)
        .layer(from_fn_with_state(intake.clone(), count_bytes::<S>))
        // One limit for the bytes on the wire, one for what they inflate to.
        .layer(DefaultBodyLimit::max(message_bytes))
        .layer(RequestDecompressionLayer::new())
        .layer(RequestBodyLimitLayer::new(message_bytes))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_TIMEOUT,
        ))
        .layer(from_fn(explain_failure))
        .with_state(intake)
}

/// Counts the bytes of the body, inflated, among those of all requests.
async fn count_bytes<S: Sink>(
    State(intake): State<Intake<S>>,
    request: Request,
    next: Next,
) -> Response {
    let held = intake.bytes_of_one();
    let mut request = request.map(|body| {
        let held = Arc::clone(&held);
        Body::new(Counted { body, held })
    });
    request.extensions_mut().insert(held);
    next.run(request).await
}

async fn export<E: Export, S: Sink>(
    State(intake): State<Intake<S>>,
    Extension(held): Extension<Arc<Held>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let encoding = Encoding::of(&headers).ok_or_else(|| {
        Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            &"send Content-Type: application/x-protobuf or application/json",
        )
    })?;
    let body = body.map_err(|rejection| match held.was_refused() {
        true => Failure::from(Refused::Busy),
        false => Failure::new(rejection.status(), &rejection.body_text()),
    })?;
    let rejected = intake.accept::<E>(encoding.format(), body, held).await?;
    let json = rejected.json(E::REJECTED_FIELD);
    Ok(encoding.answer(StatusCode::OK, &E::response(rejected), &json))
}

/// How the client wrote its message, and so how it reads ours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Protobuf,
    Json,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let media_type = content_type.split(';').next()?.trim();
        [Self::Protobuf, Self::Json].into_iter().find(|encoding| {
            media_type.eq_ignore_ascii_case(encoding.media_type())
        })
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }

    fn format(self) -> Format {
        match self {
            Self::Protobuf => Format::Protobuf,
            Self::Json => Format::Json,
        }
    }

    fn answer(
        self,
        status: StatusCode,
        message: &impl Message,
        json: &Value,
    ) -> Response {
        let body = match self {
            Self::Protobuf => message.encode_to_vec(),
            Self::Json => json.to_string().into_bytes(),
        };
        let content_type = [(header::CONTENT_TYPE, self.media_type())];
        (status, content_type, body).into_response()
    }
}

/// A refusal; [`explain_failure`] writes its body.
struct Failure {
    status: StatusCode,
    reason: String,
}

impl Failure {
    fn new(status: StatusCode, reason: &impl ToString) -> Self {
        Self {
            status,
            reason: reason.to_string(),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let status = match refused {
            Refused::Malformed(_) | Refused::Unreadable(_) => {
                StatusCode::BAD_REQUEST
            }
            Refused::TooMany { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Refused::Busy | Refused::Closed => StatusCode::SERVICE_UNAVAILABLE,
            Refused::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, &refused)
    }
}

#[derive(Clone)]
struct Reason(String);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Extension(Reason(self.reason))).into_response()
    }
}

/// Gives every refusal, ours or a layer's, the body that OTLP asks for: a
/// `google.rpc.Status` in the encoding of the request.
async fn explain_failure(request: Request, next: Next) -> Response {
    let encoding = Encoding::of(request.headers());
    let (mut parts, body) = next.run(request).await.into_parts();
    if parts.status.is_success() {
        return Response::from_parts(parts, body);
    }
    let message = match parts.extensions.remove() {
        Some(Reason(reason)) => reason,
        None => default_reason(parts.status).to_owned(),
    };
    let json = json!({ "message": message });
    let status = Status {
        message,
        ..Status::default()
    };
    let answer = encoding.unwrap_or(Encoding::Protobuf).answer(
        parts.status,
        &status,
        &json,
    );
    let (told, body) = answer.into_parts();
    // The layer's other headers stay: Allow, Accept-Encoding.
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(told.headers);
    Response::from_parts(parts, body)
}

fn default_reason(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => {
            "no such path; OTLP/HTTP has /v1/traces, /v1/metrics, /v1/logs"
        }
        StatusCode::METHOD_NOT_ALLOWED => "OTLP/HTTP only knows POST",
        StatusCode::PAYLOAD_TOO_LARGE => "the request is too large",
        StatusCode::REQUEST_TIMEOUT => "the request took too long",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            "send Content-Encoding: gzip, or none"
        }
        _ => "the request failed",
    }
}
