//! A user.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::UserFields;

// ANCHOR: user
/// A user as it is kept and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// A UUID of version 7: it sorts by the time it was made.
    pub id: Uuid,
    /// What others call them, unique.
    pub handle: String,
    /// What they call themselves.
    pub name: String,
    /// Where they get mail, unique.
    pub email: String,
    /// Grows by one with each change.
    pub version: i64,
    /// When they were added.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When they were changed last.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}
// ANCHOR_END: user

impl User {
    /// A new user.
    pub fn new(fields: UserFields) -> Self {
        let now = now();
        Self {
            id: Uuid::now_v7(),
            handle: fields.handle,
            name: fields.name,
            email: fields.email,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The same user with other fields, one version on.
    #[must_use]
    pub fn changed(self, fields: UserFields) -> Self {
        Self {
            handle: fields.handle,
            name: fields.name,
            email: fields.email,
            version: self.version + 1,
            updated_at: now(),
            ..self
        }
    }
}

/// Now, as exactly as the database keeps it: to the microsecond.
fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    let micros = now.microsecond();
    now.replace_microsecond(micros).unwrap_or(now)
}
