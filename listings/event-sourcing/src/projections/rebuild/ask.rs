//! Asking for a rebuild.

use sqlx::error::ErrorKind;

use crate::{
    database::Statement,
    projections::{Asked, Projections, balances, checkpoint, current_span},
};

/// Why a projection is not rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// There is none of this name.
    #[error("there is no such projection")]
    NoSuchProjection,
    /// It acts on others, who would see everything again.
    #[error("what this projection has done cannot be done again")]
    NotRebuildable,
    /// It is being rebuilt already.
    #[error("the projection is being rebuilt already")]
    UnderWay,
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for RebuildError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().map(|error| error.kind()) {
            Some(ErrorKind::UniqueViolation) => Self::UnderWay,
            _ => Self::Database(error),
        }
    }
}

/// A rebuild that has stopped makes room for the next.
const GIVE_UP: Statement = Statement::one(
    "UPDATE projections",
    "UPDATE",
    "projections",
    "UPDATE projections SET status = 'retired'
     WHERE name = $1 AND status = 'building' AND stopped IS NOT NULL",
);

// ANCHOR: ask-statement
/// The new revision has the fence of the live one: the same process acts for
/// both. An index allows one that is being built.
const ASK: Statement = Statement::one(
    "INSERT projections",
    "INSERT",
    "projections",
    "WITH live AS (
         SELECT name, fence FROM projections
         WHERE name = $1 AND status = 'live' FOR UPDATE
     )
     INSERT INTO projections (name, revision, status, fence)
     SELECT name,
            1 + (SELECT max(revision) FROM projections WHERE name = $1),
            'building', fence
     FROM live
     RETURNING revision",
);
// ANCHOR_END: ask-statement

const KNOWN: Statement = Statement::one(
    "SELECT projections",
    "SELECT",
    "projections",
    "SELECT EXISTS (SELECT FROM projections WHERE name = $1)",
);

// ANCHOR: ask
impl Projections {
    /// Asks for a new revision of projection `name`, and returns its number.
    /// Readers see the old one until the new one is complete.
    ///
    /// # Errors
    /// When there is none of this name, when it is being rebuilt, when it
    /// must not be, or when the database fails.
    pub async fn rebuild(&self, name: &str) -> Result<i32, RebuildError> {
        let database = self.shared.store.database();
        if name != balances::NAME {
            return Err(self.cannot_rebuild(name).await?);
        }
        checkpoint::begin(database, name).await?;
        let mut transaction = database.begin().await?;
        let give_up = sqlx::query(GIVE_UP.text).bind(name);
        database
            .run(&GIVE_UP, give_up.execute(&mut *transaction))
            .await?;
        let query = sqlx::query_scalar(ASK.text).bind(name);
        let query = query.fetch_optional(&mut *transaction);
        let revision = database.run(&ASK, query).await?;
        // Its row was live and has just been retired: somebody switches.
        let revision = revision.ok_or(RebuildError::UnderWay)?;
        let asked = Asked {
            revision,
            by: current_span(),
        };
        // Say who asked before anybody can see it, and ring afterwards.
        let tell = |last: &mut _| {
            *last = Some(asked);
            false
        };
        self.shared.asked.send_if_modified(tell);
        transaction.commit().await?;
        self.shared.asked.send_modify(|_| ());
        Ok(revision)
    }
}
// ANCHOR_END: ask

impl Projections {
    async fn cannot_rebuild(
        &self,
        name: &str,
    ) -> Result<RebuildError, sqlx::Error> {
        let database = self.shared.store.database();
        let query = sqlx::query_scalar(KNOWN.text).bind(name);
        let query = query.fetch_one(database.pool());
        Ok(match database.run(&KNOWN, query).await? {
            true => RebuildError::NotRebuildable,
            false => RebuildError::NoSuchProjection,
        })
    }
}
