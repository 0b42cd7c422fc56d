//! Context follows the work across tasks and threads.

use opentelemetry::{
    Context,
    context::FutureExt,
    trace::{TraceContextExt, Tracer},
};
use otlp_console::Receiver;
use rayon::prelude::*;
use telemetry::{Telemetry, carry};
use tracing::{Instrument, instrument::WithSubscriber};

use crate::support::{current, finish, log, receiver, span, start};

/// Runs `work` inside a `tracing` span inside a span of the API, with a
/// subscriber that only this future knows, and checks that the span and the
/// log record that `work` makes belong there.
async fn follows<F: Future<Output = ()> + Send>(work: F) {
    let receiver = receiver().await;
    let telemetry = start(&receiver, &[]);
    run(&telemetry, work).await;
    finish(&telemetry).await;
    check(&receiver);
}

async fn run(telemetry: &Telemetry, work: impl Future<Output = ()> + Send) {
    let tracer = telemetry.tracer("test");
    let tracing_span_then_api_span = async {
        let inner = Context::current().with_span(tracer.start("inner"));
        work.with_context(inner).await;
    };
    let subscriber = telemetry.subscriber();
    async {
        tracing_span_then_api_span
            .instrument(tracing::info_span!("outer"))
            .await
    }
    .with_subscriber(subscriber)
    .await;
}

fn check(receiver: &Receiver) {
    let (spans, logs) = (receiver.spans(), receiver.logs());
    let [outer, inner, away] =
        ["outer", "inner", "away"].map(|name| span(&spans, name));
    assert_eq!(inner.parent_span_id, Some(outer.span_id));
    assert_eq!(away.parent_span_id, Some(inner.span_id));
    assert_eq!(away.trace_id, outer.trace_id);
    assert_eq!(log(&logs, "far away").span_id, Some(away.span_id));
}

fn work() {
    tracing::info_span!("away").in_scope(|| tracing::info!("far away"));
}

// ANCHOR: carried
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn into_a_task() {
    follows(async {
        let task = async {
            tokio::task::yield_now().await;
            work();
        };
        tokio::spawn(carry::future(task)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn into_a_blocking_task() {
    follows(async {
        tokio::task::spawn_blocking(carry::closure(work))
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn into_a_thread() {
    follows(async {
        std::thread::spawn(carry::closure(work)).join().unwrap();
    })
    .await;
}
// ANCHOR_END: carried

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn into_a_rayon_pool() {
    follows(async {
        let here = carry::Here::capture();
        let expected = current();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        pool.unwrap().install(|| {
            (0..100).into_par_iter().for_each(|n| {
                here.run(|| {
                    assert_eq!(current(), expected);
                    if n == 50 {
                        work();
                    }
                });
                assert_ne!(current(), expected, "left behind on the thread");
            });
        });
    })
    .await;
}

/// What the module is for: without it, the trace falls apart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_follows_by_itself() {
    let receiver = receiver().await;
    let telemetry = start(&receiver, &[]);
    run(&telemetry, async {
        tokio::spawn(async { work() }).await.unwrap();
        std::thread::spawn(work).join().unwrap();
    })
    .await;
    finish(&telemetry).await;
    assert_eq!(receiver.spans().len(), 2, "only outer and inner");
    assert!(receiver.logs().is_empty());
}
