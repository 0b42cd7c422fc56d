//! Random events and commands.

use event_sourcing::domain::{
    AccountEvent, AccountId, Command, Currency, Money, SealedName, Settlement,
    SubjectId, TransferId,
};
use proptest::{prelude::*, sample::select};
use uuid::Uuid;

/// Few ids, so that they meet again.
fn id() -> impl Strategy<Value = Uuid> {
    (1..5_u128).prop_map(Uuid::from_u128)
}

fn currency() -> impl Strategy<Value = Currency> {
    const CODES: [&str; 4] = ["EUR", "EUR", "EUR", "USD"];
    select(&CODES).prop_map(|code: &str| code.parse().unwrap())
}

fn money() -> impl Strategy<Value = Money> {
    let minor = prop_oneof![
        8 => 1..1_000_i64,
        1 => select(&[0, -1, i64::MAX, i64::MIN, i64::MAX - 5]),
        1 => any::<i64>(),
    ];
    (minor, currency()).prop_map(|(minor, currency)| Money { minor, currency })
}

fn settlement() -> impl Strategy<Value = Settlement> {
    select(&[Settlement::Immediate, Settlement::Eventual])
}

/// Any text that can be stored.
fn text() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.replace('\0', ""))
}

/// Any event, possible or not.
pub(crate) fn event() -> impl Strategy<Value = AccountEvent> {
    use AccountEvent as E;
    let transfer = || id().prop_map(TransferId);
    let account = || id().prop_map(AccountId);
    prop_oneof![
        (id(), text(), currency()).prop_map(|(subject, name, currency)| {
            E::Opened {
                subject: SubjectId(subject),
                holder: SealedName(name),
                currency,
            }
        }),
        money().prop_map(|amount| E::Deposited { amount }),
        money().prop_map(|amount| E::Withdrawn { amount }),
        (transfer(), account(), money(), settlement()).prop_map(
            |(transfer, to, amount, settlement)| E::TransferSent {
                transfer,
                to,
                amount,
                settlement,
            }
        ),
        (transfer(), account(), money()).prop_map(
            |(transfer, from, amount)| E::TransferReceived {
                transfer,
                from,
                amount,
            }
        ),
        transfer().prop_map(|transfer| E::TransferSettled { transfer }),
        (transfer(), money(), text()).prop_map(|(transfer, amount, reason)| {
            E::TransferRefunded {
                transfer,
                amount,
                reason,
            }
        }),
        Just(E::Closed {}),
    ]
}

/// Any command, allowed or not.
pub(crate) fn command() -> impl Strategy<Value = Command> {
    use Command as C;
    let transfer = || id().prop_map(TransferId);
    let account = || id().prop_map(AccountId);
    prop_oneof![
        1 => (id(), currency()).prop_map(|(subject, currency)| C::Open {
            subject: SubjectId(subject),
            holder: SealedName("c2VhbGVk".to_owned()),
            currency,
        }),
        4 => money().prop_map(|amount| C::Deposit { amount }),
        3 => money().prop_map(|amount| C::Withdraw { amount }),
        3 => (transfer(), account(), money(), settlement()).prop_map(
            |(transfer, to, amount, settlement)| C::SendTransfer {
                transfer,
                to,
                amount,
                settlement,
            }
        ),
        2 => (transfer(), account(), money()).prop_map(
            |(transfer, from, amount)| C::ReceiveTransfer {
                transfer,
                from,
                amount,
            }
        ),
        2 => transfer().prop_map(|transfer| C::SettleTransfer { transfer }),
        2 => (transfer(), text()).prop_map(|(transfer, reason)| {
            C::RefundTransfer { transfer, reason }
        }),
        1 => Just(C::Close),
    ]
}
