//! Eventual transfers: the money arrives or comes back, once.

use event_sourcing::{
    domain::{
        AccountEvent, AccountId, Command, Currency, Settlement, TransferId,
    },
    projections::Subscriber,
    store::RecordedEvent,
};

use crate::{
    following::{feed, status},
    harness::{Bank, balance, connect, euros, number, run, until},
    transferring::{
        OBSTACLE, account, forget_checkpoint, manage, open, opened, send,
        story, two_accounts,
    },
};

#[tokio::test]
async fn sent_money_arrives() {
    let bank = Bank::new().await;
    let (from, to) = two_accounts(&bank).await;
    let transfer = send(&bank, from, to, 30).await;
    assert_eq!(
        (balance(&bank, from).await, balance(&bank, to).await),
        (70, 0)
    );
    manage(&bank).await;
    assert_eq!(balance(&bank, from).await, 70);
    assert_eq!(balance(&bank, to).await, 30);
    let settled = AccountEvent::TransferSettled { transfer };
    assert_eq!(story(&bank, from).await[1..], [settled]);
    let amount = euros(30);
    let received = AccountEvent::TransferReceived {
        transfer,
        from,
        amount,
    };
    assert_eq!(story(&bank, to).await, [received]);

    // Who reads the log later can tell what led to what.
    let sent = &bank.events(from.0).await[2];
    let began = sent.metadata().unwrap().correlation_id;
    for event in [&bank.events(from.0).await[3], &bank.events(to.0).await[1]] {
        let metadata = event.metadata().unwrap();
        assert_eq!(metadata.causation_id, sent.event_id);
        assert_eq!(metadata.correlation_id, began);
        assert_eq!(metadata.actor, "transfers");
    }
}

#[tokio::test]
async fn money_that_cannot_arrive_comes_back() {
    let bank = Bank::new().await;
    let from = account(&bank, Currency::EUR, 1_000).await;
    let closed = account(&bank, Currency::EUR, 0).await;
    bank.execute(closed, Command::Close).await.unwrap();
    let dollars = account(&bank, "USD".parse().unwrap(), 0).await;
    let full = account(&bank, Currency::EUR, i64::MAX).await;
    let reasons = [
        (AccountId::random(), "no_such_account"),
        (closed, "account_closed"),
        (dollars, "currency_mismatch"),
        (full, "balance_too_large"),
    ];
    let mut expected = Vec::new();
    for (to, reason) in reasons {
        let transfer = send(&bank, from, to, 30).await;
        expected.push(AccountEvent::TransferRefunded {
            transfer,
            amount: euros(30),
            reason: reason.to_owned(),
        });
    }
    assert_eq!(balance(&bank, from).await, 880);
    manage(&bank).await;
    assert_eq!(balance(&bank, from).await, 1_000);
    assert_eq!(story(&bank, from).await[4..], expected);
}

#[tokio::test]
async fn what_is_delivered_twice_happens_once() {
    let bank = Bank::new().await;
    let (from, to) = two_accounts(&bank).await;
    let nobody = AccountId::random();
    send(&bank, from, to, 30).await;
    send(&bank, from, nobody, 20).await;
    manage(&bank).await;
    let before = feed(&bank, 100).await;
    forget_checkpoint(&bank).await;
    manage(&bank).await;
    // What was refused then would be accepted now. It has come back already.
    open(&bank, nobody, Currency::EUR).await;
    forget_checkpoint(&bank).await;
    manage(&bank).await;
    let after = feed(&bank, 100).await;
    assert_eq!(after.len(), before.len() + 1, "no more than the opening");
    assert_eq!(balance(&bank, from).await, 70);
    assert_eq!(balance(&bank, nobody).await, 0);
}

/// Two that both believe to be the one: a process that has lost its lock, and
/// does not know it yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_at_once_do_no_harm() {
    let bank = Bank::new().await;
    let from = account(&bank, Currency::EUR, 1_000).await;
    let unborn: Vec<_> = (0..10).map(|_| AccountId::random()).collect();
    for to in &unborn {
        send(&bank, from, *to, 7).await;
    }
    let mut page: Vec<RecordedEvent> = Vec::new();
    until(async || {
        page = feed(&bank, 100).await;
        page.len() == 12
    })
    .await;
    // Meanwhile the accounts come to be: some of them refuse some of them.
    let opening = async {
        for to in &unborn {
            open(&bank, *to, Currency::EUR).await;
        }
    };
    let managers = [(); 4].map(|()| {
        let manager = bank.services.projections.transfers().manager();
        let page = page.clone();
        tokio::spawn(async move {
            // To be beaten is no reason to stop.
            while manager.react(&page).await.is_err() {}
        })
    });
    opening.await;
    for manager in managers {
        manager.await.unwrap();
    }
    manage(&bank).await;
    let mut sum = balance(&bank, from).await;
    for to in &unborn {
        let received = balance(&bank, *to).await;
        assert!([0, 7].contains(&received), "{received}");
        sum += received;
    }
    assert_eq!(sum, 1_000);
    let open = opened(&bank, from).await;
    assert!(open.in_transit.is_empty());
}

#[tokio::test]
async fn a_crash_between_the_steps_loses_and_doubles_nothing() {
    let bank = Bank::new().await;
    let (from, to) = two_accounts(&bank).await;
    send(&bank, from, to, 30).await;
    let mut owner = connect(&bank.url).await;
    run(&mut owner, OBSTACLE).await;
    let running = bank.services.projections.spawn();
    until(async || balance(&bank, to).await == 30).await;
    // It has received, and cannot settle. It crashes there.
    drop(running);
    let seen = status(&bank.services, "transfers").await.unwrap();
    assert_eq!(seen.stopped, None, "not poison: it would have tried again");
    let settled = "SELECT count(*) FROM events
         WHERE event_type = 'TransferSettled'";
    assert_eq!(number(&mut owner, settled).await, 0);

    run(&mut owner, "DROP TRIGGER object ON events").await;
    manage(&bank).await;
    assert_eq!(number(&mut owner, settled).await, 1);
    assert_eq!(balance(&bank, from).await, 70);
    assert_eq!(balance(&bank, to).await, 30);
    assert_eq!(story(&bank, to).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_it_is_cut_short_money_is_conserved() {
    let bank = Bank::new().await;
    let mut accounts = Vec::new();
    for _ in 0..6 {
        accounts.push(account(&bank, Currency::EUR, 1_000).await);
    }
    let closed = account(&bank, Currency::EUR, 0).await;
    bank.execute(closed, Command::Close).await.unwrap();
    let any = || accounts[rand::random_range(0..accounts.len())];
    for _ in 0..15 {
        let running = bank.services.projections.spawn();
        for _ in 0..rand::random_range(1..12) {
            let from = any();
            let to = match rand::random_range(0..5) {
                0 => closed,
                1 => AccountId::random(),
                _ => any(),
            };
            let send = Command::SendTransfer {
                transfer: TransferId::random(),
                to,
                amount: euros(rand::random_range(1..300)),
                settlement: Settlement::Eventual,
            };
            // Some are refused: to oneself, or more than there is.
            let _ = bank.execute(from, send).await;
        }
        drop(running);
    }
    manage(&bank).await;
    let mut sum = 0;
    for account in &accounts {
        let open = opened(&bank, *account).await;
        assert!(open.in_transit.is_empty(), "each has come to its end");
        sum += open.balance.minor;
    }
    assert_eq!(sum, 6_000);
}
