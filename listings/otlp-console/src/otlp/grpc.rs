//! OTLP/gRPC.
//!
//! tonic frames and inflates; decoding is left to the [`Intake`], because the
//! generated services decode as soon as the bytes are there, whatever it costs.

use super::{
    Export, REQUEST_TIMEOUT, Sink,
    batch::{Format, Refused},
    intake::{Counted, Held, Intake},
};
use axum::{
    Router,
    body::Body,
    extract::{Request as HttpRequest, State},
    http::{HeaderValue, Response as HttpResponse},
    routing::post,
};
use futures_util::stream::unfold;
use opentelemetry_proto::tonic::collector::{
    logs::v1::{ExportLogsServiceRequest, logs_service_server},
    metrics::v1::{ExportMetricsServiceRequest, metrics_service_server},
    trace::v1::{ExportTraceServiceRequest, trace_service_server},
};
use prost::{
    Message,
    bytes::{Buf, BufMut, Bytes},
};
use service::Incoming;
use std::{io, sync::Arc};
use tokio::net::TcpListener;
use tonic::{
    Code, Request, Response, Status,
    codec::{
        Codec, CompressionEncoding::Gzip, DecodeBuf, Decoder, EncodeBuf,
        Encoder,
    },
    server::Grpc,
    service::Routes,
    transport::{Error, Server},
};
use tower::{service_fn, util::MapResponseLayer};

pub(super) async fn serve<S: Sink>(
    listener: TcpListener,
    intake: Intake<S>,
) -> Result<(), Error> {
    let connections = intake.limits.connections;
    let path = |service| format!("/{service}/Export");
    let traces = path(trace_service_server::SERVICE_NAME);
    let metrics = path(metrics_service_server::SERVICE_NAME);
    let logs = path(logs_service_server::SERVICE_NAME);
    let router = Router::new()
        .route(&traces, post(export::<ExportTraceServiceRequest, S>))
        .route(&metrics, post(export::<ExportMetricsServiceRequest, S>))
        .route(&logs, post(export::<ExportLogsServiceRequest, S>))
        .fallback(async || Status::unimplemented("").into_http::<Body>())
        .with_state(intake);
    // A client that is there answers pings. Others are let go, and so is one
    // that never begins.
    let ping = connections.head;
    let incoming = Incoming::new(listener, &connections);
    let incoming = unfold(incoming.silent_for(2 * ping), async |mut from| {
        Some((Ok::<_, io::Error>(from.next().await), from))
    });
    Server::builder()
        .http2_keepalive_interval(Some(ping))
        .timeout(REQUEST_TIMEOUT)
        .layer(MapResponseLayer::new(blame_the_request))
        .add_routes(Routes::from(router))
        .serve_with_incoming(incoming)
        .await
}

async fn export<E: Export, S: Sink>(
    State(intake): State<Intake<S>>,
    request: HttpRequest,
) -> HttpResponse<tonic::body::Body> {
    let held = intake.bytes_of_one();
    let largest = intake.limits.message_bytes;
    let request = request.map(|body| {
        let held = Arc::clone(&held);
        Counted { body, held }
    });
    let codec = Raw(Arc::clone(&held));
    let accept = service_fn(move |request: Request<Bytes>| {
        let (intake, held) = (intake.clone(), Arc::clone(&held));
        async move {
            let body = request.into_inner();
            let accepted = intake.accept::<E>(Format::Protobuf, body, held);
            let rejected = accepted.await.map_err(status)?;
            Ok(Response::new(E::response(rejected).encode_to_vec()))
        }
    });
    Grpc::new(codec)
        .accept_compressed(Gzip)
        .max_decoding_message_size(largest)
        .unary(accept, request)
        .await
}

fn status(refused: Refused) -> Status {
    let code = match refused {
        Refused::Malformed(_) | Refused::Unreadable(_) => Code::InvalidArgument,
        Refused::TooMany { .. } => Code::ResourceExhausted,
        Refused::Busy | Refused::Closed => Code::Unavailable,
        Refused::Broken => Code::Unknown,
    };
    Status::new(code, refused.to_string())
}

/// Passes bytes through. What a message inflates to is counted here: from
/// here on it waits for the end of its request.
#[derive(Clone)]
struct Raw(Arc<Held>);

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        self.clone()
    }

    fn decoder(&mut self) -> Self {
        self.clone()
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(
        &mut self,
        message: Vec<u8>,
        out: &mut EncodeBuf<'_>,
    ) -> Result<(), Status> {
        out.put_slice(&message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(
        &mut self,
        message: &mut DecodeBuf<'_>,
    ) -> Result<Option<Bytes>, Status> {
        let bytes = message.remaining();
        // Not compressed, they are the bytes that have been counted already.
        let more = bytes.saturating_sub(self.0.taken());
        self.0.take(more).map_err(status)?;
        Ok(Some(message.copy_to_bytes(bytes)))
    }
}

/// Says whose fault it was.
///
/// tonic answers a message that it cannot decode with INTERNAL and one that
/// is too large with OUT_OF_RANGE. OTLP asks for INVALID_ARGUMENT, and gRPC
/// for RESOURCE_EXHAUSTED. Our own services answer with neither.
fn blame_the_request<B>(mut response: HttpResponse<B>) -> HttpResponse<B> {
    if let Some(status) = response.headers_mut().get_mut("grpc-status") {
        let code = match Code::from_bytes(status.as_bytes()) {
            Code::Internal => Code::InvalidArgument,
            Code::OutOfRange => Code::ResourceExhausted,
            code => code,
        };
        *status = HeaderValue::from(code as i32);
    }
    response
}
