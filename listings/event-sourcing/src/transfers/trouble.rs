//! Why a transfer did not come to its end, and what follows from it.

use crate::{
    accounts::LoadError,
    bank::Refusal,
    database::sqlstate,
    domain::AccountId,
    projections::{Halt, UNREADABLE},
    store::AppendError,
};

// ANCHOR: trouble
/// Why a transfer did not come to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Others write to the account all the time. It will do later.
    Waits {
        reason: &'static str,
        account: AccountId,
    },
    /// Other transfers wait for the account, so this one was not tried.
    BehindOthers,
    /// It would fail again, until somebody has done something about it.
    Hopeless { reason: &'static str },
    /// The database is away. No transfer could do better now.
    Away(Box<Refusal>),
}
// ANCHOR_END: trouble

// ANCHOR: trouble-of
impl Trouble {
    /// What an order that was not carried out on `account` means.
    pub(super) fn of(refusal: Refusal, account: AccountId) -> Self {
        let reason = refusal.kind();
        match refusal {
            Refusal::Load(LoadError::Database(ref error))
            | Refusal::Store(AppendError::Database(ref error)) => {
                match is_away(error) {
                    true => Self::Away(Box::new(refusal)),
                    false => Self::Waits { reason, account },
                }
            }
            Refusal::Changed { .. }
            | Refusal::Contended
            | Refusal::Store(
                AppendError::Conflict { .. }
                | AppendError::KeyUsed
                | AppendError::KeyInUse,
            ) => Self::Waits { reason, account },
            _ => Self::Hopeless { reason },
        }
    }
}
// ANCHOR_END: trouble-of

impl Trouble {
    /// Itself, or a halt if it is no matter of this one transfer.
    pub(super) fn or_halt(self, at: usize) -> Result<Self, Halt> {
        match self {
            Self::Away(refusal) => Err(Halt::Later {
                at,
                reason: refusal.kind(),
                source: refusal,
            }),
            other => Ok(other),
        }
    }

    /// What is wrong, in a word.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Waits { reason, .. } | Self::Hopeless { reason } => reason,
            Self::BehindOthers => "behind_others",
            Self::Away(refusal) => refusal.kind(),
        }
    }

    pub(super) fn is_hopeless(&self) -> bool {
        matches!(self, Self::Hopeless { .. })
    }

    /// How often the transfer was tried: once, or not at all.
    pub(super) fn tries(&self) -> i32 {
        match self {
            Self::BehindOthers => 0,
            _ => 1,
        }
    }
}

/// An event that may have sent money, and that nobody can read.
pub(super) const UNREAD: Trouble = Trouble::Hopeless { reason: UNREADABLE };

/// Whether the server has not answered, or has said that it cannot serve
/// anybody. Any other answer is about what this transfer asked for.
fn is_away(error: &sqlx::Error) -> bool {
    let Some(code) = sqlstate(error) else {
        return true;
    };
    let class = code.get(..2).unwrap_or_default();
    // Connection lost, read-only, out of something, disk broken; shut down or
    // starting up, but not cancelled for its slowness.
    ["08", "25", "53", "58"].contains(&class) || code.starts_with("57P")
}
