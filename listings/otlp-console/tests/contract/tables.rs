//! The Markdown that a telemetry page includes.

use otlp_console::contract;

use super::registry;

#[test]
fn the_tables_are_current() {
    let markdown = registry().markdown();
    contract::assert_current("tests/contract/tables.md", &markdown);
}
