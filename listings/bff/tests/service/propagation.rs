//! What of a client's request reaches the backends, and what does not.

mod hostile;

use std::sync::{Arc, Mutex};

use axum::{
    extract::Request,
    http::HeaderMap,
    middleware::{Next, from_fn},
};
use bff::{
    backends::{self, token::TokenKey},
    deadline,
};
use otlp_console::model::{Span, SpanKind};
use reqwest::Method;

use crate::lab::{Answer, Lab, ROLES, no_telemetry, serve};

/// The headers of all requests to the backends.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<HeaderMap>>>);

impl Notes {
    /// A lab whose backends note what they are sent, and answer.
    async fn lab() -> (Lab, Self) {
        let notes = Self::default();
        let mut urls = Vec::new();
        for role in ROLES {
            let notes = notes.clone();
            let note = move |request: Request, next: Next| {
                notes.0.lock().unwrap().push(request.headers().clone());
                next.run(request)
            };
            let telemetry = no_telemetry();
            let router = backends::router(&telemetry, role, TokenKey::PUBLIC);
            urls.push(serve(router.layer(from_fn(note))).await);
        }
        let settings = [
            ("USER_URL", urls[0].as_str()),
            ("ORDER_URL", urls[1].as_str()),
            ("PRODUCT_URL", urls[2].as_str()),
            ("HEDGE_AFTER_MS", "0"),
            ("CACHE_MS", "0"),
        ];
        (Lab::start(&settings).await, notes)
    }

    fn take(&self) -> Vec<HeaderMap> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[tokio::test]
async fn one_trace_spans_the_bff_and_its_backends() {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let lab = Lab::start(&[("HEDGE_AFTER_MS", "0")]).await;
    let request = lab
        .request(Method::GET, "/web/home")
        .header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
    let answer = Answer::of(request.send().await.unwrap()).await;
    assert_eq!(answer.status, 200);
    let traces = lab.finish().await.traces();
    let is_it = |span: &Span| hex(&span.trace_id.0) == TRACE;
    let trace = traces.iter().find(|trace| is_it(&trace.spans[0])).unwrap();
    let under = |parent: Option<&Span>| {
        let parent = parent.map(|parent| parent.span_id);
        let children = trace
            .spans
            .iter()
            .filter(move |span| span.parent_span_id == parent);
        let mut children: Vec<_> = children.collect();
        children.sort_by(|one, other| one.name.cmp(&other.name));
        children
    };
    let is_page = |span: &&Span| span.name == "GET /web/home";
    let page = trace.spans.iter().find(is_page).unwrap();
    let client = page.parent_span_id.unwrap();
    assert_eq!(hex(&client.0), "b7ad6b7169203331");
    let getting = under(Some(page));
    let gathering = under(Some(getting[0]));
    assert_eq!((getting.len(), gathering.len()), (1, 1));
    let calls = under(Some(gathering[0]));
    let paths = ["GET /me", "GET /orders", "GET /recommendations"];
    assert_eq!(calls.len(), paths.len());
    for (call, path) in calls.into_iter().zip(paths) {
        let answers = under(Some(call));
        let names = [&call.name, &answers[0].name];
        assert_eq!(names, [path; 2]);
        let kinds = (call.kind, answers[0].kind, answers.len());
        assert_eq!(kinds, (SpanKind::Client, SpanKind::Server, 1));
    }
    assert_eq!(trace.spans.len(), 9, "{trace:?}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_hostile_trace_header_begins_a_new_trace() {
    hostile::each_case().await;
}

/// Headers that mean something to somebody behind us.
const FOREIGN: [&str; 21] = [
    "accept-encoding",
    "accept-language",
    "authorization",
    "b3",
    "baggage",
    "cookie",
    "forwarded",
    "if-none-match",
    "proxy-authorization",
    "range",
    "referer",
    "te",
    "uber-trace-id",
    "user-agent",
    "x-amzn-trace-id",
    "x-anything",
    "x-b3-traceid",
    "x-cloud-trace-context",
    "x-forwarded-for",
    "x-http-method-override",
    "x-real-ip",
];

#[tokio::test]
async fn no_header_of_a_client_reaches_a_backend() {
    let (lab, notes) = Notes::lab().await;
    for (method, path, body) in [
        ("GET", "/web/home", ""),
        ("GET", "/mobile/home", ""),
        ("POST", "/desktop/bulk", r#"{"operations":[{"get":"me"}]}"#),
    ] {
        let mut request = lab
            .request(method.parse().unwrap(), path)
            .header("content-type", "application/json")
            .header(deadline::HEADER, "987654321")
            .header("connection", "x-anything")
            .body(body);
        for name in FOREIGN {
            request = request.header(name, "smuggled=1");
        }
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let requests = notes.take();
    assert_eq!(requests.len(), 3 + 3 + 1);
    for headers in requests {
        let mut names: Vec<_> =
            headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        let few = [
            "accept",
            "authorization",
            "host",
            "traceparent",
            deadline::HEADER,
        ];
        assert_eq!(names, few, "{headers:?}");
        let budget = headers[deadline::HEADER].to_str().unwrap();
        // Of 20 s, of which a twentieth is kept.
        assert!((1..=19_000).contains(&budget.parse().unwrap()), "{budget}");
        let text = format!("{headers:?}");
        assert!(!text.contains("smuggled"), "{text}");
    }
    lab.finish().await;
}
