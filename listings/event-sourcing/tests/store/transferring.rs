//! Helpers for tests of eventual transfers.

use event_sourcing::{
    codec::decode,
    domain::{
        Account, AccountEvent, AccountId, Command, Currency, Money,
        OpenAccount, SealedName, Settlement, SubjectId, TransferId,
    },
    transfers::HeldTransfer,
};
use sqlx::PgConnection;

use crate::{
    following::caught_up,
    harness::{Bank, connect, euros, number, run, until},
};

/// An account in `currency` with so much on it.
pub(crate) async fn account(
    bank: &Bank,
    currency: Currency,
    minor: i64,
) -> AccountId {
    let account = AccountId::random();
    open(bank, account, currency).await;
    if minor > 0 {
        let amount = Money { minor, currency };
        let deposit = Command::Deposit { amount };
        bank.execute(account, deposit).await.unwrap();
    }
    account
}

/// A full one and an empty one.
pub(crate) async fn two_accounts(bank: &Bank) -> (AccountId, AccountId) {
    let full = account(bank, Currency::EUR, 100).await;
    (full, account(bank, Currency::EUR, 0).await)
}

pub(crate) async fn open(bank: &Bank, account: AccountId, currency: Currency) {
    let open = Command::Open {
        subject: SubjectId::random(),
        holder: SealedName("c2VhbGVk".to_owned()),
        currency,
    };
    bank.execute(account, open).await.unwrap();
}

pub(crate) async fn opened(bank: &Bank, account: AccountId) -> OpenAccount {
    let loaded = bank.services.accounts.load(account).await.unwrap();
    match loaded.account {
        Account::Open(open) => open,
        other => panic!("not open: {other:?}"),
    }
}

pub(crate) async fn send(
    bank: &Bank,
    from: AccountId,
    to: AccountId,
    minor: i64,
) -> TransferId {
    let transfer = TransferId::random();
    let send = Command::SendTransfer {
        transfer,
        to,
        amount: euros(minor),
        settlement: Settlement::Eventual,
    };
    bank.execute(from, send).await.unwrap();
    transfer
}

/// The events of an account, without its opening and deposits.
pub(crate) async fn story(
    bank: &Bank,
    account: AccountId,
) -> Vec<AccountEvent> {
    let events = bank.events(account.0).await;
    let mut events: Vec<_> =
        events.iter().map(|it| decode(it).unwrap()).collect();
    use AccountEvent as E;
    events.retain(|it| !matches!(it, E::Opened { .. } | E::Deposited { .. }));
    events
}

/// Lets the process manager see everything that there is, and do all that it
/// can.
pub(crate) async fn manage(bank: &Bank) {
    let running = bank.services.projections.spawn();
    caught_up(bank, "transfers").await;
    let mut owner = connect(&bank.url).await;
    let waiting = "SELECT count(*) FROM held_transfers
         WHERE state = 'waiting'";
    until(async || number(&mut owner, waiting).await == 0).await;
    // Its own commands are events, too.
    caught_up(bank, "balances").await;
    running.stop().await;
}

/// Begins anew at the first event, as if no checkpoint had ever been written.
pub(crate) async fn forget_checkpoint(bank: &Bank) {
    let mut owner = connect(&bank.url).await;
    let forget = "UPDATE projections SET tx_id = 0, position = 0,
             processed = 0
         WHERE name = 'transfers'";
    run(&mut owner, forget).await;
}

/// Lets nothing be settled.
pub(crate) const OBSTACLE: &str = "
    CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'not yet';
    END $$;
    CREATE TRIGGER object BEFORE INSERT ON events FOR EACH ROW
        WHEN (NEW.event_type = 'TransferSettled')
        EXECUTE FUNCTION object()";

/// Somebody else is always faster on `account`.
pub(crate) async fn jinx(owner: &mut PgConnection, account: AccountId) {
    let jinx = format!(
        "CREATE FUNCTION jinx() RETURNS trigger LANGUAGE plpgsql
             AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER jinx BEFORE UPDATE ON streams FOR EACH ROW
             WHEN (OLD.stream_id = '{account}') EXECUTE FUNCTION jinx()"
    );
    run(owner, &jinx).await;
}

pub(crate) async fn lift(owner: &mut PgConnection) {
    run(owner, "DROP FUNCTION jinx CASCADE").await;
}

/// Makes the first event of `account` one that nobody can read.
pub(crate) async fn damage(owner: &mut PgConnection, account: AccountId) {
    shape(owner, account, "schema_version + 90").await;
}

pub(crate) async fn mend(owner: &mut PgConnection, account: AccountId) {
    shape(owner, account, "schema_version - 90").await;
}

async fn shape(owner: &mut PgConnection, account: AccountId, version: &str) {
    let sql = format!(
        "ALTER TABLE events DISABLE TRIGGER events_only_grow;
         UPDATE events SET schema_version = {version}
         WHERE stream_id = '{account}' AND version = 1;
         ALTER TABLE events ENABLE TRIGGER events_only_grow"
    );
    run(owner, &sql).await;
}

pub(crate) async fn held(bank: &Bank) -> Vec<HeldTransfer> {
    bank.services.projections.transfers().held().await.unwrap()
}
