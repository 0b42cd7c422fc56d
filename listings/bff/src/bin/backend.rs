//! The program `backend`: one of the services behind the BFF.
//!
//! `backend user`, `backend order`, `backend product`, `backend identity`

use std::{env, net::SocketAddr, process::ExitCode, sync::Arc};

use bff::{
    backends::{
        self, Role,
        identity::{Client, Identity},
        token::TokenKey,
    },
    program::{self, ProgramError},
    settings::{self, ClientSecret, SettingError},
};
use service::Connections;

#[tokio::main]
async fn main() -> ExitCode {
    let role = env::args().nth(1).unwrap_or_default();
    let Ok(role) = role.parse::<Role>() else {
        eprintln!("usage: backend user|order|product|identity");
        return ExitCode::FAILURE;
    };
    program::exit(run(role).await)
}

async fn run(role: Role) -> Result<(), ProgramError> {
    let address: SocketAddr = settings::parsed(
        &variable,
        "LISTEN_ADDR",
        match role {
            Role::User => "127.0.0.1:8081",
            Role::Order => "127.0.0.1:8082",
            Role::Product => "127.0.0.1:8083",
            Role::Identity => "127.0.0.1:8084",
        },
        "an address and a port",
    )?;
    let connections =
        Connections::from_env().map_err(SettingError::Connections)?;
    let routes = async |telemetry: &_, _| {
        Ok(match role {
            Role::Identity => {
                let identity = Arc::new(identity()?);
                backends::identity_router(telemetry, identity)
            }
            _ => backends::router(telemetry, role, TokenKey::PUBLIC),
        })
    };
    program::serve(role.service_name(), address, connections, routes).await
}

fn identity() -> Result<Identity, SettingError> {
    let public = settings::public_url(&variable)?;
    let client = Client {
        id: settings::client_id(&variable),
        secret: ClientSecret::from_lookup(&variable)?,
        redirect_uri: public.as_ref().map(settings::redirect_uri),
    };
    let lifetime = settings::seconds(&variable, "TOKEN_SECONDS", "300")?;
    Ok(Identity::new(TokenKey::PUBLIC, client, lifetime))
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}
