# shellcheck shell=bash
# Sourced by the scripts beside it: says what runs, how long it took, and what
# to do when it fails.

set -euo pipefail

# shellcheck disable=SC2034  # the scripts that source this read it
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What all clones share: installed programs, builds, and notes of what passed.
# .cargo/config.toml tells cargo of the builds.
cache=${OBSERVABLE_RUST_CACHE:-${CARGO_HOME:-$HOME/.cargo}/observable-rust}
export tools=$cache/tools
[ -z "${OBSERVABLE_RUST_CACHE:-}" ] ||
  export CARGO_BUILD_BUILD_DIR=$cache/build

stage_times=()

# fail SENTENCE COMMAND: ends the script with what is wrong and what mends it.
fail() {
  printf '\nerror: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf 'try:   %s\n' "$2" >&2
  exit 1
}

# help_if_asked "$@": prints the comment at the top of the calling script.
help_if_asked() {
  local argument
  for argument in "$@"; do
    case $argument in
      -h | --help)
        sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    esac
  done
}

# stage NAME COMMAND...: runs a command under a heading and notes its time.
stage() {
  local name=$1 start=$SECONDS
  shift
  printf '\n=== %s\n' "$name"
  "$@"
  stage_times+=("$(printf '%6s s  %s' "$((SECONDS - start))" "$name")")
  printf -- '--- %s: %s s\n' "$name" "$((SECONDS - start))"
}

# step NAME COMMAND...: a part of a stage, likewise.
step() {
  local name=$1 start=$SECONDS
  shift
  printf -- '--- %s\n' "$name"
  "$@"
  stage_times+=("$(printf '%6s s    %s' "$((SECONDS - start))" "$name")")
}

# print_times: a line a finished stage, then the sum.
print_times() {
  printf '\nTime per stage\n'
  printf '%s\n' ${stage_times[@]+"${stage_times[@]}"}
  printf '%6s s  in all\n' "$SECONDS"
}

have() { command -v "$1" >/dev/null 2>&1; }

# The browser that the tests drive, if there is one.
find_browser() {
  local candidate
  for candidate in "${CHROMIUM:-}" chromium google-chrome chromium-browser \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [ -n "$candidate" ] && have "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}
