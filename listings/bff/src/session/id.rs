//! What only a browser has, and what the store gets to see of it.

use std::fmt;

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, Generate, KeyInit},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

// ANCHOR: id
/// 256 random bits. The browser that got them in a cookie is the only one to
/// have them: we keep a hash, to find what belongs to them.
#[derive(Clone)]
pub(super) struct Id([u8; 32]);

impl Id {
    /// One that nobody can guess.
    pub(super) fn random() -> Self {
        Self(rand::random())
    }

    /// The id in the value of a cookie.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// For the value of a cookie.
    pub(super) fn text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Where the store keeps what belongs to it.
    pub(super) fn key(&self, kind: Kind) -> Key {
        Key::new(kind, &[&self.0])
    }
}
// ANCHOR_END: id

// ANCHOR: key
/// What a key is for. The kinds share a store and never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody is signed in.
    Session,
    /// Somebody is on the way to the provider and back.
    Login,
    /// A refresh is under way.
    Refresh,
}

/// A name in the store. It leads from the id to the session and never back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    kind: Kind,
    hash: [u8; 32],
}

impl Key {
    fn new(kind: Kind, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self {
            kind,
            hash: hash.finalize().into(),
        }
    }

    /// The refresh of a session that has been refreshed so often before.
    pub(super) fn refresh(&self, generation: u64) -> Self {
        let generation = generation.to_be_bytes();
        Self::new(Kind::Refresh, &[&self.hash, &generation])
    }
}
// ANCHOR_END: key

impl Key {
    /// What it is for.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Key {
    /// As the store writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Session => "bff:session:",
            Kind::Login => "bff:login:",
            Kind::Refresh => "bff:refresh:",
        })?;
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(self.hash))
    }
}

// ANCHOR: seal
impl Id {
    /// Locks `text` with a key that only the browser's cookie gives. Whoever
    /// copies the store has neither ids nor tokens.
    pub(super) fn seal(&self, text: &[u8]) -> Option<Vec<u8>> {
        let nonce = Nonce::generate();
        let sealed = self.cipher().encrypt(&nonce, text).ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    /// The text that was locked with the same id.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_first_chunk::<12>()?;
        self.cipher().decrypt(&Nonce::from(*nonce), text).ok()
    }

    /// Another hash than the one by which it is found.
    fn cipher(&self) -> Aes256Gcm {
        let hash = Sha256::new().chain_update(b"seal").chain_update(self.0);
        Aes256Gcm::new(&hash.finalize())
    }
}
// ANCHOR_END: seal

#[cfg(test)]
mod tests {
    use super::{Id, Kind};

    #[test]
    fn an_id_survives_its_cookie_and_opens_what_it_sealed() {
        let id = Id::random();
        let sealed = id.seal(b"a token").unwrap();
        let same = Id::parse(&id.text()).unwrap();
        assert_eq!(same.open(&sealed).unwrap(), b"a token");
        assert_eq!(same.key(Kind::Session), id.key(Kind::Session));
        assert_ne!(id.key(Kind::Login), id.key(Kind::Session));
        assert!(Id::random().open(&sealed).is_none());
        assert!(Id::parse("no id").is_none());
        let key = id.key(Kind::Session).to_string();
        assert!(!key.contains(&id.text()));
    }
}
