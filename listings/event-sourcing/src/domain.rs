//! What a bank account is, without HTTP, SQL or telemetry: commands go in,
//! events come out, and state is what the events add up to.

mod account;
mod command;
mod decide;
mod event;
mod identity;
mod money;

pub use account::{Account, ImpossibleEvent, OpenAccount};
pub use command::Command;
pub use decide::Rejection;
pub use event::{AccountEvent, Settlement};
pub use identity::{AccountId, SealedName, SubjectId, TransferId};
pub use money::{Currency, Money, MoneyError, NotACurrency};
