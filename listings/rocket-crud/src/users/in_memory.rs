//! Users in memory, for tests and for a look around.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

use super::{
    Repository, RepositoryError, User, UserFields, repository::Result,
};

/// Users in memory, sorted by id. They are gone when the program ends.
#[derive(Debug, Default)]
pub struct InMemory(Mutex<BTreeMap<Uuid, User>>);

#[rocket::async_trait]
impl Repository for InMemory {
    async fn find(&self, id: Uuid) -> Result<User> {
        let user = self.users().get(&id).cloned();
        user.ok_or(RepositoryError::NoSuchUser)
    }

    async fn find_by_handle(&self, handle: &str) -> Result<User> {
        let users = self.users();
        let user = users.values().find(|user| user.handle == handle);
        user.cloned().ok_or(RepositoryError::NoSuchUser)
    }

    async fn page(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<User>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let users = self.users();
        let page = users.range((from, Bound::Unbounded));
        Ok(page.take(limit as usize).map(|(_, u)| u.clone()).collect())
    }

    async fn insert(&self, user: &User) -> Result<()> {
        let mut users = self.users();
        unique(&users, user)?;
        users.insert(user.id, user.clone());
        Ok(())
    }

    async fn update(
        &self,
        id: Uuid,
        expected: i64,
        fields: UserFields,
    ) -> Result<User> {
        let mut users = self.users();
        let user = at_version(&users, id, expected)?.changed(fields);
        unique(&users, &user)?;
        users.insert(id, user.clone());
        Ok(user)
    }

    async fn delete(&self, id: Uuid, expected: i64) -> Result<()> {
        let mut users = self.users();
        at_version(&users, id, expected)?;
        users.remove(&id);
        Ok(())
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

impl InMemory {
    fn users(&self) -> MutexGuard<'_, BTreeMap<Uuid, User>> {
        // Nothing under this lock panics half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unique(users: &BTreeMap<Uuid, User>, user: &User) -> Result<()> {
    let others = || users.values().filter(|other| other.id != user.id);
    if others().any(|other| other.handle == user.handle) {
        return Err(RepositoryError::Taken("handle"));
    }
    match others().any(|other| other.email == user.email) {
        true => Err(RepositoryError::Taken("email")),
        false => Ok(()),
    }
}

fn at_version(
    users: &BTreeMap<Uuid, User>,
    id: Uuid,
    expected: i64,
) -> Result<User> {
    let user = users.get(&id).ok_or(RepositoryError::NoSuchUser)?;
    match user.version == expected {
        true => Ok(user.clone()),
        false => Err(RepositoryError::Changed {
            actual: user.version,
        }),
    }
}
