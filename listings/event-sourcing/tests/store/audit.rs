//! Tampering, and what an audit makes of it (H1 to H5 of the testing page).

use event_sourcing::store::{Expected, Fault, Hash, Head, Verdict};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::harness::{Bank, cause, connect, deposits, run};

/// Somebody who can write to the tables as their owner.
async fn intruder(bank: &Bank) -> PgConnection {
    let mut connection = connect(&bank.url).await;
    let disarm = "ALTER TABLE events DISABLE TRIGGER USER";
    run(&mut connection, disarm).await;
    connection
}

/// A stream of five events, and its head.
async fn stream_of_five(bank: &Bank) -> (Uuid, Head) {
    let stream = Uuid::now_v7();
    let five = [1, 2, 3, 4, 5];
    let head = bank.append(stream, Expected::Any, &five).await.unwrap();
    (stream, head)
}

async fn verdict(bank: &Bank, stream: Uuid) -> Verdict {
    bank.services.store.verify(stream).await.unwrap()
}

fn broken(version: i64, fault: Fault) -> Verdict {
    Verdict::Broken { version, fault }
}

// ANCHOR: tampering
#[tokio::test]
async fn a_changed_event_is_found_where_it_is() {
    let bank = Bank::new().await;
    let mut intruder = intruder(&bank).await;
    for (change, fault) in [
        (
            r#"payload = '{"amount": {"minor": 900, "currency": "EUR"}}'"#,
            Fault::Altered,
        ),
        ("payload = payload || '{\"more\": null}'", Fault::Altered),
        ("payload = '{\"amount\": 0.5}'", Fault::Altered),
        (
            "metadata = metadata || '{\"actor\": \"me\"}'",
            Fault::Altered,
        ),
        ("event_type = 'MoneyWithdrawn'", Fault::Altered),
        ("schema_version = 2", Fault::Altered),
        ("event_id = gen_random_uuid()", Fault::Altered),
        (
            "recorded_at = recorded_at - interval '1 microsecond'",
            Fault::Altered,
        ),
        ("hash = sha256('x')", Fault::Altered),
        ("prev_hash = sha256('x')", Fault::Unlinked),
    ] {
        let (stream, head) = stream_of_five(&bank).await;
        assert_eq!(verdict(&bank, stream).await, Verdict::Sound(head));
        let change = format!(
            "UPDATE events SET {change}
             WHERE stream_id = '{stream}' AND version = 3"
        );
        run(&mut intruder, &change).await;
        assert_eq!(verdict(&bank, stream).await, broken(3, fault), "{change}");
    }
}
// ANCHOR_END: tampering

#[tokio::test]
async fn a_removed_event_is_missed() {
    let bank = Bank::new().await;
    let mut intruder = intruder(&bank).await;
    for version in 1..=5 {
        let (stream, _) = stream_of_five(&bank).await;
        let remove = format!(
            "DELETE FROM events
             WHERE stream_id = '{stream}' AND version = {version}"
        );
        run(&mut intruder, &remove).await;
        let expected = broken(version, Fault::Missing);
        assert_eq!(verdict(&bank, stream).await, expected);
    }
}

#[tokio::test]
async fn a_moved_event_is_out_of_place() {
    let bank = Bank::new().await;
    let mut intruder = intruder(&bank).await;
    let (stream, _) = stream_of_five(&bank).await;
    let swap = format!(
        "UPDATE events SET version = version + 100
         WHERE stream_id = '{stream}' AND version IN (2, 3);
         UPDATE events SET version = 105 - version
         WHERE stream_id = '{stream}' AND version > 100"
    );
    run(&mut intruder, &swap).await;
    let expected = broken(2, Fault::Unlinked);
    assert_eq!(verdict(&bank, stream).await, expected);

    let (stream, _) = stream_of_five(&bank).await;
    let swap_contents = format!(
        "UPDATE events e SET payload = other.payload FROM events other
         WHERE e.stream_id = '{stream}' AND other.stream_id = '{stream}'
           AND e.version IN (2, 3) AND other.version = 5 - e.version"
    );
    run(&mut intruder, &swap_contents).await;
    assert_eq!(verdict(&bank, stream).await, broken(2, Fault::Altered));

    // To another account.
    let (stream, _) = stream_of_five(&bank).await;
    let (other, _) = stream_of_five(&bank).await;
    let give = format!(
        "DELETE FROM events WHERE stream_id = '{other}' AND version = 1;
         UPDATE events SET stream_id = '{other}'
         WHERE stream_id = '{stream}' AND version = 1"
    );
    run(&mut intruder, &give).await;
    assert_eq!(verdict(&bank, stream).await, broken(1, Fault::Missing));
    assert_eq!(verdict(&bank, other).await, broken(1, Fault::Altered));
}

