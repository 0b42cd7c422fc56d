//! The async runtime has its threads for itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    sync::{Mutex, mpsc},
    time::Duration,
};

use opentelemetry::{metrics::MeterProvider as _, trace::TracerProvider as _};
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
use polars::prelude::{DataFrame, IntoLazy as _, OptFlags, PolarsError, df};
use polars_etl::{Observer, engine::Engine, pool::Pool, run_observed};
use tokio::{sync::oneshot, time::sleep};

/// How often the runtime has to tick before the query goes on.
const TICKS: usize = 100;

/// Longest wait for a tick. It is reached only if nothing ticks.
const LIMIT: Duration = Duration::from_secs(300);

/// The runtime has one thread. Were the query on it, nothing would tick, and
/// the query, which waits for the ticks in its middle, would fail.
#[tokio::test(flavor = "current_thread")]
async fn the_runtime_ticks_while_a_query_runs() {
    let tracer = SdkTracerProvider::default().tracer("test");
    let meter = SdkMeterProvider::default().meter("test");
    let (observer, pool) =
        (Observer::new(tracer, &meter), Pool::new(&meter, 1, 0));
    let (begin, begun) = oneshot::channel();
    let (tick, ticks) = mpsc::channel();
    let once = Mutex::new(Some((begin, ticks)));
    let wait = move |rows: DataFrame| {
        if let Some((begin, ticks)) = once.lock().unwrap().take() {
            begin.send(()).unwrap();
            for _ in 0..TICKS {
                let ticked = ticks.recv_timeout(LIMIT);
                let stuck = |_| PolarsError::ComputeError("no tick".into());
                ticked.map_err(stuck)?;
            }
        }
        Ok(rows)
    };
    let rows = df!("n" => [1_i64, 2, 3]).unwrap().lazy();
    let query = rows.map(wait, OptFlags::STREAMING, None, Some("wait"));
    let work =
        move |_: &_| run_observed(&observer, "ticks", query, Engine::Streaming);
    let ticking = async {
        begun.await.unwrap();
        for _ in 0..TICKS {
            sleep(Duration::from_millis(1)).await;
            tick.send(()).unwrap();
        }
    };
    let (ran, ()) = tokio::join!(pool.run(2 * LIMIT, work), ticking);
    assert_eq!(ran.unwrap().unwrap().frame.height(), 3);
}
