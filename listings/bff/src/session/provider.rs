//! The identity provider, as the BFF sees it.

mod exchange;
mod person;
mod provider_error;

use std::time::{Duration, SystemTime};

use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken, TokenResponse, TokenUrl,
    basic::{BasicClient, BasicTokenResponse},
};
use telemetry::Telemetry;
use url::Url;

pub use provider_error::ProviderError;

use super::record::Tokens;
use crate::{
    clients::Token,
    deadline::Deadline,
    settings::{SessionSettings, redirect_uri},
};
use exchange::{Exchange, TokenClient};

/// How long an access token is taken to live if nothing is said about it.
const UNSAID: Duration = Duration::from_secs(60);

/// What the crate calls a client that knows where to send a person and where
/// to get tokens.
type Client = BasicClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

// ANCHOR: provider
/// The provider that signs persons in.
pub(super) struct Provider {
    client: Client,
    exchange: Exchange,
}

impl Provider {
    /// The one that `settings` name. Persons come back to us at `public`.
    pub(super) fn new(
        telemetry: &Telemetry,
        settings: &SessionSettings,
        public: &Url,
    ) -> Result<Self, reqwest::Error> {
        let exchange = Exchange::new(telemetry, settings)?;
        let id = ClientId::new(settings.client_id.clone());
        let secret = settings.client_secret.secret().to_owned();
        let back = RedirectUrl::from_url(redirect_uri(public));
        let client = BasicClient::new(id)
            .set_client_secret(ClientSecret::new(secret))
            .set_auth_uri(AuthUrl::from_url(exchange.url("/authorize")))
            .set_token_uri(TokenUrl::from_url(exchange.url("/token")))
            .set_redirect_uri(back);
        Ok(Self { client, exchange })
    }
}
// ANCHOR_END: provider

// ANCHOR: authorize
/// A person on the way to the provider: where to, and what only we know.
pub(super) struct Departure {
    pub(super) url: Url,
    pub(super) state: String,
    pub(super) verifier: String,
}

impl Provider {
    /// Where to send somebody who wants to sign in.
    pub(super) fn depart(&self, login_hint: Option<&str>) -> Departure {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = self
            .client
            .authorize_url(CsrfToken::new_random)
            .set_pkce_challenge(challenge);
        if let Some(hint) = login_hint {
            request = request.add_extra_param("login_hint", hint);
        }
        let (url, state) = request.url();
        Departure {
            url,
            state: state.into_secret(),
            verifier: verifier.into_secret(),
        }
    }
}
// ANCHOR_END: authorize

// ANCHOR: tokens
impl Provider {
    /// Tokens for a code.
    pub(super) async fn redeem(
        &self,
        code: String,
        verifier: String,
        deadline: Deadline,
    ) -> Result<Tokens, ProviderError> {
        let http = self.until(deadline);
        let code = AuthorizationCode::new(code);
        let redeem = self
            .client
            .exchange_code(code)
            .set_pkce_verifier(PkceCodeVerifier::new(verifier));
        let tokens = redeem.request_async(&http).await;
        tokens.map(|tokens| kept(&tokens)).map_err(exchange::error)
    }

    /// Tokens for a refresh token, which is used up by it.
    pub(super) async fn refresh(
        &self,
        token: &str,
        deadline: Deadline,
    ) -> Result<Tokens, ProviderError> {
        let http = self.until(deadline);
        let token = RefreshToken::new(token.to_owned());
        let refresh = self.client.exchange_refresh_token(&token);
        let tokens = refresh.request_async(&http).await;
        tokens.map(|tokens| kept(&tokens)).map_err(exchange::error)
    }
}
// ANCHOR_END: tokens

impl Provider {
    fn until(&self, deadline: Deadline) -> TokenClient<'_> {
        TokenClient {
            exchange: &self.exchange,
            deadline,
        }
    }
}

fn kept(tokens: &BasicTokenResponse) -> Tokens {
    let refresh = tokens.refresh_token();
    Tokens::new(
        Token::new(tokens.access_token().secret().as_str()),
        refresh.map(|token| token.secret().clone()),
        SystemTime::now(),
        tokens.expires_in().unwrap_or(UNSAID),
    )
}

impl Provider {
    /// Whose token it is.
    pub(super) async fn subject(
        &self,
        token: &Token,
        deadline: Deadline,
    ) -> Result<String, ProviderError> {
        self.exchange.subject(token, deadline).await
    }

    /// Tells the provider that these tokens are not needed any more.
    pub(super) async fn revoke(
        &self,
        tokens: &Tokens,
        deadline: Deadline,
    ) -> Result<(), ProviderError> {
        let (token, hint) = match &tokens.refresh {
            Some(refresh) => (refresh.as_str(), "refresh_token"),
            None => (tokens.access.as_str(), "access_token"),
        };
        self.exchange.revoke(token, hint, deadline).await
    }
}
