# shellcheck shell=bash
# shellcheck disable=SC2154  # the scripts that source this share names
# Sourced by scripts/bench: what is measured here, and into which files.

bench() {
  local what
  local store=(cargo bench --quiet --package event-sourcing --bench store)
  # They are no dependencies of the book and stay out of its lock file.
  local peers=(cargo run --quiet --release --locked
    --manifest-path peers/event-sourcing/Cargo.toml -- --bench)
  "${store[@]}" --no-run
  cargo build --quiet --release --locked \
    --manifest-path peers/event-sourcing/Cargo.toml
  result peers.md "${peers[@]}"
  for what in append replay snapshots overhead contention lag; do
    result "$what.md" "${store[@]}" -- "$what"
  done
}
