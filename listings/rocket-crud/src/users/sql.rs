//! Users in a database: SQLite or PostgreSQL, by the same statements.

use sqlx::{AnyConnection, Row, any::AnyRow, query, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Repository, RepositoryError, User, UserFields, repository::Result,
};
use crate::database::{Database, Statement};

// ANCHOR: statements
const FIND: Statement = Statement {
    summary: "SELECT users",
    operation: "SELECT",
    text: "SELECT * FROM users WHERE id = $1",
};
const FIND_BY_HANDLE: Statement = Statement {
    text: "SELECT * FROM users WHERE handle = $1",
    ..FIND
};
/// The index of the primary key has the page at hand, however far on it is.
const PAGE: Statement = Statement {
    text: "SELECT * FROM users WHERE id > $1 ORDER BY id LIMIT $2",
    ..FIND
};
const INSERT: Statement = Statement {
    summary: "INSERT users",
    operation: "INSERT",
    text: "INSERT INTO users \
           (id, handle, name, email, version, created_at, updated_at) \
           VALUES ($1, $2, $3, $4, $5, $6, $7)",
};
const UPDATE: Statement = Statement {
    summary: "UPDATE users",
    operation: "UPDATE",
    text: "UPDATE users SET handle = $3, name = $4, email = $5, \
           version = version + 1, updated_at = $6 \
           WHERE id = $1 AND version = $2 RETURNING *",
};
const DELETE: Statement = Statement {
    summary: "DELETE users",
    operation: "DELETE",
    text: "DELETE FROM users WHERE id = $1 AND version = $2",
};
const VERSION: Statement = Statement {
    text: "SELECT version FROM users WHERE id = $1",
    ..FIND
};
// ANCHOR_END: statements

/// Changes nobody: no id is empty. A database that takes no writes refuses it
/// all the same.
const PROBE: &str = "UPDATE users SET version = version WHERE id = ''";

/// Users in a [`Database`].
#[derive(Clone, Debug)]
pub struct Sql(Database);

impl Sql {
    /// Users in `database`, whose table is there.
    pub fn new(database: Database) -> Self {
        Self(database)
    }
}

// ANCHOR: one
impl Sql {
    /// The one user whom `statement` finds by `key`.
    async fn one(&self, statement: &Statement, key: &str) -> Result<User> {
        let mut connection = self.0.acquire().await?;
        let found = query(statement.text)
            .bind(key)
            .fetch_optional(&mut *connection);
        let row = self.0.run(statement, found).await?;
        user(row.as_ref().ok_or(RepositoryError::NoSuchUser)?)
    }
}
// ANCHOR_END: one

#[rocket::async_trait]
impl Repository for Sql {
    async fn find(&self, id: Uuid) -> Result<User> {
        self.one(&FIND, &id.to_string()).await
    }

    async fn find_by_handle(&self, handle: &str) -> Result<User> {
        self.one(&FIND_BY_HANDLE, handle).await
    }

    async fn page(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<User>> {
        // Every id is greater than no text at all.
        let after = after.map_or_else(String::new, |id| id.to_string());
        let mut connection = self.0.acquire().await?;
        let page = query(PAGE.text)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&mut *connection);
        let rows = self.0.run(&PAGE, page).await?;
        rows.iter().map(user).collect()
    }

    async fn insert(&self, user: &User) -> Result<()> {
        let mut connection = self.0.acquire().await?;
        let inserted = query(INSERT.text)
            .bind(user.id.to_string())
            .bind(&user.handle)
            .bind(&user.name)
            .bind(&user.email)
            .bind(user.version)
            .bind(micros(user.created_at))
            .bind(micros(user.updated_at))
            .execute(&mut *connection);
        self.0.run(&INSERT, inserted).await.map_err(taken)?;
        Ok(())
    }

    async fn update(
        &self,
        id: Uuid,
        expected: i64,
        fields: UserFields,
    ) -> Result<User> {
        let mut connection = self.0.acquire().await?;
        let updated = query(UPDATE.text)
            .bind(id.to_string())
            .bind(expected)
            .bind(fields.handle)
            .bind(fields.name)
            .bind(fields.email)
            .bind(micros(OffsetDateTime::now_utc()))
            .fetch_optional(&mut *connection);
        match self.0.run(&UPDATE, updated).await.map_err(taken)? {
            Some(row) => user(&row),
            None => Err(self.why_not(&mut connection, id).await),
        }
    }

    async fn delete(&self, id: Uuid, expected: i64) -> Result<()> {
        let mut connection = self.0.acquire().await?;
        let deleted = query(DELETE.text)
            .bind(id.to_string())
            .bind(expected)
            .execute(&mut *connection);
        match self.0.run(&DELETE, deleted).await?.rows_affected() {
            0 => Err(self.why_not(&mut connection, id).await),
            _ => Ok(()),
        }
    }

    async fn ping(&self) -> Result<()> {
        let mut connection = self.0.acquire().await?;
        let probed = query(PROBE).execute(&mut *connection).await;
        probed.inspect_err(|error| self.0.evict_for(error))?;
        Ok(())
    }
}

// ANCHOR: why-not
impl Sql {
    /// Why there is no such user at the expected version.
    async fn why_not(
        &self,
        connection: &mut AnyConnection,
        id: Uuid,
    ) -> RepositoryError {
        let version = query_scalar::<_, i64>(VERSION.text)
            .bind(id.to_string())
            .fetch_optional(connection);
        match self.0.run(&VERSION, version).await {
            Ok(Some(actual)) => RepositoryError::Changed { actual },
            Ok(None) => RepositoryError::NoSuchUser,
            Err(error) => error.into(),
        }
    }
}
// ANCHOR_END: why-not

// ANCHOR: rows
fn user(row: &AnyRow) -> Result<User> {
    let id: String = row.try_get("id")?;
    let broken = |cause: Box<dyn std::error::Error + Send + Sync>| {
        RepositoryError::Database(sqlx::Error::Decode(cause))
    };
    let time = |column| -> Result<OffsetDateTime> {
        let micros: i64 = row.try_get(column)?;
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
            .map_err(|error| broken(error.into()))
    };
    Ok(User {
        id: id
            .parse()
            .map_err(|error: uuid::Error| broken(error.into()))?,
        handle: row.try_get("handle")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        version: row.try_get("version")?,
        created_at: time("created_at")?,
        updated_at: time("updated_at")?,
    })
}
// ANCHOR_END: rows

fn micros(time: OffsetDateTime) -> i64 {
    time.unix_timestamp() * 1_000_000 + i64::from(time.microsecond())
}

/// SQLite names the column, PostgreSQL the constraint. Both names have the
/// field in them.
fn taken(error: sqlx::Error) -> RepositoryError {
    let Some(database) = error.as_database_error() else {
        return error.into();
    };
    if !database.is_unique_violation() {
        return error.into();
    }
    let says = database.constraint().unwrap_or(database.message());
    match says.contains("email") {
        true => RepositoryError::Taken("email"),
        false => RepositoryError::Taken("handle"),
    }
}
