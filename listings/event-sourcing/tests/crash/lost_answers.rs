//! The bank dies between commit and answer, and at moments around it. Whoever
//! asks again, with the same key, gets what was lost (I5).

use reqwest::Client;
use sqlx::{FromRow, PgConnection};
use tokio::time::timeout;
use uuid::Uuid;

use crate::{
    bank::{Bank, DEADLINE, connect, new_database, until},
    commands::{Answer, Request, Wish, client, get},
    invariants::stored_key,
    proxy::{Hold, Proxy},
};

/// Each kind of command that a transaction commits.
const WISHES: [Wish; 6] = [
    Wish::Open,
    Wish::Deposit(5),
    // All there is: done twice, it would be refused.
    Wish::Withdraw(100),
    Wish::TransferAtOnce(100),
    Wish::TransferEventually(100),
    // With If-Match: done once, the version is another.
    Wish::Close,
];

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again() {
    let mut scene = Scene::new().await;
    for wish in WISHES {
        scene.interrupt(wish, Hold::Answer).await;
    }
}

#[tokio::test]
async fn what_never_reached_the_database_is_carried_out_when_repeated() {
    let mut scene = Scene::new().await;
    for wish in WISHES {
        scene.interrupt(wish, Hold::Append).await;
    }
    scene
        .interrupt(Wish::TransferAtOnce(100), Hold::Commit)
        .await;
}

/// A bank that reaches its database through a proxy only.
struct Scene {
    client: Client,
    proxy: Proxy,
    bank: Option<Bank>,
    database: PgConnection,
}

/// What is stored under a key, and how many events its command has.
#[derive(Debug, PartialEq, FromRow)]
struct Kept {
    stream_id: Uuid,
    version: i64,
    status: i16,
    response: String,
    events: i64,
}

impl Scene {
    async fn new() -> Self {
        let url = new_database().await;
        let proxy = Proxy::start(&url).await;
        Self {
            client: client(),
            bank: Some(Bank::start(&proxy.url).await),
            proxy,
            database: connect(&url).await,
        }
    }

    async fn send(&self, request: &Request) -> Answer {
        let url = &self.bank.as_ref().unwrap().url;
        let sending = request.send(&self.client, url);
        timeout(DEADLINE, sending).await.unwrap().unwrap()
    }

    /// Opens an account with this on it.
    async fn account(&self, minor: i64) -> Uuid {
        let opened = self.send(&Request::open()).await;
        assert_eq!(opened.status, 201, "{opened:?}");
        let account = opened.account();
        if minor > 0 {
            let deposit = Request::deposit(account, minor);
            assert_eq!(self.send(&deposit).await.status, 201);
        }
        account
    }

    /// The request, and the accounts after it: version and balance.
    async fn prepare(&self, wish: Wish) -> (Request, Vec<(Uuid, i64, i64)>) {
        match wish {
            Wish::Open => (Request::open(), vec![]),
            Wish::Deposit(minor) => {
                let id = self.account(100).await;
                (Request::deposit(id, minor), vec![(id, 3, 100 + minor)])
            }
            Wish::Withdraw(minor) => {
                let id = self.account(100).await;
                (Request::withdraw(id, minor), vec![(id, 3, 100 - minor)])
            }
            Wish::TransferAtOnce(minor) | Wish::TransferEventually(minor) => {
                let from = self.account(100).await;
                let to = self.account(1).await;
                // An eventual one is settled in the end.
                let version = match wish {
                    Wish::TransferAtOnce(_) => 3,
                    _ => 4,
                };
                let after =
                    vec![(from, version, 100 - minor), (to, 3, 1 + minor)];
                (Request::transfer(wish, from, to), after)
            }
            Wish::Close => {
                let id = self.account(0).await;
                (Request::close(id, 1), vec![(id, 2, 0)])
            }
        }
    }
}

impl Scene {
    /// Kills the bank while it carries `wish` out, at the moment when the
    /// proxy has something to hold back. Then asks the next bank.
    async fn interrupt(&mut self, wish: Wish, hold: Hold) {
        let (request, after) = self.prepare(wish).await;
        let mut bank = self.bank.take().unwrap();
        let held = self.proxy.arm(hold);
        let url = bank.url.clone();
        let mut lost = Box::pin(request.send(&self.client, &url));
        tokio::select! {
            answer = &mut lost => panic!("{wish:?}: not held: {answer:?}"),
            held = timeout(DEADLINE, held) => held.unwrap().unwrap(),
        }

        let before = kept(&mut self.database, request.key).await;
        let is_there = before.is_some();
        assert_eq!(is_there, hold == Hold::Answer, "{wish:?}, {hold:?}");
        bank.kill().await;
        lost.await.expect_err("an answer from the dead");

        self.bank = Some(Bank::start(&self.proxy.url).await);
        let first = self.send(&request).await;
        let stored = kept(&mut self.database, request.key).await.unwrap();
        if let Some(before) = before {
            assert_eq!(stored, before, "{wish:?}: done again");
        }
        assert_eq!(stored.events, wish.events(), "{wish:?}");
        stored.is_in(&first);
        assert_eq!(self.send(&request).await, first);
        for (account, version, minor) in after {
            self.ends_at(account, version, minor).await;
        }
    }
}

impl Kept {
    /// The answer says what is stored, and the version in all its places.
    fn is_in(&self, answer: &Answer) {
        assert_eq!(i16::try_from(answer.status), Ok(self.status));
        assert!([200, 201].contains(&answer.status), "{answer:?}");
        assert_eq!(answer.body, self.response);
        assert_eq!(answer.version(), self.version);
        assert_eq!(answer.json()["version"], self.version);
        assert_eq!(answer.account(), self.stream_id);
        if let Some(location) = &answer.location {
            assert_eq!(*location, format!("/accounts/{}", self.stream_id));
        }
    }
}

async fn kept(database: &mut PgConnection, key: Uuid) -> Option<Kept> {
    let query = sqlx::query_as(
        "SELECT k.stream_id, k.version, k.status, k.response,
                (SELECT count(*) FROM events all_of_them
                 WHERE all_of_them.metadata->>'command_id'
                       = e.metadata->>'command_id') AS events
         FROM idempotency_keys k JOIN events e USING (stream_id, version)
         WHERE k.key = $1",
    );
    let query = query.bind(stored_key(key));
    query.fetch_optional(database).await.unwrap()
}

impl Scene {
    /// Waits until the read model has this version of the account, and looks
    /// at its balance there. The log has no event more.
    async fn ends_at(&mut self, account: Uuid, version: i64, minor: i64) {
        let url = &self.bank.as_ref().unwrap().url;
        let path = format!("/accounts/{account}");
        let ask = async || get(&self.client, url, &path).await.unwrap();
        let tag = Some(format!("\"{version}\""));
        let is_there = async || ask().await.etag == tag;
        until("the read model is there", is_there).await;
        assert_eq!(ask().await.json()["balance"]["minor"], minor);
        let head = sqlx::query_scalar::<_, i64>(
            "SELECT max(version) FROM events WHERE stream_id = $1",
        );
        let head = head.bind(account).fetch_one(&mut self.database);
        assert_eq!(head.await.unwrap(), version);
    }
}
