//! `ExportLogsServiceRequest` to log records.

use super::{
    Export, Rejected,
    attributes::{attributes, id, value},
    batch::Reader,
    schema::{self, Schema},
};
use crate::{
    limits::Limits,
    model::{LogRecord, Origin, SpanId, TraceId},
};
use opentelemetry_proto::tonic::{
    collector::logs::v1::{
        ExportLogsPartialSuccess, ExportLogsServiceRequest,
        ExportLogsServiceResponse,
    },
    logs::v1::LogRecord as ProtoRecord,
};

impl Export for ExportLogsServiceRequest {
    type Response = ExportLogsServiceResponse;
    const REJECTED_FIELD: &'static str = "rejectedLogRecords";
    const SCHEMA: &'static Schema = &schema::LOGS;

    fn most(limits: &Limits) -> usize {
        limits.logs
    }

    fn read(item: &[u8], origin: &Origin, reader: &mut Reader) {
        match reader.decode(item, &schema::LOG) {
            Ok(proto) => reader.batch.arrival.logs.push(log(proto, origin)),
            Err(reason) => {
                reader.reject(1, &format!("a log record: {reason}"));
            }
        }
    }

    fn response(rejected: Rejected) -> Self::Response {
        ExportLogsServiceResponse {
            partial_success: rejected.partial(
                |rejected_log_records, error_message| {
                    ExportLogsPartialSuccess {
                        rejected_log_records,
                        error_message,
                    }
                },
            ),
        }
    }
}

fn log(proto: ProtoRecord, origin: &Origin) -> LogRecord {
    let time_unix_nano = match proto.time_unix_nano {
        0 => proto.observed_time_unix_nano,
        known => known,
    };
    LogRecord {
        time_unix_nano,
        severity_number: proto.severity_number,
        severity_text: proto.severity_text,
        event_name: proto.event_name,
        body: value(proto.body),
        attributes: attributes(proto.attributes),
        // An invalid id counts as none (logs.proto, LogRecord.trace_id).
        trace_id: id(&proto.trace_id).map(TraceId),
        span_id: id(&proto.span_id).map(SpanId),
        origin: origin.clone(),
    }
}
