//! New tokens, in time and once.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use telemetry::carry;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{
    ProviderError, SessionError, Sessions, StoreError,
    id::{Id, Key, Kind},
    record::{self, Record, Tokens},
};
use crate::deadline::Deadline;

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

type Renewing = JoinHandle<Result<Renewed, SessionError>>;

pub(super) fn recent() -> Cache<Key, Renewed> {
    Cache::builder()
        .max_capacity(MOST)
        .time_to_live(RECENT)
        .build()
}

// ANCHOR: fresh
impl Sessions {
    /// The session with a token that is good. A refresh token is good for one
    /// use, so of all who come at its time one refreshes.
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
        if found.tokens.are_good() {
            // There is time, and nobody has to wait. Without an answer from
            // the store, the next request tries again.
            if self.claim(&claim).await.unwrap_or(false) {
                self.start(id, &found, &claim);
            }
            return Ok(Some(found));
        }
        let renew = self.renew_once(id, &found, &claim);
        let renewed = self.refreshes.try_get_with(claim.clone(), renew);
        match timeout(self.patience, renewed).await {
            Ok(renewed) => renewed.map_err(|error| *error),
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
        while !self.claim(claim).await? {
            sleep(PAUSE).await;
            match self.find(id).await? {
                Some(new) if new.generation == old.generation => {}
                new => return Ok(new.map(Arc::new)),
            }
        }
        let renewed = self.start(id, old, claim).await;
        renewed.unwrap_or(Err(ProviderError::Unreachable.into()))
    }

    async fn claim(&self, claim: &Key) -> Result<bool, StoreError> {
        self.store.claim(claim, self.patience + MARGIN).await
    }

    /// A browser that goes away must not take the new token with it, for the
    /// old one is used up. So a task of its own sees to it.
    fn start(&self, id: &Id, old: &Arc<Record>, claim: &Key) -> Renewing {
        let (sessions, id) = (self.clone(), id.clone());
        let (old, claim) = (Arc::clone(old), claim.clone());
        tokio::spawn(carry::future(async move {
            sessions.renew(&id, &old, &claim).await
        }))
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
        let refreshed = match &old.tokens.refresh {
            Some(token) => self.refresh(token).await,
            None => Err(ProviderError::Refused),
        };
        match refreshed {
            Ok(tokens) => self.keep(id, old.renewed(tokens)).await,
            Err(ProviderError::Refused) => {
                self.store.take(&key).await?;
                self.count("refused");
                Ok(None)
            }
            Err(error) => {
                self.log(error);
                // As long as nobody has to wait, the claim stays, and keeps
                // the next attempt from coming at once.
                if !old.tokens.are_good() {
                    self.store.take(claim).await?;
                }
                Err(error.into())
            }
        }
    }
}
// ANCHOR_END: renew

// ANCHOR: keep
impl Sessions {
    /// Puts new tokens in the place of the old ones, unless somebody has
    /// signed out meanwhile: then they end at once.
    async fn keep(
        &self,
        id: &Id,
        new: Record,
    ) -> Result<Renewed, SessionError> {
        let key = id.key(Kind::Session);
        let sealed = record::sealed(id, &new);
        let sealed = sealed.ok_or(SessionError::Refused)?;
        if self.store.replace(&key, sealed, self.idle).await? {
            self.count("refreshed");
            return Ok(Some(Arc::new(new)));
        }
        let deadline = Deadline::after(self.patience);
        self.revoke(&new.tokens, deadline).await;
        Ok(None)
    }
}
// ANCHOR_END: keep

impl Sessions {
    async fn refresh(&self, token: &str) -> Result<Tokens, ProviderError> {
        let deadline = Deadline::after(self.patience);
        self.provider.refresh(token, deadline).await
    }
}
