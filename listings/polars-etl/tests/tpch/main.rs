//! Questions of [TPC-H] that others have asked, with answers that others have
//! published: of the tables at scale factor 0.01, as DuckDB's copy of the
//! official generator has them.
//!
//! [TPC-H]: https://www.tpc.org/tpch/

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod queries;
mod tables;

use opentelemetry::{metrics::MeterProvider as _, trace::TracerProvider as _};
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
use polars::prelude::LazyFrame;
use polars_etl::{Observer, engine::Engine, run_observed};

// ANCHOR: answered
/// Asks on both engines, observed, and compares with what was published.
fn answered(name: &'static str, query: fn() -> LazyFrame) {
    let tracer = SdkTracerProvider::default().tracer("test");
    let meter = SdkMeterProvider::default().meter("test");
    let observer = Observer::new(tracer, &meter);
    for engine in [Engine::Streaming, Engine::InMemory] {
        let run = run_observed(&observer, name, query(), engine).unwrap();
        answers::compare(name, engine, &run.frame);
    }
}
// ANCHOR_END: answered

macro_rules! questions {
    ($($name:ident $query:ident)*) => {
        $(
            #[test]
            fn $name() {
                answered(stringify!($query), queries::$query);
            }
        )*
    };
}

questions! {
    q01_pricing_summary q01
    q03_shipping_priority q03
    q04_order_priority_checking q04
    q06_forecasting_revenue_change q06
    q07_volume_shipping q07
    q14_promotion_effect q14
    q18_large_volume_customer q18
    q19_discounted_revenue q19
}
