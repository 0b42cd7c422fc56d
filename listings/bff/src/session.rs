//! Who is signed in.

use axum::http::{HeaderMap, header::AUTHORIZATION};

use crate::clients::Token;

/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Their name among the services.
    pub subject: String,
    /// What the backends want to see.
    pub token: Token,
}

/// All who are signed in.
#[derive(Clone, Debug, Default)]
pub struct Sessions;

impl Sessions {
    /// Whoever sent these headers.
    pub async fn of(&self, headers: &HeaderMap) -> Option<Session> {
        let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let token = value.strip_prefix("Bearer ")?;
        Some(Session {
            subject: token.split('.').next()?.to_owned(),
            token: Token::new(token),
        })
    }
}
