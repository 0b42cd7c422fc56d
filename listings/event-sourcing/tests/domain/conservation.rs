//! Money is neither made nor lost (D3).

use std::collections::BTreeSet;

use event_sourcing::domain::{
    Account, AccountId, Command, Currency, Rejection, SealedName, Settlement,
    SubjectId, TransferId,
};
use proptest::{collection::vec, prelude::*, sample::select};
use uuid::Uuid;

use crate::scenario::{eur, transfer};

#[derive(Clone, Copy, Debug)]
enum Step {
    Deposit(usize, i64),
    Withdraw(usize, i64),
    /// From, to, which transfer, how much, and how.
    Transfer(usize, usize, u128, i64, Settlement),
    /// The process manager brings the money to its goal, or back.
    Deliver(usize),
    /// The process manager tells the sender that it has arrived.
    Settle(usize),
    Close(usize),
}

const ACCOUNTS: usize = 3;

fn step() -> impl Strategy<Value = Step> {
    let account = || 0..ACCOUNTS;
    let amount =
        || prop_oneof![9 => 1..200_i64, 1 => select(&[0, -7, i64::MAX])];
    let how = select(&[Settlement::Immediate, Settlement::Eventual]);
    prop_oneof![
        4 => (account(), amount()).prop_map(|(a, m)| Step::Deposit(a, m)),
        2 => (account(), amount()).prop_map(|(a, m)| Step::Withdraw(a, m)),
        // Few transfer ids, so that some are used again.
        6 => (account(), account(), 0..4_u128, amount(), how)
            .prop_map(|(a, b, id, m, how)| Step::Transfer(a, b, id, m, how)),
        3 => any::<usize>().prop_map(Step::Deliver),
        3 => any::<usize>().prop_map(Step::Settle),
        1 => account().prop_map(Step::Close),
    ]
}

/// A bank without a database.
struct Bank {
    accounts: Vec<Account>,
    /// Transfers whose money has arrived, which the sender does not know yet.
    arrived: BTreeSet<(usize, TransferId)>,
    /// Deposits less withdrawals.
    paid_in: i128,
}

fn id(number: usize) -> AccountId {
    AccountId(Uuid::from_u128(number as u128 + 1))
}

impl Bank {
    fn open() -> Self {
        let mut bank = Self {
            accounts: vec![Account::default(); ACCOUNTS],
            arrived: BTreeSet::new(),
            paid_in: 0,
        };
        for account in 0..ACCOUNTS {
            let open = Command::Open {
                subject: SubjectId(Uuid::nil()),
                holder: SealedName(String::new()),
                currency: Currency::EUR,
            };
            bank.ask(account, open).unwrap();
        }
        bank
    }

    fn decided(&self, on: usize, it: Command) -> Result<Account, Rejection> {
        let account = &self.accounts[on];
        let events = account.decide(id(on), it)?;
        Ok(events.iter().fold(account.clone(), |account, event| {
            account.evolve(event).expect("decided and impossible")
        }))
    }

    fn ask(&mut self, on: usize, it: Command) -> Result<(), Rejection> {
        self.accounts[on] = self.decided(on, it)?;
        Ok(())
    }

    /// What is on its way: sender, transfer, goal and amount.
    fn under_way(&self) -> Vec<(usize, TransferId, usize, i64)> {
        let of = |(from, account): (usize, &Account)| match account {
            Account::Open(open) => open
                .in_transit
                .iter()
                .map(|(transfer, (to, amount))| {
                    let to = to.0.as_u128() as usize - 1;
                    (from, *transfer, to, amount.minor)
                })
                .collect(),
            Account::Unopened | Account::Closed => vec![],
        };
        self.accounts.iter().enumerate().flat_map(of).collect()
    }

    fn take(&mut self, step: Step) {
        // Refusals are part of the game.
        let _ = match step {
            Step::Deposit(on, minor) => self
                .ask(on, Command::Deposit { amount: eur(minor) })
                .map(|()| self.paid_in += i128::from(minor)),
            Step::Withdraw(on, minor) => self
                .ask(on, Command::Withdraw { amount: eur(minor) })
                .map(|()| self.paid_in -= i128::from(minor)),
            Step::Transfer(from, to, number, minor, how) => {
                self.send(from, to, transfer(number), minor, how)
            }
            Step::Deliver(nth) => self.deliver(nth),
            Step::Settle(nth) => self.settle(nth),
            Step::Close(on) => self.ask(on, Command::Close),
        };
    }

    fn send(
        &mut self,
        from: usize,
        to: usize,
        transfer: TransferId,
        minor: i64,
        settlement: Settlement,
    ) -> Result<(), Rejection> {
        let send = Command::SendTransfer {
            transfer,
            to: id(to),
            amount: eur(minor),
            settlement,
        };
        let sender = self.decided(from, send)?;
        if settlement == Settlement::Immediate {
            self.receive(from, transfer, to, minor)?;
        }
        self.accounts[from] = sender;
        Ok(())
    }

    fn receive(
        &mut self,
        from: usize,
        transfer: TransferId,
        to: usize,
        minor: i64,
    ) -> Result<(), Rejection> {
        let receive = Command::ReceiveTransfer {
            transfer,
            from: id(from),
            amount: eur(minor),
        };
        self.ask(to, receive)
    }

    fn deliver(&mut self, nth: usize) -> Result<(), Rejection> {
        let mut waiting = self.under_way();
        waiting.retain(|it| !self.arrived.contains(&(it.0, it.1)));
        let Some(&(from, transfer, to, minor)) =
            waiting.get(nth % waiting.len().max(1))
        else {
            return Ok(());
        };
        if self.receive(from, transfer, to, minor).is_ok() {
            self.arrived.insert((from, transfer));
            return Ok(());
        }
        let reason = "refused".to_owned();
        let refund = Command::RefundTransfer { transfer, reason };
        // There is always room for money that comes back.
        self.ask(from, refund).unwrap();
        Ok(())
    }

    fn settle(&mut self, nth: usize) -> Result<(), Rejection> {
        let nth = nth % self.arrived.len().max(1);
        let Some(&(from, transfer)) = self.arrived.iter().nth(nth) else {
            return Ok(());
        };
        self.arrived.remove(&(from, transfer));
        self.ask(from, Command::SettleTransfer { transfer })
            .unwrap();
        Ok(())
    }

    fn balances(&self) -> impl Iterator<Item = i64> {
        self.accounts.iter().filter_map(|account| match account {
            Account::Open(open) => Some(open.balance.minor),
            Account::Unopened | Account::Closed => None,
        })
    }

    /// All money there is: on accounts, and between them.
    fn total(&self) -> i128 {
        let mut between = self.under_way();
        between.retain(|it| !self.arrived.contains(&(it.0, it.1)));
        let between: i128 = between.iter().map(|it| i128::from(it.3)).sum();
        between + self.balances().map(i128::from).sum::<i128>()
    }
}

// ANCHOR: conservation
proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn money_is_neither_made_nor_lost(steps in vec(step(), 0..60)) {
        let mut bank = Bank::open();
        for step in steps {
            bank.take(step);
            prop_assert_eq!(bank.total(), bank.paid_in, "{:?}", step);
            prop_assert!(bank.balances().all(|minor| minor >= 0), "{:?}", step);
        }
    }
}
// ANCHOR_END: conservation
