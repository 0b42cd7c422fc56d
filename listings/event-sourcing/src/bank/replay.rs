//! What a key remembers of an earlier request.

use super::{Bank, Key, Order, Refusal, Reply, RequestKey};
use crate::{
    database::Statement,
    domain::{AccountId, Rejection},
};

const ANSWER: Statement = Statement::one(
    "SELECT idempotency_keys",
    "SELECT",
    "idempotency_keys",
    "SELECT request_hash, stream_id, version, status, response
     FROM idempotency_keys WHERE key = $1",
);

const COMPLETED: Statement = Statement::one(
    "SELECT completed_orders",
    "SELECT",
    "completed_orders",
    "SELECT stream_id, version FROM completed_orders WHERE command_id = $1",
);

// ANCHOR: replay
impl Bank {
    /// The answer that the key was given, or else `refusal`.
    pub(super) async fn replay_or(
        &self,
        order: &Order,
        refusal: Refusal,
    ) -> Result<Reply, Refusal> {
        let reply = match order.key {
            None => None,
            Some(Key::Request(key)) => {
                self.remembered(key, order.command.name()).await?
            }
            Some(Key::Command) => self.completed(order).await?,
        };
        reply.ok_or(refusal)
    }
}
// ANCHOR_END: replay

// ANCHOR: completed
impl Bank {
    /// What has become of `order`, which the program gave to itself earlier,
    /// here or elsewhere. Whose account it was may differ: two orders with
    /// one id are one order, whichever came first.
    async fn completed(&self, order: &Order) -> Result<Option<Reply>, Refusal> {
        let query = sqlx::query_as(COMPLETED.text).bind(order.cause.command_id);
        let database = self.store.database();
        let found: Option<(uuid::Uuid, i64)> = database
            .run(&COMPLETED, query.fetch_optional(database.pool()))
            .await?;
        Ok(found.map(|(stream, version)| {
            self.instruments.key_replayed(order.command.name());
            Reply {
                status: order.status,
                version,
                account: AccountId(stream),
                // Nobody outside has asked for it.
                body: String::new(),
                replayed: true,
            }
        }))
    }
}
// ANCHOR_END: completed

// ANCHOR: remembered
impl Bank {
    /// The answer that `key` was given earlier, to a command of this name.
    ///
    /// # Errors
    /// When the key belongs to another request, or the database fails.
    pub async fn remembered(
        &self,
        key: RequestKey,
        command: &'static str,
    ) -> Result<Option<Reply>, Refusal> {
        let query = sqlx::query_as(ANSWER.text).bind(key.key);
        let database = self.store.database();
        let found: Option<([u8; 32], uuid::Uuid, i64, i16, String)> = database
            .run(&ANSWER, query.fetch_optional(database.pool()))
            .await?;
        let Some((request_hash, stream, version, status, body)) = found else {
            return Ok(None);
        };
        if request_hash != key.request_hash {
            return Err(Refusal::KeyReused);
        }
        self.instruments.key_replayed(command);
        Ok(Some(Reply {
            status: status as u16,
            version,
            account: AccountId(stream),
            body,
            replayed: true,
        }))
    }
}
// ANCHOR_END: remembered

// ANCHOR: changed
impl Bank {
    /// What a client gets whose version is not the account's.
    pub(super) async fn changed(
        &self,
        order: &Order,
    ) -> Result<Reply, Refusal> {
        let actual = self.store.head(order.account.0).await?.version;
        let refusal = match actual {
            0 => Refusal::Rejected(Rejection::NoSuchAccount),
            _ => Refusal::Changed { actual },
        };
        self.replay_or(order, refusal).await
    }

    /// The answer to a request whose key has turned out to be used.
    pub(super) async fn replay(&self, order: &Order) -> Result<Reply, Refusal> {
        self.replay_or(order, Refusal::KeyReused).await
    }
}
// ANCHOR_END: changed
