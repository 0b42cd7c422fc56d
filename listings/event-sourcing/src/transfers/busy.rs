//! Accounts that are not to be tried right now.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::Transfer;
use crate::domain::AccountId;

// ANCHOR: busy
/// Accounts on which an order had to wait. Each try costs seconds, so a
/// transfer that needs one of them is held without a try.
///
/// It only saves time. An account that is in here by mistake comes out with
/// its next transfer, which is held and tried again.
#[derive(Debug, Default)]
pub(super) struct Busy(Mutex<HashSet<AccountId>>);

impl Busy {
    /// Whether `transfer` needs one of them.
    pub(super) fn has(&self, transfer: &Transfer) -> bool {
        let busy = self.accounts();
        busy.contains(&transfer.to) || busy.contains(&transfer.from)
    }

    pub(super) fn insert(&self, account: AccountId) {
        self.accounts().insert(account);
    }

    /// Nobody has to wait for the accounts of `transfer` any more.
    pub(super) fn remove(&self, transfer: &Transfer) {
        let mut busy = self.accounts();
        busy.remove(&transfer.to);
        busy.remove(&transfer.from);
    }

    fn accounts(&self) -> MutexGuard<'_, HashSet<AccountId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
// ANCHOR_END: busy
