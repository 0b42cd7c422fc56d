//! The program `backend`: one of the services behind the BFF.
//!
//! `backend user`, `backend order`, `backend product`

use std::{env, net::SocketAddr, process::ExitCode};

use bff::{
    backends::{self, Role, token::TokenKey},
    program, settings,
};

#[tokio::main]
async fn main() -> ExitCode {
    let role = env::args().nth(1).unwrap_or_default();
    let Ok(role) = role.parse::<Role>() else {
        eprintln!("usage: backend user|order|product");
        return ExitCode::FAILURE;
    };
    program::exit(run(role).await)
}

async fn run(role: Role) -> Result<(), program::ProgramError> {
    let address: SocketAddr = settings::parsed(
        &|name| env::var(name).ok(),
        "LISTEN_ADDR",
        match role {
            Role::User => "127.0.0.1:8081",
            Role::Order => "127.0.0.1:8082",
            Role::Product => "127.0.0.1:8083",
        },
        "an address and a port",
    )?;
    program::serve(role.service_name(), address, async |telemetry| {
        Ok(backends::router(telemetry, role, TokenKey::PUBLIC))
    })
    .await
}
