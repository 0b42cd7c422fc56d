//! Personal data, before and after it is erased (G1 and H6).

use std::{collections::BTreeSet, path::Path, process::Command as Process};

use base64::{Engine, prelude::BASE64_STANDARD};
use event_sourcing::{
    bank::{Key, Order, RequestKey},
    domain::{
        AccountId, Command, Currency, SealedName, Settlement, SubjectId,
        TransferId,
    },
    store::Verdict,
    vault::VaultError,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::harness::{
    Bank, DEADLINE, cause, connect, data_directory, euros, number, run,
    services, until,
};

const NAME: &str = "Wilhelmina Quackenbush-Ægir";

/// Opens an account for `subject`, with a key, as the API does.
async fn open(bank: &Bank, subject: SubjectId) -> (AccountId, SealedName) {
    let vault = &bank.services.vault;
    let holder = vault.seal(subject, NAME).await.unwrap();
    let account = AccountId::random();
    let order = Order {
        account,
        command: Command::Open {
            subject,
            holder: holder.clone(),
            currency: Currency::EUR,
        },
        cause: cause(),
        key: Some(Key::Request(RequestKey {
            key: Uuid::now_v7(),
            request_hash: vault.fingerprint(&[b"open", NAME.as_bytes()]),
        })),
        if_match: None,
        status: 201,
    };
    bank.services.bank.execute(&order).await.unwrap();
    (account, holder)
}

/// Every row of every table, as text.
async fn dump(connection: &mut PgConnection) -> String {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let mut dump = String::new();
    for table in tables {
        let rows = format!("SELECT t::text FROM {table} AS t");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(rows))
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        dump += &rows.join("\n");
    }
    dump
}

/// Whether a file below `folder` holds these bytes.
fn is_on_disk(folder: &Path, bytes: &str) -> bool {
    let search = Process::new("grep")
        .args(["-rqsaF", "--", bytes])
        .arg(folder)
        .env("LC_ALL", "C")
        .status()
        .unwrap();
    search.success()
}

/// The ways in which text may lie in a table, or in its dump.
fn disguises(text: &str) -> BTreeSet<String> {
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect::<String>()
    };
    let escaped: String = text
        .chars()
        .map(|it| it.escape_default().to_string())
        .collect();
    // Base64 in each of the three ways in which the letters may lie.
    let shifted = (0..3).map(|shift| {
        let padded = format!("{}{text}", " ".repeat(shift));
        let all = BASE64_STANDARD.encode(padded);
        all[4..all.len() - 4].to_owned()
    });
    let plain = [text.to_owned(), hex(text.as_bytes()), escaped];
    plain.into_iter().chain(shifted).collect()
}

/// Looks for `text` everywhere, and says where it is.
async fn found(owner: &mut PgConnection, text: &str) -> Vec<String> {
    run(owner, "CHECKPOINT").await;
    let dump = dump(owner).await;
    let mut found = Vec::new();
    for disguise in disguises(text) {
        if dump.contains(&disguise) {
            found.push(format!("in a table: {disguise}"));
        }
        if let Some(folder) = data_directory()
            && is_on_disk(&folder, &disguise)
        {
            found.push(format!("on disk: {disguise}"));
        }
    }
    found
}

// ANCHOR: erased
#[tokio::test]
async fn a_name_is_nowhere_before_and_after_it_is_erased() {
    let bank = Bank::with(&[("SNAPSHOT_EVERY", "2")]).await;
    let mut owner = connect(&bank.url).await;
    let (store, vault) = (&bank.services.store, &bank.services.vault);
    let subject = SubjectId::random();
    let (account, sealed) = open(&bank, subject).await;
    do_business(&bank, account).await;
    let running = bank.services.projections.spawn();
    let balances = bank.services.projections.balances();
    let read = balances.at_least(account, 3, DEADLINE).await.unwrap();
    assert_eq!(read.unwrap().holder, sealed);
    running.stop().await;
    let snapshots = "SELECT count(*) FROM snapshots";
    until(async || number(&mut owner, snapshots).await > 0).await;

    let nowhere = Vec::<String>::new();
    assert_eq!(found(&mut owner, NAME).await, nowhere);
    // The search can find: the sealed name is where it should be.
    let places = found(&mut owner, &sealed.0).await.join("; ");
    assert!(places.contains("in a table"), "{places}");
    assert!(places.contains("on disk") || data_directory().is_none());
    let name = vault.open(subject, &sealed).await.unwrap();
    assert_eq!(name.as_deref(), Some(NAME));

    assert!(vault.erase(subject).await.unwrap());
    assert_eq!(vault.open(subject, &sealed).await.unwrap(), None);
    assert_eq!(found(&mut owner, NAME).await, nowhere);
    // The hashes are over what is sealed: the log is as sound as before.
    let verdict = store.verify(account.0).await.unwrap();
    assert!(matches!(verdict, Verdict::Sound(head) if head.version == 3));
    bank.services.accounts.load(account).await.unwrap();
}
// ANCHOR_END: erased

