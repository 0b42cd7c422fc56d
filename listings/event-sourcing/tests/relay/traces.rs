//! From a request in one program to the sums in another, by trace.

use event_sourcing::store::RecordedEvent;
use otlp_console::{
    Golden, Limits, Receiver, Trace,
    contract::{self, Registry, Telemetry},
    golden,
    model::{LogRecord, Origin, Span, SpanKind, Value},
};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::{
    lab::{Lab, wait_until},
    poison::{message, publish},
    process::Process,
};

/// What no signal may hold: a name, an amount that nothing else is, and a
/// password.
const SECRETS: [&str; 3] = ["Lovelace", "31415", "open-sesame"];

// ANCHOR: trace-test
#[tokio::test]
async fn what_another_service_does_leads_back_to_the_request() {
    let seen = deposit_and_watch().await;
    let send = seen.only("send account", |span| {
        let request = seen.trace(span).root();
        request.is_some_and(|it| it.name.ends_with("/deposits"))
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
    let traces = [publish, process].map(|span| seen.trace(span).clone());
    golden::assert_matches("traces/turnover.txt", &golden.render_all(&traces));
}
// ANCHOR_END: trace-test

/// Everything that was received, and the event that it is about.
struct Seen {
    telemetry: Telemetry,
    traces: Vec<Trace>,
    deposit: RecordedEvent,
}

/// Both programs run once for all tests here.
static SEEN: OnceCell<Seen> = OnceCell::const_new();

/// Opens an account, pays something in, adds a message that nobody can read,
/// and waits until `turnover` is done.
async fn deposit_and_watch() -> &'static Seen {
    SEEN.get_or_init(async || {
        let receiver = Receiver::start(Limits::default()).await.unwrap();
        let endpoint = receiver.http_endpoint();
        let lab = Lab::new().await;
        let password = format!("nats://ada:{}@", SECRETS[2]);
        let nats = lab.nats.url().replace("nats://", &password);
        let settings = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("NATS_URL", &nats),
        ];
        let bank = lab.start_bank(&settings).await;
        let turnover = lab.start_turnover("turnover-1", &settings).await;
        let stream = lab.stream().await;

        let body = format!(r#"{{"holder":"{}","currency":"EUR"}}"#, SECRETS[0]);
        let opened = post(&bank, "/accounts", body).await;
        // A page of its own, so that the next one is the deposit's.
        wait_until("published", async || {
            stream.get_info().await.unwrap().state.messages == 1
        })
        .await;
        let opened: serde_json::Value = serde_json::from_str(&opened).unwrap();
        let account = opened["account_id"].as_str().unwrap();
        let amount = format!(r#"{{"minor":{},"currency":"EUR"}}"#, SECRETS[1]);
        let path = format!("/accounts/{account}/deposits");
        post(&bank, &path, format!(r#"{{"amount":{amount}}}"#)).await;
        publish(&lab, message("MoneyDeposited", "4")).await;

        wait_until("taken in", async || {
            lab.turnovers().await.events == 1
                && lab.pending(&stream).await == (0, 1)
        })
        .await;
        turnover.stop().await;
        bank.stop().await;
        let log = lab.open().await.log().await;
        let deposit = log.iter().find(|it| it.event_type == "MoneyDeposited");
        // Both programs have sent all they had before they ended.
        Seen {
            telemetry: Telemetry::from(&receiver),
            traces: receiver.traces(),
            deposit: deposit.unwrap().clone(),
        }
    })
    .await
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
        let named = self.telemetry.spans.iter().filter(|it| it.name == name);
        let found: Vec<_> = named.filter(|span| wanted(span)).collect();
        let [span] = found[..] else {
            panic!("{} of {name}", found.len());
        };
        span
    }

    fn trace(&self, span: &Span) -> &Trace {
        let mut traces = self.traces.iter();
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
    let signals = format!("{:?}", deposit_and_watch().await.telemetry);
    assert!(signals.contains("turnover"), "something was received");
    for secret in SECRETS {
        assert!(!signals.contains(secret), "{secret}");
    }
}

const REGISTRY: &str = "telemetry/nats/registry.yaml";

#[tokio::test]
async fn what_is_added_keeps_its_contract() {
    let registry = Registry::load(REGISTRY).unwrap();
    let mut received = deposit_and_watch().await.telemetry.clone();
    let ours = |origin: &Origin| {
        origin.service() == "turnover"
            || origin.scope.name == "event_sourcing.relay"
    };
    received.spans.retain(|it| ours(&it.origin));
    received.metrics.retain(|it| ours(&it.origin));
    // async-nats tells of its connections in log records without a name.
    let named = |log: &LogRecord| !log.event_name.starts_with("event ");
    received.logs.retain(|it| ours(&it.origin) && named(it));
    assert_eq!(registry.check(&received), []);
    let mut unseen = registry.unseen(&received);
    unseen.retain(|it| {
        let is = |(group, what): &(&str, &str)| {
            it.group.contains(group) && it.what.contains(what)
        };
        !ELSEWHERE.iter().any(is)
    });
    assert_eq!(unseen, []);
}

/// What only failures and repetitions have, and databases reached over TCP.
const ELSEWHERE: [(&str, &str); 5] = [
    ("", "error.type"),
    (".db.", "db.response.status_code"),
    (".db.", "server.port"),
    ("", "`duplicate`"),
    ("", "`failed`"),
];

#[test]
fn the_tables_are_made_from_the_registry() {
    let registry = Registry::load(REGISTRY).unwrap();
    let tables = "telemetry/nats/tables.md";
    contract::assert_current(tables, &registry.markdown());
}
