//! Which thread drives the exporter, and which runtime?

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::trace::{
    SdkTracerProvider, TracerProviderBuilder as Builder,
};
use otlp_console::{Limits, Receiver};
use pitfalls::{
    DEADLINE, GONE, NOBODY_LISTENS, batching, grpc, http, in_own_process,
};
use tokio::{
    runtime::{self, Handle},
    task::spawn_blocking,
};

/// A provider over this exporter in which one span has ended.
fn provider_of_one_span(exporter: SpanExporter) -> SdkTracerProvider {
    let provider = batching(exporter);
    provider.tracer("pitfalls").start("order.price").end();
    provider
}

#[test]
fn the_batch_thread_panics_without_a_reactor() {
    let name = "the_batch_thread_panics_without_a_reactor";
    let console = in_own_process(name, &[], || {
        // Wrong: an asynchronous client on the batch thread, which is no
        // thread of Tokio's. The feature `reqwest-client` builds the same.
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(reqwest::Client::new())
            .with_endpoint(NOBODY_LISTENS)
            .build()
            .unwrap();
        assert!(provider_of_one_span(exporter).shutdown().is_err(), "{GONE}");
        eprintln!("-- from here on with the blocking client --");

        // Right: the default features, and so the blocking client.
        provider_of_one_span(http(NOBODY_LISTENS))
            .shutdown()
            .unwrap();
    });
    let (wrong, right) = console.split_once("-- from here").unwrap();
    assert!(
        wrong.contains("there is no reactor running"),
        "{GONE}: {wrong}"
    );
    assert!(!right.contains("panicked"), "{right}");
}

// ANCHOR: one-thread
#[tokio::test(flavor = "current_thread")]
async fn grpc_shutdown_on_the_only_thread_stalls_and_loses_spans() {
    let patience = Duration::from_secs(1); // 5 s for `shutdown()`

    // Wrong: `shutdown` blocks the one thread that would do the export.
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let provider = provider_of_one_span(grpc(&receiver.grpc_endpoint()));
    let start = Instant::now();
    let stalled = provider.shutdown_with_timeout(patience);
    assert!(stalled.is_err() && start.elapsed() >= patience, "{GONE}");
    assert!(receiver.spans().is_empty(), "{GONE}");

    // Right: block another thread.
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let provider = provider_of_one_span(grpc(&receiver.grpc_endpoint()));
    spawn_blocking(move || provider.shutdown())
        .await
        .unwrap()
        .unwrap();
    receiver.wait_for_spans(1, DEADLINE).await.unwrap();
}
// ANCHOR_END: one-thread

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn grpc_shutdown_on_the_only_worker_stalls() {
    let patience = Duration::from_secs(1);

    // Wrong: a spawned task runs on a worker, and this machine has one core.
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let provider = provider_of_one_span(grpc(&receiver.grpc_endpoint()));
    let task = async move { provider.shutdown_with_timeout(patience) };
    let stalled = tokio::spawn(task).await.unwrap();
    assert!(stalled.is_err(), "{GONE}");

    // Right: block another thread.
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let provider = provider_of_one_span(grpc(&receiver.grpc_endpoint()));
    let task = async { spawn_blocking(move || provider.shutdown()).await };
    tokio::spawn(task).await.unwrap().unwrap().unwrap();
    receiver.wait_for_spans(1, DEADLINE).await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn the_blocking_client_is_at_home_in_tokio() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = format!("{}/v1/traces", receiver.http_endpoint());

    // Built and shut down on the only thread of a runtime.
    provider_of_one_span(http(&endpoint)).shutdown().unwrap();

    receiver.wait_for_spans(1, DEADLINE).await.unwrap();
}

#[tokio::test]
async fn a_grpc_exporter_built_outside_a_runtime_panics() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.grpc_endpoint();

    // Wrong: a thread of its own has no runtime.
    let outside = endpoint.clone();
    let built = thread::spawn(move || drop(grpc(&outside))).join();
    assert!(built.is_err(), "{GONE}");

    // Right: the thread enters the runtime for as long as it builds.
    let runtime = Handle::current();
    let built = thread::spawn(move || {
        let _entered = runtime.enter();
        grpc(&endpoint)
    });
    let provider = provider_of_one_span(built.join().unwrap());
    spawn_blocking(move || provider.shutdown())
        .await
        .unwrap()
        .unwrap();
    receiver.wait_for_spans(1, DEADLINE).await.unwrap();
}

#[tokio::test]
async fn the_end_of_a_span_hangs() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    type Configure = fn(Builder, SpanExporter) -> Builder;
    let end_a_span = |configure: Configure, patience: Duration| {
        let endpoint = receiver.grpc_endpoint();
        let (ended, end) = mpsc::channel();
        thread::spawn(move || {
            let only_thread = runtime::Builder::new_current_thread();
            { only_thread }
                .enable_all()
                .build()
                .unwrap()
                .block_on(async {
                    let builder = SdkTracerProvider::builder();
                    let provider = configure(builder, grpc(&endpoint)).build();
                    provider.tracer("pitfalls").start("order.price").end();
                    ended.send(()).unwrap();
                    spawn_blocking(move || provider.shutdown()).await.unwrap()
                })
        });
        end.recv_timeout(patience)
    };

    // Wrong: the export runs inside `end`, on the thread that it waits for.
    let moment = Duration::from_secs(3);
    let hangs = end_a_span(Builder::with_simple_exporter, moment);
    assert!(hangs.is_err(), "{GONE}");

    // Right: the batch processor exports on a thread of its own.
    end_a_span(Builder::with_batch_exporter, DEADLINE).unwrap();
    receiver.wait_for_spans(1, DEADLINE).await.unwrap();
}
