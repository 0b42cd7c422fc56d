# shellcheck shell=bash
# shellcheck disable=SC2154  # the scripts that source this share names
# Sourced by scripts/bench: what is measured here, and into which files.

bench() {
  scripts/build >/dev/null
  result build.md scripts/measure-book
}
