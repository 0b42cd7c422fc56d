//! A second request for those that the first one keeps waiting.

// ANCHOR: imports
use std::{
    pin::pin,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

use futures_util::future::{Either, select};
use opentelemetry::KeyValue;
use tokio::time::sleep;

use super::CallError;
use crate::{deadline::Deadline, instruments::Instruments};
// ANCHOR_END: imports

// ANCHOR: hedging
/// When to ask twice, and how often at most.
///
/// After "The Tail at Scale" (Dean and Barroso, 2013): wait about as long as
/// nearly all answers take, then ask again, and take the answer that comes
/// first. The allowance keeps a backend that is slow for everybody from
/// getting everything twice.
#[derive(Debug)]
pub struct Hedging {
    backend: &'static str,
    after: Duration,
    allowance: Allowance,
    instruments: Instruments,
}

impl Hedging {
    /// Asks `backend` again `after` this time.
    pub fn new(
        backend: &'static str,
        after: Duration,
        instruments: &Instruments,
    ) -> Self {
        Self {
            backend,
            after,
            allowance: Allowance::default(),
            instruments: instruments.clone(),
        }
    }
}
// ANCHOR_END: hedging

// ANCHOR: allowance
/// Each first request earns a twentieth of a second one, and up to ten are
/// saved up. So one in twenty is sent again at most, beside the ten that are
/// there at the start, however busy it is. (The budget of tower's retries has
/// a share as well, but adds to it a number per second, which is most of the
/// traffic at night.)
#[derive(Debug)]
struct Allowance(AtomicU32);

impl Allowance {
    const PRICE: u32 = 20;
    const MOST: u32 = 10 * Self::PRICE;

    fn earn(&self) {
        let more = |saved| (saved < Self::MOST).then_some(saved + 1);
        // An error says that there is enough already.
        let _ = self.0.fetch_update(Relaxed, Relaxed, more);
    }

    fn spend(&self) -> bool {
        let less = |saved: u32| saved.checked_sub(Self::PRICE);
        self.0.fetch_update(Relaxed, Relaxed, less).is_ok()
    }
}

impl Default for Allowance {
    fn default() -> Self {
        Self(AtomicU32::new(Self::MOST))
    }
}
// ANCHOR_END: allowance

// ANCHOR: run
impl Hedging {
    /// Makes the attempt, and another one if the first takes too long. The
    /// one that loses is dropped, which closes its request.
    ///
    /// # Errors
    /// Those of the attempt: of the last one, when both fail.
    pub async fn run<T, F: Future<Output = Result<T, CallError>>>(
        &self,
        deadline: Deadline,
        attempt: impl Fn(u32) -> F,
    ) -> Result<T, CallError> {
        self.allowance.earn();
        let mut first = pin!(attempt(0));
        match select(first.as_mut(), pin!(sleep(self.after))).await {
            Either::Left((result, _)) => return result,
            Either::Right(_) if deadline.milliseconds().is_none() => {
                return first.await;
            }
            Either::Right(_) if !self.allowance.spend() => {
                self.count("denied");
                return first.await;
            }
            Either::Right(_) => {}
        }
        match select(first, pin!(attempt(1))).await {
            Either::Left((result, _)) if settles(&result) => {
                self.count("lost");
                result
            }
            Either::Right((result, _)) if settles(&result) => {
                self.count("won");
                result
            }
            Either::Left((_, second)) => self.late("won", second.await),
            Either::Right((_, first)) => self.late("lost", first.await),
        }
    }
}
// ANCHOR_END: run

impl Hedging {
    /// The other one has failed, so this counts, whatever it is.
    fn late<T>(
        &self,
        outcome: &'static str,
        result: Result<T, CallError>,
    ) -> Result<T, CallError> {
        let is_settled = settles(&result);
        self.count(if is_settled { outcome } else { "failed" });
        result
    }

    fn count(&self, outcome: &'static str) {
        let point = [
            KeyValue::new("bff.backend", self.backend),
            KeyValue::new("bff.hedge.outcome", outcome),
        ];
        self.instruments.hedges.add(1, &point);
    }
}

/// Whether there is nothing to hope for from the other one: this is an answer,
/// be it a no.
fn settles<T>(result: &Result<T, CallError>) -> bool {
    use CallError::{NotFound, Unauthorized};
    matches!(result, Ok(_) | Err(NotFound | Unauthorized))
}

#[cfg(test)]
mod tests {
    use super::Allowance;

    #[test]
    fn one_in_twenty_is_sent_again_and_ten_at_a_time() {
        let allowance = Allowance::default();
        let spent = || (0..1_000).filter(|_| allowance.spend()).count();
        assert_eq!(spent(), 10);
        (0..100).for_each(|_| allowance.earn());
        assert_eq!(spent(), 5);
        (0..19).for_each(|_| allowance.earn());
        assert_eq!(spent(), 0);
        allowance.earn();
        assert_eq!(spent(), 1);
        (0..10_000).for_each(|_| allowance.earn());
        assert_eq!(spent(), 10);
    }
}
