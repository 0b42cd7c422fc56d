//! What a page of events does to the balances, account by account.

use std::collections::HashMap;

use time::OffsetDateTime;

use crate::{
    codec,
    domain::{AccountEvent, Currency, Money, SealedName, SubjectId},
    projections::{Halt, IMPOSSIBLE, UNREADABLE, VERSION_GAP},
    store::{RecordedEvent, StreamId},
};

// ANCHOR: change
/// What the events of one account on a page add up to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    pub(super) account: StreamId,
    /// Where on the page its first event is.
    pub(super) at: usize,
    /// The version of its first event here: the row is one version before.
    pub(super) first: i64,
    /// The version of its last event here.
    pub(super) last: i64,
    /// Who opened it, if that was here.
    pub(super) opened: Option<(SubjectId, SealedName, OffsetDateTime)>,
    pub(super) currency: Option<Currency>,
    /// What came in, less what went out, in minor units.
    pub(super) minor: i64,
    pub(super) closed: bool,
    pub(super) updated_at: OffsetDateTime,
}
// ANCHOR_END: change

// ANCHOR: fold-page
/// Folds a page in memory, so that one statement can write all of it.
///
/// # Errors
/// [`Halt::Poison`] at the first event that does not follow from those before
/// it on the page. Whether the page follows from the table, the table knows.
pub(super) fn fold(page: &[RecordedEvent]) -> Result<Vec<Change>, Halt> {
    let mut changes: Vec<Change> = Vec::new();
    let mut places: HashMap<StreamId, usize> = HashMap::new();
    for (at, event) in page.iter().enumerate() {
        let poison = |reason| Halt::Poison { at, reason };
        let what = codec::decode(event).map_err(|_| poison(UNREADABLE))?;
        let place = *places.entry(event.stream_id).or_insert(changes.len());
        if place == changes.len() {
            changes.push(Change::before(event, at));
        }
        let change = &mut changes[place];
        if event.version != change.last + 1 {
            return Err(poison(VERSION_GAP));
        }
        change.last = event.version;
        change.updated_at = event.recorded_at;
        change.apply(&what).ok_or(poison(IMPOSSIBLE))?;
    }
    Ok(changes)
}
// ANCHOR_END: fold-page

impl Change {
    /// Nothing yet, on top of the version before `event`.
    fn before(event: &RecordedEvent, at: usize) -> Self {
        Self {
            account: event.stream_id,
            at,
            first: event.version,
            last: event.version - 1,
            opened: None,
            currency: None,
            minor: 0,
            closed: false,
            updated_at: event.recorded_at,
        }
    }
}

// ANCHOR: apply
impl Change {
    /// `None` if the event cannot have happened now.
    fn apply(&mut self, event: &AccountEvent) -> Option<()> {
        use AccountEvent as E;
        let opens = matches!(event, E::Opened { .. });
        if self.closed || opens != (self.last == 1) {
            return None;
        }
        match event {
            E::Opened {
                subject,
                holder,
                currency,
            } => {
                self.opened = Some((*subject, holder.clone(), self.updated_at));
                self.currency = Some(*currency);
            }
            E::Deposited { amount }
            | E::TransferReceived { amount, .. }
            | E::TransferRefunded { amount, .. } => {
                self.add(*amount, i64::checked_add)?;
            }
            E::Withdrawn { amount } | E::TransferSent { amount, .. } => {
                self.add(*amount, i64::checked_sub)?;
            }
            E::TransferSettled { .. } => {}
            E::Closed {} => self.closed = true,
        }
        Some(())
    }
}
// ANCHOR_END: apply

impl Change {
    fn add(
        &mut self,
        amount: Money,
        operation: fn(i64, i64) -> Option<i64>,
    ) -> Option<()> {
        let currency = *self.currency.get_or_insert(amount.currency);
        self.minor = operation(self.minor, amount.minor)?;
        (currency == amount.currency).then_some(())
    }
}