/// Money in, and on to another account.
async fn do_business(bank: &Bank, account: AccountId) {
    let to = bank.open_account().await;
    let amount = euros(5);
    let transfer = TransferId::random();
    let settlement = Settlement::Immediate;
    for command in [
        Command::Deposit { amount },
        Command::SendTransfer {
            transfer,
            to,
            amount,
            settlement,
        },
    ] {
        bank.execute(account, command).await.unwrap();
    }
}

#[tokio::test]
async fn who_is_erased_stays_erased() {
    let bank = Bank::new().await;
    let vault = &bank.services.vault;
    let (subject, other) = (SubjectId::random(), SubjectId::random());
    vault.seal(subject, NAME).await.unwrap();
    let kept = vault.seal(other, NAME).await.unwrap();
    assert!(vault.erase(subject).await.unwrap());
    let error = vault.seal(subject, NAME).await.unwrap_err();
    assert!(matches!(error, VaultError::Erased), "{error:?}");
    // When it was erased does not change.
    let mut owner = connect(&bank.url).await;
    let when = "SELECT (extract(epoch FROM erased_at) * 1000000)::bigint
                FROM subject_keys WHERE erased_at IS NOT NULL";
    let before = number(&mut owner, when).await;
    assert!(vault.erase(subject).await.unwrap());
    assert_eq!(number(&mut owner, when).await, before);
    // Nobody else is concerned, and nobody can be made up.
    let name = vault.open(other, &kept).await.unwrap();
    assert_eq!(name.as_deref(), Some(NAME));
    assert!(!vault.erase(SubjectId::random()).await.unwrap());
}

#[tokio::test]
async fn another_master_key_opens_nothing() {
    let bank = Bank::new().await;
    let subject = SubjectId::random();
    let sealed = bank.services.vault.seal(subject, NAME).await.unwrap();
    let other = BASE64_STANDARD.encode([7; 32]);
    let other = services(&bank.url, &[("MASTER_KEY", &other)]).await;
    let error = other.vault.open(subject, &sealed).await.unwrap_err();
    assert!(matches!(error, VaultError::WrongKey), "{error:?}");
    let error = other.vault.seal(subject, NAME).await.unwrap_err();
    assert!(matches!(error, VaultError::WrongKey), "{error:?}");
    let parts = [NAME.as_bytes()];
    let fingerprint = bank.services.vault.fingerprint(&parts);
    assert_ne!(other.vault.fingerprint(&parts), fingerprint);
}

#[tokio::test]
async fn a_sealed_name_belongs_to_one_person() {
    let bank = Bank::new().await;
    let vault = &bank.services.vault;
    let (one, two) = (SubjectId::random(), SubjectId::random());
    let sealed = vault.seal(one, NAME).await.unwrap();
    vault.seal(two, NAME).await.unwrap();
    // Not even with the key of the first.
    let mut owner = connect(&bank.url).await;
    let steal = format!(
        "UPDATE subject_keys SET wrapped_key =
             (SELECT wrapped_key FROM subject_keys WHERE subject_id = '{one}')
         WHERE subject_id = '{two}'"
    );
    for sql in ["SELECT", &steal] {
        run(&mut owner, sql).await;
        let error = vault.open(two, &sealed).await.unwrap_err();
        assert!(matches!(error, VaultError::WrongKey), "{error:?}");
    }
}

#[tokio::test]
async fn a_damaged_name_is_not_half_read() {
    let bank = Bank::new().await;
    let vault = &bank.services.vault;
    let subject = SubjectId::random();
    let sealed = vault.seal(subject, NAME).await.unwrap();
    assert_ne!(vault.seal(subject, NAME).await.unwrap(), sealed);
    let bytes = BASE64_STANDARD.decode(&sealed.0).unwrap();
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for text in [
        BASE64_STANDARD.encode(flipped),
        BASE64_STANDARD.encode(&bytes[..20]),
        BASE64_STANDARD.encode(&bytes[..3]),
        String::new(),
        "not base64!".to_owned(),
    ] {
        let error = vault.open(subject, &SealedName(text)).await.unwrap_err();
        assert!(matches!(error, VaultError::WrongKey), "{error:?}");
    }
}

#[tokio::test]
async fn requests_are_compared_part_by_part() {
    let bank = Bank::new().await;
    let vault = &bank.services.vault;
    let ab_c = vault.fingerprint(&[b"ab", b"c"]);
    assert_eq!(ab_c, vault.fingerprint(&[b"ab", b"c"]));
    for other in [
        &[&b"a"[..], b"bc"][..],
        &[b"abc"],
        &[b"ab", b"c", b""],
        &[b"c", b"ab"],
    ] {
        assert_ne!(ab_c, vault.fingerprint(other));
    }
}
