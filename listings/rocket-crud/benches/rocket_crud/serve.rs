//! The servers that are measured.

use std::sync::Arc;

use rocket::{Build, Rocket, fairing::AdHoc, get, routes, serde::json::Json};
use rocket_crud::{
    database::Database,
    http, landing,
    otel::OtelFairing,
    settings::{Settings, defaults},
    users::{Repository, Sql, User, UserFields},
};
use serde::Serialize;
use telemetry::{Config, Telemetry};
use uuid::Uuid;

use crate::naive::NaiveFairing;

/// The user whom everybody reads.
pub(crate) const HANDLE: &str = "ada";

/// A key, for the workload that wants one.
pub(crate) const KEY: &str = "the-key-of-a-measurement";

/// Serves `workload` with `tracing` until it is told to stop, and says what
/// was delivered.
pub(crate) fn run(workload: &str, tracing: &str) {
    rocket::async_main(async {
        let config = Config::from_env("bench", "0").unwrap();
        let telemetry = Telemetry::start(&config).unwrap();
        telemetry.install().unwrap();
        log::set_max_level(log::LevelFilter::Off);
        let rocket = match workload {
            "trivial" => trivial(&telemetry, tracing),
            "read" => read(&telemetry, tracing).await,
            _ => panic!("there is no workload called {workload}"),
        };
        let rocket = rocket.attach(AdHoc::on_liftoff("port", |rocket| {
            Box::pin(async move {
                let port = rocket.config().port;
                println!("listens on 127.0.0.1:{port}");
            })
        }));
        landing::launch(rocket.ignite().await.unwrap())
            .await
            .unwrap();
        match telemetry.shutdown(std::time::Duration::from_secs(20)).await {
            Ok(delivery) => println!("{delivery}"),
            Err(undelivered) => println!("{undelivered}"),
        }
    });
}

fn figment() -> rocket::figment::Figment {
    defaults()
        .merge(("port", 0))
        .merge(("workers", 1))
        .merge(("shutdown.grace", 1))
        .merge(("api_keys", format!("member:bench:{KEY}")))
        .merge(("rate_limit_burst", 1_000_000_000))
        .merge(("rate_limit_per_second", 1_000_000_000))
}

#[derive(Serialize)]
struct Greeting {
    id: Uuid,
    name: &'static str,
}

#[get("/users/<id>")]
fn greet(id: Uuid) -> Json<Greeting> {
    Json(Greeting { id, name: "Ada" })
}

fn trivial(telemetry: &Telemetry, tracing: &str) -> Rocket<Build> {
    let rocket = rocket::custom(figment());
    traced(rocket, telemetry, tracing).mount("/", routes![greet])
}

fn traced(
    rocket: Rocket<Build>,
    telemetry: &Telemetry,
    tracing: &str,
) -> Rocket<Build> {
    let tracer = telemetry.tracer("bench");
    let meter = telemetry.meter("bench");
    let propagator = Arc::clone(telemetry.propagator());
    match tracing {
        "off" => rocket,
        "fairing" => {
            rocket.attach(OtelFairing::new(tracer, &meter, propagator))
        }
        "naive" => rocket.attach(NaiveFairing { tracer, propagator }),
        _ => panic!("there is no tracing called {tracing}"),
    }
}

/// The service itself, with one user in SQLite.
async fn read(telemetry: &Telemetry, tracing: &str) -> Rocket<Build> {
    let settings = Settings::from_figment(figment()).unwrap();
    let url = std::env::var("DATABASE_URL").unwrap();
    let database = Database::open(telemetry, &url, 8).await.unwrap();
    database.migrate().await.unwrap();
    let users = Sql::new(database);
    if users.find_by_handle(HANDLE).await.is_err() {
        let ada = User::new(UserFields {
            handle: HANDLE.to_owned(),
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
        });
        users.insert(&ada).await.unwrap();
    }
    let rocket = rocket::custom(settings.figment());
    let rocket = traced(rocket, telemetry, tracing);
    let rocket = http::routes(rocket, telemetry, &settings);
    rocket.manage(http::users_in(users))
}
