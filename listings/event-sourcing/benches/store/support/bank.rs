//! A server as in production, and the program's parts on it.

use event_sourcing::{
    bank::{Order, Refusal, Reply},
    domain::{AccountId, Command, Currency, Money, SealedName, SubjectId},
    services::Services,
    settings::Settings,
    store::Cause,
};
use telemetry::{Config, Telemetry};
use throwaway::postgres::{Durability, Options, Server};

/// A server that writes to disk before a commit returns.
pub(crate) fn server() -> Server {
    // No checkpoint in the midst of one contender's turn, but for the first.
    Options::new(Durability::Real)
        .setting("max_wal_size", "8GB")
        .setting("checkpoint_timeout", "1h")
        .start()
        .unwrap()
}

/// A sentence on the server.
pub(crate) fn about(server: &Server) -> String {
    let show =
        |name: &str| server.psql("postgres", &format!("SHOW {name}")).unwrap();
    format!(
        "PostgreSQL {}, fsync {}, synchronous_commit {}",
        show("server_version").split(' ').next().unwrap(),
        show("fsync"),
        show("synchronous_commit"),
    )
}

/// Telemetry that stays at home.
pub(crate) fn no_telemetry() -> Telemetry {
    let disabled =
        |name: &str| (name == "OTEL_SDK_DISABLED").then(|| "true".to_owned());
    let config = Config::from_lookup("bench", "0", disabled).unwrap();
    Telemetry::start(&config).unwrap()
}

/// The program's parts, with a connection for each client and a snapshot
/// `every` so many events, or none for 0.
pub(crate) async fn services(
    telemetry: &Telemetry,
    url: &str,
    connections: usize,
    every: u32,
) -> Services {
    let settings = Settings::from_lookup(&|name| {
        Some(match name {
            "DATABASE_URL" => url.to_owned(),
            "DATABASE_CONNECTIONS" => connections.to_string(),
            "SNAPSHOT_EVERY" => every.to_string(),
            "MASTER_KEY" => format!("{}=", "A".repeat(43)),
            _ => return None,
        })
    });
    Services::start(telemetry, &settings.unwrap())
        .await
        .unwrap()
}

/// A new database with the program's parts on it, without telemetry.
pub(crate) async fn new_bank(
    server: &Server,
    connections: usize,
    every: u32,
) -> (String, Services) {
    let name = server.new_database(None).unwrap();
    let url = server.url(&name);
    let services = services(&no_telemetry(), &url, connections, every).await;
    (name, services)
}

/// Carries a command out, without a key.
pub(crate) async fn execute(
    services: &Services,
    account: AccountId,
    command: Command,
) -> Result<Reply, Refusal> {
    let order = Order {
        account,
        command,
        cause: Cause::outside("bench"),
        key: None,
        if_match: None,
        status: 201,
    };
    services.bank.execute(&order).await
}

/// The command that opens an account.
pub(crate) fn open() -> Command {
    Command::Open {
        subject: SubjectId::random(),
        holder: SealedName("c2VhbGVkIGhvbGRlcg==".to_owned()),
        currency: Currency::EUR,
    }
}

/// The command that pays a cent in.
pub(crate) fn deposit() -> Command {
    Command::Deposit {
        amount: Money {
            minor: 1,
            currency: Currency::EUR,
        },
    }
}

/// Opens so many accounts.
pub(crate) async fn open_accounts(
    services: &Services,
    count: usize,
) -> Vec<AccountId> {
    let mut accounts: Vec<_> =
        (0..count).map(|_| AccountId::random()).collect();
    let mut tasks = tokio::task::JoinSet::new();
    for some in accounts.chunks(count.div_ceil(16).max(1)) {
        let (services, some) = (services.clone(), some.to_vec());
        tasks.spawn(async move {
            for account in some {
                execute(&services, account, open()).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    accounts.sort_unstable();
    accounts
}
