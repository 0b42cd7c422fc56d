# shellcheck shell=bash
# shellcheck disable=SC2154  # the scripts that source this share names
# Sourced by scripts/bench: what is measured here, and into which files.

bench() {
  local what
  local bench=(cargo bench --quiet --package rocket-crud --bench rocket_crud)
  scripts/install valgrind
  "${bench[@]}" --no-run
  for what in instructions cost; do
    result "$what.md" "${bench[@]}" -- "$what"
  done
}
