# shellcheck shell=bash
# Sourced after guides.sh, by scripts that run programs of a guide: starts them,
# waits until they listen, stops them, and leaves none behind.

# The folder with the programs; empty until they are built.
programs=

work=$(mktemp -d)

stop_all() {
  local file
  for file in "$work"/*.pid; do
    [ ! -e "$file" ] || kill "$(cat "$file")" 2>/dev/null || true
  done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

# use_programs_of "$@": the folder after --programs, if that comes first.
use_programs_of() {
  [ "${1:-}" = --programs ] || return 0
  [ -d "${2:-}" ] || fail "--programs needs a folder." "$0 --help"
  programs=$(cd "$2" && pwd)
}

# build PACKAGE...: unless its programs are there already.
build() {
  [ -z "$programs" ] || return 0
  echo "building $* (the first time: minutes)" >&2
  # shellcheck disable=SC2046  # two words a package
  cargo build --quiet --locked --bins $(printf ' --package %s' "$@")
  programs=${CARGO_TARGET_DIR:-$root/target}/debug
}

# without_settings PREFIX...: what the caller has set must not decide what is
# checked, or who is told.
without_settings() {
  local prefix name
  for prefix in OTEL_ "$@"; do
    while read -r name; do
      unset "$name"
    done < <(compgen -v "$prefix")
  done
}

# say WORDS...: a heading for what comes.
say() { printf '\n%s\n' "$*" >&2; }

# start NAME COMMAND...: runs it in the background. What it prints goes to
# $work/NAME.out, what it logs to $work/NAME.log.
start() {
  local name=$1
  shift
  : >"$work/$name.out"
  touch "$work/$name.log"
  "$@" >>"$work/$name.out" 2>>"$work/$name.log" &
  echo $! >"$work/$name.pid"
}

# within_ten_seconds NAME COMMAND...: until it succeeds, while NAME runs.
within_ten_seconds() {
  local name=$1 left=100
  shift
  while ! "$@"; do
    left=$((left - 1))
    if [ $left -eq 0 ] || ! kill -0 "$(cat "$work/$name.pid")" 2>/dev/null; then
      tail "$work/$name.out" "$work/$name.log" >&2
      return 1
    fi
    sleep 0.1
  done
}

# address NAME [WORDS]: waits until NAME says where it listens.
address() {
  local name=$1 words=${2:-listens on }
  within_ten_seconds "$name" grep -qh "$words""http" \
    "$work/$name.out" "$work/$name.log" ||
    fail "$name does not say \"$words\"." "cargo run --bin $name"
  sed -n "s|.*$words\(http://[0-9.:]*\).*|\1|p" \
    "$work/$name.out" "$work/$name.log" | head -n 1
}

# listens_at NAME PORT: waits until something of NAME listens there.
listens_at() {
  within_ten_seconds "$1" port_is_open "$2" ||
    fail "$1 does not listen on port $2."
}

port_is_open() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# ended NAME: waits for its end.
ended() {
  wait "$(cat "$work/$1.pid")" || { cat "$work/$1.log" >&2; fail "$1 failed."; }
  rm "$work/$1.pid"
}

# stop NAME: asks it to end, and waits.
stop() {
  kill "$(cat "$work/$1.pid")"
  ended "$1"
}

# crash NAME: kills it without a warning.
crash() {
  kill -9 "$(cat "$work/$1.pid")"
  wait "$(cat "$work/$1.pid")" 2>/dev/null || true
  rm "$work/$1.pid"
}

# viewer OPTIONS...: starts otlp-console and sends everything there.
viewer() {
  local endpoint
  start otlp-console "$programs/otlp-console" --http 127.0.0.1:0 \
    --grpc 127.0.0.1:0 "$@"
  endpoint=$(address otlp-console "OTLP/HTTP on ")
  export OTEL_EXPORTER_OTLP_ENDPOINT=$endpoint LISTEN_ADDR=127.0.0.1:0
}

# fuzz LISTING URL OPTIONS...: schemathesis drives the service by its own
# OpenAPI document. The same requests each time, so that a finding can be
# repeated.
fuzz() {
  local listing=$1 url=$2
  shift 2
  "$tools/fuzz/bin/st" --config-file "$root/listings/$listing/schemathesis.toml" \
    run "$url/openapi.json" --seed 7 --no-color "$@" >"$work/findings" 2>&1 || {
    cat "$work/findings" >&2
    fail "it is not what its document says"
  }
  grep -A 1 "^Test cases:" "$work/findings" | tail -n 1
}
