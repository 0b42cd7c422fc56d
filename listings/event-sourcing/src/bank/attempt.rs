//! One attempt at a command, and what a key remembers of earlier ones.

use tracing::Span;

use super::{Bank, Key, Order, Receipt, Refusal, Reply, RequestKey};
use crate::{
    accounts::{Accounts, Loaded},
    codec,
    domain::{Account, AccountId, Command, Rejection, Settlement},
    store::{Answer, Append, Head, NewEvent},
};

// ANCHOR: attempt
impl Bank {
    /// Loads, decides and appends. The order of the first two and the look at
    /// the key matters: an answer that is found under the key was given
    /// before the account was read, or a little after. Never the other way
    /// round, or a repeated request could be refused for what itself has done.
    pub(super) async fn attempt(
        &self,
        order: &Order,
    ) -> Result<Reply, Refusal> {
        let loaded = self.accounts.load(order.account).await?;
        let before = loaded.head.version;
        Span::current().record("es.stream.version.before", before);
        if order.if_match.is_some_and(|seen| seen != before) {
            return self.changed(order).await;
        }
        let decision = decide(order.account, loaded, order.command.clone());
        let own = match decision {
            Ok(change) => change,
            Err(rejection) => {
                let refusal = Refusal::Rejected(rejection);
                return self.replay_or(order, refusal).await;
            }
        };
        let other = match self.counterpart(order).await? {
            Some(Err(rejection)) => {
                let refusal = Refusal::CounterpartyRejected(rejection);
                return self.replay_or(order, refusal).await;
            }
            Some(Ok(change)) => Some(change),
            None => None,
        };
        self.commit(order, own, other).await
    }
}
// ANCHOR_END: attempt

/// What a command does to an account.
struct Change {
    account: AccountId,
    before: Loaded,
    events: Vec<NewEvent>,
    after: Account,
}

impl Change {
    /// Keeps a snapshot of the account that ends at `head` now, if one is due.
    fn keep_snapshot(self, accounts: &Accounts, head: Head) {
        let after = Loaded {
            account: self.after,
            head,
        };
        let before = self.before.head.version;
        accounts.keep_snapshot_if_due(self.account, before, &after);
    }
}

fn decide(
    id: AccountId,
    before: Loaded,
    command: Command,
) -> Result<Change, Rejection> {
    let events = before.account.decide(id, command)?;
    let mut after = before.account.clone();
    for event in &events {
        // What an account decides, it can bear.
        after = after.evolve(event).map_err(|_| Rejection::Overflow)?;
    }
    Ok(Change {
        account: id,
        before,
        events: events.iter().map(codec::encode).collect(),
        after,
    })
}

// ANCHOR: counterpart
impl Bank {
    /// The other half of a transfer that settles at once.
    async fn counterpart(
        &self,
        order: &Order,
    ) -> Result<Option<Result<Change, Rejection>>, Refusal> {
        let Command::SendTransfer {
            transfer,
            to,
            amount,
            settlement: Settlement::Immediate,
        } = order.command
        else {
            return Ok(None);
        };
        let loaded = self.accounts.load(to).await?;
        let receive = Command::ReceiveTransfer {
            transfer,
            from: order.account,
            amount,
        };
        Ok(Some(decide(to, loaded, receive)))
    }
}
// ANCHOR_END: counterpart

// ANCHOR: commit
impl Bank {
    async fn commit(
        &self,
        order: &Order,
        own: Change,
        other: Option<Change>,
    ) -> Result<Reply, Refusal> {
        let version = own.before.head.version + own.events.len() as i64;
        let body = receipt(order, version, &own.after);
        let answer = match order.key {
            Some(Key::Request(key)) => Some(answer(key, order.status, &body)),
            _ => None,
        };
        let mut appends = vec![Append {
            stream: own.account.0,
            head: own.before.head,
            events: &own.events,
            answer: answer.as_ref(),
        }];
        appends.extend(other.as_ref().map(|other| Append {
            stream: other.account.0,
            head: other.before.head,
            events: &other.events,
            answer: None,
        }));
        let heads = self.store.append(&appends, &order.cause).await?;
        let count: usize = appends.iter().map(|it| it.events.len()).sum();
        Span::current().record("es.events.count", count as i64);
        for (change, head) in [own].into_iter().chain(other).zip(heads) {
            change.keep_snapshot(&self.accounts, head);
        }
        Ok(Reply {
            status: order.status,
            version,
            account: order.account,
            body,
            replayed: false,
        })
    }
}
// ANCHOR_END: commit

fn answer(key: RequestKey, status: u16, body: &str) -> Answer {
    Answer {
        key: key.key,
        request_hash: key.request_hash,
        status: status as i16,
        response: body.to_owned(),
    }
}

fn receipt(order: &Order, version: i64, after: &Account) -> String {
    let receipt = Receipt {
        account_id: order.account,
        version,
        balance: match after {
            Account::Open(account) => Some(account.balance),
            Account::Unopened | Account::Closed => None,
        },
        subject_id: match &order.command {
            Command::Open { subject, .. } => Some(*subject),
            _ => None,
        },
        transfer_id: order.command.transfer(),
    };
    // A struct of numbers and ids is always JSON.
    serde_json::to_string(&receipt).unwrap_or_default()
}
