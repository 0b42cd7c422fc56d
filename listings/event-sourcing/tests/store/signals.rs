//! What those who follow the feed tell about themselves.

use std::{collections::BTreeSet, time::Duration};

use event_sourcing::{
    domain::{AccountId, Command, Settlement, TransferId},
    store::{Expected, NewEvent},
};
use opentelemetry::{
    Context,
    context::FutureExt,
    trace::{TraceContextExt, Tracer},
};
use otlp_console::model::{Number, Span, SpanKind, Status};
use serde_json::json;
use uuid::Uuid;

use crate::{
    following::{caught_up, status},
    harness::{cause, euros, until},
    watched::{Watched, names, text, whole},
};

#[tokio::test]
async fn a_page_is_a_trace_with_a_link_to_each_writer() {
    let watched = Watched::new().await;
    let bank = &watched.bank;
    watched
        .within(async {
            let account = bank.open_account().await;
            let two = Expected::Version(1);
            bank.append(account.0, two, &[1, 2, 3]).await.unwrap();
            bank.open_account().await;
            let running = bank.services.projections.spawn();
            caught_up(bank, "balances").await;
            running.stop().await;
        })
        .await;
    let is_page = |span: &Span| {
        text(span, "messaging.consumer.group.name") == Some("balances")
            && whole(span, "messaging.batch.message_count") == Some(5)
    };
    let page = watched.span(is_page).await;
    assert_eq!(page.name, "process account");
    assert_eq!(page.kind, SpanKind::Consumer);
    assert_eq!(page.parent_span_id, None, "a trace of its own");
    assert_eq!(page.status, Status::Unset);
    assert_eq!(text(&page, "messaging.system"), Some("postgresql"));
    assert_eq!(text(&page, "messaging.operation.type"), Some("process"));
    assert_eq!(text(&page, "messaging.operation.name"), Some("process"));
    assert_eq!(text(&page, "messaging.destination.name"), Some("account"));
    assert_eq!(text(&page, "es.projection.name"), Some("balances"));
    assert_eq!(whole(&page, "es.projection.revision"), Some(1));
    assert_eq!(text(&page, "es.checkpoint.before"), Some("0:0"));
    let after = crate::following::feed(bank, 100).await[4].cursor();
    let after = format!("{}:{}", after.tx_id, after.position);
    assert_eq!(text(&page, "es.checkpoint.after"), Some(after.as_str()));

    let sent = watched.receiver.spans().into_iter();
    let sent: BTreeSet<_> = sent
        .filter(|span| span.name == "send account")
        .map(|span| (span.trace_id, span.span_id))
        .collect();
    let links = page.links.iter().map(|it| (it.trace_id, it.span_id));
    assert_eq!(page.links.len(), 3, "five events, three writers");
    assert_eq!(links.collect::<BTreeSet<_>>(), sent);

    let children = watched.children(&page);
    let expected = [
        "SELECT events",
        "UPDATE projections",
        "INSERT account_balances",
    ];
    assert_eq!(names(&children), expected);
    assert_eq!(children[0].start_unix_nano, page.start_unix_nano);
    assert!(children.iter().all(|it| it.kind == SpanKind::Client));
}

#[tokio::test]
async fn no_link_is_dropped_however_much_there_is() {
    let watched = Watched::new().await;
    let bank = &watched.bank;
    watched
        .within(async {
            for _ in 0..300 {
                bank.open_account().await;
            }
            let running = bank.services.projections.spawn();
            caught_up(bank, "balances").await;
            running.stop().await;
        })
        .await;
    let count = |span: &Span| -> i64 {
        whole(span, "messaging.batch.message_count").unwrap()
    };
    until(async || {
        watched.pages("balances").iter().map(count).sum::<i64>() == 300
    })
    .await;
    for page in watched.pages("balances") {
        assert_eq!(page.links.len() as i64, count(&page));
        assert!(count(&page) <= 128);
    }
}

#[tokio::test]
async fn a_look_without_a_find_leaves_no_span() {
    let watched = Watched::new().await;
    let bank = &watched.bank;
    watched
        .within(async {
            bank.open_account().await;
            let running = bank.services.projections.spawn();
            caught_up(bank, "balances").await;
            caught_up(bank, "transfers").await;
            let looks = async || {
                let name = "db.client.operation.duration";
                watched.metric(name).await;
                let mut all = watched.receiver.metrics().into_iter();
                let last = all.rfind(|it| it.name == name).unwrap();
                let looks = last.points.iter().filter(|point| {
                    let summary = point.attributes.get("db.query.summary");
                    format!("{summary:?}").contains("SELECT events")
                });
                let counts = looks.map(|point| match &point.value {
                    Number::Distribution { count, .. } => *count,
                    other => panic!("{other:?}"),
                });
                counts.sum::<u64>()
            };
            let before = looks().await;
            until(async || looks().await > before + 10).await;
            running.stop().await;
        })
        .await;
    let pages = watched.pages("balances").len();
    let pages = pages + watched.pages("transfers").len();
    assert_eq!(pages, 2, "one event, two subscribers");
    let lonely = watched.receiver.spans().into_iter().filter(|span| {
        span.parent_span_id.is_none() && span.kind == SpanKind::Client
    });
    let lonely: Vec<_> = lonely
        .map(|span| span.name)
        // The look of `caught_up`, and what starts the program.
        .filter(|name| name != "SELECT projections" && name != "SELECT events")
        .collect();
    assert_eq!(lonely, Vec::<String>::new());
}

