//! Every variable: what it accepts, what it refuses, and how it says so.

use std::collections::HashMap;

use telemetry::{Config, ConfigError};

fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    Config::from_lookup("shop", "1.2.3", |name| {
        variables.get(name).map(|value| (*value).to_owned())
    })
}

fn summary(variables: &[(&str, &str)]) -> String {
    read(variables).unwrap().to_string()
}

#[test]
fn defaults() {
    assert_eq!(
        summary(&[]),
        "\
telemetry of shop 1.2.3
  traces:  http/protobuf to http://localhost:4318/v1/traces, parentbased_always_on
  metrics: http/protobuf to http://localhost:4318/v1/metrics, every 60s
  logs:    http/protobuf to http://localhost:4318/v1/logs, info,opentelemetry=warn
  context: tracecontext, baggage"
    );
}

#[test]
fn an_empty_value_counts_as_unset() {
    let blank = [
        ("OTEL_SERVICE_NAME", ""),
        ("OTEL_TRACES_SAMPLER", " "),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        ("OTEL_SDK_DISABLED", ""),
    ];
    assert_eq!(summary(&blank), summary(&[]));
}

#[test]
fn everything_at_once() {
    assert_eq!(
        summary(&[
            ("OTEL_SERVICE_NAME", "till"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=no,service.version=7"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/base/"),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m:1/x?y=1"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20abc,x=1"),
            ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "api-key=s3cret"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "none"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "250"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Delta"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
            ("OTEL_PROPAGATORS", "tracecontext"),
            ("RUST_LOG", "warn,shop=debug"),
        ]),
        "\
telemetry of till 7
  traces:  grpc to http://collector:4318/base/, authorization: ***, x: ***, gzip, parentbased_traceidratio 0.25
  metrics: http/protobuf to http://m:1/x?y=1, authorization: ***, x: ***, gzip, every 500ms
  logs:    http/json to http://collector:4318/base/v1/logs, api-key: ***, warn,shop=debug
  context: tracecontext"
    );
}

#[test]
fn secrets_are_nowhere_in_debug_output_either() {
    let variables = [("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret")];
    let config = read(&variables).unwrap();
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn signals_that_stay_at_home() {
    let off = summary(&[("OTEL_SDK_DISABLED", "TRUE")]);
    assert_eq!(off.matches("not exported").count(), 3, "{off}");
    let traces = summary(&[("OTEL_TRACES_EXPORTER", "none")]);
    assert!(traces.contains("traces:  not exported"), "{traces}");
    assert_eq!(traces.matches("not exported").count(), 1, "{traces}");
    let none = summary(&[("OTEL_PROPAGATORS", "none")]);
    assert!(none.ends_with("context: none"), "{none}");
}

#[test]
fn a_disabled_sdk_does_not_mind_a_bad_endpoint() {
    let off = [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense"),
    ];
    assert!(read(&off).is_ok());
}

#[test]
fn samplers() {
    for name in [
        "always_on",
        "always_off",
        "parentbased_always_on",
        "parentbased_always_off",
    ] {
        let summary = summary(&[("OTEL_TRACES_SAMPLER", name)]);
        assert!(
            summary.contains(&format!("v1/traces, {name}\n")),
            "{summary}"
        );
    }
    let all = summary(&[("OTEL_TRACES_SAMPLER", "traceidratio")]);
    assert!(all.contains("traceidratio 1"), "{all}");
}

/// Variable, bad value, and what the message has to say.
const REFUSED: [(&str, &str, &str); 31] = [
    ("OTEL_SDK_DISABLED", "yes", "true or false"),
    ("OTEL_RESOURCE_ATTRIBUTES", "a", "key=value"),
    ("OTEL_RESOURCE_ATTRIBUTES", "a=%ff", "key=value"),
    ("OTEL_TRACES_EXPORTER", "jaeger", "otlp or none"),
    ("OTEL_METRICS_EXPORTER", "prometheus", "otlp or none"),
    ("OTEL_LOGS_EXPORTER", "console", "otlp or none"),
    (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "localhost:4318",
        "http://localhost",
    ),
    (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "nonsense",
        "http://localhost",
    ),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://a", "http://localhost"),
    (
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
        "http://",
        "http://localhost",
    ),
    (
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "http",
        "http/protobuf or grpc or http/json",
    ),
    ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "tcp", "grpc"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "milliseconds above 0"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "0", "milliseconds above 0"),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "gzip or none"),
    (
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        "x",
        "delta",
    ),
    ("OTEL_TRACES_SAMPLER", "sometimes", "traceidratio"),
    ("OTEL_TRACES_SAMPLER", "jaeger_remote", "traceidratio"),
    ("OTEL_PROPAGATORS", "b3", "tracecontext"),
    ("OTEL_PROPAGATORS", "tracecontext,,baggage", "tracecontext"),
    ("OTEL_BSP_SCHEDULE_DELAY", "-1", "milliseconds above 0"),
    ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "from 1 to 1000000"),
    (
        "OTEL_BSP_MAX_QUEUE_SIZE",
        "99999999999999999999",
        "from 1 to 1000000",
    ),
    ("OTEL_BSP_MAX_QUEUE_SIZE", "1000001", "from 1 to 1000000"),
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096", "from 1 to 2048"),
    ("OTEL_BLRP_SCHEDULE_DELAY", "1.5", "milliseconds above 0"),
    ("OTEL_BLRP_MAX_QUEUE_SIZE", "many", "from 1 to 1000000"),
    ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "0", "from 1 to 2048"),
    ("OTEL_METRIC_EXPORT_INTERVAL", "0", "milliseconds above 0"),
    ("RUST_LOG", "info,=?!", "directives"),
    ("RUST_LOG", "shop=loud", "directives"),
];

