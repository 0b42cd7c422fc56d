"""Shows that each check fails: breaks the real files, one line at a time."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from configuration import problems

BACKENDS = Path(__file__).resolve().parent.parent

COLLECTOR = "collector/collector.yaml"
COMPOSE = "collector/compose.yaml"
PIPELINE = "exporters: [debug, otlp_http/backend]"

# A file, what to replace in it (the first time it occurs) and by what, and
# what the check says of the line.
BROKEN = [
    (COLLECTOR, "exporters:\n", " exporters:\n", "expected <block end>"),
    (COLLECTOR, "\nprocessors:", "\nreceivers:\nprocessors:", "duplicate"),
    (COLLECTOR, "\nprocessors:", "\nproccesors:", "is no section"),
    (COLLECTOR, "  debug:\n", "  debug:\n  nop:\n", "nothing uses nop"),
    (COLLECTOR, PIPELINE, "exporters: [debug, nop]", "nop of exporters is not"),
    (COLLECTOR, PIPELINE, "exporters: []", "traces has no exporters"),
    (COLLECTOR, "    traces:", "    spans:", "spans is no signal"),
    (COLLECTOR, "[health_check]", "[health_check, pprof]", "extension pprof"),
    (COLLECTOR, "  debug:\n", "  logging:\n", "logging: use debug"),
    (COLLECTOR, "  otlp_http/b", "  otlphttp/b", "use otlp_http"),
    (COLLECTOR, "  memory_limiter:", "  batch:", "use sending_queue.batch"),
    (COLLECTOR, "      readers:", "      address:", "address: use readers"),
    (COLLECTOR, "HOST:-127.0.0.1", "HOST:-0.0.0.0", "is not on loopback"),
    (
        COLLECTOR,
        "processors: [memory_limiter]",
        "processors: [batch, memory_limiter]",
        "memory_limiter must be the first",
    ),
    (COMPOSE, "- 127.0.0.1:4318", "- 4318", "4318:4318 is not on 127.0.0.1"),
    (COMPOSE, ":0.162.0", ":latest", "the image has no full version"),
    (COMPOSE, "./collector.yaml", "./config.yaml", "no file ./config.yaml"),
]


def broken(name: str, old: str, new: str, folder: Path) -> tuple[Path, int]:
    """Writes a broken copy; returns it and the first line that differs."""
    text = (BACKENDS / name).read_text()
    if old not in text:
        raise ValueError(f"{name} no longer holds {old!r}")
    changed = text.replace(old, new, 1)
    path = folder / Path(name).name
    path.write_text(changed)
    pairs = zip(text.splitlines(), changed.splitlines(), strict=False)
    return path, next(n for n, (a, b) in enumerate(pairs, 1) if a != b)


class Broken(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(BACKENDS / COLLECTOR, self.folder)

    def test_each_check_fails_and_names_the_line(self) -> None:
        for name, old, new, says in BROKEN:
            with self.subTest(says):
                path, line = broken(name, old, new, self.folder)
                found = list(problems(path))
                hit = [n for n, text in found if says in text]
                self.assertIn(line, hit, f"found only {found}")

    def test_the_compose_schema_knows_no_other_key(self) -> None:
        path, _ = broken(COMPOSE, "    ports:", "    port:", self.folder)
        command = [Path(sys.executable).with_name("check-jsonschema")]
        command += ["--builtin-schema", "vendor.compose-spec", path]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("'port' was unexpected", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
