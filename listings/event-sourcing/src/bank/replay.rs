//! What a key remembers of an earlier request.

use super::{Bank, Order, Refusal, Reply, RequestKey};
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

// ANCHOR: replay
impl Bank {
    /// The answer that the key was given, or else `refusal`.
    pub(super) async fn replay_or(
        &self,
        order: &Order,
        refusal: Refusal,
    ) -> Result<Reply, Refusal> {
        let Some(key) = order.key else {
            return Err(refusal);
        };
        let reply = self.remembered(key, order.command.name()).await?;
        reply.ok_or(refusal)
    }
}
// ANCHOR_END: replay

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
