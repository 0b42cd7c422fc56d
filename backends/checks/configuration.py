"""Checks that the configuration files of a folder hold together.

A collector's configuration names each component twice: where it is defined,
and in the pipeline that uses it. A schema cannot compare the two. This program
does, for the OpenTelemetry Collector and for Jaeger, which is one. It also
holds every file to what the book promises: ports on loopback, an image with
its version, no component that the collector has renamed or given up.

It knows nothing of the settings inside a component. Only the collector does:
`otelcol validate --config FILE`.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

Problem = tuple[int, str]

SIGNALS = ("traces", "metrics", "logs", "profiles")
KINDS = ("receivers", "processors", "exporters", "connectors", "extensions")
ROLES = {
    "receivers": ("receivers", "connectors"),
    "processors": ("processors",),
    "exporters": ("exporters", "connectors"),
}

# Sources: the changelogs of opentelemetry-collector and -contrib, and
# https://opentelemetry.io/blog/2026/collector-batching-migration/
GONE = {
    ("exporters", "logging"): "debug, which replaced it in 0.111",
    ("exporters", "jaeger"): "otlp_grpc; Jaeger receives OTLP",
    ("exporters", "loki"): "otlp_http; Loki receives OTLP",
    ("exporters", "otlp"): "otlp_grpc, its name since 0.144",
    ("exporters", "otlphttp"): "otlp_http, its name since 0.144",
    ("processors", "batch"): "sending_queue.batch in the exporter",
    ("extensions", "memory_ballast"): "the variable GOMEMLIMIT",
}

LOOPBACK = re.compile(
    r"(\$\{env:\w+:-)?(127\.0\.0\.1|localhost|\[::1\])\}?(:\d+)?$"
)
PUBLISHED_ON_LOOPBACK = re.compile(r"127\.0\.0\.1:\d+:\d+$")
PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+\.\d+$")


def line_of(parent: CommentedMap, key: str) -> int:
    return parent.lc.key(key)[0] + 1


def section(parent: CommentedMap, key: str) -> CommentedMap:
    return parent.get(key) or CommentedMap()


def collector(config: CommentedMap) -> Iterator[Problem]:
    """The problems of an OpenTelemetry Collector configuration."""
    for key in config:
        if key not in (*KINDS, "service"):
            yield line_of(config, key), f"{key} is no section of a collector"
    yield from renamed(config)
    yield from listening(config)
    yield from references(config)


def renamed(config: CommentedMap) -> Iterator[Problem]:
    for kind in KINDS:
        components = section(config, kind)
        for name in components:
            instead = GONE.get((kind, name.partition("/")[0]))
            if instead:
                yield line_of(components, name), f"{name}: use {instead}"
    telemetry = section(section(config, "service"), "telemetry")
    metrics = section(telemetry, "metrics")
    if "address" in metrics:
        line = line_of(metrics, "address")
        yield line, "metrics.address: use readers, which replaced it in 0.123"


def listening(config: CommentedMap) -> Iterator[Problem]:
    """Addresses to listen on that are not on loopback."""
    places = [section(config, kind) for kind in KINDS if kind != "exporters"]
    places.append(section(section(config, "service"), "telemetry"))
    while places:
        place = places.pop()
        for key, value in place.items():
            if isinstance(value, CommentedMap):
                places.append(value)
            elif isinstance(value, list):
                places += [v for v in value if isinstance(v, CommentedMap)]
            elif key in ("endpoint", "host") and not LOOPBACK.match(value):
                yield line_of(place, key), f"{value} is not on loopback"


def references(config: CommentedMap) -> Iterator[Problem]:
    """Components that are used and not defined, or defined and not used."""
    defined = {kind: section(config, kind) for kind in KINDS}
    service = section(config, "service")
    used: dict[str, set[str]] = {kind: set() for kind in KINDS}
    used["extensions"].update(service.get("extensions", []))
    for name in used["extensions"] - set(defined["extensions"]):
        line = line_of(service, "extensions")
        yield line, f"the extension {name} is not defined"

    pipelines = section(service, "pipelines")
    if not pipelines:
        yield 1, "there is no pipeline"
    for name in pipelines:
        if name.partition("/")[0] not in SIGNALS:
            yield line_of(pipelines, name), f"{name} is no signal"
        pipeline = section(pipelines, name)
        for role in ("receivers", "exporters"):
            if not pipeline.get(role):
                named = (pipeline, role) if role in pipeline else None
                line = line_of(*(named or (pipelines, name)))
                yield line, f"{name} has no {role}"
        yield from connections(pipeline, defined, used)

    for kind in KINDS:
        for name in defined[kind]:
            if name not in used[kind]:
                line = line_of(defined[kind], name)
                yield line, f"nothing uses {name} of {kind}"


def connections(
    pipeline: CommentedMap,
    defined: dict[str, CommentedMap],
    used: dict[str, set[str]],
) -> Iterator[Problem]:
    """The problems of one pipeline; adds what it uses to `used`."""
    for role, names in pipeline.items():
        for name in names:
            kinds = [k for k in ROLES.get(role, ()) if name in defined[k]]
            if not kinds:
                line = line_of(pipeline, role)
                yield line, f"{name} of {role} is not defined"
            for kind in kinds:
                used[kind].add(name)
    if "memory_limiter" in pipeline.get("processors", [])[1:]:
        line = line_of(pipeline, "processors")
        yield line, "memory_limiter must be the first processor"


def compose(config: CommentedMap, folder: Path) -> Iterator[Problem]:
    """The problems of a Compose file that its schema has no word for."""
    for name, service in section(config, "services").items():
        if not PINNED.match(service["image"]):
            line = line_of(service, "image")
            yield line, f"{name}: the image has no full version"
        for line, port in items(service, "ports"):
            if not PUBLISHED_ON_LOOPBACK.match(port):
                yield line, f"{name}: port {port} is not on 127.0.0.1"
        for line, volume in items(service, "volumes"):
            source = volume.partition(":")[0]
            if source.startswith(".") and not (folder / source).is_file():
                yield line, f"{name}: there is no file {source}"


def items(parent: CommentedMap, key: str) -> Iterator[tuple[int, str]]:
    values = parent.get(key) or []
    for index, value in enumerate(values):
        yield values.lc.item(index)[0] + 1, str(value)


def problems(path: Path) -> Iterator[Problem]:
    try:
        config = YAML(typ="rt").load(path)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        yield mark.line + 1, error.problem.splitlines()[0]
        return
    if "services" in config:
        yield from compose(config, path.parent)
    else:
        yield from collector(config)


def main(names: list[str]) -> int:
    if not names:
        print("name the files to check", file=sys.stderr)
        return 2
    found = 0
    for name in names:
        for line, text in sorted(problems(Path(name))):
            print(f"{name}:{line}: {text}", file=sys.stderr)
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
