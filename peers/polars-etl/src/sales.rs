//! The client: it plans the query, and waits for the executors.

use std::collections::HashMap;

use ballista::prelude::{SessionConfigExt as _, SessionContextExt as _};
use datafusion::{
    arrow::util::pretty::pretty_format_batches,
    execution::SessionStateBuilder,
    prelude::{
        CsvReadOptions, ParquetReadOptions, SessionConfig, SessionContext,
    },
};
use opentelemetry::{
    Context, KeyValue,
    trace::{FutureExt as _, SpanKind, TraceContextExt as _, Tracer as _},
};
use telemetry::Telemetry;

use crate::Result;

// ANCHOR: sql
/// What the stage `transform` of the listing does, in SQL.
const SALES: &str = "
    SELECT to_char(o.day, '%Y-%m') AS month,
           coalesce(c.country, 'unknown') AS country,
           p.category AS category,
           count(*) AS orders,
           sum(o.quantity) AS units,
           sum(o.price_cents * o.quantity) AS revenue_cents
    FROM orders o
    LEFT JOIN customers c ON o.customer_id = c.customer_id
    LEFT JOIN products p ON o.product_id = p.product_id
    WHERE o.rule IS NULL
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3";
// ANCHOR_END: sql

/// The sales, as a table.
pub(crate) async fn ask(
    telemetry: &Telemetry,
    scheduler: &str,
    results: &str,
    input: &str,
) -> Result<String> {
    let tracer = telemetry.tracer("distributed_sales");
    let span = tracer
        .span_builder("sales.query")
        .with_kind(SpanKind::Client)
        .start(&tracer);
    let context = Context::current_with_span(span);
    let asked = collect(telemetry, scheduler, results, input);
    let asked = asked.with_context(context.clone()).await;
    if let Ok((_, rows)) = &asked {
        let rows = i64::try_from(*rows)?;
        context
            .span()
            .set_attribute(KeyValue::new("sales.rows", rows));
    }
    context.span().end();
    Ok(asked?.0)
}

// ANCHOR: carry
/// Asks the scheduler. Ballista hands the name of a job on to all who work for
/// it, and nothing else of ours: so the context travels as that name.
async fn collect(
    telemetry: &Telemetry,
    scheduler: &str,
    results: &str,
    input: &str,
) -> Result<(String, usize)> {
    let mut headers = HashMap::new();
    let here = Context::current();
    telemetry.propagator().inject_context(&here, &mut headers);
    let name = headers.remove("traceparent").unwrap_or_default();
    let config = SessionConfig::new_with_ballista()
        .with_target_partitions(4)
        .with_ballista_job_name(&name);
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_default_features()
        .build();
    let url = format!("df://localhost:{scheduler}");
    let session = SessionContext::remote_with_state(&url, state).await?;
    register(&session, results, input).await?;
    let batches = session.sql(SALES).await?.collect().await?;
    let rows = batches.iter().map(|batch| batch.num_rows()).sum();
    Ok((pretty_format_batches(&batches)?.to_string(), rows))
}
// ANCHOR_END: carry

async fn register(
    session: &SessionContext,
    results: &str,
    input: &str,
) -> Result {
    let (csv, parquet) = (CsvReadOptions::new(), ParquetReadOptions::default());
    let orders = format!("{results}/checked.parquet");
    session
        .register_parquet("orders", orders, parquet.clone())
        .await?;
    let products = format!("{input}/products.parquet");
    session
        .register_parquet("products", products, parquet)
        .await?;
    let customers = format!("{input}/customers.csv");
    Ok(session.register_csv("customers", customers, csv).await?)
}
