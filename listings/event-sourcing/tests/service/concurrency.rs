//! Many clients, one account.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{task::JoinSet, time::sleep};
use uuid::Uuid;

use crate::{
    api::{Api, deposits, euros},
    process::Service,
};

const CLIENTS: u64 = 32;
const DEPOSITS: u64 = 200;

#[tokio::test]
async fn no_deposit_is_lost_and_none_counts_twice() {
    let service = Service::for_crowds().await;
    let api = &service.api;
    let id = api.account(0).await;
    let conflicts = Arc::new(AtomicU64::new(0));
    let clients = (0..CLIENTS).map(|_| {
        let (api, conflicts) = (api.clone(), Arc::clone(&conflicts));
        async move {
            for _ in 0..DEPOSITS {
                pay_in(&api, id, &conflicts).await;
            }
        }
    });
    clients.collect::<JoinSet<_>>().join_all().await;
    let all = (CLIENTS * DEPOSITS).cast_signed();
    assert_eq!(api.state(id).await, (all + 1, all));
    // Those who lose a race queue up inside, so few clients get to know.
    let conflicts = conflicts.load(Ordering::Relaxed);
    println!("{conflicts} of {all} requests were answered with 409");
    assert!(conflicts < CLIENTS * DEPOSITS / 100, "{conflicts}");
}

/// Deposits one cent, again and again under one key until it is there.
async fn pay_in(api: &Api, id: Uuid, conflicts: &AtomicU64) {
    let key = Uuid::now_v7();
    loop {
        let ask = api.post_again(&deposits(id), &euros(1), key);
        let answer = ask.send().await;
        match answer.status {
            201 => return,
            409 => {
                conflicts.fetch_add(1, Ordering::Relaxed);
                assert_eq!(answer.header("retry-after"), Some("1"));
                sleep(Duration::from_secs(1)).await;
            }
            _ => panic!("{answer:?}"),
        }
    }
}

#[tokio::test]
async fn of_many_who_saw_the_same_version_one_succeeds() {
    let service = Service::new().await;
    let api = &service.api;
    let id = api.account(0).await;
    for version in 1..=20 {
        let clients = (0..16).map(|_| {
            let ask = api.post(&deposits(id), &euros(1));
            ask.if_match(version).send()
        });
        let answers = clients.collect::<JoinSet<_>>().join_all().await;
        let (done, refused): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status == 201);
        assert_eq!(done.len(), 1, "version {version}");
        assert_eq!(done[0].version(), version + 1);
        for answer in refused {
            assert_eq!(answer.status, 412, "{answer:?}");
            assert_eq!(answer.version(), version + 1);
        }
    }
    assert_eq!(api.state(id).await, (21, 20));
}
