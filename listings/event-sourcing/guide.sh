# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the scripts that source this share names
# What the scripts know of this guide. The demo: a day at the bank, with
# deposits at the same time, transfers, a look into the past, a crash, an audit.

servers=(postgres nats)
features=(event-sourcing/nats throwaway/nats)
# Words of traces that no other part of the day can have made.
demo_shows=("handle deposit_money" "handle receive_transfer" "process account"
  "ERROR key_used")
# Those that run the program; the others have run already.
copy_tests=(--test domain --test telemetry)

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
  bank=$(address event-sourcing)
}

database() {
  start postgres "$programs/throwaway" postgres --database bank
  within_ten_seconds postgres test -s "$work/postgres.out" ||
    fail "PostgreSQL did not start."
  DATABASE_URL=$(head -n 1 "$work/postgres.out")
  export DATABASE_URL
}

demo() {
  local bank answer ada grace last
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
  crash event-sourcing
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
