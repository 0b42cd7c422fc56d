//! Whatever happens to an account, and wherever its snapshots lie, loading it
//! gives what all its events add up to (S1), now and at any time before (T1).

use std::num::NonZeroU32;

use event_sourcing::{
    accounts::{Accounts, Loaded},
    codec,
    domain::{
        Account, AccountEvent, AccountId, Command, Currency, SealedName,
        Settlement, SubjectId, TransferId,
    },
    store::{Append, Head, NewEvent},
};
use proptest::{collection::vec, prelude::*};
use sqlx::PgConnection;
use tokio::{runtime::Runtime, sync::Mutex};
use uuid::Uuid;

use crate::harness::{Bank, cause, connect, euros, number, until};

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    /// These commands, in one append.
    Batch(Vec<Command>),
    /// The program starts again, with a snapshot every so many events.
    Restart(u32),
}

fn command() -> impl Strategy<Value = Command> {
    let amount = || (1..100_i64).prop_map(euros);
    let transfer =
        || (0..4_u128).prop_map(|it| TransferId(Uuid::from_u128(it)));
    prop_oneof![
        6 => amount().prop_map(|amount| Command::Deposit { amount }),
        3 => amount().prop_map(|amount| Command::Withdraw { amount }),
        3 => (transfer(), amount()).prop_map(|(transfer, amount)| {
            Command::SendTransfer {
                transfer,
                to: AccountId(Uuid::nil()),
                amount,
                settlement: Settlement::Eventual,
            }
        }),
        1 => transfer().prop_map(|it| Command::SettleTransfer { transfer: it }),
        1 => transfer().prop_map(|transfer| Command::RefundTransfer {
            transfer,
            reason: "returned".to_owned(),
        }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => vec(command(), 1..=5).prop_map(Step::Batch),
        1 => (1..=7_u32).prop_map(Step::Restart),
    ]
}

/// One account, in the database and in memory.
struct Story<'a> {
    bank: &'a Bank,
    owner: &'a mut PgConnection,
    id: AccountId,
    accounts: Accounts,
    every: i64,
    /// What it was after each event: all of them, one after the other.
    truth: Vec<Loaded>,
}

impl<'a> Story<'a> {
    fn begin(bank: &'a Bank, owner: &'a mut PgConnection, every: u32) -> Self {
        Self {
            bank,
            owner,
            id: AccountId::random(),
            accounts: Self::accounts(bank, every),
            every: every.into(),
            truth: vec![Loaded::default()],
        }
    }

    fn accounts(bank: &Bank, every: u32) -> Accounts {
        let services = &bank.services;
        let instruments = services.instruments.clone();
        let every = NonZeroU32::new(every);
        Accounts::new(services.store.clone(), every, instruments)
    }

    fn now(&self) -> Loaded {
        self.truth.last().unwrap().clone()
    }

    async fn take(&mut self, step: Step) {
        let commands = match step {
            Step::Batch(commands) => commands,
            Step::Restart(every) => {
                self.every = every.into();
                self.accounts = Self::accounts(self.bank, every);
                return;
            }
        };
        let loaded = self.accounts.load(self.id).await.unwrap();
        assert_eq!(loaded, self.now());
        let mut states = vec![];
        let mut events = vec![];
        let mut account = loaded.account.clone();
        for command in commands {
            for event in account.decide(self.id, command).unwrap_or_default() {
                account = account.evolve(&event).unwrap();
                states.push(account.clone());
                events.push(event);
            }
        }
        self.append(loaded.head, &events, states).await;
    }

    async fn append(
        &mut self,
        before: Head,
        events: &[AccountEvent],
        states: Vec<Account>,
    ) {
        let events: Vec<NewEvent> = events.iter().map(codec::encode).collect();
        let append = Append {
            stream: self.id.0,
            head: before,
            events: &events,
            answer: None,
        };
        let store = &self.bank.services.store;
        store.append(&[append], &cause()).await.unwrap();
        let from = before.version + 1;
        let stored = store.read(self.id.0, from..=i64::MAX, 10).await.unwrap();
        for (event, account) in stored.iter().zip(states) {
            let head = event.head();
            self.truth.push(Loaded { account, head });
        }
        let after = self.now();
        self.accounts
            .keep_snapshot_if_due(self.id, before.version, &after);
        let version = after.head.version;
        if before.version / self.every != version / self.every {
            self.until_kept(version).await;
        }
    }

    async fn until_kept(&mut self, version: i64) {
        let kept = format!(
            "SELECT count(*) FROM snapshots
             WHERE stream_id = '{}' AND version = {version}",
            self.id
        );
        until(async || number(self.owner, &kept).await == 1).await;
    }
}

fn open() -> Step {
    Step::Batch(vec![Command::Open {
        subject: SubjectId(Uuid::nil()),
        holder: SealedName("c2VhbGVk".to_owned()),
        currency: Currency::EUR,
    }])
}

// ANCHOR: every-prefix
#[test]
fn an_account_is_what_its_events_add_up_to_at_every_version() {
    let runtime = Runtime::new().unwrap();
    let bank = runtime.block_on(Bank::new());
    let owner = Mutex::new(runtime.block_on(connect(&bank.url)));
    let cases = ProptestConfig::with_cases(60);
    proptest!(cases, |(every in 1..=7_u32, steps in vec(step(), 1..16))| {
        runtime.block_on(async {
            let owner = &mut *owner.lock().await;
            let mut story = Story::begin(&bank, owner, every);
            for step in [vec![open()], steps].concat() {
                story.take(step).await;
            }
            for (version, truth) in (0_i64..).zip(&story.truth) {
                let then = story.accounts.load_as_of(story.id, version).await;
                prop_assert_eq!(&then.unwrap(), truth);
            }
            let now = story.accounts.load(story.id).await.unwrap();
            prop_assert_eq!(now, story.now());
            Ok(())
        })?;
    });
}
// ANCHOR_END: every-prefix
