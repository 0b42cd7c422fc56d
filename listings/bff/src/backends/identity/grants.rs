//! What the identity provider has given out, and what has become of it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// How long a code waits for its exchange.
const CODE: Duration = Duration::from_secs(60);

/// Codes, tokens, and the sign-ins that they belong to.
#[derive(Default)]
pub(super) struct Grants {
    /// By number: a sign-in, and all the tokens that came of it.
    sign_ins: Vec<SignIn>,
    codes: HashMap<String, Code>,
    /// Each refresh token: its sign-in, and whether it has been used.
    refresh: HashMap<String, (usize, bool)>,
    access: HashMap<String, usize>,
    pub(super) issued: Vec<String>,
    pub(super) refreshes: u64,
}

struct SignIn {
    subject: String,
    is_revoked: bool,
}

struct Code {
    sign_in: usize,
    challenge: String,
    redirect_uri: String,
    until: Instant,
    is_used: bool,
}

/// A sign-in that is still good, and whose it is.
pub(super) struct Granted {
    pub(super) sign_in: usize,
    pub(super) subject: String,
}

/// 256 random bits as text.
fn random() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

impl Grants {
    /// A code for a person who has just signed in.
    pub(super) fn code(
        &mut self,
        subject: &str,
        challenge: &str,
        redirect_uri: &str,
    ) -> String {
        let sign_in = self.sign_ins.len();
        self.sign_ins.push(SignIn {
            subject: subject.to_owned(),
            is_revoked: false,
        });
        let code = random();
        self.issued.push(code.clone());
        let kept = Code {
            sign_in,
            challenge: challenge.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            until: Instant::now() + CODE,
            is_used: false,
        };
        self.codes.insert(code.clone(), kept);
        code
    }

    /// Takes a code, for once. Somebody has stolen a code that comes twice, so
    /// what came of it is revoked.
    pub(super) fn redeem(
        &mut self,
        code: &str,
        challenge: &str,
        redirect_uri: &str,
    ) -> Option<Granted> {
        let code = self.codes.get_mut(code)?;
        let sign_in = code.sign_in;
        let is_good = !code.is_used
            && Instant::now() < code.until
            && code.challenge == challenge
            && code.redirect_uri == redirect_uri;
        code.is_used = true;
        if !is_good {
            self.sign_ins.get_mut(sign_in)?.is_revoked = true;
        }
        self.granted(sign_in)
    }

    /// Takes a refresh token, for once. One that comes twice is in two hands,
    /// and nobody can tell which are the right ones (RFC 9700, 4.14.2).
    pub(super) fn renew(&mut self, refresh: &str) -> Option<Granted> {
        let (sign_in, is_used) = self.refresh.get_mut(refresh)?;
        let sign_in = *sign_in;
        if *is_used {
            self.sign_ins.get_mut(sign_in)?.is_revoked = true;
        }
        *is_used = true;
        let granted = self.granted(sign_in)?;
        self.refreshes += 1;
        Some(granted)
    }

    fn granted(&self, sign_in: usize) -> Option<Granted> {
        let known = self.sign_ins.get(sign_in)?;
        (!known.is_revoked).then(|| Granted {
            sign_in,
            subject: known.subject.clone(),
        })
    }

    /// Keeps an access token and makes a refresh token to go with it.
    pub(super) fn issue(&mut self, sign_in: usize, access: &str) -> String {
        let refresh = random();
        self.refresh.insert(refresh.clone(), (sign_in, false));
        self.access.insert(access.to_owned(), sign_in);
        self.issued.extend([access.to_owned(), refresh.clone()]);
        refresh
    }

    /// The number of the next access token.
    pub(super) fn serial(&self) -> u64 {
        self.access.len() as u64
    }

    /// Whether an access token is still good.
    pub(super) fn is_good(&self, access: &str) -> bool {
        let sign_in = self.access.get(access);
        sign_in.is_some_and(|number| self.granted(*number).is_some())
    }

    /// Revokes all that came of the sign-in that `token` is from.
    pub(super) fn revoke(&mut self, token: &str) {
        let refresh = self.refresh.get(token).map(|(sign_in, _)| *sign_in);
        let sign_in = refresh.or_else(|| self.access.get(token).copied());
        let known = sign_in.and_then(|number| self.sign_ins.get_mut(number));
        if let Some(known) = known {
            known.is_revoked = true;
        }
    }
}
