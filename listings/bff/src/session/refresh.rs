//! New tokens, in time and once.

// ANCHOR: imports
use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use telemetry::carry;
use tokio::time::{sleep, timeout};

use super::{
    ProviderError, SessionError, Sessions,
    id::{Id, Key, Kind},
    record::{self, Record},
};
use crate::deadline::Deadline;
// ANCHOR_END: imports

/// How long an outcome holds for those who come a moment late.
const RECENT: Duration = Duration::from_secs(1);

/// The most outcomes that are kept.
const MOST: u64 = 10_000;

/// Between two looks at what another replica does.
const PAUSE: Duration = Duration::from_millis(20);

/// What the holder of a claim needs beside the provider's time.
const MARGIN: Duration = Duration::from_secs(2);

/// A session after a refresh: none, if it has ended.
type Renewed = Option<Arc<Record>>;

pub(super) fn recent() -> Cache<Key, Renewed> {
    Cache::builder()
        .max_capacity(MOST)
        .time_to_live(RECENT)
        .build()
}

// ANCHOR: fresh
impl Sessions {
    /// The session with a token that is good. A refresh token is good for one
    /// use, so of all who come at that moment one refreshes, and all the
    /// others wait for it.
    pub(super) async fn fresh(
        &self,
        id: &Id,
        found: Record,
    ) -> Result<Renewed, SessionError> {
        if !found.tokens.are_due() {
            return Ok(Some(Arc::new(found)));
        }
        let found = Arc::new(found);
        let claim = id.key(Kind::Session).refresh(found.generation);
        let renew = self.renew_once(id, &found, &claim);
        let renewed = self.refreshes.try_get_with(claim.clone(), renew);
        match timeout(self.patience, renewed).await {
            Ok(Ok(renewed)) => Ok(renewed),
            // What we have will do for this request.
            _ if found.tokens.are_good() => Ok(Some(found)),
            Ok(Err(error)) => Err(*error),
            Err(_) => Err(ProviderError::TimedOut.into()),
        }
    }
}
// ANCHOR_END: fresh

// ANCHOR: renew-once
impl Sessions {
    /// Refreshes, or waits for another replica that does.
    async fn renew_once(
        &self,
        id: &Id,
        old: &Arc<Record>,
        claim: &Key,
    ) -> Result<Renewed, SessionError> {
        while !self.store.claim(claim, self.patience + MARGIN).await? {
            sleep(PAUSE).await;
            match self.find(id).await? {
                Some(new) if new.generation == old.generation => {}
                new => return Ok(new.map(Arc::new)),
            }
        }
        let (sessions, id) = (self.clone(), id.clone());
        let (old, claim) = (Arc::clone(old), claim.clone());
        // A browser that goes away must not take a new token with it: the
        // old one is used up.
        let renewing = tokio::spawn(carry::future(async move {
            sessions.renew(&id, &old, &claim).await
        }));
        let renewed = renewing.await;
        renewed.unwrap_or(Err(ProviderError::Unreachable.into()))
    }
}
// ANCHOR_END: renew-once

// ANCHOR: renew
impl Sessions {
    async fn renew(
        &self,
        id: &Id,
        old: &Arc<Record>,
        claim: &Key,
    ) -> Result<Renewed, SessionError> {
        let key = id.key(Kind::Session);
        let deadline = Deadline::after(self.patience);
        let refreshed = match &old.tokens.refresh {
            Some(token) => self.provider.refresh(token, deadline).await,
            None => Err(ProviderError::Refused),
        };
        match refreshed {
            Ok(tokens) => {
                let new = old.renewed(tokens);
                let sealed = record::sealed(id, &new).unwrap_or_default();
                if self.store.replace(&key, sealed, self.idle).await? {
                    self.count("refreshed");
                    return Ok(Some(Arc::new(new)));
                }
                // Somebody has signed out meanwhile.
                self.revoke(&new.tokens).await;
                Ok(None)
            }
            Err(ProviderError::Refused) => {
                self.store.take(&key).await?;
                self.count("refused");
                Ok(None)
            }
            Err(error) => {
                self.log(error);
                self.store.take(claim).await?;
                match old.tokens.are_good() {
                    true => Ok(Some(Arc::clone(old))),
                    false => Err(error.into()),
                }
            }
        }
    }
}
// ANCHOR_END: renew
