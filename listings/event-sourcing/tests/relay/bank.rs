//! Traffic: accounts, deposits, withdrawals; and what it should come to.

use event_sourcing::{
    bank::Order,
    codec,
    domain::{
        AccountEvent, AccountId, Command, Currency, Money, SealedName,
        SubjectId,
    },
    services::Services,
    settings::Settings,
    store::{Cause, FeedCursor, RecordedEvent},
};
use telemetry::{Config, Telemetry};
use tokio::{sync::watch, task::JoinSet};

use crate::lab::wait_until;

/// What comes in and goes out over the counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Turnovers {
    pub(crate) deposited: i64,
    pub(crate) withdrawn: i64,
    pub(crate) events: i64,
}

/// The parts of the bank, in this process.
#[derive(Clone)]
pub(crate) struct Bank {
    pub(crate) services: Services,
    pub(crate) accounts: Vec<AccountId>,
}

impl Bank {
    /// With eight accounts.
    pub(crate) async fn open(settings: &[(&str, &str)]) -> Self {
        let settings = Settings::from_lookup(&|name| {
            let set = settings.iter().find(|(known, _)| *known == name);
            match name {
                "DATABASE_CONNECTIONS" => Some("8".to_owned()),
                _ => set.map(|(_, value)| (*value).to_owned()),
            }
        });
        let quiet = |name: &str| {
            (name == "OTEL_SDK_DISABLED").then(|| "true".to_owned())
        };
        let config = Config::from_lookup("test", "0", quiet).unwrap();
        let telemetry = Telemetry::start(&config).unwrap();
        let settings = settings.unwrap();
        let services = Services::start(&telemetry, &settings).await;
        let mut bank = Self {
            services: services.unwrap(),
            accounts: Vec::new(),
        };
        for _ in 0..8 {
            let account = AccountId::random();
            let open = Command::Open {
                subject: SubjectId::random(),
                holder: SealedName("c2VhbGVk".to_owned()),
                currency: Currency::EUR,
            };
            bank.execute(account, open).await;
            bank.accounts.push(account);
        }
        bank
    }

    async fn execute(&self, account: AccountId, command: Command) {
        let order = Order {
            account,
            command,
            cause: Cause::outside("test"),
            key: None,
            if_match: None,
            status: 201,
        };
        self.services.bank.execute(&order).await.unwrap();
    }

    /// Deposits, and a withdrawal after every third, on one account.
    pub(crate) async fn move_money(&self, account: usize, times: i64) {
        let id = self.accounts[account % self.accounts.len()];
        for n in 1..=times {
            let minor = n * 10;
            let amount = euros(minor);
            self.execute(id, Command::Deposit { amount }).await;
            if n % 3 == 0 {
                let amount = euros(minor - 7);
                self.execute(id, Command::Withdraw { amount }).await;
            }
        }
    }

    /// The same on all accounts at once.
    pub(crate) async fn move_much(&self, times: i64) {
        let mut tellers = JoinSet::new();
        for account in 0..self.accounts.len() {
            let bank = self.clone();
            tellers.spawn(async move { bank.move_money(account, times).await });
        }
        while let Some(teller) = tellers.join_next().await {
            teller.unwrap();
        }
    }

    /// The same again and again, until `stop`.
    pub(crate) async fn move_until(&self, stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.move_much(3).await;
        }
    }

    /// Everything in the log. Waits until no open transaction hides any.
    pub(crate) async fn log(&self) -> Vec<RecordedEvent> {
        let store = &self.services.store;
        wait_until("free to be read", async || {
            let mut cursor = FeedCursor::START;
            loop {
                let (page, _) = store.feed(cursor, 1000).await.unwrap();
                match page.last() {
                    Some(last) => cursor = last.cursor(),
                    None => return store.behind(cursor, 1).await.unwrap() == 0,
                }
            }
        })
        .await;
        let (log, _) = store.feed(FeedCursor::START, 100_000).await.unwrap();
        log
    }

    /// What `turnover` should come to.
    pub(crate) async fn turnovers(&self) -> Turnovers {
        let mut turnovers = Turnovers::default();
        for event in self.log().await {
            match codec::decode(&event).unwrap() {
                AccountEvent::Deposited { amount } => {
                    turnovers.deposited += amount.minor;
                }
                AccountEvent::Withdrawn { amount } => {
                    turnovers.withdrawn += amount.minor;
                }
                _ => continue,
            }
            turnovers.events += 1;
        }
        turnovers
    }

    /// How many events the relay has not sent yet.
    pub(crate) async fn relay_lag(&self) -> Option<i64> {
        let projections = self.services.projections.list().await.unwrap();
        let relay = projections.iter().find(|it| it.name == "relay");
        relay.map(|relay| relay.lag_events)
    }

    /// How many events the relay has sent.
    pub(crate) async fn relay_processed(&self) -> i64 {
        let projections = self.services.projections.list().await.unwrap();
        let relay = projections.iter().find(|it| it.name == "relay");
        relay.map_or(0, |relay| relay.processed)
    }
}

fn euros(minor: i64) -> Money {
    Money {
        minor,
        currency: Currency::EUR,
    }
}
