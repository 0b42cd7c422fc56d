# shellcheck shell=bash
# shellcheck disable=SC2154  # `work` and `running` are those of scripts/demo
# Sourced by scripts/demo. A day at the bank: accounts, deposits at the same
# time, transfers, a look into the past, a crash, an audit.

# say WORDS...: a heading for what comes.
say() { printf '\n%s\n' "$*" >&2; }

# ask METHOD PATH [BODY] [CURL OPTIONS...]: sends a request and prints it with
# its status and answer; the answer alone is in $answer.
ask() {
  local method=$1 path=$2 body=${3:-} status
  shift $(($# < 3 ? $# : 3))
  local options=(--silent --show-error --max-time 10 -X "$method")
  [ -z "$body" ] ||
    options+=(-H 'Content-Type: application/json' --data "$body")
  answer=$(curl "${options[@]}" "$@" -w '\n%{http_code}' "$bank$path")
  status=${answer##*$'\n'} answer=${answer%$'\n'*}
  printf '  %-6s %s\n         %s %s\n' "$method" "$path" "$status" "$answer" >&2
}

# key: a fresh name for a request.
key() { printf 'Idempotency-Key: %s' "$(cat /proc/sys/kernel/random/uuid)"; }

# field NAME: a text or number of the last answer.
field() { printf '%s' "$answer" | sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p"; }

euros() { printf '{"minor":%s,"currency":"EUR"}' "$1"; }

serve() {
  start event-sourcing "$programs/event-sourcing"
  bank=$(address event-sourcing "listens on ")
}

# Kills the program that was started last, without a warning.
crash() {
  local last=$((${#running[@]} - 1))
  kill -9 "${running[$last]}"
  wait "${running[$last]}" 2>/dev/null || true
  unset "running[$last]"
  rm "$work/event-sourcing.out"
}

database() {
  start postgres "$programs/throwaway" postgres --database bank
  for _ in $(seq 100); do
    DATABASE_URL=$(head -n 1 "$work/postgres.out")
    [ -z "$DATABASE_URL" ] || break
    sleep 0.1
  done
  [ -n "$DATABASE_URL" ] ||
    { cat "$work/postgres.log" >&2; fail "PostgreSQL did not start."; }
  export DATABASE_URL
}

demo() {
  local bank answer ada grace last
  "$root/scripts/install" postgres >&2
  build event-sourcing throwaway otlp-console
  viewer "$@"
  database
  export OTEL_BSP_SCHEDULE_DELAY=500
  serve

  say "Two accounts:"
  ask POST /accounts '{"holder":"Ada","currency":"EUR"}' -H "$(key)"
  ada=$(field account_id)
  ask POST /accounts '{"holder":"Grace","currency":"EUR"}' -H "$(key)"
  grace=$(field account_id)

  say "Six deposits at the same time, each of 100.00 EUR:"
  local deposits=()
  for _ in 1 2 3 4 5 6; do
    ask POST "/accounts/$ada/deposits" "{\"amount\":$(euros 10000)}" \
      -H "$(key)" &
    deposits+=($!)
  done
  wait "${deposits[@]}"

  say "Transfers, at once and eventually, and a withdrawal that is too large:"
  ask POST "/accounts/$ada/transfers" \
    "{\"to\":\"$grace\",\"amount\":$(euros 2500)}" -H "$(key)"
  ask POST "/accounts/$ada/transfers" \
    "{\"to\":\"$grace\",\"amount\":$(euros 1500),\"settlement\":\"eventual\"}" \
    -H "$(key)"
  ask POST "/accounts/$ada/withdrawals" "{\"amount\":$(euros 99999999)}" \
    -H "$(key)"

  say "The same request twice, with a crash of the service in between:"
  last=$(key)
  ask POST "/accounts/$ada/withdrawals" "{\"amount\":$(euros 700)}" -H "$last"
  # What it has not sent yet dies with it: spans leave every half second.
  sleep 1
  crash
  serve
  ask POST "/accounts/$ada/withdrawals" "{\"amount\":$(euros 700)}" -H "$last"

  say "The account as it is, and as it was after event 3:"
  ask GET "/accounts/$ada?min_version=11"
  ask GET "/accounts/$ada/history?as_of_version=3"
  ask GET "/accounts/$grace"

  say "The audit of the hash chain:"
  ask GET "/accounts/$ada/audit"
  case $answer in
    *'"verified":true'*) ;;
    *) fail "the chain does not verify." ;;
  esac

  stop event-sourcing
  stop postgres
  # It prints what it still holds when it is asked to end.
  stop otlp-console
  say "The traces, as they arrived:"
  cat "$work/otlp-console.out"
}
