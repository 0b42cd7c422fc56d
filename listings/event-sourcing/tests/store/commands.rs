//! Commands against each other: decided again when somebody was faster, and
//! never on a version that the client has not seen.

use event_sourcing::{
    bank::{Order, Refusal},
    domain::{Account, AccountId, Command, Rejection, Settlement, TransferId},
    store::Verdict,
};
use sqlx::PgConnection;
use tokio::task::{JoinHandle, JoinSet};

use crate::harness::{
    Bank, balance, connect, euros, number, order, run, until,
};

/// A test's hold on the end of a stream: whoever appends to it has to wait.
struct Hold {
    holder: PgConnection,
    observer: PgConnection,
}

impl Hold {
    async fn on(bank: &Bank, account: AccountId) -> Self {
        let mut holder = connect(&bank.url).await;
        let lock = format!(
            "BEGIN; SELECT FROM streams WHERE stream_id = '{account}'
             FOR UPDATE"
        );
        run(&mut holder, &lock).await;
        let observer = connect(&bank.url).await;
        Self { holder, observer }
    }

    /// Waits until so many wait.
    async fn until_waiting(&mut self, writers: i64) {
        let waiting = "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let observer = &mut self.observer;
        until(async || number(observer, waiting).await == writers).await;
    }

    async fn let_go(mut self) {
        run(&mut self.holder, "ROLLBACK").await;
    }
}

type Result = std::result::Result<event_sourcing::bank::Reply, Refusal>;

fn spawn(bank: &Bank, order: Order) -> JoinHandle<Result> {
    let bank = bank.services.bank.clone();
    tokio::spawn(async move { bank.execute(&order).await })
}

/// Lets two orders decide on one and the same state, then write.
async fn collide(bank: &Bank, orders: [Order; 2]) -> [Result; 2] {
    let mut hold = Hold::on(bank, orders[0].account).await;
    let [one, two] = orders.map(|order| spawn(bank, order));
    hold.until_waiting(2).await;
    hold.let_go().await;
    [one.await.unwrap(), two.await.unwrap()]
}

fn deposit(minor: i64) -> Command {
    let amount = euros(minor);
    Command::Deposit { amount }
}

fn withdraw(minor: i64) -> Command {
    let amount = euros(minor);
    Command::Withdraw { amount }
}

#[tokio::test]
async fn who_was_slower_decides_again() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let orders = [deposit(1), deposit(2)].map(|it| order(account, it));
    let replies = collide(&bank, orders).await;
    let mut versions = replies.map(|reply| reply.unwrap().version);
    versions.sort_unstable();
    assert_eq!(versions, [2, 3]);
    assert_eq!(balance(&bank, account).await, 3);
}

#[tokio::test]
async fn a_decision_is_not_kept_when_the_account_has_changed() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    bank.execute(account, deposit(100)).await.unwrap();
    let orders = [withdraw(100), withdraw(100)].map(|it| order(account, it));
    let mut replies = collide(&bank, orders).await;
    replies.sort_by_key(|reply| reply.is_err());
    let [won, lost] = replies;
    assert_eq!(won.unwrap().version, 3);
    let lost = lost.unwrap_err();
    let broke = Rejection::InsufficientFunds;
    assert!(
        matches!(lost, Refusal::Rejected(it) if it == broke),
        "{lost}"
    );
    assert_eq!(balance(&bank, account).await, 0);
}

#[tokio::test]
async fn with_if_match_nothing_is_decided_again() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let with_if_match = |command| Order {
        if_match: Some(1),
        ..order(account, command)
    };
    let orders = [deposit(1), deposit(2)].map(with_if_match);
    let mut replies = collide(&bank, orders).await;
    replies.sort_by_key(|reply| reply.is_err());
    let [won, lost] = replies;
    assert_eq!(won.unwrap().version, 2);
    let lost = lost.unwrap_err();
    assert!(matches!(lost, Refusal::Changed { actual: 2 }), "{lost}");
    assert_eq!(bank.events(account.0).await.len(), 2);
    // A version that was never there, and an account that was not.
    for (account, actual) in [(account, Some(2)), (AccountId::random(), None)] {
        let order = Order {
            if_match: Some(7),
            ..order(account, deposit(1))
        };
        let refusal = bank.services.bank.execute(&order).await.unwrap_err();
        match refusal {
            Refusal::Changed { actual: found } => {
                assert_eq!(Some(found), actual);
            }
            Refusal::Rejected(Rejection::NoSuchAccount) => {
                assert_eq!(actual, None);
            }
            other => panic!("{other}"),
        }
    }
}

