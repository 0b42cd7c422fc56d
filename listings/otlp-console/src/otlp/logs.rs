//! `ExportLogsServiceRequest` to log records.

use super::{
    Arrival, Export, Rejected,
    attributes::{attributes, id, origin, resource, value},
};
use crate::model::{LogRecord, Origin, SpanId, TraceId};
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

    fn unpack(self) -> (Arrival, Rejected) {
        let mut logs = Vec::new();
        for sender in self.resource_logs {
            let resource = resource(sender.resource, sender.schema_url);
            for scoped in sender.scope_logs {
                let origin = origin(&resource, scoped.scope, scoped.schema_url);
                let records = scoped.log_records.into_iter();
                logs.extend(records.map(|record| log(record, &origin)));
            }
        }
        let arrival = Arrival {
            logs,
            ..Arrival::default()
        };
        (arrival, Rejected::default())
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