#[tokio::test]
async fn poison_is_an_error_once() {
    let watched = Watched::new().await;
    let bank = &watched.bank;
    watched
        .within(async {
            let account = bank.open_account().await;
            let poison = NewEvent {
                event_id: Uuid::now_v7(),
                event_type: "MoneyLaundered",
                schema_version: 1,
                payload: json!({ "secret": "content" }),
            };
            let store = &bank.services.store;
            let (any, cause) = (Expected::Any, cause());
            let poison = [poison];
            let append = store.append_to(account.0, any, &poison, &cause);
            append.await.unwrap();
            let running = bank.services.projections.spawn();
            until(async || {
                let status = status(&bank.services, "balances").await;
                status.is_some_and(|it| it.stopped.is_some())
            })
            .await;
            // It has some time to do it again.
            tokio::time::sleep(Duration::from_millis(600)).await;
            running.stop().await;
        })
        .await;
    let failed = |span: &Span| {
        text(span, "error.type") == Some("unreadable_event")
            && text(span, "es.projection.name") == Some("balances")
    };
    let page = watched.span(failed).await;
    assert!(matches!(page.status, Status::Error { .. }), "{page:?}");
    let pages = watched.pages("balances");
    assert_eq!(pages.iter().filter(|it| failed(it)).count(), 1);
    let name = "es.projection.failed";
    watched.metric_is(name, "balances/1", 1.0).await;
    // The process manager parks what it cannot read, and goes on.
    until(async || watched.logs("transfer.parked").len() == 1).await;
    until(async || watched.logs("projection.stopped").len() == 1).await;
    let parked = watched.logs("transfer.parked");
    for log in watched.logs("projection.stopped").iter().chain(&parked) {
        assert_eq!(log.severity_text, "ERROR");
        assert!(!format!("{log:?}").contains("content\""), "{log:?}");
    }
    let traces = watched.logs("projection.stopped").into_iter();
    let traces: Vec<_> = traces.filter_map(|log| log.trace_id).collect();
    assert!(traces.contains(&page.trace_id), "the log names its trace");
}

#[tokio::test]
async fn a_rebuild_is_one_span_that_links_to_who_asked() {
    let watched = Watched::new().await;
    let bank = &watched.bank;
    let asking = watched.telemetry.tracer("test").start("ask");
    let asking = Context::new().with_span(asking);
    watched
        .within(async {
            for _ in 0..40 {
                bank.open_account().await;
            }
            let running = bank.services.projections.spawn();
            caught_up(bank, "balances").await;
            let asked = bank.services.projections.rebuild("balances");
            asked.with_context(asking.clone()).await.unwrap();
            let rebuilt = |span: &Span| span.name == "rebuild balances";
            watched.span(rebuilt).await;
            running.stop().await;
        })
        .await;
    let is_rebuild = |span: &Span| span.name == "rebuild balances";
    let rebuild = watched.span(is_rebuild).await;
    assert_eq!(rebuild.kind, SpanKind::Internal);
    assert_eq!(rebuild.parent_span_id, None);
    assert_eq!(whole(&rebuild, "es.projection.revision"), Some(2));
    assert_eq!(whole(&rebuild, "es.rebuild.events"), Some(40));
    assert_eq!(whole(&rebuild, "es.rebuild.pages"), Some(1));
    let by = asking.span().span_context().clone();
    assert_eq!(rebuild.links.len(), 1);
    assert_eq!(rebuild.links[0].span_id.0, by.span_id().to_bytes());
    let children = watched.children(&rebuild);
    let expected = [
        "UPDATE projections",
        "UPDATE projections",
        "DELETE account_balances",
        "DELETE account_balances",
    ];
    assert_eq!(names(&children), expected, "no span for a page");
    let name = "es.projection.processed";
    watched.metric_is(name, "balances/1", 40.0).await;
    watched.metric_is(name, "balances/2", 40.0).await;
}

#[tokio::test]
async fn the_process_manager_acts_in_the_trace_of_its_page() {
    let watched = Watched::new().await;
    let bank = &watched.bank;
    watched
        .within(async {
            let from = bank.open_account().await;
            let deposit = Command::Deposit { amount: euros(9) };
            bank.execute(from, deposit).await.unwrap();
            let send = Command::SendTransfer {
                transfer: TransferId::random(),
                to: AccountId::random(),
                amount: euros(9),
                settlement: Settlement::Eventual,
            };
            bank.execute(from, send).await.unwrap();
            let running = bank.services.projections.spawn();
            caught_up(bank, "transfers").await;
            running.stop().await;
        })
        .await;
    let refund = |span: &Span| span.name == "handle refund_transfer";
    let refund = watched.span(refund).await;
    assert_eq!(refund.kind, SpanKind::Internal);
    let page = watched
        .span(|it| Some(it.span_id) == refund.parent_span_id)
        .await;
    let names = watched.children(&page);
    let names: Vec<_> = names.iter().map(|it| it.name.as_str()).collect();
    let expected = [
        "SELECT events",
        "handle receive_transfer",
        "handle refund_transfer",
        "UPDATE projections",
    ];
    assert_eq!(names, expected);
}
