//! What went wrong below, as a problem: what the client may know of it.

use super::problem::{Kind, Problem, kinds};
use crate::{
    accounts::LoadError,
    bank::Refusal,
    database::{Fault, sqlstate},
    domain::Rejection,
    projections::{ReadError, RebuildError},
    store::AppendError,
    vault::VaultError,
};

// ANCHOR: rejections
/// The kind of problem that a rule of the bank is.
fn rule(rejection: Rejection) -> &'static Kind {
    match rejection {
        Rejection::NoSuchAccount => &kinds::NO_SUCH_ACCOUNT,
        Rejection::AlreadyOpen => &kinds::ACCOUNT_EXISTS,
        Rejection::Closed => &kinds::ACCOUNT_CLOSED,
        Rejection::NotPositive => &kinds::NOT_POSITIVE,
        Rejection::InsufficientFunds => &kinds::INSUFFICIENT_FUNDS,
        Rejection::CurrencyMismatch => &kinds::CURRENCY_MISMATCH,
        Rejection::Overflow => &kinds::BALANCE_OVERFLOW,
        Rejection::SameAccount => &kinds::SAME_ACCOUNT,
        Rejection::NoSuchTransfer => &kinds::NO_SUCH_TRANSFER,
        Rejection::NotEmpty => &kinds::NOT_EMPTY,
        Rejection::TransferInTransit => &kinds::IN_TRANSIT,
    }
}
// ANCHOR_END: rejections

// ANCHOR: refusals
impl From<Refusal> for Problem {
    /// The bank has logged what an operator has to know.
    fn from(refusal: Refusal) -> Self {
        let kind = match &refusal {
            Refusal::Rejected(rejection) => rule(*rejection),
            Refusal::CounterpartyRejected(Rejection::NoSuchAccount) => {
                &kinds::UNKNOWN_TARGET
            }
            Refusal::CounterpartyRejected(rejection) => {
                let detail = "It is the account at the other end.";
                return Self::new(rule(*rejection)).detail(detail);
            }
            Refusal::Changed { actual } => {
                return Self::new(&kinds::VERSION_MISMATCH).actual(*actual);
            }
            Refusal::KeyReused => &kinds::KEY_REUSED,
            Refusal::Contended => &kinds::CONTENDED,
            Refusal::Load(LoadError::Database(error)) => database(error),
            Refusal::Load(_) => &kinds::INTERNAL,
            Refusal::Store(AppendError::KeyInUse) => {
                &kinds::REQUEST_IN_PROGRESS
            }
            Refusal::Store(AppendError::KeyUsed) => &kinds::KEY_REUSED,
            Refusal::Store(AppendError::Conflict { .. }) => &kinds::CONTENDED,
            Refusal::Store(AppendError::Database(error)) => database(error),
            Refusal::Store(_) => &kinds::INTERNAL,
        };
        Self::new(kind)
    }
}
// ANCHOR_END: refusals

// ANCHOR: database-errors
/// Whether the database cannot now, or cannot ever. If it cannot now, a client
/// may well come again: with its key, even if the answer to a command was
/// lost.
fn database(error: &sqlx::Error) -> &'static Kind {
    match Fault::of(error) {
        Fault::Server | Fault::Connection => &kinds::UNAVAILABLE,
        Fault::Statement => &kinds::INTERNAL,
    }
}
// ANCHOR_END: database-errors

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        let kind = database(&error);
        let code = sqlstate(&error).unwrap_or_else(|| "database".to_owned());
        tracing::error!(
            name: "request.failed",
            { error.type = code },
            "the database failed: {error}"
        );
        Self::new(kind)
    }
}

impl From<LoadError> for Problem {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Database(error) => error.into(),
            error => internal(&error),
        }
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Erased => Self::new(&kinds::SUBJECT_ERASED),
            VaultError::Database(error) => error.into(),
            error @ VaultError::WrongKey => internal(&error),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Behind { version } => {
                let detail = format!("It is at version {version}.");
                Self::new(&kinds::READ_MODEL_BEHIND).detail(detail)
            }
            ReadError::Database(error) => error.into(),
        }
    }
}

impl From<RebuildError> for Problem {
    fn from(error: RebuildError) -> Self {
        let kind = match error {
            RebuildError::NoSuchProjection => &kinds::NO_SUCH_PROJECTION,
            RebuildError::NotRebuildable => &kinds::NOT_REBUILDABLE,
            RebuildError::UnderWay => &kinds::REBUILD_UNDER_WAY,
            RebuildError::Database(error) => return error.into(),
        };
        Self::new(kind)
    }
}

/// A problem that the client can do nothing about, told to the operator.
pub(super) fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(
        name: "request.failed",
        { error.type = "internal" },
        "{error}"
    );
    Problem::new(&kinds::INTERNAL)
}
