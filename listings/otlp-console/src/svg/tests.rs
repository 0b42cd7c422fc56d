use super::waterfall;
use crate::{
    Trace,
    model::{SpanKind, Status, TraceId},
    testing::span,
};

fn trace() -> Trace {
    let mut root = span(1, None, SpanKind::Server);
    root.end_unix_nano = 11_000_000;
    root.name = "<script>alert(1)</script>".to_owned();
    let mut failed = span(3, Some(1), SpanKind::Client);
    failed.status = Status::Error("no answer".to_owned());
    failed
        .attributes
        .insert("error.type".to_owned(), "timeout".into());
    let orphan = span(5, Some(9), SpanKind::Internal);
    let spans = vec![root, failed, orphan];
    Trace {
        spans,
        ..Trace::new(TraceId([1; 16]))
    }
}

#[test]
fn draws_each_span_where_it_ran() {
    let picture = waterfall(&trace());
    let bars: Vec<_> = picture
        .lines()
        .filter(|line| line.starts_with("<rect class=\"s0\""))
        .collect();
    assert_eq!(
        bars,
        [
            "<rect class=\"s0\" x=\"14.0\" y=\"64\" width=\"692.0\" \
             height=\"12\" rx=\"2\"/>",
            "<rect class=\"s0\" x=\"290.8\" y=\"202\" width=\"69.2\" \
             height=\"12\" rx=\"2\"/>",
        ]
    );
    assert!(picture.contains("<rect class=\"bad\" x=\"152.4\""));
    assert!(picture.contains("✕ timeout"));
    assert!(picture.contains("(parent not received)"));
}

#[test]
fn is_one_well_formed_image_with_a_description() {
    let picture = waterfall(&trace());
    let document = roxmltree::Document::parse(&picture).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let text_of = |name| {
        let node = root.children().find(|node| node.has_tag_name(name));
        node.and_then(|node| node.text()).unwrap().to_owned()
    };
    assert!(text_of("title").ends_with("3 spans in 10.0 ms"));
    assert!(text_of("desc").contains("CLIENT, unknown_service, 1.00 ms"));
    let scripts = root
        .descendants()
        .filter(|node| node.has_tag_name("script"));
    assert_eq!(scripts.count(), 0);
}

#[test]
fn arrival_makes_no_difference() {
    let mut other = trace();
    other.spans.reverse();
    assert_eq!(waterfall(&trace()), waterfall(&other));
}

#[test]
fn an_empty_trace_and_extreme_times_are_drawn() {
    waterfall(&Trace::new(TraceId([1; 16])));
    let mut extreme = trace();
    extreme.spans[1].start_unix_nano = 0;
    extreme.spans[2].end_unix_nano = u64::MAX;
    let picture = waterfall(&extreme);
    assert!(!picture.contains("NaN") && !picture.contains("inf"));
}
