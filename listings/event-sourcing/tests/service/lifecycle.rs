//! Starting and stopping.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use rustix::process::Signal;
use sqlx::Connection;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};

use crate::{
    api::{deposits, euros},
    process::{DEADLINE, QUIET, Service, new_database, run},
};

#[tokio::test]
async fn a_stop_under_load_loses_no_answer() {
    let service = Service::new().await;
    let id = service.api.account(0).await;
    let acknowledged = Arc::new(AtomicI64::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..16 {
        let (api, acknowledged) =
            (service.api.clone(), Arc::clone(&acknowledged));
        clients.spawn(async move {
            // Until nobody listens any more.
            while let Ok(answer) =
                api.post(&deposits(id), &euros(1)).try_send().await
            {
                match answer.status {
                    201 => acknowledged.fetch_add(1, Ordering::Relaxed),
                    409 => 0,
                    _ => panic!("{answer:?}"),
                };
            }
        });
    }
    let start = Instant::now();
    while acknowledged.load(Ordering::Relaxed) < 100 {
        assert!(start.elapsed() < DEADLINE, "no load");
        tokio::task::yield_now().await;
    }
    let mut database = service.connect().await;
    let ended = service.stop().await;
    assert!(ended.status.success(), "{}", ended.stderr);
    clients.join_all().await;
    // Whatever was carried out was answered, and the other way round.
    let version = "SELECT version FROM streams WHERE stream_id = $1";
    let version = sqlx::query_scalar(version).bind(id);
    let version: i64 = version.fetch_one(&mut database).await.unwrap();
    assert_eq!(version, 1 + acknowledged.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let service = Service::new().await;
    let id = service.api.account(1).await;
    // A request that waits for a lock, so that there is something to drain.
    let mut connection = service.connect().await;
    let mut lock = connection.begin().await.unwrap();
    let row = "SELECT FROM streams WHERE stream_id = $1 FOR UPDATE";
    sqlx::query(row).bind(id).execute(&mut *lock).await.unwrap();
    let waiting = service.api.post(&deposits(id), &euros(1)).try_send();
    let waiting = tokio::spawn(waiting);
    let waits = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let start = Instant::now();
    while sqlx::query_scalar::<_, i64>(waits)
        .fetch_one(&mut *lock)
        .await
        .unwrap()
        == 0
    {
        assert!(start.elapsed() < DEADLINE, "nobody waits");
    }
    service.signal(Signal::TERM);
    // It has taken the first one in when it accepts no connection any more.
    let address = service.api.url.strip_prefix("http://").unwrap();
    while TcpStream::connect(address).await.is_ok() {
        assert!(start.elapsed() < DEADLINE, "it still listens");
    }
    service.signal(Signal::TERM);
    let ended = service.ended().await;
    assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
    assert!(waiting.await.unwrap().is_err(), "there was an answer");
}

#[tokio::test]
async fn a_half_sent_head_is_not_waited_for() {
    let settings = [QUIET, ("HEAD_TIMEOUT_MS", "200")];
    let service = Service::on(&new_database().await, &settings).await;
    let address = service.api.url.strip_prefix("http://").unwrap();
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let end = timeout(DEADLINE, client.read_u8()).await;
    assert!(end.expect("it is held").is_err(), "it answered");
}

#[tokio::test]
async fn a_bad_setting_is_named_before_anything_opens() {
    let nowhere = ("DATABASE_URL", "postgres://nobody@127.0.0.1:9/nothing");
    let cases = [
        ("LISTEN_ADDR", "the-moon"),
        ("DATABASE_URL", "mysql:/x"),
        ("DATABASE_CONNECTIONS", "0"),
        ("SNAPSHOT_EVERY", "often"),
        ("MASTER_KEY", "c2hvcnQ="),
        ("MAX_CONNECTIONS", "0"),
        ("HEAD_TIMEOUT_MS", "soon"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
    ];
    for (name, value) in cases {
        let ended = run(&[nowhere, (name, value)]).await;
        assert_eq!(ended.status.code(), Some(1), "{name}");
        assert!(ended.stderr.contains(name), "{}", ended.stderr);
        let lines = ended.stderr.lines().count();
        assert_eq!(lines, 1, "{}", ended.stderr);
    }
    let ended = run(&[]).await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains("DATABASE_URL"), "{}", ended.stderr);
}

#[tokio::test]
async fn secrets_are_not_printed() {
    let key = "bm9ib2R5IG1heSByZWFkIHRoaXMga2V5LCBub2JvZHk=";
    let database = "postgres://ada:tide-table@127.0.0.1:9/bank";
    let settings = [("DATABASE_URL", database), ("MASTER_KEY", key), QUIET];
    let ended = run(&settings).await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        ended.stderr.contains("postgres://ada:***@"),
        "{}",
        ended.stderr
    );
    for secret in [key, "tide-table"] {
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_database_out_of_reach_is_named() {
    let url = "postgres://nobody@127.0.0.1:9/nothing";
    let ended = run(&[("DATABASE_URL", url), QUIET]).await;
    assert_eq!(ended.status.code(), Some(1));
    let last = ended.stderr.lines().last().unwrap();
    assert!(last.contains("cannot reach the database"), "{last}");
    assert!(last.contains("Connection refused"), "{last}");
    assert!(last.contains("DATABASE_URL"), "{last}");
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let database = new_database().await;
    let settings = [
        ("DATABASE_URL", database.as_str()),
        ("LISTEN_ADDR", address.as_str()),
        QUIET,
    ];
    let ended = run(&settings).await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains(&address), "{}", ended.stderr);
    assert!(ended.stderr.contains("LISTEN_ADDR"), "{}", ended.stderr);
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let service = Service::new().await;
    let id = service.api.account(5).await;
    let database = service.database.clone();
    assert!(service.stop().await.status.success());
    let service = Service::on(&database, &[QUIET]).await;
    assert_eq!(service.api.state(id).await, (2, 5));
    let read = service.api.read(id, 2).await;
    assert_eq!(read.json()["holder"], "Ada Lovelace");
}
