//! Where does the exporter send?

use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::error::OTelSdkResult;
use otlp_console::{Limits, Receiver};
use pitfalls::{GONE, batching, grpc, http, in_own_process};
use tokio::task::spawn_blocking;

/// Exports one span and says how that went.
fn export_one_span(exporter: SpanExporter) -> OTelSdkResult {
    let provider = batching(exporter);
    provider.tracer("pitfalls").start("order.price").end();
    provider.force_flush()
}

// ANCHOR: path
#[tokio::test]
async fn an_endpoint_in_code_gets_no_path() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.http_endpoint(); // http://127.0.0.1:PORT

    // Wrong: `with_endpoint` takes the address as it is: POST /, answer 404.
    let failed = export_one_span(http(&endpoint));
    assert!(failed.is_err(), "{GONE}");
    assert!(receiver.spans().is_empty(), "{GONE}");

    // Right: name the path of the signal.
    export_one_span(http(&format!("{endpoint}/v1/traces"))).unwrap();
    assert_eq!(receiver.spans().len(), 1);
}
// ANCHOR_END: path

#[tokio::test]
async fn the_variable_of_one_signal_gets_no_path() {
    let name = "the_variable_of_one_signal_gets_no_path";
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.http_endpoint();
    let arrived_with = |variable| {
        let console = in_own_process(name, &[(variable, &endpoint)], || {
            let exporter = SpanExporter::builder().with_http().build();
            println!("{:?}", export_one_span(exporter.unwrap()));
        });
        println!("{variable}: {console}");
        receiver.spans().len()
    };

    // Wrong: the variable of one signal is taken as it is, too.
    let arrived = arrived_with("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    assert_eq!(arrived, 0, "{GONE}");

    // Right: the variable of all signals. Each signal appends its path.
    assert_eq!(arrived_with("OTEL_EXPORTER_OTLP_ENDPOINT"), 1);
}

#[tokio::test]
async fn spans_sent_to_the_other_port_are_lost() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let http_port = receiver.http_endpoint(); // by convention 4318
    let grpc_port = receiver.grpc_endpoint(); // by convention 4317

    // Wrong: the ports are swapped. Each side waits for the other protocol.
    let swapped = http(&format!("{grpc_port}/v1/traces"));
    assert!(export_one_span(swapped).is_err(), "{GONE}");
    let swapped = grpc(&http_port);
    let sent = spawn_blocking(|| export_one_span(swapped)).await.unwrap();
    assert!(sent.is_err(), "{GONE}");
    assert!(receiver.spans().is_empty(), "{GONE}");

    // Right: each to its own.
    export_one_span(http(&format!("{http_port}/v1/traces"))).unwrap();
    let exporter = grpc(&grpc_port);
    spawn_blocking(|| export_one_span(exporter))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(receiver.spans().len(), 2);
}
