//! What every repository promises.

use std::sync::Arc;

use rocket_crud::users::{RepositoryError, User};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::stores::{all, fields};

#[tokio::test]
async fn a_user_is_found_as_added() {
    for store in all().await {
        let user = User::new(fields("ada"));
        store.users.insert(&user).await.unwrap();
        let found = store.users.find(user.id).await.unwrap();
        assert_eq!(found, user, "{}", store.name);
        let found = store.users.find_by_handle("ada").await.unwrap();
        assert_eq!(found, user, "{}", store.name);
        let nobody = store.users.find(Uuid::nil()).await;
        assert!(matches!(nobody, Err(RepositoryError::NoSuchUser)));
        store.users.ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_handle_and_an_address_belong_to_one() {
    for store in all().await {
        let ada = User::new(fields("ada"));
        store.users.insert(&ada).await.unwrap();
        let mut other = fields("ada");
        other.email = "other@example.com".to_owned();
        let taken = store.users.insert(&User::new(other)).await;
        let name = store.name;
        assert!(
            matches!(taken, Err(RepositoryError::Taken("handle"))),
            "{name}: {taken:?}"
        );
        let mut other = fields("bob");
        other.email = ada.email.clone();
        let taken = store.users.insert(&User::new(other.clone())).await;
        assert!(
            matches!(taken, Err(RepositoryError::Taken("email"))),
            "{name}: {taken:?}"
        );
        let bob = User::new(fields("bob"));
        store.users.insert(&bob).await.unwrap();
        let taken = store.users.update(bob.id, 1, other).await;
        assert!(matches!(taken, Err(RepositoryError::Taken("email"))));
        assert_eq!(store.users.find(bob.id).await.unwrap(), bob);
    }
}

#[tokio::test]
async fn a_change_is_for_one_version() {
    for store in all().await {
        let ada = User::new(fields("ada"));
        store.users.insert(&ada).await.unwrap();
        let changed = store.users.update(ada.id, 1, fields("countess")).await;
        let changed = changed.unwrap();
        assert_eq!((changed.version, changed.created_at), (2, ada.created_at));
        assert!(changed.updated_at >= ada.updated_at);
        assert_eq!(store.users.find(ada.id).await.unwrap(), changed);
        let stale = store.users.update(ada.id, 1, fields("eve")).await;
        let actual = RepositoryError::Changed { actual: 2 };
        assert_eq!(stale.unwrap_err().to_string(), actual.to_string());
        let stale = store.users.delete(ada.id, 1).await;
        assert_eq!(stale.unwrap_err().to_string(), actual.to_string());
        store.users.delete(ada.id, 2).await.unwrap();
        for gone in [
            store.users.update(ada.id, 2, fields("eve")).await.map(drop),
            store.users.delete(ada.id, 2).await,
            store.users.find(ada.id).await.map(drop),
        ] {
            assert!(matches!(gone, Err(RepositoryError::NoSuchUser)));
        }
    }
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_handle() {
    for store in all().await {
        let mut adding = JoinSet::new();
        for number in 0..16 {
            let users = Arc::clone(&store.users);
            let mut fields = fields("ada");
            fields.email = format!("ada-{number}@example.com");
            adding.spawn(async move {
                users.insert(&User::new(fields)).await.is_ok()
            });
        }
        let added = adding.join_all().await;
        let added = added.into_iter().filter(|is_in| *is_in).count();
        assert_eq!(added, 1, "{}", store.name);
    }
}
