//! Who may try again, and when.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use crate::domain::AccountId;

/// Lines of waiting writers. Accounts share them, which costs a little time
/// and nothing else.
const LINES: usize = 256;

// ANCHOR: turns
/// Lets those who lost a race on an account try again one after the other,
/// and those who come meanwhile stand in line behind them. Without the line
/// the unlucky would lose to newcomers again and again.
///
/// It only knows the writers of this process. What keeps the log right is the
/// version in the database; this saves work that would be in vain.
#[derive(Debug)]
pub(super) struct Turns([Mutex<()>; LINES]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Turns {
    /// Waits until it is the caller's turn, which lasts as long as the guard.
    pub(super) async fn wait(&self, account: AccountId) -> MutexGuard<'_, ()> {
        self.line(account).lock().await
    }

    /// The same if there is a line. Where nobody waits, nobody has a turn.
    pub(super) async fn join(
        &self,
        account: AccountId,
    ) -> Option<MutexGuard<'_, ()>> {
        match self.line(account).try_lock() {
            Ok(_) => None,
            Err(_) => Some(self.wait(account).await),
        }
    }

    fn line(&self, account: AccountId) -> &Mutex<()> {
        &self.0[account.0.as_u128() as usize % LINES]
    }
}

// ANCHOR_END: turns

// ANCHOR: backoff
/// How long to wait after attempt number `attempt`: a random time, so that
/// losers do not meet again, out of a range that doubles up to 50 ms.
pub(super) fn backoff(attempt: u32) -> Duration {
    let most = Duration::from_millis(2 << attempt.min(5));
    rand::random_range(Duration::ZERO..=most.min(Duration::from_millis(50)))
}
// ANCHOR_END: backoff
