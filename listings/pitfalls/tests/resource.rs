//! Whose telemetry is it?
#![allow(clippy::unwrap_used)]

use opentelemetry::{
    Key,
    logs::{Logger, LoggerProvider},
};
use opentelemetry_sdk::{
    Resource,
    logs::{InMemoryLogExporter, LoggerProviderBuilder, SdkLoggerProvider},
};
use pitfalls::{GONE, in_own_process};

/// The `service.name` with which a provider sends a log record.
fn service_of_a_log(builder: LoggerProviderBuilder) -> String {
    let logs = InMemoryLogExporter::default();
    let provider = builder.with_simple_exporter(logs.clone()).build();
    let logger = provider.logger("pitfalls");
    logger.emit(logger.create_log_record());
    let log = logs.get_emitted_logs().unwrap().remove(0);
    let service = log.resource.get(&Key::new("service.name"));
    service.unwrap().to_string()
}

#[test]
fn the_logs_belong_to_an_unknown_service() {
    let name = "the_logs_belong_to_an_unknown_service";
    in_own_process(name, &[], || {
        // Wrong: only the provider of the spans got a resource.
        let service = service_of_a_log(SdkLoggerProvider::builder());
        assert!(service.starts_with("unknown_service:"), "{GONE}: {service}");

        // Right: one resource, and a clone of it for each provider.
        let shop = Resource::builder().with_service_name("shop").build();
        let builder = SdkLoggerProvider::builder().with_resource(shop.clone());
        assert_eq!(service_of_a_log(builder), "shop");
    });
}

#[test]
fn the_resource_variable_has_no_effect() {
    let name = "the_resource_variable_has_no_effect";
    let variables = [
        ("OTEL_SERVICE_NAME", "shop"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test",
        ),
    ];
    in_own_process(name, &variables, || {
        // Wrong: `builder_empty` asks nobody.
        assert!(Resource::builder_empty().build().is_empty(), "{GONE}");

        // Right: `builder` asks the environment and the SDK.
        let resource = Resource::builder().build();
        let service = resource.get(&Key::new("service.name"));
        assert_eq!(service, Some("shop".into()));
    });
}
