//! Clients who do this and that, and ask again until they are told.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::Client;
use time::OffsetDateTime;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::{
    bank::DEADLINE,
    commands::{Answer, Request, Wish, client, get},
};

const CLIENTS: u64 = 8;

const ACCOUNTS: usize = 10;

/// Before the same question is asked again. The bank asks for a second; these
/// clients are less polite, which makes for more repetitions.
const AGAIN: Duration = Duration::from_millis(20);

/// `CRASH_SEED`, or another one each time: what the clients want, in which
/// order, and when the killer strikes.
pub(crate) fn seed() -> u64 {
    let seed = std::env::var("CRASH_SEED").ok();
    let seed = seed.map_or_else(rand::random, |seed| seed.parse().unwrap());
    println!("CRASH_SEED={seed}");
    seed
}

/// What clients were told.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// How many commands the rules of the bank refused.
    pub(crate) refused: usize,
    /// How often each status was seen, those of readers included.
    pub(crate) statuses: BTreeMap<u16, usize>,
    /// How often there was no answer.
    pub(crate) broken: usize,
}

/// A command that was carried out, as far as the client knows.
#[derive(Debug)]
pub(crate) struct Acknowledged {
    pub(crate) request: Request,
    pub(crate) answer: Answer,
    /// When the request was sent the last time, if it was sent twice or more.
    pub(crate) repeated: Option<OffsetDateTime>,
}

/// Clients at work.
pub(crate) struct Load {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

struct Shared {
    /// Where the banks are.
    banks: Mutex<Vec<String>>,
    /// The last one is closed: money that is sent there comes back.
    accounts: Vec<Uuid>,
    over: AtomicBool,
    record: Mutex<Record>,
    /// How many commands have got an answer that is one.
    told: watch::Sender<usize>,
}

impl Load {
    /// Opens the accounts and lets the clients begin.
    pub(crate) async fn start(seed: u64, banks: &[&str]) -> Self {
        let banks = banks.iter().map(|url| (*url).to_owned()).collect();
        let mut shared = Shared {
            banks: Mutex::new(banks),
            accounts: Vec::new(),
            over: AtomicBool::new(false),
            record: Mutex::default(),
            told: watch::Sender::new(0),
        };
        shared.open_accounts(&mut StdRng::seed_from_u64(seed)).await;
        let shared = Arc::new(shared);
        let mut tasks = JoinSet::new();
        for number in 1..=CLIENTS {
            let random = StdRng::seed_from_u64(seed.wrapping_add(number));
            tasks.spawn(Arc::clone(&shared).command(random));
        }
        let random = StdRng::seed_from_u64(seed.wrapping_sub(1));
        tasks.spawn(Arc::clone(&shared).read(random));
        Self { shared, tasks }
    }

    /// Waits until so many commands more have got their answer.
    pub(crate) async fn goes_on(&mut self, commands: usize) {
        let mut told = self.shared.told.subscribe();
        let enough = *told.borrow() + commands;
        let waiting = told.wait_for(|told| *told >= enough);
        tokio::select! {
            told = timeout(DEADLINE, waiting) => {
                told.expect("answers").unwrap();
            }
            // Before it is over they only end when they do not like an answer.
            end = self.tasks.join_next() => end.unwrap().unwrap(),
        }
    }

    /// A bank is somewhere else now.
    pub(crate) fn moves(&self, bank: usize, url: &str) {
        url.clone_into(&mut self.shared.banks.lock().unwrap()[bank]);
    }

    /// Lets every client see its last command through.
    pub(crate) async fn stop(mut self) -> Record {
        self.shared.over.store(true, Ordering::SeqCst);
        let ending = async {
            while let Some(end) = self.tasks.join_next().await {
                end.unwrap();
            }
        };
        timeout(DEADLINE, ending).await.expect("the last answers");
        std::mem::take(&mut self.shared.record.lock().unwrap())
    }
}

impl Shared {
    async fn open_accounts(&mut self, random: &mut StdRng) {
        let client = client();
        for _ in 0..=ACCOUNTS {
            self.carry_out(&client, random, Request::open()).await;
        }
        let opened = self.record.get_mut().unwrap().acknowledged.iter();
        self.accounts = opened.map(|it| it.answer.account()).collect();
        let close = Request::close(self.accounts[ACCOUNTS], 1);
        self.carry_out(&client, random, close).await;
    }

