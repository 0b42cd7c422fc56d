//! Snapshots are a cache: with them, without them and with broken ones, an
//! account is what its events add up to (S2 to S8 of the testing page).

use event_sourcing::{
    accounts::{Loaded, STATE_SCHEMA},
    domain::{AccountId, Command},
    snapshots::{Found, Snapshot, Snapshots},
    store::{Expected, Hash, Head},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::harness::{
    Bank, connect, euros, number, run, services, try_run, until,
};

/// An account of ten events with a snapshot of its end, which is made to lie.
struct Lie {
    bank: Bank,
    account: AccountId,
    truth: Loaded,
    owner: PgConnection,
}

impl Lie {
    async fn prepare() -> Self {
        let bank = Bank::with(&[("SNAPSHOT_EVERY", "5")]).await;
        let account = bank.open_account().await;
        let nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        bank.append(account.0, Expected::Any, &nine).await.unwrap();
        let truth = bank.services.accounts.load(account).await.unwrap();
        let before = 0;
        let accounts = &bank.services.accounts;
        accounts.keep_snapshot_if_due(account, before, &truth);
        let mut owner = connect(&bank.url).await;
        let kept = "SELECT count(*) FROM snapshots WHERE version = 10";
        until(async || number(&mut owner, kept).await == 1).await;
        Self {
            bank,
            account,
            truth,
            owner,
        }
    }

    /// Changes the snapshot, and asserts that nobody believes it.
    async fn is_not_believed(&mut self, change: &str) {
        let change = format!("UPDATE snapshots SET {change}");
        assert_eq!(try_run(&mut self.owner, &change).await.unwrap(), 1);
        let accounts = &self.bank.services.accounts;
        let loaded = accounts.load(self.account).await.unwrap();
        assert_eq!(loaded, self.truth, "{change}");
    }
}

/// Another state, as JSON with its hash.
fn state(json: &str) -> String {
    format!("state = '{json}', state_hash = sha256('{json}')")
}

#[tokio::test]
async fn a_good_snapshot_is_believed() {
    // Or else the tests below would prove nothing.
    let mut lie = Lie::prepare().await;
    let closed = format!("UPDATE snapshots SET {}", state("\"Closed\""));
    run(&mut lie.owner, &closed).await;
    let accounts = &lie.bank.services.accounts;
    let loaded = accounts.load(lie.account).await.unwrap();
    assert_ne!(loaded, lie.truth);
    assert_eq!(loaded.head, lie.truth.head);
}

#[tokio::test]
async fn a_snapshot_of_another_shape_is_not_used() {
    let mut lie = Lie::prepare().await;
    let shape = format!("state_schema = 'account/0', {}", state("\"Closed\""));
    lie.is_not_believed(&shape).await;
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_read_is_not_used() {
    for json in ["{\"Open\":", "\"Frozen\"", "{}", "", "null"] {
        Lie::prepare().await.is_not_believed(&state(json)).await;
    }
    // It can be read, and is not what was kept.
    let mut lie = Lie::prepare().await;
    lie.is_not_believed("state = '\"Closed\"'").await;
}

#[tokio::test]
async fn a_snapshot_from_beyond_the_end_is_not_used() {
    let mut lie = Lie::prepare().await;
    let beyond = format!("version = 11, {}", state("\"Closed\""));
    lie.is_not_believed(&beyond).await;
    // Even when there is something behind it by then.
    let stream = lie.account.0;
    let any = Expected::Any;
    lie.bank.append(stream, any, &[1, 2, 3]).await.unwrap();
    let expected = lie.bank.services.accounts.load(lie.account).await.unwrap();
    assert_eq!(expected.head.version, 13);
    let remove = "DELETE FROM snapshots";
    run(&mut lie.owner, remove).await;
    let without = lie.bank.services.accounts.load(lie.account).await.unwrap();
    assert_eq!(without, expected);
}

#[tokio::test]
async fn a_snapshot_of_a_lost_history_is_not_used() {
    // Events were restored from a backup and went on differently; snapshots
    // were not, and know of events that never happened.
    let mut lie = Lie::prepare().await;
    let other = format!("event_hash = sha256('x'), {}", state("\"Closed\""));
    lie.is_not_believed(&other).await;
}

/// A head that no stream has.
fn head(version: i64) -> Head {
    Head {
        version,
        hash: Hash([version as u8; 32]),
    }
}

fn snapshots(bank: &Bank) -> Snapshots {
    Snapshots::new(bank.services.database.clone(), STATE_SCHEMA)
}

#[tokio::test]
async fn the_newest_snapshot_that_is_old_enough_is_found() {
    let bank = Bank::new().await;
    let snapshots = snapshots(&bank);
    let stream = Uuid::now_v7();
    for version in [4, 2, 6] {
        let snapshot = Snapshot {
            head: head(version),
            state: version,
        };
        snapshots.keep(stream, &snapshot).await.unwrap();
    }
    for (at_most, version) in [(2, 2), (3, 2), (5, 4), (6, 6), (i64::MAX, 6)] {
        let found = snapshots.newest::<i64>(stream, at_most).await.unwrap();
        let Found::Usable(snapshot) = found else {
            panic!("{found:?}");
        };
        assert_eq!(snapshot.head, head(version));
        assert_eq!(snapshot.state, version);
    }
    for (stream, at_most) in [(stream, 1), (stream, -1), (Uuid::now_v7(), 6)] {
        let found = snapshots.newest::<i64>(stream, at_most).await.unwrap();
        assert_eq!(found, Found::Nothing);
    }
    // As the state of something else it cannot be read.
    let found = snapshots.newest::<String>(stream, 6).await.unwrap();
    assert_eq!(found, Found::Unusable);
    let other = Snapshots::new(bank.services.database.clone(), "account/0");
    let found = other.newest::<i64>(stream, 6).await.unwrap();
    assert_eq!(found, Found::Nothing);
}

#[tokio::test]
async fn a_late_snapshot_replaces_nothing() {
    let bank = Bank::new().await;
    let snapshots = snapshots(&bank);
    let stream = Uuid::now_v7();
    for (version, state) in [(6, "six"), (4, "four"), (6, "another six")] {
        let snapshot = Snapshot {
            head: head(version),
            state: state.to_owned(),
        };
        snapshots.keep(stream, &snapshot).await.unwrap();
    }
    let found = snapshots.newest::<String>(stream, 9).await.unwrap();
    let Found::Usable(snapshot) = found else {
        panic!("{found:?}");
    };
    assert_eq!(snapshot.state, "six");
}

#[tokio::test]
async fn without_any_snapshot_all_answers_are_the_same() {
    let bank = Bank::with(&[("SNAPSHOT_EVERY", "2")]).await;
    let mut owner = connect(&bank.url).await;
    let account = bank.open_account().await;
    for minor in 1..=9 {
        let amount = euros(minor);
        let deposit = Command::Deposit { amount };
        bank.execute(account, deposit).await.unwrap();
    }
    let kept = "SELECT count(*) FROM snapshots";
    until(async || number(&mut owner, kept).await == 5).await;
    let without = services(&bank.url, &[("SNAPSHOT_EVERY", "0")]).await;
    for deleted in [false, true] {
        if deleted {
            run(&mut owner, "DELETE FROM snapshots").await;
        }
        for version in 0..=11 {
            let with = bank.services.accounts.load_as_of(account, version);
            let plain = without.accounts.load_as_of(account, version);
            assert_eq!(with.await.unwrap(), plain.await.unwrap());
        }
    }
    let reply = bank.execute(account, Command::Withdraw { amount: euros(45) });
    assert_eq!(reply.await.unwrap().version, 11);
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_kept_does_not_fail_the_command() {
    let bank = Bank::with(&[("SNAPSHOT_EVERY", "1")]).await;
    let mut owner = connect(&bank.url).await;
    // A sequence counts what is rolled back, too.
    let refuse = "
        CREATE SEQUENCE tries;
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM nextval('tries');
            RAISE EXCEPTION 'no space left';
        END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON snapshots
        FOR EACH ROW EXECUTE FUNCTION refuse()";
    run(&mut owner, refuse).await;
    let account = bank.open_account().await;
    let tries = "SELECT last_value FROM tries WHERE is_called
                 UNION ALL SELECT 0 ORDER BY 1 DESC LIMIT 1";
    until(async || number(&mut owner, tries).await == 1).await;
    let deposit = Command::Deposit { amount: euros(5) };
    let reply = bank.execute(account, deposit).await.unwrap();
    assert_eq!(reply.version, 2);
    until(async || number(&mut owner, tries).await == 2).await;
    let loaded = bank.services.accounts.load(account).await.unwrap();
    assert_eq!(loaded.head.version, 2);
    let kept = "SELECT count(*) FROM snapshots";
    assert_eq!(number(&mut owner, kept).await, 0);
}
