//! Tokens for codes, tokens for tokens, and what they are good for.

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::State,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Identity, grants::Granted};

type Refused = (StatusCode, Json<Value>);

fn refused(status: StatusCode, error: &str) -> Refused {
    (status, Json(json!({ "error": error })))
}

fn authenticate(
    identity: &Identity,
    headers: &HeaderMap,
) -> Result<(), Refused> {
    match identity.client.sent(headers) {
        true => Ok(()),
        false => Err(refused(StatusCode::UNAUTHORIZED, "invalid_client")),
    }
}

/// What may be asked of the token endpoint.
#[derive(Deserialize)]
#[serde(tag = "grant_type", rename_all = "snake_case")]
pub(super) enum Ask {
    AuthorizationCode {
        code: String,
        redirect_uri: String,
        code_verifier: String,
    },
    RefreshToken {
        refresh_token: String,
    },
}

/// `POST /token`
pub(super) async fn token(
    State(identity): State<Arc<Identity>>,
    headers: HeaderMap,
    Form(ask): Form<Ask>,
) -> Result<Json<Value>, Refused> {
    authenticate(&identity, &headers)?;
    let mut grants = identity.grants();
    let granted = match ask {
        Ask::AuthorizationCode {
            code,
            redirect_uri,
            code_verifier,
        } => {
            let hash = Sha256::digest(&code_verifier);
            let challenge = BASE64_URL_SAFE_NO_PAD.encode(hash);
            grants.redeem(&code, &challenge, &redirect_uri)
        }
        Ask::RefreshToken { refresh_token } => grants.renew(&refresh_token),
    };
    let Granted { sign_in, subject } = granted
        .ok_or_else(|| refused(StatusCode::BAD_REQUEST, "invalid_grant"))?;
    let lifetime = identity.lifetime;
    let access = identity.key.sign(&subject, grants.serial(), lifetime);
    let refresh = grants.issue(sign_in, &access);
    Ok(Json(json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": identity.expires_in().as_secs(),
        "refresh_token": refresh,
    })))
}

/// `GET /userinfo`
pub(super) async fn userinfo(
    State(identity): State<Arc<Identity>>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    let value = headers.get(AUTHORIZATION);
    let token = value
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .filter(|token| identity.grants().is_good(token));
    let subject = token.and_then(|token| identity.key.verify(token));
    let subject = subject.ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(Json(json!({ "sub": subject })))
}

/// What is to be revoked.
#[derive(Deserialize)]
pub(super) struct Revoke {
    token: String,
}

/// `POST /revoke` (RFC 7009): 200, whether there was such a token or not.
pub(super) async fn revoke(
    State(identity): State<Arc<Identity>>,
    headers: HeaderMap,
    Form(Revoke { token }): Form<Revoke>,
) -> Result<StatusCode, Refused> {
    authenticate(&identity, &headers)?;
    identity.grants().revoke(&token);
    Ok(StatusCode::OK)
}
