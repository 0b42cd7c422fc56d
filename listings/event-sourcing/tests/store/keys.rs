//! A request with a key is carried out once (I1 to I3, I6 and I7).

use event_sourcing::{
    bank::{Key, Order, Refusal, Reply, RequestKey},
    domain::{AccountId, Command, Rejection},
    store::{Answer, Append, AppendError, Head},
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::{
    Bank, balance, cause, connect, deposits, euros, number, order,
};

fn deposit(minor: i64) -> Command {
    let amount = euros(minor);
    Command::Deposit { amount }
}

fn withdraw(minor: i64) -> Command {
    let amount = euros(minor);
    Command::Withdraw { amount }
}

/// An order with a key; `request` is a number for what the client sent.
fn keyed(
    account: AccountId,
    command: Command,
    key: Uuid,
    request: u8,
) -> Order {
    Order {
        key: Some(Key::Request(RequestKey {
            key,
            request_hash: [request; 32],
        })),
        ..order(account, command)
    }
}

async fn execute(bank: &Bank, order: &Order) -> Result<Reply, Refusal> {
    bank.services.bank.execute(order).await
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let order = keyed(account, deposit(5), Uuid::now_v7(), 1);
    let first = execute(&bank, &order).await.unwrap();
    assert!(!first.replayed);
    // Whatever has happened since.
    for command in [withdraw(5), Command::Close] {
        bank.execute(account, command).await.unwrap();
        let again = execute(&bank, &order).await.unwrap();
        let replayed = true;
        let first = first.clone();
        assert_eq!(again, Reply { replayed, ..first });
    }
    assert_eq!(bank.events(account.0).await.len(), 4);
}

#[tokio::test]
async fn a_repeated_request_with_if_match_gets_the_same_answer() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let order = Order {
        if_match: Some(1),
        ..keyed(account, deposit(5), Uuid::now_v7(), 1)
    };
    let first = execute(&bank, &order).await.unwrap();
    let again = execute(&bank, &order).await.unwrap();
    assert_eq!((again.version, again.body), (first.version, first.body));
    assert_eq!(bank.events(account.0).await.len(), 2);
}

#[tokio::test]
async fn a_key_is_for_one_request() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let key = Uuid::now_v7();
    let order = keyed(account, deposit(5), key, 1);
    execute(&bank, &order).await.unwrap();
    let stranger = bank.open_account().await;
    for other in [
        // One that would be carried out, and one that would be refused.
        keyed(account, deposit(6), key, 2),
        keyed(account, withdraw(99), key, 3),
        keyed(stranger, deposit(5), key, 4),
        Order {
            if_match: Some(1),
            ..keyed(account, deposit(6), key, 5)
        },
    ] {
        let refusal = execute(&bank, &other).await.unwrap_err();
        assert!(matches!(refusal, Refusal::KeyReused), "{refusal}");
    }
    assert_eq!(balance(&bank, account).await, 5);
    assert_eq!(balance(&bank, stranger).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_times_at_once_is_once() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let order = keyed(account, deposit(5), Uuid::now_v7(), 1);
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (bank, order) = (bank.services.bank.clone(), order.clone());
        tasks.spawn(async move { bank.execute(&order).await });
    }
    let mut new = 0;
    for result in tasks.join_all().await {
        match result {
            Ok(reply) => {
                assert_eq!(reply.version, 2);
                new += usize::from(!reply.replayed);
            }
            // Told to come back later.
            Err(Refusal::Contended) => {}
            Err(Refusal::Store(AppendError::KeyInUse)) => {}
            Err(other) => panic!("{}", other.cause()),
        }
    }
    assert_eq!(new, 1);
    assert_eq!(balance(&bank, account).await, 5);
}

#[tokio::test]
async fn a_refusal_does_not_use_the_key_up() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let order = keyed(account, withdraw(5), Uuid::now_v7(), 1);
    let refusal = execute(&bank, &order).await.unwrap_err();
    let broke = Rejection::InsufficientFunds;
    assert!(matches!(refusal, Refusal::Rejected(it) if it == broke));
    bank.execute(account, deposit(5)).await.unwrap();
    let reply = execute(&bank, &order).await.unwrap();
    assert_eq!((reply.version, reply.replayed), (3, false));
    assert!(execute(&bank, &order).await.unwrap().replayed);
}

#[tokio::test]
async fn the_answer_is_kept_with_the_events_or_not_at_all() {
    let bank = Bank::new().await;
    let store = &bank.services.store;
    let mut owner = connect(&bank.url).await;
    let events = [deposits(&[1]), deposits(&[2]), deposits(&[3])];
    let answer = Answer {
        key: Uuid::now_v7(),
        request_hash: [1; 32],
        status: 201,
        response: "{\"b\": 1,  \"a\":2}".to_owned(),
    };
    let append = |stream, version, events| Append {
        stream,
        head: Head {
            version,
            ..Head::NONE
        },
        events,
        answer: Some(&answer),
    };
    let keys = "SELECT count(*) FROM idempotency_keys";
    let stream = Uuid::now_v7();
    // The wrong version: neither event nor key.
    let stale = store
        .append(&[append(stream, 4, &events[0])], &cause())
        .await;
    assert!(matches!(stale, Err(AppendError::Conflict { .. })));
    assert_eq!(number(&mut owner, keys).await, 0);
    store
        .append(&[append(stream, 0, &events[1])], &cause())
        .await
        .unwrap();
    assert_eq!(number(&mut owner, keys).await, 1);
    // The key once more: no event, and no stream.
    let other = Uuid::now_v7();
    let used = store
        .append(&[append(other, 0, &events[2])], &cause())
        .await;
    assert!(matches!(used, Err(AppendError::KeyUsed)), "{used:?}");
    assert_eq!(store.head(other).await.unwrap(), Head::NONE);
    // To the byte.
    let kept = "SELECT response FROM idempotency_keys";
    let kept: String = sqlx::query_scalar(kept)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(kept, answer.response);
}

// ANCHOR: same-key-race
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_loses_against_itself_gets_the_stored_answer() {
    let bank = Bank::new().await;
    let mut replayed = 0;
    for _ in 0..40 {
        let account = bank.open_account().await;
        bank.execute(account, deposit(100)).await.unwrap();
        let all_of_it = keyed(account, withdraw(100), Uuid::now_v7(), 1);
        // Both see 100. One of them comes second, and finds 0.
        let (one, two) = tokio::join!(
            tokio::spawn(again(&bank, &all_of_it)),
            tokio::spawn(again(&bank, &all_of_it)),
        );
        let (one, two) = (one.unwrap().unwrap(), two.unwrap().unwrap());
        assert_eq!((one.version, &one.body), (two.version, &two.body));
        assert_ne!(one.replayed, two.replayed);
        assert_eq!(balance(&bank, account).await, 0);
        replayed += 1;
    }
    assert_eq!(replayed, 40);
}
// ANCHOR_END: same-key-race

fn again(
    bank: &Bank,
    order: &Order,
) -> impl Future<Output = Result<Reply, Refusal>> + use<> {
    let (bank, order) = (bank.services.bank.clone(), order.clone());
    async move { bank.execute(&order).await }
}
