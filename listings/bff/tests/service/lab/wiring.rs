//! Where everything listens, and what the BFF is told of it.

use std::{sync::Arc, time::Duration};

use axum::Router;
use bff::{
    backends::{
        identity::{Client, Identity},
        token::TokenKey,
    },
    settings::{ClientSecret, Settings, redirect_uri},
};
use tokio::net::TcpListener;

/// The provider, which knows us. A token lives longer than any test.
pub(super) fn identity(public: &str) -> Arc<Identity> {
    let client = Client {
        id: "bff".to_owned(),
        secret: ClientSecret::from_lookup(&|_| None).unwrap(),
        redirect_uri: Some(redirect_uri(&public.parse().unwrap())),
    };
    let lifetime = Duration::from_secs(300);
    Arc::new(Identity::new(TokenKey::PUBLIC, client, lifetime))
}

pub(super) fn settings(
    variables: &[(&str, &str)],
    backends: &[String; 4],
    public: &str,
) -> Settings {
    let settings = Settings::from_lookup(&|name: &str| {
        let set = variables.iter().find(|(known, _)| *known == name);
        match (set, name) {
            (Some((_, value)), _) => Some((*value).to_owned()),
            (None, "USER_URL") => Some(backends[0].clone()),
            (None, "ORDER_URL") => Some(backends[1].clone()),
            (None, "PRODUCT_URL") => Some(backends[2].clone()),
            (None, "IDENTITY_URL") => Some(backends[3].clone()),
            (None, "PUBLIC_URL") => Some(public.to_owned()),
            // On a busy machine, nothing of this is to happen by chance.
            (None, "BUDGET_MS") => Some("20000".to_owned()),
            (None, "HEDGE_AFTER_MS" | "CACHE_MS") => Some("0".to_owned()),
            _ => None,
        }
    });
    settings.unwrap()
}

pub(crate) async fn serve(router: Router) -> String {
    let (listener, url) = listen().await;
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

pub(super) async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, format!("http://{address}"))
}
