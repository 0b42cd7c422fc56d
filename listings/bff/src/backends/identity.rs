//! A stand-in for an identity provider: OAuth 2.0 with authorization codes,
//! PKCE and refresh tokens that are good for one use.
//!
//! It keeps everything in memory and asks nobody for a password.

mod authorize;
mod client;
mod grants;
mod tokens;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    routing::{get, post},
};
use url::Url;

use super::token::TokenKey;
use crate::settings::ClientSecret;
use grants::Grants;

/// The one program that may sign persons in here.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its name.
    pub id: String,
    /// What only it and the provider know.
    pub secret: ClientSecret,
    /// Where persons go back to, to the letter. For a program on the same
    /// machine it can be left out.
    pub redirect_uri: Option<Url>,
}

/// The identity provider.
pub struct Identity {
    key: TokenKey,
    client: Client,
    lifetime: Duration,
    /// How long it says that they live.
    expires_in: Mutex<Duration>,
    grants: Mutex<Grants>,
}

impl Identity {
    /// A provider for `client`. Its access tokens live for `lifetime`.
    pub fn new(key: TokenKey, client: Client, lifetime: Duration) -> Self {
        Self {
            key,
            client,
            lifetime,
            expires_in: Mutex::new(lifetime),
            grants: Mutex::default(),
        }
    }

    /// From now on, it says that its access tokens live for so long, which may
    /// be less than they do. A test need not wait for the end of a token.
    pub fn say_expires_in(&self, said: Duration) {
        *lock(&self.expires_in) = said;
    }

    /// Every code and every token that it has given out: what a test must not
    /// find anywhere else.
    pub fn secrets(&self) -> Vec<String> {
        self.grants().issued.clone()
    }

    /// How many refresh tokens were taken for new ones.
    pub fn refreshes(&self) -> u64 {
        self.grants().refreshes
    }

    fn grants(&self) -> MutexGuard<'_, Grants> {
        lock(&self.grants)
    }

    fn expires_in(&self) -> Duration {
        *lock(&self.expires_in)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Its four endpoints.
pub(super) fn routes(identity: Arc<Identity>) -> Router {
    Router::new()
        .route("/authorize", get(authorize::authorize))
        .route("/token", post(tokens::token))
        .route("/userinfo", get(tokens::userinfo))
        .route("/revoke", post(tokens::revoke))
        .with_state(identity)
}
