//! Clients: at a fixed pace, or as fast as they are answered.

use std::{
    thread,
    time::{Duration, Instant},
};

use tokio::{
    runtime::Handle,
    sync::mpsc,
    task::{JoinSet, spawn_blocking},
};

use crate::figures::percentile;

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn {
    /// How many were not answered as they should be.
    pub(crate) failed: u64,
    /// How long each answer took, sorted.
    pub(crate) times: Vec<Duration>,
}

impl Turn {
    /// The time that `part` of the answers did not exceed.
    pub(crate) fn percentile(&self, part: f64) -> Duration {
        percentile(&self.times, part)
    }

    fn add(&mut self, is_ok: bool, took: Duration) {
        self.failed += u64::from(!is_ok);
        self.times.push(took);
    }
}

/// Starts `rate` pieces of work a second, whether or not the ones before have
/// ended. Each is timed from when it was due, so no delay goes unseen.
pub(crate) async fn open<W, F>(rate: u32, time: Duration, work: W) -> Turn
where
    W: Fn(usize) -> F + Send + 'static,
    F: Future<Output = bool> + Send + 'static,
{
    let pace = Duration::from_secs(1) / rate;
    let count = (time.as_secs_f64() * f64::from(rate)) as u32;
    let (send, mut receive) = mpsc::unbounded_channel();
    let start = Instant::now();
    let tasks = Handle::current();
    // A thread sleeps more exactly than a task, whose clock ticks in
    // milliseconds.
    let pacing = spawn_blocking(move || {
        for number in 0..count {
            let due = start + pace * number;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let (work, send) = (work(number as usize), send.clone());
            tasks.spawn(async move {
                let is_ok = work.await;
                send.send((is_ok, due.elapsed())).unwrap();
            });
        }
    });
    let mut turn = Turn::default();
    while let Some((is_ok, took)) = receive.recv().await {
        turn.add(is_ok, took);
    }
    pacing.await.unwrap();
    turn.times.sort_unstable();
    turn
}

/// Lets `clients` do `work` again and again for `time`.
pub(crate) async fn closed<W, F>(
    clients: usize,
    time: Duration,
    work: W,
) -> Turn
where
    W: Fn(usize) -> F + Clone + Send + 'static,
    F: Future<Output = bool> + Send + 'static,
{
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let work = work.clone();
        tasks.spawn(async move {
            let mut turn = Turn::default();
            while start.elapsed() < time {
                let began = Instant::now();
                let is_ok = work(client).await;
                turn.add(is_ok, began.elapsed());
            }
            turn
        });
    }
    let mut all = Turn::default();
    for turn in tasks.join_all().await {
        all.failed += turn.failed;
        all.times.extend(turn.times);
    }
    all.times.sort_unstable();
    all
}
