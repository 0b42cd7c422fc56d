//! Every way in which two attempts can end.

use std::time::Duration;

use bff::{
    clients::{
        CallError::{self, Failed, NotFound, TimedOut, Unreachable},
        Hedging,
    },
    deadline::Deadline,
    instruments::Instruments,
};
use tokio::sync::{Barrier, Notify};

use crate::lab::{DEADLINE, no_telemetry};

type Outcome = Result<u32, CallError>;

/// How it ends when `first` comes after the second attempt has begun, and
/// before or after that one's end.
async fn race(
    first: Outcome,
    second: Outcome,
    first_ends_first: bool,
) -> Outcome {
    let instruments = Instruments::new(&no_telemetry());
    let hedging = Hedging::new("test", Duration::from_millis(1), &instruments);
    let (both, one) = (Barrier::new(2), Notify::new());
    let attempt = |number| {
        let (both, one) = (&both, &one);
        async move {
            both.wait().await;
            let is_first = number == 0;
            if is_first != first_ends_first {
                one.notified().await;
            }
            one.notify_one();
            if is_first { first } else { second }
        }
    };
    hedging.run(Deadline::after(DEADLINE), attempt).await
}

#[tokio::test]
async fn the_first_answer_counts_and_of_two_failures_the_last() {
    let failed = Err(Failed(500));
    let unreachable = Err(Unreachable);
    let cases = [
        // Both answer.
        (Ok(1), Ok(2), true, Ok(1)),
        (Ok(1), Ok(2), false, Ok(2)),
        // One fails, before or after the other one's answer.
        (failed, Ok(2), true, Ok(2)),
        (Ok(1), failed, false, Ok(1)),
        (failed, Ok(2), false, Ok(2)),
        (Ok(1), failed, true, Ok(1)),
        // Both fail.
        (failed, unreachable, true, unreachable),
        (failed, unreachable, false, failed),
        // A no is an answer.
        (Err(NotFound), Ok(2), true, Err(NotFound)),
        (Ok(1), Err(NotFound), false, Err(NotFound)),
    ];
    for (first, second, first_ends_first, expected) in cases {
        let result = race(first, second, first_ends_first).await;
        assert_eq!(result, expected, "{first:?}, {second:?}");
    }
}

#[tokio::test]
async fn no_second_request_where_no_time_is_left() {
    let instruments = Instruments::new(&no_telemetry());
    let hedging = Hedging::new("test", Duration::from_millis(20), &instruments);
    let over = Deadline::after(Duration::ZERO);
    let attempt = async |number| {
        assert_eq!(number, 0);
        tokio::time::sleep(Duration::from_millis(60)).await;
        Err::<(), _>(TimedOut)
    };
    assert_eq!(hedging.run(over, attempt).await, Err(TimedOut));
}