#[tokio::test]
async fn an_event_behind_the_end_is_found() {
    let bank = Bank::new().await;
    let mut intruder = intruder(&bank).await;
    let (stream, _) = stream_of_five(&bank).await;
    let add = format!(
        "INSERT INTO events
             (stream_id, version, event_id, event_type, schema_version,
              payload, metadata, recorded_at, prev_hash, hash)
         SELECT stream_id, 6, gen_random_uuid(), event_type, schema_version,
                payload, metadata, recorded_at, hash, sha256('x')
         FROM events WHERE stream_id = '{stream}' AND version = 5"
    );
    run(&mut intruder, &add).await;
    assert_eq!(verdict(&bank, stream).await, broken(6, Fault::WrongEnd));
    let mislead = format!(
        "UPDATE streams SET head_hash = sha256('x')
         WHERE stream_id = '{stream}'"
    );
    run(&mut intruder, &mislead).await;
    assert_eq!(verdict(&bank, stream).await, broken(5, Fault::WrongEnd));
}

/// What a chain cannot do: whoever owns the tables can cut a stream, and set
/// its row back to match, or write another end to it. Both are sound in
/// themselves. Only a head that is kept elsewhere tells.
#[tokio::test]
async fn a_rewritten_end_is_told_by_a_head_that_is_kept_elsewhere() {
    let bank = Bank::new().await;
    let store = &bank.services.store;
    let mut intruder = intruder(&bank).await;
    let (stream, exported) = stream_of_five(&bank).await;
    let cut = format!(
        "DELETE FROM events WHERE stream_id = '{stream}' AND version > 3;
         UPDATE streams SET version = 3, head_hash =
             (SELECT hash FROM events
              WHERE stream_id = '{stream}' AND version = 3)
         WHERE stream_id = '{stream}'"
    );
    run(&mut intruder, &cut).await;
    let Verdict::Sound(cut) = verdict(&bank, stream).await else {
        panic!("a consistent cut is found?");
    };
    assert_eq!(cut.version, 3);
    assert!(cut.version < exported.version);

    // With the program itself, to get the hashes right.
    let any = Expected::Any;
    let head = bank.append(stream, any, &[4, 500]).await.unwrap();
    assert_eq!(verdict(&bank, stream).await, Verdict::Sound(head));
    assert_eq!(head.version, exported.version);
    let at = exported.version;
    let found = store.read(stream, at..=at, 1).await.unwrap();
    assert_ne!(found[0].hash, exported.hash);
}

#[tokio::test]
async fn a_stream_that_is_gone_is_as_sound_as_one_that_never_was() {
    let bank = Bank::new().await;
    let verdict = verdict(&bank, Uuid::now_v7()).await;
    assert_eq!(verdict, Verdict::Sound(Head::NONE));
    assert_eq!(Head::NONE.hash, Hash::GENESIS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_is_not_disturbed_by_appends() {
    let bank = Bank::new().await;
    let stream = Uuid::now_v7();
    bank.append(stream, Expected::Any, &[1]).await.unwrap();
    let store = bank.services.store.clone();
    let writing = tokio::spawn(async move {
        for _ in 0..200 {
            let (any, one) = (Expected::Any, deposits(&[1]));
            store.append_to(stream, any, &one, &cause()).await.unwrap();
        }
    });
    let mut audits = 0;
    while !writing.is_finished() {
        let verdict = verdict(&bank, stream).await;
        assert!(matches!(verdict, Verdict::Sound(_)), "{verdict:?}");
        audits += 1;
    }
    writing.await.unwrap();
    assert!(audits > 1);
}
