//! The listing's own store.

use event_sourcing::{
    bank::{Key, Order, Refusal, RequestKey},
    codec,
    domain::{AccountId, Command},
    services::Services,
    store::{Append, AppendError, Cause},
};

use crate::{Contender, Wish, cent, cents, decide};

/// Load, decide and append, as the others do it.
pub struct OurStore(pub Services);

impl OurStore {
    async fn wish(&self, account: AccountId, wish: &Wish) -> bool {
        let Self(services) = self;
        let loaded = services.accounts.load(account).await.unwrap();
        let events = decide(&loaded.account, account, wish).unwrap();
        let events: Vec<_> = events.iter().map(codec::encode).collect();
        let append = Append {
            stream: account.0,
            head: loaded.head,
            events: &events,
            answer: None,
        };
        let cause = Cause::outside("bench");
        match services.store.append(&[append], &cause).await {
            Ok(_) => true,
            Err(AppendError::Conflict { .. }) => false,
            Err(error) => panic!("{error}"),
        }
    }
}

impl Contender for OurStore {
    async fn open(&self, account: AccountId) {
        assert!(self.wish(account, &Wish::Open).await);
    }

    async fn deposit(&self, account: AccountId, deposits: usize) -> bool {
        self.wish(account, &Wish::Deposit(deposits)).await
    }

    async fn balance(&self, account: AccountId) -> i64 {
        cents(&self.0.accounts.load(account).await.unwrap().account)
    }
}

/// The whole of the listing's write side: an idempotency key is kept with the
/// events, and a conflict leads to another attempt.
pub struct OurBank(pub OurStore);

impl Contender for OurBank {
    async fn open(&self, account: AccountId) {
        self.0.open(account).await;
    }

    /// One deposit: the bank's commands lead to one event each.
    async fn deposit(&self, account: AccountId, deposits: usize) -> bool {
        assert_eq!(deposits, 1);
        let key = Key::Request(RequestKey {
            key: uuid::Uuid::now_v7(),
            request_hash: [0; 32],
        });
        let order = Order {
            account,
            command: Command::Deposit { amount: cent() },
            cause: Cause::outside("bench"),
            key: Some(key),
            if_match: None,
            status: 201,
        };
        match self.0.0.bank.execute(&order).await {
            Ok(_) => true,
            Err(Refusal::Contended) => false,
            Err(refusal) => panic!("{}", refusal.cause()),
        }
    }

    async fn balance(&self, account: AccountId) -> i64 {
        self.0.balance(account).await
    }
}
