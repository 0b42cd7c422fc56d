//! Every command on every state of an account (D1).

use std::collections::BTreeSet;

use event_sourcing::domain::{
    AccountEvent, Command, Currency, Money, Rejection as R, SealedName,
    Settlement, SubjectId,
};
use uuid::Uuid;

use crate::scenario::*;

// ANCHOR: given-when-then
#[test]
fn a_withdrawal_needs_the_money() {
    let account = given(&[opened(), deposited(eur(500))]);
    account.when(withdraw(eur(500))).then(withdrawn(eur(500)));
    account
        .when(withdraw(eur(501)))
        .then_refused(R::InsufficientFunds);
}
// ANCHOR_END: given-when-then

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Unopened,
    /// Nothing on it.
    Empty,
    /// 100 on it.
    Funded,
    /// 60 on it, and 40 on the way to another account as transfer 7.
    Waiting,
    /// Nothing on it, and 100 on the way as transfer 7.
    Drained,
    Closed,
}
use State::*;

const STATES: [State; 6] = [Unopened, Empty, Funded, Waiting, Drained, Closed];

impl State {
    fn events(self) -> Vec<AccountEvent> {
        let funded = || vec![opened(), deposited(eur(100))];
        match self {
            Unopened => vec![],
            Empty => vec![opened()],
            Funded => funded(),
            Waiting => [funded(), vec![sent(7, eur(40))]].concat(),
            Drained => [funded(), vec![sent(7, eur(100))]].concat(),
            Closed => vec![opened(), closed()],
        }
    }
}

#[test]
fn every_command_meets_every_state() {
    let table = table();
    for (state, command, outcome) in &table {
        let when = given(&state.events()).when(command.clone());
        println!("{state:?}: {command:?}");
        match outcome {
            Ok(event) => when.then(event.clone()),
            Err(rejection) => when.then_refused(*rejection),
        }
    }
    let rows = table.iter().map(|(state, it, _)| (*state, it.name()));
    let rows: BTreeSet<_> = rows.collect();
    let commands: BTreeSet<_> = rows.iter().map(|(_, name)| *name).collect();
    assert_eq!(commands.len(), 8);
    assert_eq!(rows.len(), STATES.len() * commands.len());
}

type Row = (State, Command, Result<AccountEvent, R>);

fn table() -> Vec<Row> {
    let mut table = vec![(Unopened, open(), Ok(opened()))];
    for state in [Empty, Funded, Waiting, Drained, Closed] {
        table.push((state, open(), Err(R::AlreadyOpen)));
    }
    for command in [
        deposit(eur(1)),
        withdraw(eur(1)),
        send(8, eur(1)),
        receive(9, eur(1)),
        settle(7),
        refund(7),
        Command::Close,
    ] {
        table.push((Unopened, command.clone(), Err(R::NoSuchAccount)));
        table.push((Closed, command, Err(R::Closed)));
    }
    table.extend(counter());
    table.extend(transfers());
    table
}

/// Over the counter.
fn counter() -> Vec<Row> {
    let mut table = vec![
        (Empty, withdraw(eur(1)), Err(R::InsufficientFunds)),
        (Funded, withdraw(eur(100)), Ok(withdrawn(eur(100)))),
        (Funded, withdraw(eur(101)), Err(R::InsufficientFunds)),
        (Waiting, withdraw(eur(60)), Ok(withdrawn(eur(60)))),
        (Waiting, withdraw(eur(61)), Err(R::InsufficientFunds)),
        (Drained, withdraw(eur(1)), Err(R::InsufficientFunds)),
        (Empty, Command::Close, Ok(closed())),
        (Funded, Command::Close, Err(R::NotEmpty)),
        (Waiting, Command::Close, Err(R::TransferInTransit)),
        (Drained, Command::Close, Err(R::TransferInTransit)),
    ];
    for state in [Empty, Funded, Waiting, Drained] {
        table.extend([
            (state, deposit(eur(1)), Ok(deposited(eur(1)))),
            (state, deposit(eur(0)), Err(R::NotPositive)),
            (state, deposit(eur(-1)), Err(R::NotPositive)),
            (state, deposit(usd(1)), Err(R::CurrencyMismatch)),
            (state, withdraw(eur(0)), Err(R::NotPositive)),
            (state, withdraw(eur(i64::MIN)), Err(R::NotPositive)),
            (state, withdraw(usd(1)), Err(R::CurrencyMismatch)),
        ]);
    }
    table
}