    /// A client.
    async fn command(self: Arc<Self>, mut random: StdRng) {
        let client = client();
        while !self.over.load(Ordering::SeqCst) {
            let request = self.wish(&mut random);
            self.carry_out(&client, &mut random, request).await;
        }
    }

    fn wish(&self, random: &mut StdRng) -> Request {
        let account = self.accounts[random.random_range(0..ACCOUNTS)];
        let other = self.accounts[random.random_range(0..=ACCOUNTS)];
        let minor = random.random_range(1..=100);
        match random.random_range(0..100) {
            0..40 => Request::deposit(account, minor),
            40..65 => Request::withdraw(account, minor),
            65..80 => {
                let wish = Wish::TransferAtOnce(minor);
                Request::transfer(wish, account, other)
            }
            80..97 => {
                let wish = Wish::TransferEventually(minor);
                Request::transfer(wish, account, other)
            }
            _ => Request::open(),
        }
    }
}

impl Shared {
    /// Sends the request to one bank or another, with the same key, until the
    /// answer is one that will not change.
    async fn carry_out(
        &self,
        client: &Client,
        random: &mut StdRng,
        request: Request,
    ) {
        let mut repeated = None;
        loop {
            let answer = request.send(client, &self.bank(random)).await;
            match self.note(answer) {
                Some(answer) if ![409, 503].contains(&answer.status) => {
                    return self.tell(request, answer, repeated);
                }
                _ => sleep(AGAIN).await,
            }
            repeated = Some(OffsetDateTime::now_utc());
        }
    }
}

impl Shared {
    fn bank(&self, random: &mut StdRng) -> String {
        let banks = self.banks.lock().unwrap();
        banks[random.random_range(0..banks.len())].clone()
    }

    fn note(&self, answer: Result<Answer, reqwest::Error>) -> Option<Answer> {
        let Ok(answer) = answer else {
            self.record.lock().unwrap().broken += 1;
            return None;
        };
        if [409, 503].contains(&answer.status) {
            assert_eq!(answer.retry_after.as_deref(), Some("1"), "{answer:?}");
        }
        let statuses = &mut self.record.lock().unwrap().statuses;
        *statuses.entry(answer.status).or_default() += 1;
        Some(answer)
    }

    fn tell(
        &self,
        request: Request,
        answer: Answer,
        repeated: Option<OffsetDateTime>,
    ) {
        let status = answer.status;
        assert!([200, 201, 422].contains(&status), "{request:?}: {answer:?}");
        let mut record = self.record.lock().unwrap();
        match status {
            422 => record.refused += 1,
            _ => record.acknowledged.push(Acknowledged {
                request,
                answer,
                repeated,
            }),
        }
        drop(record);
        self.told.send_modify(|told| *told += 1);
    }

    /// A reader, who looks everywhere.
    async fn read(self: Arc<Self>, mut random: StdRng) {
        let client = client();
        while !self.over.load(Ordering::SeqCst) {
            let id = self.accounts[random.random_range(0..=ACCOUNTS)];
            let path = match random.random_range(0..8) {
                0 => format!("/accounts/{id}/history?as_of_version=1"),
                1 => format!("/accounts/{id}/events?limit=5"),
                2 => format!("/accounts/{id}/audit"),
                3 => "/feed?limit=5".to_owned(),
                4 => "/admin/projections".to_owned(),
                5 => "/health".to_owned(),
                _ => format!("/accounts/{id}"),
            };
            let answer = get(&client, &self.bank(&mut random), &path).await;
            if let Ok(answer) = &answer {
                assert!([200, 503].contains(&answer.status), "{answer:?}");
            }
            if path != "/health" {
                self.note(answer);
            }
            sleep(AGAIN).await;
        }
    }
}
