//! The three places in which users can be.

use std::sync::{Arc, LazyLock};

use rocket_crud::{
    database::Database,
    users::{InMemory, Repository, Sql, UserFields},
};
use telemetry::{Config, Telemetry};
use tempfile::TempDir;
use throwaway::postgres::{Durability, Server};

static POSTGRES: LazyLock<Server> =
    LazyLock::new(|| Server::start(Durability::Fast).unwrap());

/// A repository, and what has to live as long as it does.
pub(crate) struct Store {
    pub(crate) name: &'static str,
    pub(crate) users: Arc<dyn Repository>,
    _folder: Option<TempDir>,
}

/// One of each, empty.
pub(crate) async fn all() -> Vec<Store> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("users.db");
    let sqlite = format!("sqlite://{}?mode=rwc", file.display());
    let postgres = POSTGRES.new_database(None).unwrap();
    vec![
        Store {
            name: "memory",
            users: Arc::new(InMemory::default()),
            _folder: None,
        },
        Store {
            name: "SQLite",
            users: Arc::new(open(&sqlite).await),
            _folder: Some(folder),
        },
        Store {
            name: "PostgreSQL",
            users: Arc::new(open(&POSTGRES.url(&postgres)).await),
            _folder: None,
        },
    ]
}

async fn open(url: &str) -> Sql {
    let config = Config::from_lookup("users", "0", |name: &str| {
        (name == "OTEL_SDK_DISABLED").then(|| "true".to_owned())
    });
    let telemetry = Telemetry::start(&config.unwrap()).unwrap();
    let database = Database::open(&telemetry, url, 8).await.unwrap();
    database.migrate().await.unwrap();
    Sql::new(database)
}

pub(crate) fn fields(handle: &str) -> UserFields {
    UserFields {
        handle: handle.to_owned(),
        name: "a name".to_owned(),
        email: format!("{handle}@example.com"),
    }
}
