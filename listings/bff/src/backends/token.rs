//! Access tokens that say who their bearer is, signed by the identity
//! provider. Only the services read them; to everybody else they are opaque.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What the identity provider and the services share.
#[derive(Clone)]
pub struct TokenKey([u8; 64]);

impl TokenKey {
    /// For programs on one machine that nobody else can reach.
    pub const PUBLIC: Self = Self(
        *b"not a secret: for stand-ins on one machine that nobody can reach",
    );

    /// A token for `subject` that is good for `lifetime`. `serial` makes two
    /// of them differ.
    pub fn sign(
        &self,
        subject: &str,
        serial: u64,
        lifetime: Duration,
    ) -> String {
        let end = (now() + lifetime).as_millis();
        let claims = format!("{subject}.{end}.{serial}");
        let mac = self.mac(&claims).finalize().into_bytes();
        format!("{claims}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac))
    }

    /// Whose token it is, if it is one and still good.
    pub fn verify(&self, token: &str) -> Option<String> {
        let (claims, mac) = token.rsplit_once('.')?;
        let mac = BASE64_URL_SAFE_NO_PAD.decode(mac).ok()?;
        self.mac(claims).verify_slice(&mac).ok()?;
        let mut fields = claims.rsplitn(3, '.');
        let (_serial, end) = (fields.next()?, fields.next()?);
        let is_good = now().as_millis() < end.parse().ok()?;
        let subject = fields.next()?;
        is_good.then(|| subject.to_owned())
    }

    fn mac(&self, claims: &str) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new(&self.0.into());
        mac.chain_update(claims)
    }
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::TokenKey;

    #[test]
    fn a_token_names_its_bearer_until_it_ends() {
        let key = TokenKey::PUBLIC;
        let token = key.sign("ada", 1, Duration::from_secs(60));
        assert_eq!(key.verify(&token).as_deref(), Some("ada"));
        let ended = key.sign("ada", 1, Duration::ZERO);
        assert_eq!(key.verify(&ended), None);
        assert_eq!(key.verify(&token.replace("ada", "eve")), None);
        assert_eq!(key.verify(""), None);
    }
}
