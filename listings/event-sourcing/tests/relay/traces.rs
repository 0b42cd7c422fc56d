//! From a request in one program to the sums in another, by trace.

use event_sourcing::store::RecordedEvent;
use otlp_console::{
    Golden, Limits, Receiver, Trace, golden,
    model::{Span, SpanKind, Value},
};
use uuid::Uuid;

use crate::{
    lab::{Lab, wait_until},
    process::{DEADLINE, Process},
};

/// What no signal may hold: a name, and an amount that nothing else is.
const SECRETS: [&str; 2] = ["Lovelace", "31415"];

// ANCHOR: trace-test
#[tokio::test]
async fn what_another_service_does_leads_back_to_the_request() {
    let seen = deposit_and_watch().await;
    let send = seen.only("send account", |span| {
        seen.of(span)
            .iter()
            .any(|it| it.name.ends_with("/deposits"))
    });
    assert_eq!(send.kind, SpanKind::Producer);

    let publish = seen.only("publish bank.account", |it| seen.is_deposit(it));
    assert_eq!(publish.kind, SpanKind::Client);
    assert!(links_to(publish, send), "the relay carries what was sent");

    let process = seen.only("process bank.account", |it| seen.is_deposit(it));
    assert_eq!(process.kind, SpanKind::Consumer);
    assert_eq!(process.parent_span_id, None);
    assert!(links_to(process, send), "a link, hours later just as well");
    assert_eq!(process.origin.service(), "turnover");

    let golden = Golden::default()
        .hide("es.checkpoint.before")
        .hide("es.checkpoint.after");
    let traces = [publish, process].map(|span| seen.trace(span));
    golden::assert_matches("traces/turnover.txt", &golden.render_all(&traces));
}
// ANCHOR_END: trace-test

/// Everything that was received, and the event that it is about.
struct Seen {
    receiver: Receiver,
    spans: Vec<Span>,
    deposit: RecordedEvent,
}

/// Opens an account, pays something in, and waits until `turnover` has it.
async fn deposit_and_watch() -> Seen {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.http_endpoint();
    let otlp = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
    let lab = Lab::new().await;
    let bank = lab.start_bank(&otlp).await;
    let turnover = lab.start_turnover("turnover-1", &otlp).await;

    let body = format!(r#"{{"holder":"{}","currency":"EUR"}}"#, SECRETS[0]);
    let opened = post(&bank, "/accounts", body).await;
    // A page of its own, so that the next one is the deposit's.
    let stream = lab.stream().await;
    wait_until("published", async || {
        stream.get_info().await.unwrap().state.messages == 1
    })
    .await;
    let account: serde_json::Value = serde_json::from_str(&opened).unwrap();
    let account = account["account_id"].as_str().unwrap();
    let amount = format!(r#"{{"minor":{},"currency":"EUR"}}"#, SECRETS[1]);
    let path = format!("/accounts/{account}/deposits");
    post(&bank, &path, format!(r#"{{"amount":{amount}}}"#)).await;

    wait_until("in the sums", async || lab.turnovers().await.events == 1).await;
    turnover.stop().await;
    bank.stop().await;
    let log = lab.open().await.log().await;
    let deposit = log.iter().find(|it| it.event_type == "MoneyDeposited");
    let found = receiver.wait_for_spans(20, DEADLINE).await;
    Seen {
        spans: found.unwrap(),
        deposit: deposit.unwrap().clone(),
        receiver,
    }
}

async fn post(bank: &Process, path: &str, body: String) -> String {
    let (_, url) = bank.greeting.split_once("listens on ").unwrap();
    let answer = reqwest::Client::new()
        .post(format!("{url}{path}"))
        .header("content-type", "application/json")
        .header("idempotency-key", Uuid::now_v7().to_string())
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    answer.text().await.unwrap()
}

impl Seen {
    /// The one span of this name that is `wanted`.
    fn only(&self, name: &str, wanted: impl Fn(&Span) -> bool) -> &Span {
        let named = self.spans.iter().filter(|span| span.name == name);
        let found: Vec<_> = named.filter(|span| wanted(span)).collect();
        let [span] = found[..] else {
            panic!("{} of {name}", found.len());
        };
        span
    }

    /// All spans of the trace of `span`.
    fn of(&self, span: &Span) -> Vec<&Span> {
        let spans = self.spans.iter();
        spans.filter(|it| it.trace_id == span.trace_id).collect()
    }

    fn trace(&self, span: &Span) -> Trace {
        let traces = self.receiver.traces();
        let mut traces = traces.into_iter();
        traces.find(|it| it.trace_id == span.trace_id).unwrap()
    }

    fn is_deposit(&self, span: &Span) -> bool {
        let id = Value::Str(self.deposit.event_id.to_string());
        span.attributes.get("messaging.message.id") == Some(&id)
    }
}

fn links_to(span: &Span, other: &Span) -> bool {
    let [link] = &span.links[..] else {
        return false;
    };
    (link.trace_id, link.span_id) == (other.trace_id, other.span_id)
}

#[tokio::test]
async fn no_signal_holds_a_name_or_an_amount() {
    let seen = deposit_and_watch().await;
    let receiver = &seen.receiver;
    let signals = format!(
        "{:?} {:?} {:?}",
        receiver.spans(),
        receiver.logs(),
        receiver.metrics()
    );
    assert!(signals.contains("turnover"), "something was received");
    for secret in SECRETS {
        assert!(!signals.contains(secret), "{secret}");
    }
}
