//! Money: whole minor units and a currency, and no way to round.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

// ANCHOR: money
/// An amount in the smallest unit of its currency: 12.50 EUR is 1250.
///
/// Integers, because a balance in floating point drifts away from the sum of
/// its deposits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units, such as cents.
    pub minor: i64,
    /// The currency, by its ISO 4217 code.
    pub currency: Currency,
}
// ANCHOR_END: money

// ANCHOR: money-sums
impl Money {
    /// Nothing, in `currency`.
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The sum.
    ///
    /// # Errors
    /// When the currencies differ, or the sum does not fit.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.with(other, i64::checked_add)
    }

    /// The difference, which may be negative.
    ///
    /// # Errors
    /// When the currencies differ, or the difference does not fit.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.with(other, i64::checked_sub)
    }

    fn with(
        self,
        other: Self,
        operation: fn(i64, i64) -> Option<i64>,
    ) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let minor = operation(self.minor, other.minor);
        Ok(Self {
            minor: minor.ok_or(MoneyError::Overflow)?,
            ..self
        })
    }
}
// ANCHOR_END: money-sums

/// Why two amounts do not add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// They are in different currencies.
    #[error("the amounts are in different currencies")]
    CurrencyMismatch,
    /// The result does not fit into 64 bits.
    #[error("the amount is too large")]
    Overflow,
}

/// A currency, by its three-letter code of ISO 4217.
///
/// Whether a code is in use is a matter of the bank's offer, not of its
/// shape: any three capital letters make a currency here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// A text is not three capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three capital letters, such as EUR")]
pub struct NotACurrency;

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The three letters.
    pub fn as_str(&self) -> &str {
        // All bytes are ASCII letters, so this never falls back.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        let bytes: [u8; 3] =
            text.as_bytes().try_into().map_err(|_| NotACurrency)?;
        match bytes.iter().all(u8::is_ascii_uppercase) {
            true => Ok(Self(bytes)),
            false => Err(NotACurrency),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
