//! The home page in other ways, to compare with. Each has a server span, and
//! nothing else that stands before the program's own: no session, no cache.

use std::{process::ExitCode, sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use bff::{
    clients::{CallError, Caller, Clients, Timeline, Token},
    deadline::Deadline,
    experiences::{Gathered, WebHome, gather},
    instruments::Instruments,
    program::{self, ProgramError},
    settings::Settings,
};
use telemetry::Telemetry;

use crate::stage::Stage;

/// What the handlers share.
struct Shared {
    clients: Clients,
    instruments: Instruments,
    token: Token,
    budget: Duration,
    /// A page for the plain handler.
    parts: Option<Gathered>,
}

/// Runs as a server.
pub(crate) async fn serve(variant: &str) -> ExitCode {
    program::exit(run(variant).await)
}

async fn run(variant: &str) -> Result<(), ProgramError> {
    let settings = Settings::from_env()?;
    let routes = async |telemetry: &_, _| {
        Ok(router(telemetry, &settings, variant).await)
    };
    program::serve("bff", settings.listen, settings.connections, routes).await
}

async fn router(
    telemetry: &Telemetry,
    settings: &Settings,
    variant: &str,
) -> Router {
    let instruments = Instruments::new(telemetry);
    let clients = Clients::new(
        telemetry,
        &instruments,
        &settings.backends,
        settings.hedge_after,
    );
    let mut shared = Shared {
        clients: clients.unwrap(),
        instruments,
        token: Token::new(Stage::token(0)),
        budget: settings.budget,
        parts: None,
    };
    shared.parts = Some(in_turn(&shared).await.unwrap());
    let page = match variant {
        "at-once" => get(at_once),
        "in-turn" => get(one_after_the_other),
        "plain" => get(plain),
        _ => panic!("there is no variant called {variant}"),
    };
    Router::new()
        .route("/web/home", page)
        .with_state(Arc::new(shared))
        .layer(telemetry.http_server_layer())
}

type Page = Result<Json<WebHome>, StatusCode>;

fn answer(parts: Result<Gathered, CallError>) -> Page {
    let parts = parts.map_err(|_| StatusCode::BAD_GATEWAY)?;
    Ok(Json(parts.into()))
}

impl Shared {
    fn caller(&self) -> Caller {
        Caller {
            token: Some(self.token.clone()),
            deadline: Deadline::within(self.budget),
            timeline: Timeline::default(),
        }
    }
}

/// As the program does it.
async fn at_once(State(shared): State<Arc<Shared>>) -> Page {
    let (clients, instruments) = (&shared.clients, &shared.instruments);
    let caller = shared.caller();
    answer(gather(clients, instruments, &caller, WebHome::WANTED).await)
}

/// As one writes it without a thought: each call waits for the one before.
async fn one_after_the_other(State(shared): State<Arc<Shared>>) -> Page {
    answer(in_turn(&shared).await)
}

async fn in_turn(shared: &Shared) -> Result<Gathered, CallError> {
    let (clients, caller) = (&shared.clients, &shared.caller());
    let wanted = WebHome::WANTED;
    let user = clients.me(caller).await?;
    let orders = clients.orders(caller, wanted.orders).await?;
    let recommendations =
        clients.recommendations(caller, wanted.recommendations);
    Ok(Gathered {
        user,
        orders,
        recommendations: recommendations.await?,
        degraded: Vec::new(),
    })
}

/// The same bytes, out of memory: what axum and serde take for themselves.
async fn plain(State(shared): State<Arc<Shared>>) -> Page {
    let parts = shared.parts.as_ref().ok_or(CallError::NotFound);
    answer(parts.map(|parts| Gathered {
        user: parts.user.clone(),
        orders: parts.orders.clone(),
        recommendations: parts.recommendations.clone(),
        degraded: Vec::new(),
    }))
}
