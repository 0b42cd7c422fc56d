//! To the identity provider and back.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    ProviderError, SessionError, Sessions,
    cookies::{self, LOGIN, SESSION},
    id::{Id, Kind},
    provider::Departure,
    record::{self, Record},
};
use crate::deadline::Deadline;

/// How long a person may take at the provider.
const AWAY: Duration = Duration::from_secs(10 * 60);

// ANCHOR: depart
/// What is kept of a person who is away, under the id in their cookie.
#[derive(Serialize, Deserialize)]
struct Away {
    state: String,
    verifier: String,
}

/// Where to send a person, and the cookie that knows them when they return.
pub struct Departed {
    /// The provider's page.
    pub url: Url,
    /// `Set-Cookie`.
    pub cookie: Option<HeaderValue>,
}

impl Sessions {
    /// Somebody wants to sign in.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn depart(
        &self,
        login_hint: Option<&str>,
    ) -> Result<Departed, SessionError> {
        let departure = self.provider.depart(login_hint);
        let Departure {
            url,
            state,
            verifier,
        } = departure;
        let id = Id::random();
        let away = record::sealed(&id, &Away { state, verifier });
        let away = away.ok_or(SessionError::Refused)?;
        self.store.put(&id.key(Kind::Login), away, AWAY).await?;
        let cookie = cookies::login_cookie(&id, AWAY);
        Ok(Departed { url, cookie })
    }
}
// ANCHOR_END: depart

// ANCHOR: callback
/// What the provider sends a person back with.
#[derive(Deserialize)]
pub struct Callback {
    code: Option<String>,
    state: Option<String>,
}

impl Sessions {
    /// Somebody comes back from the provider. The answer is the cookie of a
    /// session that did not exist before.
    ///
    /// # Errors
    /// When this browser has not departed, or not just now, or the provider
    /// does not vouch for the person.
    pub async fn arrive(
        &self,
        headers: &HeaderMap,
        callback: Callback,
    ) -> Result<Option<HeaderValue>, SessionError> {
        let id = cookies::find(headers, LOGIN);
        let id = id.ok_or(SessionError::Refused)?;
        // Taken, and not read: the same way back leads nowhere.
        let away = self.store.take(&id.key(Kind::Login)).await?;
        let away: Option<Away> =
            away.and_then(|away| record::opened(&id, &away));
        let away = away.ok_or(SessionError::Refused)?;
        let state = callback.state.unwrap_or_default();
        if Sha256::digest(&state) != Sha256::digest(&away.state) {
            return Err(SessionError::Refused);
        }
        let code = callback.code.ok_or(SessionError::Refused)?;
        let deadline = Deadline::after(self.patience);
        let record = self.identify(code, away.verifier, deadline).await?;
        let cookie = self.enter(&record).await?;
        // Whoever signs in again leaves the session before.
        self.leave_by(headers, deadline).await?;
        Ok(cookie)
    }
}
// ANCHOR_END: callback

// ANCHOR: enter
impl Sessions {
    /// Who it is, as the provider says.
    async fn identify(
        &self,
        code: String,
        verifier: String,
        deadline: Deadline,
    ) -> Result<Record, SessionError> {
        let identify = async {
            let tokens = self.provider.redeem(code, verifier, deadline).await?;
            let token = tokens.access();
            let subject = self.provider.subject(&token, deadline).await?;
            Ok(Record::new(subject, tokens, self.lifetime))
        };
        identify.await.map_err(|error| match error {
            ProviderError::Refused => SessionError::Refused,
            error => {
                self.log(error);
                error.into()
            }
        })
    }

    /// A new session with a new id, whatever cookie the browser came with.
    async fn enter(
        &self,
        record: &Record,
    ) -> Result<Option<HeaderValue>, SessionError> {
        let id = Id::random();
        let sealed = record::sealed(&id, record);
        let sealed = sealed.ok_or(SessionError::Refused)?;
        let lifetime = self.idle.min(self.lifetime);
        let key = id.key(Kind::Session);
        self.store.put(&key, sealed, lifetime).await?;
        self.count("started");
        Ok(cookies::session_cookie(&id))
    }
}
// ANCHOR_END: enter

impl Sessions {
    /// `Set-Cookie` for a browser that is not away any more.
    pub fn arrived() -> Option<HeaderValue> {
        cookies::without(LOGIN)
    }

    /// `Set-Cookie` for a browser that has no session any more.
    pub fn left() -> Option<HeaderValue> {
        cookies::without(SESSION)
    }
}
