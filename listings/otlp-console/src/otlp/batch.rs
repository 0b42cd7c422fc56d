//! A request, read one item at a time and within a budget of memory.

use super::{
    Arrival, Export, Rejected,
    attributes::{self, Resource, Scope},
    json::{self, Unreadable},
    schema::{self, Schema},
    wire::{Malformed, cost, messages},
};
use crate::{limits::Limits, text::counted};
use std::fmt::Display;

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Protobuf,
    Json,
}

/// Why nothing of a request was taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error(
        "the request holds {items} items, and no more than {most} are held \
         at all: send smaller batches"
    )]
    TooMany { items: usize, most: usize },
    #[error("too much is on its way: send the data again later")]
    Busy,
    #[error("the receiver is shutting down: send the data again later")]
    Closed,
    #[error("the request could not be worked on")]
    Broken,
}

/// A request in the model.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) arrival: Arrival,
    pub(crate) rejected: Rejected,
    /// Its bytes in memory, estimated.
    pub(crate) bytes: usize,
}

/// Reads a request. What cannot be read, or is more than the limits allow,
/// is rejected item by item.
pub(crate) fn read<E: Export>(
    body: &[u8],
    format: Format,
    limits: &Limits,
) -> Result<Batch, Refused> {
    let mut batch = Batch::default();
    let from_json;
    let body = match format {
        Format::Protobuf => body,
        Format::Json => {
            (from_json, batch.rejected) = json::to_wire(body, E::SCHEMA)?;
            &from_json
        }
    };
    let items = count::<E>(body)?;
    let most = E::most(limits);
    if items > most {
        return Err(Refused::TooMany { items, most });
    }
    let mut reader = Reader {
        batch,
        limits: *limits,
    };
    for sender in messages(body, 1) {
        reader.sender::<E>(sender?)?;
    }
    Ok(reader.batch)
}

/// How many items are in a request: reads headers, and takes no memory.
fn count<E: Export>(body: &[u8]) -> Result<usize, Malformed> {
    let mut sum = 0;
    for sender in messages(body, 1) {
        sum += count_in::<E>(sender?)?;
    }
    Ok(sum)
}

fn count_in<E: Export>(sender: &[u8]) -> Result<usize, Malformed> {
    let mut sum = 0;
    for scoped in messages(sender, 2) {
        for item in messages(scoped?, 2) {
            sum += E::count(item?);
        }
    }
    Ok(sum)
}

/// What stands around the scopes of a sender.
#[derive(Clone, PartialEq, prost::Message)]
struct SenderHead {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

/// What stands around the items of a scope.
#[derive(Clone, PartialEq, prost::Message)]
struct ScopedHead {
    #[prost(message, optional, tag = "1")]
    scope: Option<Scope>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

pub(crate) struct Reader {
    pub(super) batch: Batch,
    limits: Limits,
}

impl Reader {
    fn sender<E: Export>(&mut self, sender: &[u8]) -> Result<(), Malformed> {
        let head = match self.decode::<SenderHead>(sender, schema::SENDER) {
            Ok(head) => head,
            Err(reason) => {
                let lost = count_in::<E>(sender)?;
                self.reject(lost, &format!("resource: {reason}"));
                return Ok(());
            }
        };
        let resource = attributes::resource(head.resource, head.schema_url);
        for scoped in messages(sender, 2) {
            let scoped = scoped?;
            let head = self.decode::<ScopedHead>(scoped, schema::SCOPED);
            let origin = head.map(|head| {
                attributes::origin(&resource, head.scope, head.schema_url)
            });
            for item in messages(scoped, 2) {
                let item = item?;
                match &origin {
                    Ok(origin) => E::read(item, origin, self),
                    Err(reason) => {
                        let reason = format!("scope: {reason}");
                        self.reject(E::count(item), &reason);
                    }
                }
            }
        }
        Ok(())
    }

    /// Decodes a part of the request, if it has not grown too large.
    pub(super) fn decode<M: prost::Message + Default>(
        &mut self,
        bytes: &[u8],
        schema: &'static Schema,
    ) -> Result<M, String> {
        let cost = cost(bytes, schema, 0).map_err(|e| e.to_string())?;
        let all = self.batch.bytes.saturating_add(cost);
        if cost > self.limits.item_bytes() || all > self.limits.batch_bytes() {
            let most = self.limits.item_bytes() >> 10;
            let all = self.limits.batch_bytes() >> 10;
            return Err(format!(
                "an item of more than {most} KiB decoded, or a request of \
                 more than {all} KiB: send smaller batches"
            ));
        }
        let message = M::decode(bytes).map_err(|e| e.to_string())?;
        self.batch.bytes = all;
        Ok(message)
    }

    pub(super) fn reject(&mut self, items: usize, reason: &impl Display) {
        self.batch.rejected.add(items, reason);
    }
}

impl Batch {
    /// The batch, unless something of it was rejected.
    pub(crate) fn whole(self) -> (Arrival, Option<String>) {
        let Rejected { count, reason } = self.rejected;
        let left_out = usize::try_from(count).unwrap_or(usize::MAX);
        let note = (count > 0)
            .then(|| format!("{}: {reason}", counted(left_out, "item")));
        (self.arrival, note)
    }
}
