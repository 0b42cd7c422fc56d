//! The audit: does every event vouch for the one before it?

use serde_json::Value;

use super::{
    EventStore, Head, RecordedEvent, StreamId,
    chain::{Hash, Link, canonical},
    read::PAGE,
};

// ANCHOR: verdict
/// What an audit of a stream found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every event is as it was written, and none is missing.
    Sound(Head),
    /// The first event that is not, and why.
    Broken {
        /// The version at which the chain breaks.
        version: i64,
        /// What is wrong there.
        fault: Fault,
    },
}

/// What is wrong with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Another event stands where it should.
    #[error("the event is missing, or out of its place")]
    Missing,
    /// It does not name the hash of the event before it.
    #[error("the event does not follow from the one before it")]
    Unlinked,
    /// Its content is not what its hash was made of.
    #[error("the event is not what was written")]
    Altered,
    /// The stream's row knows of another end.
    #[error("the stream ends elsewhere than its head says")]
    WrongEnd,
}
// ANCHOR_END: verdict

// ANCHOR: verify
impl EventStore {
    /// Reads a whole stream and checks each hash, and that the stream ends
    /// where its row says.
    ///
    /// Whoever can write to the tables as their owner can also compute new
    /// hashes from some event on. Against that, keep heads elsewhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify(
        &self,
        stream: StreamId,
    ) -> Result<Verdict, sqlx::Error> {
        // First the head: what is appended meanwhile is not in question.
        let end = self.head(stream).await?;
        let mut head = Head::NONE;
        while head.version < end.version {
            let versions = head.version + 1..=end.version;
            let page = self.read(stream, versions, PAGE).await?;
            for event in &page {
                head = match check(event, head) {
                    Ok(head) => head,
                    Err(fault) => return Ok(broken(head.version + 1, fault)),
                };
            }
            if page.is_empty() {
                return Ok(broken(head.version + 1, Fault::Missing));
            }
        }
        Ok(match head == end {
            true if self.has_more(stream, end).await? => {
                broken(end.version + 1, Fault::WrongEnd)
            }
            true => Verdict::Sound(head),
            false => broken(head.version, Fault::WrongEnd),
        })
    }
}
// ANCHOR_END: verify

// ANCHOR: has-more
impl EventStore {
    /// Whether there are events behind the end, and the end does not move.
    async fn has_more(
        &self,
        stream: StreamId,
        end: Head,
    ) -> Result<bool, sqlx::Error> {
        let beyond = end.version + 1..=i64::MAX;
        let more = !self.read(stream, beyond, 1).await?.is_empty();
        // Head and events are committed together: it is read after them.
        Ok(more && self.head(stream).await? == end)
    }
}
// ANCHOR_END: has-more

fn broken(version: i64, fault: Fault) -> Verdict {
    Verdict::Broken { version, fault }
}

fn check(event: &RecordedEvent, previous: Head) -> Result<Head, Fault> {
    if event.version != previous.version + 1 {
        return Err(Fault::Missing);
    }
    let hash = rehash(event).ok_or(Fault::Altered)?;
    if event.prev_hash != previous.hash {
        return Err(Fault::Unlinked);
    }
    match hash == event.hash {
        true => Ok(Head {
            version: event.version,
            hash,
        }),
        false => Err(Fault::Altered),
    }
}

/// The hash of what is there; none, if that cannot have been written.
fn rehash(event: &RecordedEvent) -> Option<Hash> {
    let canonical = |text: &str| {
        let value: Value = serde_json::from_str(text).ok()?;
        canonical(&value).ok()
    };
    let link = Link {
        stream: event.stream_id,
        version: event.version,
        event_id: event.event_id,
        event_type: &event.event_type,
        schema_version: event.schema_version,
        recorded_at: event.recorded_at,
        payload: &canonical(&event.payload)?,
        metadata: &canonical(&event.metadata)?,
        previous: event.prev_hash,
    };
    Some(link.hash())
}
