//! What the service asks of wherever users are kept.

use uuid::Uuid;

use super::{User, UserFields};

/// Why users could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// There is nobody of this id.
    #[error("no such user")]
    NoSuchUser,
    /// Somebody else has this handle or this address.
    #[error("the {0} is taken")]
    Taken(&'static str),
    /// The user is not at the expected version.
    #[error("the user is at version {actual}")]
    Changed {
        /// The version they are at.
        actual: i64,
    },
    /// The database does not answer as it should.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
}

/// The result of a question to a [`Repository`].
pub(super) type Result<T> = std::result::Result<T, RepositoryError>;

// ANCHOR: repository
/// Where users are kept. The service holds it as a trait object, so that a
/// test can put another in its place.
#[rocket::async_trait]
pub trait Repository: Send + Sync {
    /// The user of this id.
    async fn find(&self, id: Uuid) -> Result<User>;

    /// The user of this handle.
    async fn find_by_handle(&self, handle: &str) -> Result<User>;

    /// At most `limit` users, oldest first, from the one after `after` on.
    async fn page(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<User>>;

    /// Adds a user.
    async fn insert(&self, user: &User) -> Result<()>;

    /// Gives a user other fields, if it is at the `expected` version.
    async fn update(
        &self,
        id: Uuid,
        expected: i64,
        fields: UserFields,
    ) -> Result<User>;

    /// Removes a user, if it is at the `expected` version.
    async fn delete(&self, id: Uuid, expected: i64) -> Result<()>;

    /// Whether it takes changes.
    async fn ping(&self) -> Result<()>;
}
// ANCHOR_END: repository