fn transfer(to: AccountId, minor: i64) -> Command {
    Command::SendTransfer {
        transfer: TransferId::random(),
        to,
        amount: euros(minor),
        settlement: Settlement::Immediate,
    }
}

#[tokio::test]
async fn an_if_match_is_about_one_account_of_the_two() {
    let bank = Bank::new().await;
    // The sender is written first: its id is older, and so it is lower.
    let from = bank.open_account().await;
    let to = bank.open_account().await;
    assert!(from < to);
    bank.execute(from, deposit(10)).await.unwrap();
    // The deposit waits in front of the transfer's second half.
    let mut hold = Hold::on(&bank, to).await;
    let faster = spawn(&bank, order(to, deposit(1)));
    hold.until_waiting(1).await;
    let order = Order {
        if_match: Some(2),
        ..order(from, transfer(to, 10))
    };
    let slower = spawn(&bank, order);
    hold.until_waiting(2).await;
    hold.let_go().await;
    assert_eq!(faster.await.unwrap().unwrap().version, 2);
    assert_eq!(slower.await.unwrap().unwrap().version, 3);
    assert_eq!(balance(&bank, from).await, 0);
    assert_eq!(balance(&bank, to).await, 11);
}

#[tokio::test]
async fn a_transfer_that_the_other_account_refuses_changes_nothing() {
    let bank = Bank::new().await;
    let from = bank.open_account().await;
    bank.execute(from, deposit(10)).await.unwrap();
    let closed = bank.open_account().await;
    bank.execute(closed, Command::Close).await.unwrap();
    for (to, reason) in [
        (closed, Rejection::Closed),
        (AccountId::random(), Rejection::NoSuchAccount),
    ] {
        let refusal = bank.execute(from, transfer(to, 1)).await.unwrap_err();
        let Refusal::CounterpartyRejected(found) = refusal else {
            panic!("{refusal}");
        };
        assert_eq!(found, reason);
    }
    assert_eq!(bank.events(from.0).await.len(), 2);
    assert_eq!(bank.events(closed.0).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_that_cross_do_not_wait_for_each_other() {
    let bank = Bank::new().await;
    let (a, b) = (bank.open_account().await, bank.open_account().await);
    for account in [a, b] {
        bank.execute(account, deposit(1_000)).await.unwrap();
    }
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let (from, to) = if task % 2 == 0 { (a, b) } else { (b, a) };
        let bank = bank.services.bank.clone();
        tasks.spawn(async move {
            let mut done = 0;
            for _ in 0..10 {
                match bank.execute(&order(from, transfer(to, 1))).await {
                    Ok(_) => done += 1,
                    Err(Refusal::Contended) => {}
                    Err(other) => panic!("{}", other.cause()),
                }
            }
            done
        });
    }
    let done: usize = tasks.join_all().await.iter().sum();
    assert!(done > 0);
    let total = balance(&bank, a).await + balance(&bank, b).await;
    assert_eq!(total, 2_000);
    // Two events for each transfer, and two accounts opened and paid into.
    let events = bank.events(a.0).await.len() + bank.events(b.0).await.len();
    assert_eq!(events, 2 * done + 4);
    // A session tells of its deadlocks when it ends.
    bank.services.database.pool().close().await;
    let mut owner = connect(&bank.url).await;
    let sessions = "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()
           AND backend_type = 'client backend'";
    until(async || number(&mut owner, sessions).await == 0).await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database
                     WHERE datname = current_database()";
    assert_eq!(number(&mut owner, deadlocks).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_deposit_on_a_hot_account_counts_once() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let bank = bank.services.bank.clone();
        tasks.spawn(async move {
            let mut done = 0;
            for _ in 0..50 {
                match bank.execute(&order(account, deposit(3))).await {
                    Ok(_) => done += 1,
                    Err(Refusal::Contended) => {}
                    Err(other) => panic!("{}", other.cause()),
                }
            }
            done
        });
    }
    let done: i64 = tasks.join_all().await.iter().sum();
    // Writers of one process stand in line, so nobody gives up.
    assert_eq!(done, 400);
    let loaded = bank.services.accounts.load(account).await.unwrap();
    assert_eq!(loaded.head.version, done + 1);
    let Account::Open(open) = loaded.account else {
        panic!("not open");
    };
    assert_eq!(open.balance, euros(3 * done));
    let verdict = bank.services.store.verify(account.0).await.unwrap();
    assert_eq!(verdict, Verdict::Sound(loaded.head));
}
