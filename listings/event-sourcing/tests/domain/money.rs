//! Money: no rounding, no wrapping, no mixing (D2).

use event_sourcing::domain::{
    Account, Command, Currency, Money, MoneyError, NotACurrency, Rejection,
};
use proptest::prelude::*;

use crate::scenario::*;

#[test]
fn a_sum_that_does_not_fit_is_an_error() {
    assert_eq!(eur(i64::MAX).plus(eur(1)), Err(MoneyError::Overflow));
    assert_eq!(eur(i64::MIN).minus(eur(1)), Err(MoneyError::Overflow));
    assert_eq!(eur(0).minus(eur(i64::MIN)), Err(MoneyError::Overflow));
    assert_eq!(eur(i64::MAX - 1).plus(eur(1)), Ok(eur(i64::MAX)));
}

#[test]
fn currencies_do_not_mix() {
    assert_eq!(eur(1).plus(usd(1)), Err(MoneyError::CurrencyMismatch));
    assert_eq!(eur(1).minus(usd(1)), Err(MoneyError::CurrencyMismatch));
    assert_eq!(eur(0).plus(usd(0)), Err(MoneyError::CurrencyMismatch));
}

#[test]
fn a_deposit_that_would_overflow_is_refused() {
    let account = given(&[opened(), deposited(eur(i64::MAX))]);
    account
        .when(Command::Deposit { amount: eur(1) })
        .then_refused(Rejection::Overflow);
}

#[test]
fn a_currency_is_three_capital_letters() {
    assert_eq!("EUR".parse(), Ok(Currency::EUR));
    for text in ["", "EU", "EURO", "eur", "E R", "E1R", "ÄB", "€", "EU\0"] {
        assert_eq!(text.parse::<Currency>(), Err(NotACurrency), "{text:?}");
        let json = serde_json::to_string(text).unwrap();
        assert!(serde_json::from_str::<Currency>(&json).is_err());
    }
}

#[test]
fn money_in_json_is_whole_and_has_no_other_fields() {
    let money = |json| serde_json::from_str::<Money>(json);
    assert_eq!(
        money(r#"{"minor":1250,"currency":"EUR"}"#).unwrap(),
        eur(1250)
    );
    for json in [
        r#"{"minor":12.5,"currency":"EUR"}"#,
        r#"{"minor":1e3,"currency":"EUR"}"#,
        r#"{"minor":"1250","currency":"EUR"}"#,
        r#"{"minor":9223372036854775808,"currency":"EUR"}"#,
        r#"{"minor":1250}"#,
        r#"{"currency":"EUR"}"#,
        r#"{"minor":1250,"currency":"EUR","scale":2}"#,
    ] {
        assert!(money(json).is_err(), "{json}");
    }
}

proptest! {
    #[test]
    fn sums_are_those_of_integers_or_errors(a: i64, b: i64) {
        let fits = |sum: i128| i64::try_from(sum).map(eur).ok();
        let (wide, other) = (i128::from(a), i128::from(b));
        prop_assert_eq!(eur(a).plus(eur(b)).ok(), fits(wide + other));
        prop_assert_eq!(eur(a).minus(eur(b)).ok(), fits(wide - other));
    }

    #[test]
    fn no_amount_makes_a_balance_negative(
        balance in 0..=i64::MAX, amount: i64,
    ) {
        let events = match balance {
            0 => vec![opened()],
            _ => vec![opened(), deposited(eur(balance))],
        };
        let account = events.iter().fold(Account::default(), |it, event| {
            it.evolve(event).unwrap()
        });
        let withdraw = Command::Withdraw { amount: eur(amount) };
        prop_assert_eq!(
            account.decide(ME, withdraw).is_ok(),
            (1..=balance).contains(&amount)
        );
    }
}
