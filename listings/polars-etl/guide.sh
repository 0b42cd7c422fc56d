# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the scripts that source this share names
# What the scripts know of this guide. The demo: a shop's orders become its
# sales; a run, the same run again, questions, and a day with too much wrong in
# its input.

# Stages, nodes of the engine, a run with nothing to do, and one that failed.
demo_shows=("etl.transform" "polars.group_by" "polars.partitioned_sink"
  "etl.stage.skipped=true" "polars.top_k" "ERROR quality" "POST /v1/query"
  "ERROR stopped")
copy_tests=(--test etl)

# etl ARGUMENTS...: what the program says is for people, and so goes where the
# headings go.
etl() {
  OTEL_METRICS_EXPORTER=none OTEL_LOGS_EXPORTER=none \
    "$programs/polars-etl" "$@" 2>>"$work/polars-etl.log" |
    sed 's/^/  /' >&2
}

# serve OPTIONS...: the API over the sales, without metrics and logs.
serve() {
  OTEL_METRICS_EXPORTER=none OTEL_LOGS_EXPORTER=none \
    start polars-etl "$programs/polars-etl" serve "$work/shop" "$work/sales" \
    --listen 127.0.0.1:0 "$@"
  url=$(address polars-etl)
}

# post STATUS QUESTION: asks, and expects that status.
post() {
  local answer status
  answer=$(curl --silent --show-error --write-out '\n%{http_code}' \
    --header 'Content-Type: application/json' --data "$2" "$url/v1/query")
  status=${answer##*$'\n'}
  printf '  %s %s\n' "$status" "${answer%$'\n'*}" >&2
  [ "$status" = "$1" ] || fail "the answer is not $1."
}

demo() {
  build polars-etl otlp-console
  viewer "$@"

  say "100,000 orders of a shop, one in a hundred of them wrong:"
  etl generate "$work/shop" --orders 100000
  say "They become sales. What is wrong is set aside and counted."
  etl run "$work/shop" "$work/sales"

  say "The same again: there is nothing left to do."
  etl run "$work/shop" "$work/sales"

  say "A question: which three countries brought most?"
  etl ask "$work/sales" <<'END'
{
  "dataset": "sales",
  "group_by": ["country"],
  "aggregates": [{"function": "sum", "of": "revenue_cents"}],
  "sort": [{"by": "sum_revenue_cents", "descending": true}],
  "limit": 3
}
END

  say "The same question over HTTP, and one that may take no time at all:"
  serve
  post 200 '{"dataset": "sales", "group_by": ["country"], "limit": 3,
    "aggregates": [{"function": "sum", "of": "revenue_cents"}],
    "sort": [{"by": "sum_revenue_cents", "descending": true}]}'
  post 422 '{"dataset": "orders", "select": ["customer_id"]}'
  stop polars-etl
  serve --limit 0
  post 504 '{"dataset": "orders", "group_by": ["product_id"],
    "aggregates": [{"function": "count"}]}'
  stop polars-etl

  say "A day on which one in five is wrong. No sales come of it."
  etl generate "$work/bad" --orders 2000 --bad-per-mille 200
  ! etl run "$work/bad" "$work/sales" || fail "a bad day passed."
  sed -n 's/^error: /  /p' "$work/polars-etl.log" >&2

  stop otlp-console
  say "The traces, as they arrived:"
  cat "$work/otlp-console.out"
}

# Over a small shop: OpenLineage's own types read the lineage of a run, and the
# fuzzer drives the API by its own OpenAPI document. --max-examples N: how many
# requests for each operation.
check() {
  local url
  scripts/install fuzzer
  build otlp-console polars-etl
  without_settings POLARS_
  export OTEL_SDK_DISABLED=true
  runs_with_lineage >"$work/runs" 2>&1 ||
    fail "the pipeline does not run: $(tail "$work/runs")"
  "$tools/fuzz/bin/python" listings/polars-etl/checks/lineage.py \
    "$work/lineage" || fail "the lineage is not what OpenLineage specifies."
  start polars-etl "$programs/polars-etl" serve "$work/shop" "$work/sales" \
    --listen 127.0.0.1:0
  url=$(address polars-etl)
  fuzz polars-etl "$url" --max-examples 40 "$@"
}

# One that fails has an event of its own.
runs_with_lineage() {
  "$programs/polars-etl" generate "$work/shop" --orders 2000
  "$programs/polars-etl" run "$work/shop" "$work/sales" \
    --lineage "$work/lineage"
  ! "$programs/polars-etl" run "$work/shop" "$work/none" \
    --most-rejected-per-mille 0 --lineage "$work/lineage"
}
