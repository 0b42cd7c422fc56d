//! The pictures in the book are drawn from a recording of the real programs.

use std::fs;

use otlp_console::{Golden, Terminal, capture, golden, svg};

#[test]
fn pictures_show_the_recorded_trace() {
    let recording = fs::read_to_string("traces/order.jsonl").unwrap();
    let traces = capture::read(&recording).unwrap();
    let [trace] = traces.as_slice() else {
        panic!("{} traces in one recording", traces.len());
    };
    golden::assert_matches(
        "traces/order.txt",
        &Golden::default().render(trace),
    );
    golden::assert_matches("traces/order.svg", &svg::waterfall(trace));
    let terminal = Terminal {
        columns: 92,
        color: false,
    };
    golden::assert_matches(
        "traces/order-terminal.txt",
        &terminal.render(trace),
    );
}
