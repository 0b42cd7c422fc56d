//! A second request for those that the first one keeps waiting.

// ANCHOR: imports
use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use opentelemetry::KeyValue;
use tokio::time::sleep;
use tower::retry::budget::{Budget, TpsBudget};

use super::CallError;
use crate::{deadline::Deadline, instruments::Instruments};
// ANCHOR_END: imports

/// Over which time the budget is counted.
const WINDOW: Duration = Duration::from_secs(10);

/// Second requests that are always allowed, per second.
const ALWAYS: u32 = 1;

/// Second requests per first request.
const SHARE: f32 = 0.05;

// ANCHOR: hedging
/// When to ask twice, and how often at most.
///
/// After "The Tail at Scale" (Dean and Barroso, 2013): wait about as long as
/// nearly all answers take, then ask again, and take the answer that comes
/// first. The budget keeps a backend that is slow for everybody from getting
/// everything twice.
#[derive(Debug)]
pub struct Hedging {
    after: Duration,
    budget: TpsBudget,
    instruments: Instruments,
}

impl Hedging {
    /// Asks again `after` this time.
    pub fn new(after: Duration, instruments: &Instruments) -> Self {
        Self {
            after,
            budget: TpsBudget::new(WINDOW, ALWAYS, SHARE),
            instruments: instruments.clone(),
        }
    }
}
// ANCHOR_END: hedging

// ANCHOR: run
impl Hedging {
    /// Makes the attempt, and another one if the first takes too long. The
    /// one that loses is dropped, which closes its request.
    ///
    /// # Errors
    /// Those of the attempt: of the last one, when both fail.
    pub async fn run<T, F>(
        &self,
        deadline: Deadline,
        attempt: impl Fn(u32) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        self.budget.deposit();
        let mut first = pin!(attempt(0));
        match select(first.as_mut(), pin!(sleep(self.after))).await {
            Either::Left((result, _)) => return result,
            Either::Right(_) if deadline.milliseconds().is_none() => {
                return first.await;
            }
            Either::Right(_) if !self.budget.withdraw() => {
                self.count("denied");
                return first.await;
            }
            Either::Right(_) => {}
        }
        match select(first, pin!(attempt(1))).await {
            Either::Left((Ok(answer), _)) => {
                self.count("lost");
                Ok(answer)
            }
            Either::Right((Ok(answer), _)) => {
                self.count("won");
                Ok(answer)
            }
            Either::Left((Err(_), second)) => self.late(second.await),
            Either::Right((Err(_), first)) => self.late(first.await),
        }
    }

    /// One of the two has failed, and so this is the answer.
    fn late<T>(&self, result: Result<T, CallError>) -> Result<T, CallError> {
        self.count(if result.is_ok() { "saved" } else { "failed" });
        result
    }

    fn count(&self, outcome: &'static str) {
        let outcome = [KeyValue::new("bff.hedge.outcome", outcome)];
        self.instruments.hedges.add(1, &outcome);
    }
}
// ANCHOR_END: run
