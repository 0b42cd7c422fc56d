//! What a snapshot must be: the state that the events add up to. The test of
//! the peer is here so that the book does not say what is no longer true: when
//! it fails because the peer is mended, mend the page.

#[path = "../../../listings/event-sourcing/benches/store/support/mod.rs"]
mod support;

use event_sourcing::domain::AccountId;
use event_sourcing_peers::{
    Contender,
    mire_bank::MireBank,
    our_bank::{OurBank, OurStore},
    postgres_es_bank::{PostgresEsBank, SCHEMA, Truth},
};
use support::bank::new_bank;
use throwaway::postgres::{Durability, Server};

/// Pays one cent in ten times, each of them acknowledged, and looks.
async fn ten_deposits(bank: &impl Contender) -> i64 {
    let account = AccountId::random();
    bank.open(account).await;
    for _ in 0..10 {
        assert!(bank.deposit(account, 1).await);
    }
    bank.balance(account).await
}

async fn postgres_es(server: &Server, truth: Truth) -> PostgresEsBank {
    let database = server.new_database(None).unwrap();
    server.psql(&database, SCHEMA).unwrap();
    PostgresEsBank::new(&server.url(&database), 2, truth).await
}

#[tokio::test]
async fn ten_cents_are_ten_cents() {
    let server = Server::start(Durability::Fast).unwrap();
    // A snapshot every two events.
    let (_, ours) = new_bank(&server, 2, 2).await;
    assert_eq!(ten_deposits(&OurBank(OurStore(ours))).await, 10);

    let database = server.new_database(None).unwrap();
    let mire = MireBank::new(&server.url(&database), 2).await;
    assert_eq!(ten_deposits(&mire).await, 10);

    let events = postgres_es(&server, Truth::Events).await;
    assert_eq!(ten_deposits(&events).await, 10);
}

/// postgres-es 0.5.0 applies an event to the state when the command is
/// handled, and once more when it makes the snapshot.
#[tokio::test]
async fn postgres_es_counts_deposits_twice_in_snapshots() {
    let server = Server::start(Durability::Fast).unwrap();
    let snapshots = postgres_es(&server, Truth::Snapshots(2)).await;
    assert_eq!(ten_deposits(&snapshots).await, 15);
}
