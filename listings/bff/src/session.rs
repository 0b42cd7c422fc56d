//! Who is signed in, without a token in any browser.
//!
//! A browser has a cookie with a random id. What belongs to it, tokens among
//! it, is in a [`store`]. This is the pattern "Backend For Frontend" of the
//! IETF's "OAuth 2.0 for Browser-Based Applications".

mod cookies;
mod id;
mod login;
mod logout;
mod provider;
mod record;
mod refresh;
pub mod store;

// ANCHOR: imports
use std::{sync::Arc, time::Duration};

use axum::http::HeaderMap;
use moka::future::Cache;
use telemetry::Telemetry;
use url::Url;

pub use login::{Callback, Departed};
pub use provider::ProviderError;
pub use store::StoreError;

use crate::{
    clients::Token, instruments::Instruments, settings::SessionSettings,
};
use id::{Id, Key, Kind};
use provider::Provider;
use record::Record;
use store::Store;
// ANCHOR_END: imports

// ANCHOR: session
/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Their name among the services.
    pub subject: String,
    /// What the backends want to see. It goes to nobody else.
    pub token: Token,
    /// How long it lasts if it is not used again.
    pub expires_in: Duration,
}

/// All who are signed in.
#[derive(Clone)]
pub struct Sessions {
    store: Arc<dyn Store>,
    provider: Arc<Provider>,
    instruments: Instruments,
    /// Refreshes that are under way, or have just ended.
    refreshes: Cache<Key, Option<Arc<Record>>>,
    idle: Duration,
    lifetime: Duration,
    /// How long the provider may keep a request waiting.
    patience: Duration,
}
// ANCHOR_END: session

// ANCHOR: session-error
/// Why nobody knows who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The store of sessions failed.
    #[error("the store of sessions: {0}")]
    Store(#[from] StoreError),
    /// The identity provider failed.
    #[error("the identity provider: {0}")]
    Provider(#[from] ProviderError),
    /// A sign-in came back that did not go out from this browser, or did so
    /// too long ago, or that was refused.
    #[error("this sign-in cannot be finished")]
    Refused,
}
// ANCHOR_END: session-error

impl Sessions {
    /// Sessions in `store`, as `settings` want them, of a program that browsers
    /// see at `public`. The provider may take as long as `patience`.
    ///
    /// # Errors
    /// When the HTTP client does not start.
    pub fn new(
        telemetry: &Telemetry,
        instruments: &Instruments,
        settings: &SessionSettings,
        public: &Url,
        store: Arc<dyn Store>,
        patience: Duration,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            store,
            provider: Arc::new(Provider::new(telemetry, settings, public)?),
            instruments: instruments.clone(),
            refreshes: refresh::recent(),
            idle: settings.idle,
            lifetime: settings.lifetime,
            patience,
        })
    }
}

// ANCHOR: of
impl Sessions {
    /// Whoever sent these headers, with a token that is good.
    ///
    /// # Errors
    /// When the store, or a provider that is needed, does not answer.
    pub async fn of(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<Session>, SessionError> {
        let Some(id) = cookies::find(headers, cookies::SESSION) else {
            return Ok(None);
        };
        let Some(found) = self.find(&id).await? else {
            return Ok(None);
        };
        let record = self.fresh(&id, found).await?;
        Ok(record.map(|record| Session {
            subject: record.subject.clone(),
            token: record.tokens.access(),
            expires_in: record.remaining().min(self.idle),
        }))
    }

    /// The session of `id`, which counts as used from now on. The store ends
    /// what is idle; what is too old, we end.
    async fn find(&self, id: &Id) -> Result<Option<Record>, SessionError> {
        let key = id.key(Kind::Session);
        let sealed = self.store.touch(&key, self.idle).await?;
        let record: Option<Record> =
            sealed.and_then(|sealed| record::opened(id, &sealed));
        match record {
            Some(record) if record.remaining().is_zero() => {
                self.store.take(&key).await?;
                Ok(None)
            }
            record => Ok(record),
        }
    }
}
// ANCHOR_END: of

/// Whether a request carries the cookie of a session, good or not.
pub fn has_cookie(headers: &HeaderMap) -> bool {
    cookies::has(headers, cookies::SESSION)
}
