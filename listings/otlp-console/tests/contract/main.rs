//! The contract checker: what it accepts, and what it says to everything
//! else. `registry.yaml` beside this file is the contract of two services.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arbitrary;
mod attributes;
mod audit;
mod coverage;
mod emitted;
mod load;
mod logs;
mod metrics;
mod spans;
mod tables;
mod values;

use emitted::emitted;
use otlp_console::contract::{Registry, Telemetry};

/// Where `emitted()` has the server span of shop, the client span, and the
/// inner span.
const SHOP: usize = 0;
const CLIENT: usize = 1;
const PRICE: usize = 6;

/// The contract of the services in this test.
fn registry() -> Registry {
    Registry::load("tests/contract/registry.yaml").expect("it loads")
}

/// Fails unless a change of the telemetry leads to exactly these violations.
#[track_caller]
fn says(change: impl FnOnce(&mut Telemetry), expected: &[&str]) {
    let mut telemetry = emitted();
    change(&mut telemetry);
    let violations = registry().check(&telemetry);
    let said: Vec<_> = violations.iter().map(ToString::to_string).collect();
    assert_eq!(said, expected);
}

#[test]
fn telemetry_that_keeps_the_contract_passes() {
    assert_eq!(registry().check(&emitted()), []);
    assert_eq!(registry().unseen(&emitted()), []);
}
