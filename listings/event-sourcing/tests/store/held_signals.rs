//! What an operator is told of transfers that are held.

use event_sourcing::domain::Currency;
use otlp_console::model::{Number, SpanKind, Status, Value};

use crate::{
    following::caught_up,
    harness::{balance, connect, until},
    transferring::{
        account, damage, forget_checkpoint, held, jinx, lift, mend, send,
        two_accounts,
    },
    watched::{Watched, names, text},
};

/// Waits until so many transfers are held in this state.
async fn gauge_is(watched: &Watched, state: &str, expected: i64) {
    until(async || {
        let mut metrics = watched.receiver.metrics().into_iter();
        let last = metrics.rfind(|it| it.name == "es.transfer.held");
        let points = last.map(|it| it.points).unwrap_or_default();
        points.iter().any(|point| {
            point.attributes.get("es.transfer.state")
                == Some(&Value::Str(state.to_owned()))
                && matches!(point.value, Number::Int(it) if it == expected)
        })
    })
    .await;
}

#[tokio::test]
async fn a_transfer_is_parked_with_one_word_to_the_operator() {
    let watched = Watched::new().await;
    let bank = &watched.bank;
    watched
        .within(async {
            let (from, damaged) = two_accounts(bank).await;
            let mut owner = connect(&bank.url).await;
            let running = bank.services.projections.spawn();
            caught_up(bank, "balances").await;
            gauge_is(&watched, "parked", 0).await;
            damage(&mut owner, damaged).await;
            send(bank, from, damaged, 30).await;
            gauge_is(&watched, "parked", 1).await;
            running.stop().await;

            // It is delivered again, and parked already.
            forget_checkpoint(bank).await;
            let running = bank.services.projections.spawn();
            caught_up(bank, "transfers").await;
            mend(&mut owner, damaged).await;
            let parked = held(bank).await[0].event_id;
            let transfers = bank.services.projections.transfers();
            transfers.release(parked).await.unwrap();
            until(async || balance(bank, damaged).await == 30).await;
            gauge_is(&watched, "parked", 0).await;
            running.stop().await;
        })
        .await;
    until(async || !watched.logs("transfer.parked").is_empty()).await;
    let [log] = &watched.logs("transfer.parked")[..] else {
        panic!("not once");
    };
    assert_eq!(log.severity_text, "ERROR");
    let reason = Some(&Value::Str("unreadable_event".to_owned()));
    assert_eq!(log.attributes.get("error.type"), reason);
    assert!(log.trace_id.is_some());
    assert_eq!(watched.logs("projection.stopped").len(), 0);
}

#[tokio::test]
async fn a_retry_is_a_trace_that_links_to_who_sent_the_money() {
    let watched = Watched::new().await;
    let bank = &watched.bank;
    watched
        .within(async {
            let (from, contended) = two_accounts(bank).await;
            let other = account(bank, Currency::EUR, 0).await;
            let mut owner = connect(&bank.url).await;
            jinx(&mut owner, contended).await;
            send(bank, from, contended, 30).await;
            send(bank, from, other, 5).await;
            let running = bank.services.projections.spawn();
            gauge_is(&watched, "waiting", 1).await;
            watched.span(|it| it.name == "retry transfer").await;
            lift(&mut owner).await;
            gauge_is(&watched, "waiting", 0).await;
            running.stop().await;
        })
        .await;
    let failed = |it: &_| text(it, "error.type") == Some("contended");
    let failed = watched
        .span(|it| it.name == "retry transfer" && failed(it))
        .await;
    assert!(matches!(failed.status, Status::Error { .. }));
    let done = watched
        .span(|it| it.name == "retry transfer" && it.status == Status::Unset)
        .await;
    assert_eq!(done.kind, SpanKind::Internal);
    assert_eq!(done.parent_span_id, None);
    let expected = [
        "handle receive_transfer",
        "handle settle_transfer",
        "DELETE held_transfers",
    ];
    assert_eq!(names(&watched.children(&done)), expected);
    let sent = watched
        .span(|it| Some(it.span_id) == done.links.first().map(|it| it.span_id))
        .await;
    assert_eq!(sent.name, "send account");
    assert_eq!(watched.logs("transfer.parked").len(), 0);
}
