//! A database of its own for each test, and the program's parts on it.

use std::{
    path::PathBuf,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use event_sourcing::{
    bank::{Order, Refusal, Reply},
    domain::{
        Account, AccountId, Command, Currency, Money, SealedName, SubjectId,
    },
    services::{Services, StartError},
    settings::Settings,
    store::{
        AppendError, Cause, Expected, Head, NewEvent, RecordedEvent, StreamId,
    },
};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use telemetry::{Config, Telemetry};
use throwaway::postgres::{Durability, Server};
use tokio::{sync::OnceCell, time::timeout};
use uuid::Uuid;

/// One server for all tests of this process; `None` where `DATABASE_URL`
/// names one.
static SERVER: LazyLock<Option<Server>> =
    LazyLock::new(|| match std::env::var_os("DATABASE_URL") {
        Some(_) => None,
        None => Some(Server::start(Durability::Fast).unwrap()),
    });

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The name of a database with the schema and nothing in it. To copy it is
/// quicker than to take every step of the schema again.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// The parts of the program on an empty database.
pub(crate) struct Bank {
    pub(crate) services: Services,
    /// The URL of the database.
    pub(crate) url: String,
}

impl Bank {
    /// With snapshots every 500 events.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With these variables set.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let url = new_database().await;
        let services = services(&url, settings).await;
        Self { services, url }
    }
}

/// The parts of the program, on a database that may hold something.
pub(crate) async fn services(url: &str, settings: &[(&str, &str)]) -> Services {
    try_services(url, settings).await.unwrap()
}

/// The same, where it may be refused.
pub(crate) async fn try_services(
    url: &str,
    settings: &[(&str, &str)],
) -> Result<Services, StartError> {
    let settings = Settings::from_lookup(&|name| {
        let mut all = settings.iter().chain(&[("DATABASE_CONNECTIONS", "8")]);
        match name {
            "DATABASE_URL" => Some(url.to_owned()),
            name => all
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned()),
        }
    });
    let quiet =
        |name: &str| (name == "OTEL_SDK_DISABLED").then(|| "true".to_owned());
    let config = Config::from_lookup("test", "0", quiet).unwrap();
    let telemetry = Telemetry::start(&config).unwrap();
    Services::start(&telemetry, &settings.unwrap()).await
}

/// The URL of a database that nobody else has. The schema is there.
pub(crate) async fn new_database() -> String {
    let template = TEMPLATE.get_or_init(new_template).await;
    create_database(&format!(" TEMPLATE {template}")).await.1
}

async fn new_template() -> String {
    let (name, url) = create_database("").await;
    let services = services(&url, &[]).await;
    // Nobody may be connected to what is copied.
    services.database.pool().close().await;
    name
}

/// Makes a database, and returns its name and its URL.
async fn create_database(how: &str) -> (String, String) {
    let number = DATABASES.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", std::process::id());
    let (server, rest) = server_url();
    let mut connection = connect(&server).await;
    run(&mut connection, &format!("CREATE DATABASE {name}{how}")).await;
    let (base, _) = server.split_once(&rest).unwrap();
    let options = &rest[rest.find('?').unwrap_or(rest.len())..];
    let url = format!("{base}/{name}{options}");
    (name, url)
}

/// Where the server keeps its data, and its log; not known of another's.
pub(crate) fn data_directory() -> Option<PathBuf> {
    let server = SERVER.as_ref()?;
    Some(server.data_directory().parent().unwrap().to_owned())
}

/// The URL of the server's own database, and the part of it behind the host.
fn server_url() -> (String, String) {
    let url = match &*SERVER {
        Some(server) => server.url("postgres"),
        None => std::env::var("DATABASE_URL").unwrap(),
    };
    let host = url.find("://").unwrap() + 3;
    let path = host + url[host..].find('/').unwrap();
    (url.clone(), url[path..].to_owned())
}

/// A connection of the test's own, as the owner of the tables.
pub(crate) async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

/// Carries out whatever `sql` says.
pub(crate) async fn run(connection: &mut PgConnection, sql: &str) {
    try_run(connection, sql).await.unwrap();
}

/// Tries to carry out whatever `sql` says.
pub(crate) async fn try_run(
    connection: &mut PgConnection,
    sql: &str,
) -> Result<u64, sqlx::Error> {
    let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
    Ok(connection.execute(sql).await?.rows_affected())
}

/// The one number that `sql` asks for.
pub(crate) async fn number(connection: &mut PgConnection, sql: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

/// Waits until `done` says so.
pub(crate) async fn until(mut done: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, waiting).await.expect("it never happened");
}

/// Any events, for tests to which their content does not matter.
pub(crate) fn deposits(amounts: &[i64]) -> Vec<NewEvent> {
    amounts
        .iter()
        .map(|minor| NewEvent {
            event_id: Uuid::now_v7(),
            event_type: "MoneyDeposited",
            schema_version: 3,
            payload: json!({ "amount": { "minor": minor, "currency": "EUR" } }),
        })
        .collect()
}

/// A cause, for tests to which it does not matter.
pub(crate) fn cause() -> Cause {
    Cause::outside("test")
}

/// Euros, in cents.
pub(crate) fn euros(minor: i64) -> Money {
    Money {
        minor,
        currency: Currency::EUR,
    }
}

/// An order without a key.
pub(crate) fn order(account: AccountId, command: Command) -> Order {
    Order {
        account,
        command,
        cause: cause(),
        key: None,
        if_match: None,
        status: 201,
    }
}

/// What is on an open account, in cents.
pub(crate) async fn balance(bank: &Bank, account: AccountId) -> i64 {
    let loaded = bank.services.accounts.load(account).await.unwrap();
    match loaded.account {
        Account::Open(open) => open.balance.minor,
        other => panic!("not open: {other:?}"),
    }
}

impl Bank {
    /// Appends deposits of these amounts.
    pub(crate) async fn append(
        &self,
        stream: StreamId,
        expected: Expected,
        amounts: &[i64],
    ) -> Result<Head, AppendError> {
        let (store, events) = (&self.services.store, deposits(amounts));
        store.append_to(stream, expected, &events, &cause()).await
    }

    /// Every event of a stream.
    pub(crate) async fn events(&self, stream: StreamId) -> Vec<RecordedEvent> {
        let all = self.services.store.read(stream, 1..=i64::MAX, 10_000);
        all.await.unwrap()
    }

    /// Carries a command out, without a key.
    pub(crate) async fn execute(
        &self,
        account: AccountId,
        command: Command,
    ) -> Result<Reply, Refusal> {
        self.services.bank.execute(&order(account, command)).await
    }

    /// Opens an account in euros.
    pub(crate) async fn open_account(&self) -> AccountId {
        let account = AccountId::random();
        let command = Command::Open {
            subject: SubjectId::random(),
            holder: SealedName("c2VhbGVk".to_owned()),
            currency: Currency::EUR,
        };
        self.execute(account, command).await.unwrap();
        account
    }
}

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);
