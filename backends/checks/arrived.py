"""Asks the test agent what it received, and judges it.

One request to `shop`, which asks `stock`, must have left one trace over both
services, log records of that trace, and the server duration of each service.
The agent decodes OTLP with the official Protocol Buffers library and gives it
back as JSON, with ids in base64.
"""

import argparse
import json
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

Json = dict[str, Any]

SERVICES = {"shop", "stock"}
DURATION = "http.server.request.duration"


class Missing(Exception):
    """What has not arrived."""


def read_back(agent: str, signal: str) -> list[Json]:
    with urlopen(f"{agent}/test/session/{signal}", timeout=5) as answer:
        return json.load(answer)


def records(requests: list[Json], *path: str) -> Iterator[tuple[str, Json]]:
    """The innermost records of export requests, each with its service."""
    resources, scopes, innermost = path
    for request in requests:
        for resource in request.get(resources, []):
            attributes = resource["resource"]["attributes"]
            service = next(
                attribute["value"]["string_value"]
                for attribute in attributes
                if attribute["key"] == "service.name"
            )
            for scope in resource[scopes]:
                for record in scope[innermost]:
                    yield service, record


def one_trace(agent: str) -> tuple[str, str]:
    """The id of the one trace over both services, and a line about it."""
    requests = read_back(agent, "traces")
    spans = list(records(requests, "resource_spans", "scope_spans", "spans"))
    traces = {span["trace_id"] for _, span in spans}
    if len(traces) != 1:
        raise Missing(f"one trace; {len(spans)} spans in {len(traces)} traces")
    by_id = {span["span_id"]: (service, span) for service, span in spans}
    way = [("stock", "SPAN_KIND_SERVER")]
    span = next((s for name, s in spans if (name, s["kind"]) == way[0]), None)
    if span is None:
        raise Missing("a server span of stock")
    while parent := span.get("parent_span_id"):
        if parent not in by_id:
            raise Missing(f"the parent of the span {span['name']}")
        service, span = by_id[parent]
        way.append((service, span["kind"]))
    if way[1:2] != [("shop", "SPAN_KIND_CLIENT")]:
        raise Missing("a client span of shop above the server span of stock")
    if way[-1] != ("shop", "SPAN_KIND_SERVER"):
        raise Missing("a server span of shop at the root")
    trace = traces.pop()
    line = f"{len(spans)} spans of shop and stock, {b64decode(trace).hex()}"
    return trace, line


def its_logs(agent: str, trace: str) -> str:
    requests = read_back(agent, "logs")
    logs = list(records(requests, "resource_logs", "scope_logs", "log_records"))
    count = sum(1 for _, log in logs if log.get("trace_id") == trace)
    if count == 0:
        raise Missing(f"a log record of the trace, among {len(logs)} of them")
    return f"{count} log records with that trace id"


def durations(agent: str) -> str:
    requests = read_back(agent, "metrics")
    path = ("resource_metrics", "scope_metrics", "metrics")
    measured = {
        service
        for service, metric in records(requests, *path)
        if metric["name"] == DURATION and metric["unit"] == "s"
        for point in metric["histogram"]["data_points"]
        if int(point["count"]) > 0
    }
    missing = sorted(SERVICES - measured)
    if missing:
        raise Missing(f"{DURATION} in seconds of {' and '.join(missing)}")
    return f"{DURATION} of {' and '.join(sorted(SERVICES))}"


def everything(agent: str) -> str:
    trace, spans = one_trace(agent)
    lines = [
        f"traces   {spans}",
        f"logs     {its_logs(agent, trace)}",
        f"metrics  {durations(agent)}",
    ]
    return "\n".join(f"  {line}" for line in lines)


def clear(agent: str) -> None:
    """Forgets what arrived, so that each judgement starts from nothing."""
    with urlopen(f"{agent}/test/session/clear", timeout=5):
        pass
    for signal in ("traces", "metrics", "logs"):
        if read_back(agent, signal):
            raise Missing(f"an empty agent; it still holds {signal}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("agent", help="the test agent's OTLP/HTTP address")
    parser.add_argument("--clear", action="store_true", help="only forget")
    parser.add_argument("--within", type=float, default=10, metavar="SECONDS")
    options = parser.parse_args()
    deadline = time.monotonic() + options.within
    while True:
        try:
            if options.clear:
                clear(options.agent)
            else:
                print(everything(options.agent))
            return 0
        except Missing as missing:
            if time.monotonic() > deadline:
                print(f"missing: {missing}", file=sys.stderr)
                return 1
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
