//! Everybody pays into one account: what it is worth to queue up and to wait
//! a little before one tries again.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use event_sourcing::{
    accounts::Loaded,
    bank::Refusal,
    codec,
    domain::{Account, AccountId},
    services::Services,
    store::{Append, AppendError, Cause},
};

use crate::support::{
    bank::{about, deposit, execute, new_bank, open, server},
    measure::{Effort, Turn, drive, median, millis, whole},
};

const CLIENTS: usize = 32;

pub(crate) async fn run(effort: Effort) {
    let server = server();
    let (_, bank) = new_bank(&server, CLIENTS, 500).await;
    let mut ours = Vec::new();
    let mut blind = Vec::new();
    for _ in 0..effort.rounds() {
        ours.push(turn(&bank, effort, false).await);
        blind.push(turn(&bank, effort, true).await);
    }
    println!(
        "| {CLIENTS} clients, one account | Deposits per second | p50 | p99 | \
         Turned away |"
    );
    println!("|---|--:|--:|--:|--:|");
    let best = row("in turn, after a pause", &ours);
    let plain = row("again at once", &blind);
    let deposits: u64 = blind.iter().map(|(turn, _)| turn.ok).sum();
    let lost: u64 = blind.iter().map(|(_, lost)| lost).sum();
    println!(
        "\n{:.1} times the deposits. Who tried again at once lost {:.1} races \
         for each deposit. {}, medians of {} interleaved turns; \
         after each, the balance was the number of deposits that were \
         acknowledged.",
        best / plain,
        lost as f64 / deposits as f64,
        about(&server),
        effort.rounds(),
    );
}

fn row(name: &str, turns: &[(Turn, u64)]) -> f64 {
    let middle =
        |value: &dyn Fn(&(Turn, u64)) -> f64| median(turns.iter().map(value));
    let rate = middle(&|(turn, _)| turn.rate());
    let time = |part| {
        let seconds = middle(&|(turn, _)| turn.percentile(part).as_secs_f64());
        millis(std::time::Duration::from_secs_f64(seconds))
    };
    let refused: u64 = turns.iter().map(|(turn, _)| turn.refused).sum();
    println!(
        "| {name} | {} | {} | {} | {refused} |",
        whole(rate),
        time(0.5),
        time(0.99),
    );
    rate
}

/// One turn, and how many races were lost in it.
async fn turn(bank: &Services, effort: Effort, blind: bool) -> (Turn, u64) {
    let account = AccountId::random();
    execute(bank, account, open()).await.unwrap();
    let lost = Arc::new(AtomicU64::new(0));
    let work = {
        let (bank, lost) = (bank.clone(), Arc::clone(&lost));
        move |_| {
            let (bank, lost) = (bank.clone(), Arc::clone(&lost));
            async move {
                match blind {
                    true => again_at_once(&bank, account, &lost).await,
                    false => in_turn(&bank, account).await,
                }
            }
        }
    };
    let turn = drive(CLIENTS, effort.seconds(3.0), work).await;
    let loaded = bank.accounts.load(account).await.unwrap();
    let Account::Open(open) = loaded.account else {
        panic!("the account is open");
    };
    assert_eq!(open.balance.minor as u64, turn.ok, "a deposit went missing");
    (turn, lost.load(Ordering::Relaxed))
}

async fn in_turn(bank: &Services, account: AccountId) -> bool {
    match execute(bank, account, deposit()).await {
        Ok(_) => true,
        Err(Refusal::Contended) => false,
        Err(refusal) => panic!("{refusal}"),
    }
}

/// What one writes first: load, decide, append, and all over on a conflict.
async fn again_at_once(
    bank: &Services,
    account: AccountId,
    lost: &AtomicU64,
) -> bool {
    loop {
        let Loaded {
            account: state,
            head,
        } = bank.accounts.load(account).await.unwrap();
        let happened = state.decide(account, deposit()).unwrap();
        let mut after = state;
        for event in &happened {
            after = after.evolve(event).unwrap();
        }
        let events: Vec<_> = happened.iter().map(codec::encode).collect();
        let append = Append {
            stream: account.0,
            head,
            events: &events,
            answer: None,
        };
        match bank.store.append(&[append], &Cause::outside("bench")).await {
            Ok(heads) => {
                let after = Loaded {
                    account: after,
                    head: heads[0],
                };
                let accounts = &bank.accounts;
                accounts.keep_snapshot_if_due(account, head.version, &after);
                return true;
            }
            Err(AppendError::Conflict { .. }) => {
                lost.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => panic!("{error}"),
        }
    }
}
