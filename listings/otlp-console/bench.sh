# shellcheck shell=bash
# shellcheck disable=SC2154  # the scripts that source this share names
# Sourced by scripts/bench: what is measured here, and into which files.

bench() {
  cargo bench --quiet --package otlp-console --no-run
  result receive.md cargo bench --quiet --package otlp-console --bench receive
}