fn transfers() -> Vec<Row> {
    let mut table = vec![
        (Empty, send(8, eur(1)), Err(R::InsufficientFunds)),
        (Funded, send(8, eur(100)), Ok(sent(8, eur(100)))),
        (Funded, send(8, eur(101)), Err(R::InsufficientFunds)),
        (Waiting, send(8, eur(60)), Ok(sent(8, eur(60)))),
        (Waiting, send(8, eur(61)), Err(R::InsufficientFunds)),
        // The id belongs to a transfer whose money is not there yet.
        (Waiting, send(7, eur(1)), Err(R::TransferInTransit)),
        (Drained, send(8, eur(1)), Err(R::InsufficientFunds)),
        (Waiting, refund(7), Ok(refunded(7, eur(40)))),
        (Drained, refund(7), Ok(refunded(7, eur(100)))),
    ];
    for state in [Empty, Funded, Waiting, Drained] {
        let receipt = Ok(received(9, eur(5)));
        table.extend([
            (state, send(8, eur(0)), Err(R::NotPositive)),
            (state, send(8, usd(1)), Err(R::CurrencyMismatch)),
            (state, to_myself(), Err(R::SameAccount)),
            (state, receive(9, eur(5)), receipt),
            (state, receive(9, eur(-5)), Err(R::NotPositive)),
            (state, receive(9, usd(5)), Err(R::CurrencyMismatch)),
            (state, settle(8), Err(R::NoSuchTransfer)),
            (state, refund(8), Err(R::NoSuchTransfer)),
        ]);
    }
    for state in [Waiting, Drained] {
        table.push((state, settle(7), Ok(settled(7))));
    }
    table
}

#[test]
fn a_transfer_comes_home_once() {
    let events = [Waiting.events(), vec![refunded(7, eur(40))]].concat();
    let account = given(&events);
    account.when(refund(7)).then_refused(R::NoSuchTransfer);
    account.when(settle(7)).then_refused(R::NoSuchTransfer);
    account.when(withdraw(eur(100))).then(withdrawn(eur(100)));
}

#[test]
fn money_on_its_way_leaves_room_to_come_back() {
    let account =
        given(&[opened(), deposited(eur(i64::MAX)), sent(7, eur(i64::MAX))]);
    account.when(deposit(eur(1))).then_refused(R::Overflow);
    account.when(receive(9, eur(1))).then_refused(R::Overflow);
    account.when(refund(7)).then(refunded(7, eur(i64::MAX)));
}

#[test]
fn an_immediate_transfer_is_not_on_its_way() {
    let command = Command::SendTransfer {
        transfer: transfer(8),
        to: OTHER,
        amount: eur(100),
        settlement: Settlement::Immediate,
    };
    let event = AccountEvent::TransferSent {
        transfer: transfer(8),
        to: OTHER,
        amount: eur(100),
        settlement: Settlement::Immediate,
    };
    given(&Funded.events()).when(command).then(event.clone());
    given(&[Funded.events(), vec![event]].concat())
        .when(Command::Close)
        .then(closed());
}

fn open() -> Command {
    Command::Open {
        subject: SubjectId(Uuid::from_u128(3)),
        holder: SealedName("c2VhbGVk".to_owned()),
        currency: Currency::EUR,
    }
}

fn deposit(amount: Money) -> Command {
    Command::Deposit { amount }
}

fn withdraw(amount: Money) -> Command {
    Command::Withdraw { amount }
}

fn send(number: u128, amount: Money) -> Command {
    Command::SendTransfer {
        transfer: transfer(number),
        to: OTHER,
        amount,
        settlement: Settlement::Eventual,
    }
}

fn to_myself() -> Command {
    Command::SendTransfer {
        transfer: transfer(8),
        to: ME,
        amount: eur(1),
        settlement: Settlement::Immediate,
    }
}

fn receive(number: u128, amount: Money) -> Command {
    Command::ReceiveTransfer {
        transfer: transfer(number),
        from: OTHER,
        amount,
    }
}

fn settle(number: u128) -> Command {
    Command::SettleTransfer {
        transfer: transfer(number),
    }
}

fn refund(number: u128) -> Command {
    Command::RefundTransfer {
        transfer: transfer(number),
        reason: "closed".to_owned(),
    }
}
