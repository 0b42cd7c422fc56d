//! OTLP/gRPC.

use super::{Export, REQUEST_TIMEOUT, Sink};
use crate::limits::Limits;
use axum::http::{HeaderValue, Response as HttpResponse};
use futures_util::stream::unfold;
use opentelemetry_proto::tonic::collector::{
    logs::v1::{
        ExportLogsServiceRequest, ExportLogsServiceResponse,
        logs_service_server::{LogsService, LogsServiceServer},
    },
    metrics::v1::{
        ExportMetricsServiceRequest, ExportMetricsServiceResponse,
        metrics_service_server::{MetricsService, MetricsServiceServer},
    },
    trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
};
use service::Incoming;
use std::io;
use tokio::net::TcpListener;
use tonic::{
    Code, Request, Response, Status,
    codec::CompressionEncoding::Gzip,
    transport::{Error, Server},
};
use tower::{limit::GlobalConcurrencyLimitLayer, util::MapResponseLayer};

pub(super) async fn serve<S: Sink>(
    listener: TcpListener,
    limits: Limits,
    sink: S,
) -> Result<(), Error> {
    let largest = limits.message_bytes;
    let exporter = Exporter { sink };
    let traces = TraceServiceServer::new(exporter.clone())
        .accept_compressed(Gzip)
        .max_decoding_message_size(largest);
    let metrics = MetricsServiceServer::new(exporter.clone())
        .accept_compressed(Gzip)
        .max_decoding_message_size(largest);
    let logs = LogsServiceServer::new(exporter)
        .accept_compressed(Gzip)
        .max_decoding_message_size(largest);
    // A client that is there answers pings. Others are let go, and so is one
    // that never begins.
    let ping = limits.connections.head;
    let incoming = Incoming::new(listener, &limits.connections);
    let incoming = unfold(incoming.silent_for(2 * ping), async |mut from| {
        Some((Ok::<_, io::Error>(from.next().await), from))
    });
    Server::builder()
        .http2_keepalive_interval(Some(ping))
        .timeout(REQUEST_TIMEOUT)
        .layer(MapResponseLayer::new(blame_the_request))
        .layer(GlobalConcurrencyLimitLayer::new(limits.requests))
        .add_service(traces)
        .add_service(metrics)
        .add_service(logs)
        .serve_with_incoming(incoming)
        .await
}

#[derive(Clone)]
struct Exporter<S> {
    sink: S,
}

impl<S: Sink> Exporter<S> {
    async fn accept<E: Export>(
        &self,
        request: Request<E>,
    ) -> Result<Response<E::Response>, Status> {
        let (arrival, rejected) = request.into_inner().unpack();
        self.sink
            .deliver(arrival)
            .await
            .map_err(|closed| Status::unavailable(closed.to_string()))?;
        Ok(Response::new(E::response(rejected)))
    }
}

#[tonic::async_trait]
impl<S: Sink> TraceService for Exporter<S> {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.accept(request).await
    }
}

#[tonic::async_trait]
impl<S: Sink> MetricsService for Exporter<S> {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.accept(request).await
    }
}

#[tonic::async_trait]
impl<S: Sink> LogsService for Exporter<S> {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.accept(request).await
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