#[test]
fn a_bad_value_is_one_clear_sentence() {
    for (variable, value, hint) in REFUSED {
        let error = read(&[(variable, value)]).unwrap_err();
        let message = error.to_string();
        assert_eq!(error.variable(), variable, "{message}");
        assert!(message.starts_with(&format!("{variable}={value:?} ")));
        assert!(message.contains(hint), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn the_whole_message() {
    let error = read(&[("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd")]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "OTEL_EXPORTER_OTLP_COMPRESSION=\"zstd\" is not valid: \
         set it to gzip or none, or unset it"
    );
}

#[test]
fn a_sampling_ratio_is_from_0_to_1() {
    for ratio in ["1.5", "-0.1", "NaN", "inf", "half"] {
        let error = read(&[
            ("OTEL_TRACES_SAMPLER", "traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", ratio),
        ])
        .unwrap_err();
        assert_eq!(error.variable(), "OTEL_TRACES_SAMPLER_ARG", "{ratio}");
    }
}

#[test]
fn messages_do_not_repeat_secrets() {
    for (variable, value) in [
        ("OTEL_EXPORTER_OTLP_HEADERS", "s3cret"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "bad name=s3cret"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "name=s3cret%0a"),
        ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "=s3cret"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:s3cret@collector"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://s3cret@collector"),
    ] {
        let message = read(&[(variable, value)]).unwrap_err().to_string();
        assert!(message.starts_with(variable), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }
}

#[cfg(not(feature = "tls"))]
#[test]
fn https_needs_the_feature() {
    let secure = [("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4318")];
    let message = read(&secure).unwrap_err().to_string();
    assert!(message.contains("feature tls"), "{message}");
}

#[test]
fn a_small_queue_brings_a_small_batch() {
    assert!(read(&[("OTEL_BSP_MAX_QUEUE_SIZE", "100")]).is_ok());
    let batch = [
        ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "101"),
    ];
    let message = read(&batch).unwrap_err().to_string();
    assert!(message.contains("from 1 to 100"), "{message}");
}
