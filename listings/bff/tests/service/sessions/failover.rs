//! A Redis that becomes a replica, and another that becomes the primary.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use throwaway::redis::Server;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use crate::lab::{Answer, Lab, Person};

/// Longest wait for anything.
const DEADLINE: Duration = Duration::from_secs(30);

/// An address that follows the failover. Connections stay where they are.
struct Address {
    url: String,
    port: Arc<AtomicU16>,
}

impl Address {
    async fn of(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        let port = Arc::new(AtomicU16::new(port(server)));
        let to = Arc::clone(&port);
        tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let to = ("127.0.0.1", to.load(Ordering::Relaxed));
                tokio::spawn(async move {
                    let mut to = TcpStream::connect(to).await.unwrap();
                    // Whichever side ends it.
                    let _ = copy_bidirectional(&mut from, &mut to).await;
                });
            }
        });
        Self { url, port }
    }

    fn moves_to(&self, server: &Server) {
        self.port.store(port(server), Ordering::Relaxed);
    }
}

fn port(server: &Server) -> u16 {
    server.url().rsplit_once(':').unwrap().1.parse().unwrap()
}

/// Asks a server by hand.
async fn ask<T: redis::FromRedisValue>(server: &Server, command: &str) -> T {
    let client = redis::Client::open(server.url()).unwrap();
    let connection = client.get_multiplexed_async_connection();
    let (name, arguments) = command.split_once(' ').unwrap_or((command, ""));
    let mut command = redis::cmd(name);
    command.arg(arguments.split_whitespace().collect::<Vec<_>>());
    let mut connection = connection.await.unwrap();
    command.query_async(&mut connection).await.unwrap()
}

/// Makes `replica` one, and waits until it has all that `primary` has.
async fn follow(replica: &Server, primary: &Server) {
    let follow = format!("REPLICAOF 127.0.0.1 {}", port(primary));
    let _: () = ask(replica, &follow).await;
    let following = async {
        loop {
            let info: String = ask(replica, "INFO replication").await;
            let is_up = info.contains("master_link_status:up");
            let there: u64 = ask(primary, "DBSIZE").await;
            let here: u64 = ask(replica, "DBSIZE").await;
            if is_up && here == there {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(DEADLINE, following).await.unwrap();
}

async fn assert_away(person: &Person) {
    for path in ["/auth/session", "/web/home"] {
        let answer: Answer = person.get(path).await;
        assert_eq!(answer.status, 503, "{path}: {answer:?}");
        assert_eq!(answer.json()["type"], "/problems/sessions-away");
        assert_eq!(answer.headers["retry-after"], "1");
    }
}

#[tokio::test]
async fn people_stay_signed_in_through_a_failover() {
    let (first, second) = (Server::start().unwrap(), Server::start().unwrap());
    let address = Address::of(&first).await;
    let lab = Lab::start(&[("REDIS_URL", &address.url)]).await;
    let grace = lab.sign_in("grace").await;
    assert_eq!(grace.get("/auth/session").await.status, 200);
    follow(&second, &first).await;
    // For a while there are only replicas.
    let _: () = ask(&first, "REPLICAOF 127.0.0.1 1").await;
    assert_away(&grace).await;
    assert_eq!(lab.get("/health/live").await.status, 200);
    let _: () = ask(&second, "REPLICAOF NO ONE").await;
    address.moves_to(&second);
    // A request may have made a connection to the first again.
    grace.get("/auth/session").await;
    let session = grace.get("/auth/session").await;
    assert_eq!(session.status, 200, "{session:?}");
    assert_eq!(session.json()["subject"], "grace");
    assert_eq!(grace.get("/web/home").await.status, 200);
    lab.finish().await;
}
