//! A real nginx, as the page configures it, before two instances.

use reqwest::{Method, RequestBuilder, Response};
use throwaway::{free_port, nginx};

use crate::{
    lab::{MEMBER, client, user},
    program::{POSTGRES, Program},
};

const SITE: &str = include_str!("../../nginx/users.conf");

/// So many at once as one user may ask for.
pub(crate) const OFTEN: [(&str, &str); 2] = [
    ("RATE_LIMIT_PER_SECOND", "100000"),
    ("RATE_LIMIT_BURST", "100000"),
];

/// nginx, where it listens, and how to ask it.
pub(crate) struct Proxy {
    server: nginx::Server,
    pub(crate) url: String,
    client: reqwest::Client,
}

impl Proxy {
    /// In front of the instances at these addresses.
    pub(crate) fn before(instances: [&str; 2]) -> Self {
        let address = format!("127.0.0.1:{}", free_port().unwrap());
        let [first, second] = instances;
        let changes = [
            ("127.0.0.1:8001", first),
            ("127.0.0.1:8002", second),
            ("127.0.0.1:8080", address.as_str()),
        ];
        let site = changes.iter().fold(SITE.to_owned(), |site, (at, new)| {
            assert_eq!(site.matches(at).count(), 1, "{at}");
            site.replace(at, new)
        });
        Self {
            server: nginx::Server::start(&site).unwrap(),
            url: format!("http://{address}"),
            client: client(),
        }
    }

    /// A request of the member to `users.example`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .header("host", "users.example");
        request.header("authorization", MEMBER)
    }

    pub(crate) async fn add(&self, handle: &str) -> Response {
        let request = self.request(Method::POST, "/users").json(&user(handle));
        request.send().await.unwrap()
    }

    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.server.log_file()).unwrap()
    }
}

/// Two programs with one database, and the proxy before them.
pub(crate) async fn two(own: &[(&str, &str)]) -> (Program, Program, Proxy) {
    let database = POSTGRES.new_database(None).unwrap();
    let url = POSTGRES.tcp_url(&database).unwrap();
    let mut settings = vec![("DATABASE_URL", url.as_str())];
    settings.extend(own);
    // Both at once: only one of them may make the tables.
    let (first, second) =
        tokio::join!(Program::start(&settings), Program::start(&settings));
    let address = |program: &Program| program.url.replace("http://", "");
    let proxy = Proxy::before([&address(&first), &address(&second)]);
    (first, second, proxy)
}
