//! Replay: pure, total, and honest about what cannot have happened (D4).

use event_sourcing::domain::{
    Account, AccountEvent, Command, ImpossibleEvent, MoneyError,
};
use proptest::{collection::vec, prelude::*};

use crate::{
    scenario::*,
    strategies::{command, event},
};

fn replay(
    start: Account,
    events: &[AccountEvent],
) -> Result<Account, ImpossibleEvent> {
    events.iter().try_fold(start, Account::evolve)
}

/// All events that an account makes of `commands`; it refuses the others.
fn history(commands: Vec<Command>) -> (Account, Vec<AccountEvent>) {
    let mut account = Account::default();
    let mut events = Vec::new();
    for command in commands {
        for event in account.decide(ME, command).unwrap_or_default() {
            account = account.evolve(&event).expect("decided and impossible");
            events.push(event);
        }
    }
    (account, events)
}

proptest! {
    #[test]
    fn what_is_decided_can_be_replayed(
        commands in vec(command(), 0..40), cut: prop::sample::Index,
    ) {
        let (account, events) = history(commands);
        let whole = replay(Account::default(), &events);
        prop_assert_eq!(whole.as_ref(), Ok(&account));
        prop_assert_eq!(replay(Account::default(), &events), whole);
        // From the middle on, as behind a snapshot.
        let (head, tail) = events.split_at(cut.index(events.len() + 1));
        let middle = replay(Account::default(), head).unwrap();
        let json = serde_json::to_string(&middle).unwrap();
        let restored = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&middle, &restored);
        prop_assert_eq!(replay(restored, tail), Ok(account));
    }

    #[test]
    fn no_events_in_any_order_panic(events in vec(event(), 0..20)) {
        // With an account that is open, to get past the first event.
        let _ = replay(Account::default(), &events);
        let _ = replay(given_open(), &events);
    }

    #[test]
    fn no_command_on_any_state_panics(
        events in vec(event(), 0..20), command in command(),
    ) {
        let mut account = given_open();
        for event in &events {
            let _ = account.decide(ME, command.clone());
            let Ok(next) = account.evolve(event) else { break };
            account = next;
        }
    }
}

fn given_open() -> Account {
    replay(Account::default(), &[opened(), deposited(eur(10_000))]).unwrap()
}

#[test]
fn what_cannot_have_happened_is_an_error() {
    use ImpossibleEvent::*;
    let deposit = || deposited(eur(1));
    let on_its_way = || vec![opened(), deposited(eur(9)), sent(7, eur(4))];
    let after = |mut events: Vec<_>, last| {
        events.push(last);
        events
    };
    for (events, reason) in [
        (vec![deposit()], OutOfPlace),
        (vec![closed()], OutOfPlace),
        (vec![opened(), opened()], OutOfPlace),
        (vec![opened(), closed(), deposit()], OutOfPlace),
        (vec![opened(), closed(), opened()], OutOfPlace),
        (vec![opened(), closed(), closed()], OutOfPlace),
        (vec![opened(), settled(7)], UnknownTransfer),
        (vec![opened(), refunded(7, eur(1))], UnknownTransfer),
        (after(on_its_way(), settled(8)), UnknownTransfer),
        // The first of the two would be forgotten, and its money lost.
        (after(on_its_way(), sent(7, eur(1))), OutOfPlace),
        // Money out of nothing.
        (after(on_its_way(), refunded(7, eur(5))), UnknownTransfer),
        (
            vec![opened(), deposited(usd(1))],
            Money(MoneyError::CurrencyMismatch),
        ),
        (
            vec![opened(), deposited(eur(i64::MAX)), deposit()],
            Money(MoneyError::Overflow),
        ),
    ] {
        let result = replay(Account::default(), &events);
        assert_eq!(result, Err(reason), "{events:?}");
    }
}
