//! How `tracing` feeds the pipelines and the console.

use std::{
    fmt,
    io::{self, IsTerminal},
};

use opentelemetry::{Context, trace::TraceContextExt};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use tracing::{Event, Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt, FilterFn, filter_fn},
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Writer},
    },
    layer::SubscriberExt,
    registry::LookupSpan,
};

use crate::start::Telemetry;

// ANCHOR: subscriber
impl Telemetry {
    /// Turns `tracing` into telemetry: its spans into spans, its events into
    /// log records and, for people, into lines on standard error.
    ///
    /// `RUST_LOG` chooses the events. Spans up to `INFO` are always made: a
    /// quieter log must not thin out the traces.
    ///
    /// [`Telemetry::install`] makes it the process's. A test keeps it to
    /// itself with `set_default` or `WithSubscriber`.
    pub fn subscriber(
        &self,
    ) -> impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync + use<> {
        let rules = self.0.config.log_filter.as_str();
        let log_level = || EnvFilter::builder().parse_lossy(rules);

        let spans = tracing_opentelemetry::layer()
            .with_tracer(self.tracer("tracing"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_error_records_to_exceptions(false)
            .with_filter(
                log_level().or(LevelFilter::INFO).and(spans_of_ours()),
            );
        let logs = OpenTelemetryTracingBridge::new(&self.0.loggers)
            .with_filter(log_level().and(ours()));
        let colour = io::stderr().is_terminal();
        let console = tracing_subscriber::fmt::layer()
            .event_format(WithTraceId(Format::default().with_ansi(colour)))
            .with_writer(io::stderr)
            .with_ansi(colour)
            .with_filter(log_level().or(losses()).and(not_baggage()));
        Registry::default().with(spans).with(logs).with(console)
    }
}
// ANCHOR_END: subscriber

/// What the targets of OpenTelemetry's own logs begin with.
const OTEL: &str = "opentelemetry";

// ANCHOR: feedback-loop
/// The exporters' own crates. What they log while they send would be sent in
/// turn, and so on for ever.
fn is_exporter(target: &str) -> bool {
    const CRATES: [&str; 10] = [
        "h2",
        "hyper",
        "hyper_rustls",
        "hyper_timeout",
        "hyper_util",
        "reqwest",
        "rustls",
        "rustls_platform_verifier",
        "tonic",
        "tower",
    ];
    let name = target.split("::").next().unwrap_or(target);
    CRATES.contains(&name) || target.starts_with(OTEL)
}

fn ours() -> StaticFilter {
    only(LevelFilter::TRACE, |data| !is_exporter(data.target()))
}

/// Events stay out: they become log records, once, and not span events too.
fn spans_of_ours() -> StaticFilter {
    only(LevelFilter::TRACE, |data| {
        data.is_span() && !is_exporter(data.target())
    })
}

/// OpenTelemetry's own warnings reach the console whatever `RUST_LOG` says:
/// they are the only sign of loss while the program runs.
fn losses() -> StaticFilter {
    only(LevelFilter::WARN, |data| {
        *data.level() <= Level::WARN && data.target().starts_with(OTEL)
    })
}
// ANCHOR_END: feedback-loop

// ANCHOR: not-baggage
/// What the baggage propagator complains of, it quotes: a header that anybody
/// may send, with anything in it, as often as they like.
fn not_baggage() -> StaticFilter {
    only(LevelFilter::TRACE, |data| {
        let is_baggage = data.name().starts_with("BaggagePropagator");
        !(is_baggage && data.target().starts_with(OTEL))
    })
}
// ANCHOR_END: not-baggage

type StaticFilter = FilterFn<fn(&Metadata<'_>) -> bool>;

fn only(up_to: LevelFilter, keep: fn(&Metadata<'_>) -> bool) -> StaticFilter {
    filter_fn(keep).with_max_level_hint(up_to)
}

/// A log line that ends with the id of its trace, to look it up by.
struct WithTraceId(Format);

impl<S, N> FormatEvent<S, N> for WithTraceId
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.0
            .format_event(context, Writer::new(&mut line), event)?;
        let trace_id = Context::map_current(|cx| {
            let span = cx.span();
            let span = span.span_context();
            span.is_valid().then(|| span.trace_id())
        });
        match trace_id {
            Some(id) => writeln!(writer, "{} trace_id={id}", line.trim_end()),
            None => writer.write_str(&line),
        }
    }
}
