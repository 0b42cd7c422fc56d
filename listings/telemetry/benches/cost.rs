//! What one span, one log record and one metric point cost the program, with
//! an exporter behind them and with `OTEL_SDK_DISABLED=true`.
//!
//! The exporter sends over HTTP to a sink in this process that answers each
//! request with 200 and does nothing with it. The queues are large, so that
//! the figures are those of recording, not of dropping.
#![allow(clippy::expect_used)]

use std::{net::SocketAddr, sync::OnceLock};

use divan::{Bencher, black_box};
use opentelemetry::{
    KeyValue,
    trace::{Span, Tracer},
};
use telemetry::{Config, Telemetry};
use tracing::Dispatch;

fn main() {
    // Many a sample, because one costs less than the clock can tell.
    divan::Divan::from_args()
        .sample_count(200)
        .sample_size(1_000)
        .main();
}

const MODES: [&str; 2] = ["exported", "disabled"];

struct Pipeline {
    telemetry: Telemetry,
    dispatch: Dispatch,
}

fn pipeline(mode: &str) -> &'static Pipeline {
    static PIPELINES: [OnceLock<Pipeline>; 2] = [const { OnceLock::new() }; 2];
    let disabled = mode == "disabled";
    PIPELINES[usize::from(disabled)].get_or_init(|| {
        let endpoint = format!("http://{}", sink());
        let config = Config::from_lookup("bench", "1", |name| {
            let value = match name {
                "OTEL_SDK_DISABLED" => disabled.to_string(),
                "OTEL_EXPORTER_OTLP_ENDPOINT" => endpoint.clone(),
                "OTEL_BSP_MAX_QUEUE_SIZE" => "1000000".to_owned(),
                "OTEL_BLRP_MAX_QUEUE_SIZE" => "1000000".to_owned(),
                _ => return None,
            };
            Some(value)
        });
        let telemetry = Telemetry::start(&config.expect("valid variables"))
            .expect("pipelines");
        Pipeline {
            dispatch: Dispatch::new(telemetry.subscriber()),
            telemetry,
        }
    })
}

/// Answers every request with 200, for as long as the process lives.
fn sink() -> SocketAddr {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
            let listener = listener.expect("a free port");
            let address = listener.local_addr().expect("an address");
            sender.send(address).expect("someone waits for it");
            let app = axum::Router::new().fallback(async || ());
            axum::serve(listener, app).await.expect("serving");
        });
    });
    receiver.recv().expect("the address of the sink")
}

#[divan::bench(args = MODES)]
fn span_by_api(bencher: Bencher<'_, '_>, mode: &str) {
    let tracer = pipeline(mode).telemetry.tracer("bench");
    bencher.bench_local(|| {
        let mut span = tracer.start("work");
        span.set_attribute(KeyValue::new("answer", 42));
        span.end();
    });
}

#[divan::bench(args = MODES)]
fn span_by_tracing(bencher: Bencher<'_, '_>, mode: &str) {
    let dispatch = &pipeline(mode).dispatch;
    tracing::dispatcher::with_default(dispatch, || {
        bencher.bench_local(|| {
            tracing::info_span!("work", answer = 42).in_scope(|| ());
        });
    });
}

/// With the line on the console: redirect standard error to `/dev/null`.
#[divan::bench(args = MODES)]
fn log_record(bencher: Bencher<'_, '_>, mode: &str) {
    let dispatch = &pipeline(mode).dispatch;
    tracing::dispatcher::with_default(dispatch, || {
        bencher.bench_local(|| tracing::info!(items = 3, "order accepted"));
    });
}

#[divan::bench(args = MODES)]
fn log_record_below_the_level(bencher: Bencher<'_, '_>, mode: &str) {
    let dispatch = &pipeline(mode).dispatch;
    tracing::dispatcher::with_default(dispatch, || {
        bencher.bench_local(|| {
            tracing::debug!(items = black_box(3), "order accepted")
        });
    });
}

#[divan::bench(args = MODES)]
fn counter_point(bencher: Bencher<'_, '_>, mode: &str) {
    let meter = pipeline(mode).telemetry.meter("bench");
    let counter = meter.u64_counter("bench.orders").build();
    let attributes = [KeyValue::new("kind", "test")];
    bencher.bench_local(|| counter.add(1, &attributes));
}

#[divan::bench(args = MODES)]
fn histogram_point(bencher: Bencher<'_, '_>, mode: &str) {
    let meter = pipeline(mode).telemetry.meter("bench");
    let histogram = meter.f64_histogram("bench.duration").build();
    let attributes = [KeyValue::new("kind", "test")];
    bencher.bench_local(|| histogram.record(0.03, &attributes));
}
