//! Events that are added up.

use super::{LoadError, Loaded};
use crate::{
    codec,
    domain::{Account, AccountId},
    snapshots::Snapshot,
    store::EventToFold,
};

/// A fold under way.
#[derive(Default)]
pub(super) struct Folding {
    pub(super) loaded: Loaded,
    pub(super) from_snapshot: Option<i64>,
    pub(super) replayed: i64,
}

impl Folding {
    pub(super) fn after(snapshot: Snapshot<Account>) -> Self {
        Self {
            loaded: Loaded {
                account: snapshot.state,
                head: snapshot.head,
            },
            from_snapshot: Some(snapshot.head.version),
            replayed: 0,
        }
    }

    pub(super) fn push(
        &mut self,
        id: AccountId,
        event: &EventToFold,
    ) -> Result<(), LoadError> {
        let version = event.head.version;
        let next = self.loaded.head.version + 1;
        if version != next {
            return Err(LoadError::Missing {
                account: id,
                version: next,
            });
        }
        let account = std::mem::take(&mut self.loaded.account);
        let impossible = |reason| LoadError::Impossible {
            account: id,
            version,
            reason,
        };
        let what = codec::decode_to_fold(id.0, event)?;
        self.loaded.account = account.evolve(&what).map_err(impossible)?;
        self.loaded.head = event.head;
        self.replayed += 1;
        Ok(())
    }
}
