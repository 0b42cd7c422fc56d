//! Personal data under lock: one key a person, and the power to throw the key
//! away.

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, Generate, Key, KeyInit, Payload},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::{
    database::{Database, Statement},
    domain::{SealedName, SubjectId},
};

/// The bank's own key, 256 bits. It wraps the keys of persons and is never
/// stored beside them.
#[derive(Clone)]
pub struct MasterKey(pub [u8; 32]);

/// Seals and opens what is personal.
#[derive(Clone)]
pub struct Vault {
    database: Database,
    master: Aes256Gcm,
    fingerprints: Hmac<Sha256>,
}

/// Why something was not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The person's key has been erased.
    #[error("the person's data has been erased")]
    Erased,
    /// A key or a text is not what this master key once sealed.
    #[error("the master key does not fit what is stored")]
    WrongKey,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

const NEW_KEY: Statement = Statement::one(
    "INSERT subject_keys",
    "INSERT",
    "subject_keys",
    "INSERT INTO subject_keys (subject_id, wrapped_key) VALUES ($1, $2)
     ON CONFLICT DO NOTHING",
);

const KEY: Statement = Statement::one(
    "SELECT subject_keys",
    "SELECT",
    "subject_keys",
    "SELECT wrapped_key FROM subject_keys WHERE subject_id = $1",
);

// ANCHOR: erase-statement
const ERASE: Statement = Statement::one(
    "UPDATE subject_keys",
    "UPDATE",
    "subject_keys",
    "UPDATE subject_keys
     SET wrapped_key = NULL,
         erased_at = coalesce(erased_at, clock_timestamp())
     WHERE subject_id = $1",
);
// ANCHOR_END: erase-statement

impl Vault {
    /// A vault whose keys are in `database`, wrapped by `master`.
    pub fn new(database: Database, master: &MasterKey) -> Self {
        // Two uses, two keys: one must say nothing about the other.
        let wrapping = derive(master, b"wrap keys of persons");
        let comparing = derive(master, b"compare requests");
        Self {
            database,
            master: Aes256Gcm::new(&wrapping.into()),
            fingerprints: keyed(&comparing),
        }
    }

    /// A keyed hash: it compares requests, and whoever steals the table of
    /// hashes cannot try out names against it.
    pub fn fingerprint(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = self.fingerprints.clone();
        for part in parts {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into_bytes().into()
    }
}

// ANCHOR: seal
impl Vault {
    /// Seals `name` with the key of `subject`, who gets one now if need be.
    ///
    /// # Errors
    /// When the person's data has been erased, or the database fails.
    pub async fn seal(
        &self,
        subject: SubjectId,
        name: &str,
    ) -> Result<SealedName, VaultError> {
        let key = Key::<Aes256Gcm>::generate();
        let wrapped = encrypt(&self.master, subject, &key)?;
        let pool = self.database.pool();
        let query = sqlx::query(NEW_KEY.text).bind(subject.0).bind(wrapped);
        self.database.run(&NEW_KEY, query.execute(pool)).await?;
        // The row may be older than this call: what it holds is what counts.
        let key = self.key(subject).await?.ok_or(VaultError::Erased)?;
        let sealed = encrypt(&key, subject, name.as_bytes())?;
        Ok(SealedName(BASE64_STANDARD.encode(sealed)))
    }
}
// ANCHOR_END: seal

// ANCHOR: open
impl Vault {
    /// The name, unless the person's data has been erased.
    ///
    /// # Errors
    /// When the key does not fit, or the database fails.
    pub async fn open(
        &self,
        subject: SubjectId,
        sealed: &SealedName,
    ) -> Result<Option<String>, VaultError> {
        let Some(key) = self.key(subject).await? else {
            return Ok(None);
        };
        let sealed = BASE64_STANDARD.decode(&sealed.0);
        let sealed = sealed.map_err(|_| VaultError::WrongKey)?;
        let name = decrypt(&key, subject, &sealed)?;
        String::from_utf8(name)
            .map(Some)
            .map_err(|_| VaultError::WrongKey)
    }
}
// ANCHOR_END: open

// ANCHOR: erase
impl Vault {
    /// Throws the key of `subject` away. What it sealed stays where it is,
    /// and nobody can read it any more. Says whether there was such a person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase(&self, subject: SubjectId) -> Result<bool, sqlx::Error> {
        let query = sqlx::query(ERASE.text).bind(subject.0);
        let pool = self.database.pool();
        let erased = self.database.run(&ERASE, query.execute(pool)).await?;
        Ok(erased.rows_affected() > 0)
    }
}
// ANCHOR_END: erase

impl Vault {
    async fn key(
        &self,
        subject: SubjectId,
    ) -> Result<Option<Aes256Gcm>, VaultError> {
        let query = sqlx::query_scalar(KEY.text).bind(subject.0);
        let pool = self.database.pool();
        let found: Option<Option<Vec<u8>>> =
            self.database.run(&KEY, query.fetch_optional(pool)).await?;
        let Some(wrapped) = found.flatten() else {
            return Ok(None);
        };
        let key = decrypt(&self.master, subject, &wrapped)?;
        let cipher = Aes256Gcm::new_from_slice(&key);
        cipher.map(Some).map_err(|_| VaultError::WrongKey)
    }
}

// ANCHOR: encrypt
/// Nonce, then ciphertext. The person's id is authenticated with it: a text
/// cannot be moved to somebody else.
fn encrypt(
    key: &Aes256Gcm,
    subject: SubjectId,
    text: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let nonce = Nonce::generate();
    let payload = Payload {
        msg: text,
        aad: subject.0.as_bytes(),
    };
    let sealed = key.encrypt(&nonce, payload);
    let mut bytes = nonce.to_vec();
    bytes.extend(sealed.map_err(|_| VaultError::WrongKey)?);
    Ok(bytes)
}

fn decrypt(
    key: &Aes256Gcm,
    subject: SubjectId,
    bytes: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let (nonce, text) = bytes
        .split_first_chunk::<12>()
        .ok_or(VaultError::WrongKey)?;
    let payload = Payload {
        msg: text,
        aad: subject.0.as_bytes(),
    };
    let text = key.decrypt(&Nonce::from(*nonce), payload);
    text.map_err(|_| VaultError::WrongKey)
}
// ANCHOR_END: encrypt

fn derive(master: &MasterKey, purpose: &[u8]) -> [u8; 32] {
    let mut hash = keyed(&master.0);
    hash.update(purpose);
    hash.finalize().into_bytes().into()
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // A shorter key is padded with zeros to the block (RFC 2104).
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    Hmac::new(&block.into())
}
