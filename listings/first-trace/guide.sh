# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the scripts that source this share names
# What the scripts know of this guide. The demo: two orders that are served and
# one that fails.

copy_tests=()
demo_shows=("GET /items/{sku}" "order.price")

demo() {
  local shop stock
  local paths=(/orders/1 /orders/1 /orders/3)
  build first-trace otlp-console
  viewer --exit-after ${#paths[@]} --for 30s "$@"
  start stock "$programs/stock"
  stock=$(address stock)
  STOCK_URL=$stock start shop "$programs/shop"
  shop=$(address shop)

  # The first request pays for the first connection; the second is typical.
  for path in "${paths[@]}"; do
    printf 'GET %-10s ' "$path" >&2
    curl --silent --show-error --max-time 10 "$shop$path" >&2
    printf '\n' >&2
  done
  stop shop
  stop stock
  ended otlp-console
  cat "$work/otlp-console.out"
}

# The demo's traces are those of the golden files, and every signal reaches a
# receiver that is not ours, directly and through a collector.
check() {
  build first-trace otlp-console
  as_on_the_page
  # shellcheck source=listings/first-trace/checks/second-receiver.sh
  . "$root/listings/first-trace/checks/second-receiver.sh"
  second_receiver
}

as_on_the_page() {
  local traces=listings/first-trace/traces
  scripts/demo --programs "$programs" first-trace --json >"$work/all.jsonl"
  "$programs/otlp-console" draw "$work/all.jsonl" --golden >"$work/all.txt"
  echo >"$work/gap"
  cat "$traces/order.txt" "$work/gap" "$traces/order.txt" "$work/gap" \
    "$traces/order-failed.txt" >"$work/expected.txt"
  diff "$work/expected.txt" "$work/all.txt"
}

# Six spans and a log record: an order that was served.
record() {
  local lines=7 all trace
  all=$(mktemp)
  scripts/demo first-trace --json >"$all"
  trace=$(grep -o '"traceId":"[0-9a-f]*"' "$all" | sort | uniq -c |
    awk -v lines=$lines '$1 == lines { print $2 }' | tail -n 1)
  [ -n "$trace" ] ||
    fail "no trace with $lines lines arrived." "scripts/demo first-trace"
  grep -F "$trace" "$all" >listings/first-trace/traces/order.jsonl
  rm "$all"
  UPDATE_GOLDEN=1 cargo test --quiet -p first-trace pictures
}
