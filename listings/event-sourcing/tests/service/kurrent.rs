//! KurrentDB's table of what a repeated append does, as requests.
//!
//! There an event's id makes an append idempotent, here a request's key does.
//! So event `n` is a deposit under key `n`. `Expected::At(e)` is an `If-Match`
//! with the version that event `e` has here, where the opening comes first,
//! and `Expected::At(-1)` is the version of the opening itself.
//!
//! We differ on purpose: **a key is spent once**. Where KurrentDB looks for
//! the event near the expected version, and appends it again when the version
//! is right, we compare the whole request with the first under its key, the
//! condition included. The same request gets the same answer, wherever the
//! account is by now; any other gets 422, and writes nothing.
//!
//! KurrentDB's rows with batches have no request here: a request is one
//! command, and its key covers all that it writes.

use uuid::Uuid;

use crate::{
    api::{Answer, Api, deposits, euros},
    process::Service,
};

#[derive(Clone, Copy, Debug)]
enum Expected {
    At(i64),
    Any,
}
use Expected::{Any, At};

/// What comes of the last request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The event is appended.
    Appended,
    /// The stored answer to the first request with this key.
    Replayed,
    /// The key belongs to another request.
    Spent,
}
use Outcome::{Appended, Replayed, Spent};

/// Requests, the outcome of the last, and the deposits that are there then.
/// In the comment, what KurrentDB makes of it.
type Row = (&'static [(usize, Expected)], Outcome, i64);

const SIX: [(usize, Expected); 6] = [
    (0, At(-1)),
    (1, At(0)),
    (2, At(1)),
    (3, At(2)),
    (4, At(3)),
    (5, At(4)),
];

const fn after_six(last: Expected) -> [(usize, Expected); 7] {
    let [a, b, c, d, e, f] = SIX;
    [a, b, c, d, e, f, (0, last)]
}

const TABLE: [Row; 13] = [
    // idempotent, 6 events
    (&after_six(At(-1)), Replayed, 6),
    // idempotent, 6 events
    (&after_six(Any), Spent, 6),
    // appended, 7 events
    (&after_six(At(5)), Spent, 6),
    // wrong version, 6 events
    (&after_six(At(6)), Spent, 6),
    // wrong version, 6 events
    (&after_six(At(4)), Spent, 6),
    // appended, 2 events
    (&[(0, At(-1)), (0, At(0))], Spent, 1),
    // idempotent, 1 event
    (&[(0, At(-1)), (0, Any)], Spent, 1),
    // idempotent, 1 event
    (&[(0, At(-1)), (0, At(-1))], Replayed, 1),
    // idempotent, 3 events
    (&[(0, At(-1)), (1, At(0)), (2, At(1)), (1, Any)], Spent, 3),
    (
        &[(0, At(-1)), (1, At(0)), (2, At(1)), (1, Any), (1, Any)],
        Spent,
        3,
    ),
    // idempotent, 3 events: without conditions we agree
    (
        &[(0, Any), (1, Any), (2, Any), (1, Any), (1, Any)],
        Replayed,
        3,
    ),
    (&[(0, Any), (1, Any), (0, Any)], Replayed, 2),
    // a key that is new
    (&[(0, At(-1)), (1, Any)], Appended, 2),
];

#[tokio::test]
async fn a_key_is_spent_once() {
    let service = Service::new().await;
    for (requests, outcome, deposits) in TABLE {
        let row = format!("{requests:?}");
        let (actual, count) = play(&service.api, requests).await;
        assert_eq!((actual, count), (outcome, deposits), "{row}");
    }
}

/// Makes the requests on a new account. Returns what came of the last one,
/// and the deposits that are there then.
async fn play(api: &Api, requests: &[(usize, Expected)]) -> (Outcome, i64) {
    let id = api.account(0).await;
    let keys: Vec<_> = (0..6).map(|_| Uuid::now_v7()).collect();
    let mut first: Vec<Option<Answer>> = keys.iter().map(|_| None).collect();
    let mut last = None;
    for (n, expected) in requests {
        let ask = api.post_again(&deposits(id), &euros(1), keys[*n]);
        let answer = match expected {
            At(event) => ask.if_match(event + 2).send().await,
            Any => ask.send().await,
        };
        last = Some(match (answer.status, &first[*n]) {
            (201, None) => Appended,
            (201, Some(first)) => {
                assert_eq!(first.essence(), answer.essence());
                Replayed
            }
            (422, Some(_)) => {
                let problem = answer.problem().unwrap();
                assert_eq!(problem, "idempotency-key-reused");
                Spent
            }
            _ => panic!("{n} {expected:?}: {answer:?}"),
        });
        first[*n].get_or_insert(answer);
    }
    (last.unwrap(), api.state(id).await.0 - 1)
}

#[tokio::test]
async fn a_repeated_opening_opens_nothing() {
    let service = Service::new().await;
    let api = &service.api;
    let key = Uuid::now_v7();
    let body = crate::api::ada("EUR");
    let opened = api.post_again("/accounts", &body, key).send().await;
    let id = crate::api::id_of(&opened);
    api.post(&deposits(id), &euros(1)).send().await;
    let again = api.post_again("/accounts", &body, key).send().await;
    assert_eq!(opened.essence(), again.essence());
    assert_eq!(api.state(id).await, (2, 1));
}
