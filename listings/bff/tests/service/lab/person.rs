//! Somebody with a browser, as far as it matters here: cookies are carried by
//! hand, and no redirect is followed unseen.

use reqwest::{Method, RequestBuilder, redirect::Policy};
use serde_json::Value;

use super::{Answer, DEADLINE};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    client: reqwest::Client,
    pub(crate) bff: String,
    /// `__Host-session=…`
    pub(crate) cookie: String,
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(DEADLINE)
        .build()
        .unwrap()
}

/// The cookie `name` that an answer sets: `name=value`.
pub(crate) fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let values = answer.headers.get_all("set-cookie").iter();
    let mut pairs = values.map(|value| {
        let value = value.to_str().unwrap();
        value.split(';').next().unwrap()
    });
    let pair = pairs.find(|pair| pair.starts_with(&format!("{name}=")));
    pair.map(str::to_owned)
}

/// Where an answer leads to.
pub(crate) fn follow(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// A request to anywhere.
pub(crate) async fn visit(url: &str, cookie: Option<&str>) -> Answer {
    let mut request = client().get(url);
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    Answer::of(request.send().await.unwrap()).await
}

/// Somebody who has been at the provider, and is not back yet.
#[derive(Debug)]
pub(crate) struct Journey {
    /// What the BFF has answered.
    pub(crate) departed: Answer,
    /// `__Host-login=…`
    pub(crate) away: String,
    /// Where the provider sends them.
    pub(crate) back: String,
}

impl Journey {
    pub(crate) async fn of(bff: &str, name: &str) -> Self {
        let login = format!("{bff}/auth/login?login_hint={name}");
        let departed = visit(&login, None).await;
        let vouched = visit(&follow(&departed), None).await;
        Self {
            away: cookie(&departed, "__Host-login").unwrap(),
            back: follow(&vouched),
            departed,
        }
    }

    /// What the provider has put into the query.
    pub(crate) fn query(&self, name: &str) -> String {
        let url: url::Url = self.back.parse().unwrap();
        let mut pairs = url.query_pairs();
        pairs.find(|(n, _)| n == name).unwrap().1.into_owned()
    }
}

impl Person {
    /// To the provider and back, as a browser goes.
    pub(crate) async fn sign_in(bff: &str, name: &str) -> Self {
        let journey = Journey::of(bff, name).await;
        let arrived = visit(&journey.back, Some(&journey.away)).await;
        assert_eq!(follow(&arrived), "/");
        Self {
            client: client(),
            bff: bff.to_owned(),
            cookie: cookie(&arrived, "__Host-session").unwrap(),
        }
    }

    /// The same person, asking another replica.
    #[cfg(feature = "redis")]
    pub(crate) fn at(&self, bff: &str) -> Self {
        let bff = bff.to_owned();
        Self {
            bff,
            ..self.clone()
        }
    }

    /// A request as our own page sends it.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.bff);
        self.client
            .request(method, url)
            .header("cookie", &self.cookie)
            .header("x-csrf", "1")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        Answer::of(request.send().await.unwrap()).await
    }

    /// Sends JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .body(body.to_string());
        Answer::of(request.send().await.unwrap()).await
    }
}
