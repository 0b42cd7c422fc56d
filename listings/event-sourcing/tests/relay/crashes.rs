//! Processes and NATS are killed while events flow. Nothing is lost, and
//! nothing is applied twice.

use std::time::Duration;

use tokio::{sync::watch, time::sleep};

use crate::{
    lab::{Lab, wait_until},
    process::Process,
};

#[tokio::test]
async fn a_killed_relay_loses_nothing() {
    let lab = Lab::new().await;
    let bank = lab.open().await;
    let turnover = lab.start_turnover("turnover-1", &[]).await;
    let (stop, stopped) = watch::channel(false);
    let traffic = tokio::spawn({
        let bank = bank.clone();
        async move { bank.move_until(stopped).await }
    });
    for round in 0..5 {
        let relay = lab.start_bank(&[]).await;
        let sent = bank.relay_processed().await;
        wait_until("at work", async || bank.relay_processed().await > sent)
            .await;
        // Somewhere in a page: reading, sending, waiting or committing.
        sleep(Duration::from_millis(rand::random_range(0..40))).await;
        relay.kill().await;
        assert!(round == 0 || sent > 0);
    }
    stop.send_replace(true);
    traffic.await.unwrap();
    let relay = lab.start_bank(&[]).await;
    lab.assert_agreement(&bank).await;
    relay.stop().await;
    turnover.stop().await;
}

#[tokio::test]
async fn three_share_the_work_and_each_may_die() {
    let lab = Lab::new().await;
    let bank = lab.open_with_relay().await;
    let running = bank.services.follow();
    let mut group: Vec<Process> = Vec::new();
    for name in ["turnover-0", "turnover-1", "turnover-2"] {
        group.push(lab.start_turnover(name, &[]).await);
    }
    let traffic = tokio::spawn({
        let bank = bank.clone();
        async move { bank.move_much(190).await }
    });
    for (round, events) in [250, 600, 950, 1300].into_iter().enumerate() {
        wait_until("that far", async || lab.turnovers().await.events >= events)
            .await;
        let victim = round % group.len();
        group.remove(victim).kill().await;
        let name = format!("turnover-{victim}");
        group.insert(victim, lab.start_turnover(&name, &[]).await);
    }
    traffic.await.unwrap();
    assert!(bank.turnovers().await.events > 2_000);
    lab.assert_agreement(&bank).await;
    assert_eq!(
        lab.workers().await,
        ["turnover-0", "turnover-1", "turnover-2"]
    );
    for process in group {
        process.stop().await;
    }
    running.stop().await;
}

#[tokio::test]
async fn a_killed_nats_delays_and_loses_nothing() {
    let lab = Lab::new().await;
    let bank = lab.open_with_relay().await;
    let running = bank.services.follow();
    let turnover = lab.start_turnover("turnover-1", &[]).await;
    for _ in 0..2 {
        let before = lab.turnovers().await.events;
        bank.move_much(6).await;
        wait_until("in flow", async || lab.turnovers().await.events > before)
            .await;
        lab.nats.kill().unwrap();
        // The bank goes on, and the lag shows what is the matter.
        bank.move_much(6).await;
        wait_until("behind", async || bank.relay_lag().await > Some(0)).await;
        lab.nats.restart().unwrap();
        lab.assert_agreement(&bank).await;
    }
    turnover.stop().await;
    running.stop().await;
}
